/* Works in small functions, over memory and in registers, with one PAUSE in 16 rounds. Waits for nothing. */
#include "loops.h"

static uint64_t table[1024];

__attribute__((noinline)) static uint64_t sum(const uint64_t *row) {
  uint64_t total = 0;
  for (int i = 0; i < 64; i++) total += row[i];
  return total;
}

__attribute__((noinline)) static uint64_t mix(uint64_t x) {
  return step(step(step(step(step(step(step(step(x))))))));
}

int main(int count, char **arguments) {
  for (int i = 0; i < 1024; i++) table[i] = i;
  double end = begin(count, arguments);
  uint64_t x = kSeed;
  int64_t start = cpu_ns();
  while (now() < end)
    for (int i = 0; i < 20000; i++) {
      x += sum(table + (i & 511)) + mix(x);
      if ((i & 15) == 0) __builtin_ia32_pause();
    }
  sink = x;
  return tell(0, cpu_ns() - start);
}
