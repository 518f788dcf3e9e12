#include "own.h"

#include <stdatomic.h>
#include <stddef.h>

enum { REMEMBERED = 64 };

static struct {
  const void *options; /* NULL: free */
  int threads, inter_op_threads, mode;
} memory[REMEMBERED];
static bool overflowed;
static atomic_flag busy = ATOMIC_FLAG_INIT;

static void lock(void) {
  while (atomic_flag_test_and_set(&busy)) continue; /* held for a walk along the memory */
}

static void unlock(void) { atomic_flag_clear(&busy); }

static int find(const void *options) {
  for (int index = 0; index < REMEMBERED; index++)
    if (memory[index].options == options) return index;
  return -1;
}

static int *part(int index, enum place place) {
  return place == SET_INTRA_OP_THREADS   ? &memory[index].threads
         : place == SET_INTER_OP_THREADS ? &memory[index].inter_op_threads
                                         : &memory[index].mode;
}

/* Where options are remembered, from now on if not before; -1 where there is no room. */
static int find_or_take(const void *options) {
  int index = find(options);
  if (index < 0) {
    index = find(NULL);
    overflowed |= index < 0;
    if (index >= 0) memory[index].options = options;
  }
  return index;
}

void remember(const void *options, enum place place, int value) {
  lock();
  int index = find_or_take(options);
  if (index >= 0) *part(index, place) = value;
  unlock();
}

void remember_clone(const void *options, const void *clone) {
  lock();
  int index = options == NULL ? -1 : find(options);
  int taken = index < 0 ? -1 : find_or_take(clone);
  if (taken >= 0) {
    memory[taken] = memory[index];
    memory[taken].options = clone;
  }
  unlock();
}

void forget(const void *options) {
  lock();
  int index = options == NULL ? -1 : find(options);
  if (index >= 0) {
    memory[index].options = NULL;
    memory[index].threads = memory[index].inter_op_threads = memory[index].mode = 0;
  }
  unlock();
}

int remembered(const void *options, enum place place, bool *unknown) {
  lock();
  int index = find(options);
  int value = index < 0 ? 0 : *part(index, place);
  *unknown |= index < 0 && overflowed;
  unlock();
  return value;
}
