/* Works under a spinlock that is inlined into the working loop and that nobody else wants. Waits for nothing. */
#include "loops.h"

static atomic_flag lock = ATOMIC_FLAG_INIT;

int main(int count, char **arguments) {
  double end = begin(count, arguments);
  uint64_t x = kSeed;
  int64_t start = cpu_ns();
  while (now() < end)
    for (int i = 0; i < 20000; i++) {
      while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) __builtin_ia32_pause();
      for (int k = 0; k < 40; k++) x = step(x);
      atomic_flag_clear_explicit(&lock, memory_order_release);
    }
  sink = x;
  return tell(0, cpu_ns() - start);
}
