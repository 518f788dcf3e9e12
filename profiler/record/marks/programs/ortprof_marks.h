/* Says when requests begin and end, so that ortprof's report of a running program has them exactly.
 *
 * One file to copy: gnu11 or C++11, GCC or Clang, Linux 4.14 and later (64 bits); nothing to link. MIT licence.
 *
 *     uint64_t began = ortprof_request_begin();          // C, around the call that a request is,
 *     run(session, ...);                                 // in the thread that makes it
 *     ortprof_request_end(began);
 *
 *     ortprof::request marked;                           // C++: to the end of the block
 *
 * Nothing is done but a look at the clock, until ortprof listens. Where marks can't be made, programs go on without.
 * How it works, and the format: docs/marks.md in ortprof.
 */
#ifndef ORTPROF_MARKS_H
#define ORTPROF_MARKS_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef MAP_ANONYMOUS
#error "ortprof_marks.h needs -std=gnu11, or _DEFAULT_SOURCE defined before the first #include"
#endif

#define ORTPROF_MARKS_RECORDS 4096u
#define ORTPROF_MARKS_LOOK_NS 100000000u /* so often is looked whether anybody listens, at most */
#define ORTPROF_MARKS_NEVER UINT64_MAX

struct ortprof_marks_header {
  char magic[8];
  uint32_t version, record_bytes, records, pid;
  char unused[40];
};

struct ortprof_marks_record {
  int64_t start_ns, end_ns; /* CLOCK_MONOTONIC */
  uint32_t thread, unused;
  uint64_t number; /* counts from 1; written last */
};

/* In a page of its own that a forked child finds empty: it makes itself a ring, and leaves its parent's alone. */
struct ortprof_marks_state {
  struct ortprof_marks_header *ring;
  uint64_t numbers, look_at;
  int listened;
};

/* One for all files of a program or library that include this. */
__attribute__((weak, visibility("hidden"))) struct ortprof_marks_state *ortprof_marks;
__attribute__((weak, visibility("hidden"))) int ortprof_marks_file = -1;
__attribute__((weak, visibility("hidden"))) uint64_t ortprof_marks_inode;

static inline uint64_t ortprof_marks_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Whether the file is still the ring's: a program may have closed all that it has open. */
static inline int ortprof_marks_ours(void) {
  struct stat found;
  return ortprof_marks_file >= 0 && fstat(ortprof_marks_file, &found) == 0 &&
         (uint64_t)found.st_ino == ortprof_marks_inode;
}

/* Make this process's ring: at its start, after a fork, and where the program closed the file. */
static inline void ortprof_marks_open(struct ortprof_marks_state *state) {
  const size_t bytes =
      sizeof(struct ortprof_marks_header) + ORTPROF_MARKS_RECORDS * sizeof(struct ortprof_marks_record);
  struct stat made;
  __atomic_store_n(&state->listened, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&state->look_at, ORTPROF_MARKS_NEVER, __ATOMIC_RELAXED);
  if (ortprof_marks_ours()) close(ortprof_marks_file); /* the parent's */
  ortprof_marks_file = (int)syscall(SYS_memfd_create, "ortprof-marks", 3u); /* close-on-exec, sealing */
  if (ortprof_marks_file < 0 || ftruncate(ortprof_marks_file, (off_t)bytes) != 0 || fstat(ortprof_marks_file, &made) != 0)
    return;
  fcntl(ortprof_marks_file, 1033 /* F_ADD_SEALS */, 7 /* no more seals, no shrinking, no growing */);
  void *ring = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ortprof_marks_file, 0);
  if (ring == MAP_FAILED) return;
  struct ortprof_marks_header *header = (struct ortprof_marks_header *)ring;
  ortprof_marks_inode = (uint64_t)made.st_ino;
  header->version = 1;
  header->record_bytes = sizeof(struct ortprof_marks_record);
  header->records = ORTPROF_MARKS_RECORDS;
  header->pid = (uint32_t)getpid();
  memcpy(header->magic, "ortmarks", sizeof header->magic);
  __atomic_store_n(&state->numbers, (uint64_t)0, __ATOMIC_RELAXED);
  __atomic_store_n(&state->ring, header, __ATOMIC_RELEASE); /* another thread may write into the one before */
  __atomic_store_n(&state->look_at, (uint64_t)0, __ATOMIC_RELEASE);
}

/* See whether anybody listens: who does holds a lock on the file, which ends with him. One thread at a time looks. */
static inline void ortprof_marks_look(struct ortprof_marks_state *state, uint64_t due, uint64_t now) {
  struct flock lock;
  if (!__atomic_compare_exchange_n(&state->look_at, &due, now + ORTPROF_MARKS_LOOK_NS, 0, __ATOMIC_RELAXED,
                                   __ATOMIC_RELAXED))
    return;
  if (__atomic_load_n(&state->ring, __ATOMIC_ACQUIRE) == NULL || !ortprof_marks_ours()) {
    ortprof_marks_open(state);
    return;
  }
  memset(&lock, 0, sizeof lock);
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  int known = fcntl(ortprof_marks_file, 36 /* F_OFD_GETLK */, &lock) == 0;
  __atomic_store_n(&state->listened, known && lock.l_type != F_UNLCK, __ATOMIC_RELAXED);
}

static __attribute__((constructor, unused)) void ortprof_marks_begin(void) {
  if (ortprof_marks != NULL || sizeof(void *) != 8) return;
  size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
  void *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED || madvise(page, bytes, 18 /* MADV_WIPEONFORK */) != 0) return;
  ortprof_marks = (struct ortprof_marks_state *)page;
  ortprof_marks_open(ortprof_marks);
}

/* Begin a request; what it returns is for ortprof_request_end. */
static inline uint64_t ortprof_request_begin(void) {
  struct ortprof_marks_state *state = ortprof_marks;
  if (state == NULL) return 0;
  uint64_t now = ortprof_marks_now(), due = __atomic_load_n(&state->look_at, __ATOMIC_RELAXED);
  if (now >= due) ortprof_marks_look(state, due, now);
  return now;
}

/* End it, in the thread that made the call. */
static inline void ortprof_request_end(uint64_t began) {
  struct ortprof_marks_state *state = ortprof_marks;
  if (state == NULL || began == 0 || !__atomic_load_n(&state->listened, __ATOMIC_RELAXED)) return;
  struct ortprof_marks_header *ring = __atomic_load_n(&state->ring, __ATOMIC_ACQUIRE);
  if (ring == NULL) return; /* forked in between */
  uint64_t number = __atomic_add_fetch(&state->numbers, 1, __ATOMIC_RELAXED);
  struct ortprof_marks_record *record =
      (struct ortprof_marks_record *)(ring + 1) + number % ORTPROF_MARKS_RECORDS;
  record->start_ns = (int64_t)began;
  record->end_ns = (int64_t)ortprof_marks_now();
  record->thread = (uint32_t)syscall(SYS_gettid);
  __atomic_store_n(&record->number, number, __ATOMIC_RELEASE);
}

#ifdef __cplusplus
namespace ortprof {
/* Marks a request from here to the end of the block. */
class request {
 public:
  request() : began_(ortprof_request_begin()) {}
  ~request() { ortprof_request_end(began_); }
  request(const request &) = delete;
  request &operator=(const request &) = delete;

 private:
  const uint64_t began_;
};
} /* namespace ortprof */
#endif

#endif
