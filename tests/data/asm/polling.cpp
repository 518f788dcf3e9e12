// Ways to wait, and code that only looks like one. Compiled by tests/symbols/conftest.py.
// PAUSE() is inlined, or calls an out-of-line spin_pause() when OUT_OF_LINE is defined.
#include <atomic>

#if defined(OUT_OF_LINE)
extern "C" __attribute__((noinline)) void spin_pause() { __builtin_ia32_pause(); }
#define PAUSE() spin_pause()
#else
#define PAUSE() __builtin_ia32_pause()
#endif

extern "C" {

std::atomic<int> queue, stopped, pending;

__attribute__((noinline)) int pop_front() { return queue.exchange(0); }

// A worker: polls for an item, runs it through a pointer, starts over.
void worker_loop(int (*task)(int)) {
  while (!stopped.load()) {
    int item = 0;
    for (int i = 0; i < 1000 && item == 0; ++i) {
      item = pop_front();
      PAUSE();
    }
    if (item != 0) queue += task(item);
  }
}

// A join: polls a counter, nothing else.
__attribute__((noinline)) void join() {
  while (pending.load() != 0) PAUSE();
}

// The counter is on the caller's stack, but another thread changes it.
void join_on_stack(void (*start)(std::atomic<int> *)) {
  std::atomic<int> left{1};
  start(&left);
  while (left.load() != 0) PAUSE();
}

// Counts, and asks nothing: a delay.
__attribute__((noinline)) void delay(int turns) {
  for (int i = 0; i < turns; ++i) PAUSE();
}

void join_with_delay() {
  while (pending.load() != 0) delay(8);
}

void tail_caller() { join(); }

int direct_caller(int x) { return pop_front() + x; }

int indirect_caller(int (*f)(int), int x) { return f(x) + 1; }

int table_caller(int (**table)(int), long i, int x) { return table[i](x) + 1; }

// The bytes F3 90 and 66 0F AE F0 inside other instructions.
unsigned bytes_of_pause(unsigned x) { return x ^ 0x90f390f3u; }
unsigned bytes_of_tpause(unsigned x) { return x ^ 0xf0ae0f66u; }

void timed_pause(unsigned hint) {
  while (pending.load() != 0) {
    asm volatile("xor %%eax, %%eax\n xor %%edx, %%edx\n tpause %0" : : "r"(hint) : "eax", "edx");
  }
}
}
