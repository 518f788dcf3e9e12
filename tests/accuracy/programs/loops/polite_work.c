/* Computes, with one PAUSE in 64 steps for the other hyper-thread's sake. Waits for nothing. */
#include "loops.h"

int main(int count, char **arguments) {
  double end = begin(count, arguments);
  uint64_t x = kSeed;
  int64_t start = cpu_ns();
  while (now() < end)
    for (int i = 0; i < 20000; i++) {
      x = step(x);
      if ((i & 63) == 0) __builtin_ia32_pause();
    }
  sink = x;
  return tell(0, cpu_ns() - start);
}
