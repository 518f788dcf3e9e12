/* What the programs of loops share. Each says "ready", starts at a line on its standard input, runs for the
   seconds given, tells its truth as a line of JSON, and ends with its input. The truth is CPU time of the threads'
   own clocks, read where waiting begins and ends. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

volatile uint64_t sink;

static inline int64_t cpu_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Waits for the recorder, and returns when to end. */
static double begin(int count, char **arguments) {
  puts("ready");
  fflush(stdout);
  if (getchar() == EOF) exit(1);
  return now() + (count > 1 ? atof(arguments[1]) : 3);
}

static int tell(int64_t spin_ns, int64_t work_ns) {
  printf("{\"spin_ns\": %lld, \"work_ns\": %lld}\n", (long long)spin_ns, (long long)work_ns);
  fflush(stdout);
  while (getchar() != EOF) continue;
  return 0;
}

/* Work: a chain in which each step needs the one before. */
static inline uint64_t step(uint64_t x) {
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return x;
}

static const uint64_t kSeed = 88172645463325252ULL;
