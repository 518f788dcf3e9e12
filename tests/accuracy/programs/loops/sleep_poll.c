/* A thread that polls with sleeps beside one that works, so short that the calls cost more than the looks. */
#define _DEFAULT_SOURCE
#include "loops.h"
#include <unistd.h>

static atomic_int stop;
static atomic_llong spin;

static void *watcher(void *unused) {
  int64_t start = cpu_ns();
  while (!atomic_load(&stop)) usleep(1);
  atomic_store(&spin, cpu_ns() - start);
  pause(); /* Its counters are read when all is told. */
  return unused;
}

int main(int count, char **arguments) {
  pthread_t thread;
  double end = begin(count, arguments);
  pthread_create(&thread, NULL, watcher, NULL);
  int64_t start = cpu_ns();
  uint64_t x = kSeed;
  while (now() < end)
    for (int i = 0; i < 100000; i++) x = step(x);
  sink = x;
  int64_t work = cpu_ns() - start;
  atomic_store(&stop, 1);
  while (!atomic_load(&spin)) sched_yield();
  return tell(atomic_load(&spin), work);
}
