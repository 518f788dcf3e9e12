/* Works through a pointer, with a PAUSE each time round: what it calls is work, whoever pauses between. */
#include "loops.h"

static uint64_t some(uint64_t x) {
  for (int i = 0; i < 5000; i++) x = step(x);
  return x;
}

static uint64_t (*volatile work)(uint64_t) = some;

int main(int count, char **arguments) {
  double end = begin(count, arguments);
  uint64_t x = kSeed;
  int64_t start = cpu_ns();
  while (now() < end) {
    x = work(x);
    __builtin_ia32_pause();
  }
  sink = x;
  return tell(0, cpu_ns() - start);
}
