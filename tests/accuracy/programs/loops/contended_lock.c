/* The same lock, wanted by two threads that hold it for long: who comes second waits. */
#include "loops.h"

static atomic_flag lock = ATOMIC_FLAG_INIT;
static atomic_llong spin, work;
static double end;

static void *worker(void *unused) {
  uint64_t x = kSeed;
  while (now() < end) {
    int64_t asked = cpu_ns();
    while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) __builtin_ia32_pause();
    int64_t taken = cpu_ns();
    for (int k = 0; k < 200000; k++) x = step(x);
    atomic_flag_clear_explicit(&lock, memory_order_release);
    int64_t left = cpu_ns();
    for (int k = 0; k < 200000; k++) x = step(x);
    spin += taken - asked;
    work += cpu_ns() - left + left - taken;
  }
  sink = x;
  return unused;
}

int main(int count, char **arguments) {
  pthread_t threads[2];
  end = begin(count, arguments);
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, worker, NULL);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  return tell(spin, work);
}
