/* A worker that main hands a piece of work each 20 ms of CPU time, whoever else runs, and that polls in between as
   POLL says: an expression that is evaluated each time nothing was there. */
#include "loops.h"

static atomic_int go, stop;
static int64_t spin, work;

static void *worker(void *unused) {
  uint64_t x = kSeed;
  for (;;) {
    int64_t start = cpu_ns();
    while (!atomic_load_explicit(&go, memory_order_acquire)) {
      if (atomic_load(&stop)) return unused;
      POLL;
    }
    int64_t found = cpu_ns();
    spin += found - start;
    for (int i = 0; i < 2000000; i++) x = step(x);
    sink = x;
    work += cpu_ns() - found;
    atomic_store_explicit(&go, 0, memory_order_release);
  }
}

int main(int count, char **arguments) {
  pthread_t thread;
  double end = begin(count, arguments);
  pthread_create(&thread, NULL, worker, NULL);
  while (now() < end) {
    struct timespec pause = {0, 20000000};
    atomic_store_explicit(&go, 1, memory_order_release);
    clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &pause, NULL);
  }
  atomic_store(&stop, 1);
  pthread_join(thread, NULL);
  return tell(spin, work);
}
