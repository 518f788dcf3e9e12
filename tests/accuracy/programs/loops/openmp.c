/* libgomp: thread 0 computes, the other waits at the barrier, by polling or in a futex (OMP_WAIT_POLICY). */
#include <omp.h>

#include "loops.h"

int main(int count, char **arguments) {
  double end = begin(count, arguments);
  struct timespec all;
  int64_t work = 0;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &all);
  int64_t before = all.tv_sec * 1000000000LL + all.tv_nsec;
  while (now() < end) {
#pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 0) {
      int64_t start = cpu_ns();
      uint64_t x = kSeed;
      for (int i = 0; i < 4000000; i++) x = step(x);
      sink = x;
      work += cpu_ns() - start;
    }
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &all);
  return tell(all.tv_sec * 1000000000LL + all.tv_nsec - before - work, work);
}
