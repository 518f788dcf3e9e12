// Waits of known number and length, and requests whose parts are known. Prints `ready {...}`, waits for a line, runs
// every section and prints the truth as one line of JSON. Times are CLOCK_MONOTONIC nanoseconds.
#include <linux/futex.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>

#include "truth.h"

namespace {

constexpr int kCaller = 0, kWorker = 1;
constexpr long kMillisecond = 1000000;

long Now() { return ReadClock(CLOCK_MONOTONIC); }
long Cpu() { return ReadClock(CLOCK_THREAD_CPUTIME_ID); }

std::atomic<int> turn{kCaller};
std::atomic<long> wait_calls{0}, wake_calls{0};
long woken_ns;     // when the worker was about to wake the caller
long worker_busy_ns;  // how long the worker computes in its turn; 0: it ends
std::atomic<bool> done{false};
cpu_set_t allowed;

long Futex(int operation, int value) {
  return syscall(SYS_futex, reinterpret_cast<int*>(&turn), operation | FUTEX_PRIVATE_FLAG, value, nullptr, nullptr, 0);
}

void WaitForTurn(int other) {
  while (turn.load() == other) {
    ++wait_calls;
    Futex(FUTEX_WAIT, other);
  }
}

void PassTurn(int to) {
  turn.store(to);
  ++wake_calls;
  Futex(FUTEX_WAKE, 1);
}

__attribute__((noinline)) void ComputeFor(long ns) {
  for (const long end = Now() + ns; Now() < end;) Compute(200);
}

void Work() {
  for (;;) {
    WaitForTurn(kCaller);
    if (worker_busy_ns == 0) return;
    ComputeFor(worker_busy_ns);
    done.store(true);
    woken_ns = Now();
    PassTurn(kCaller);
  }
}

void Sleep(long ns) {
  const timespec length{0, ns};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &length, nullptr);
}

void Pin(int cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  sched_setaffinity(0, sizeof cpus, &cpus);
}

// The processor that this process may use after skipping some; the last one, if there are fewer.
int AllowedCpu(int skipped) {
  int last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    last = cpu;
    if (skipped-- == 0) break;
  }
  return last;
}

struct Usage {
  long waited, preempted;
  static Usage Now() {
    rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return {usage.ru_nvcsw, usage.ru_nivcsw};
  }
};

// One section of the truth: when it ran, how often the calling thread waited, and for how long by its own clocks.
template <typename Body>
void Section(const char* name, Body body) {
  const Usage before = Usage::Now();
  const long begin = Now(), waits = wait_calls, wakes = wake_calls;
  const long waited_ns = body();
  const long end = Now();
  const Usage after = Usage::Now();
  std::printf("\"%s\": {\"begin\": %ld, \"end\": %ld, \"waited_ns\": %ld, \"waited\": %ld, \"preempted\": %ld, "
              "\"wait_calls\": %ld, \"wake_calls\": %ld}, ",
              name, begin, end, waited_ns, after.waited - before.waited, after.preempted - before.preempted,
              wait_calls - waits, wake_calls - wakes);
}

long PingPong(int rounds) {
  long waited = 0;
  worker_busy_ns = 2 * kMillisecond;
  for (int i = 0; i < rounds; ++i) {
    const long before = Now();
    PassTurn(kWorker);
    WaitForTurn(kWorker);
    waited += Now() - before;
  }
  return waited;
}

long SleepOften(int times) {
  long waited = 0;
  for (int i = 0; i < times; ++i) {
    const long before = Now();
    Sleep(3 * kMillisecond);
    waited += Now() - before;
  }
  return waited;
}

// Ready to run all the time, on a CPU that a neighbour never leaves by itself.
long Starve(long ns) {
  cpu_set_t before;
  sched_getaffinity(0, sizeof before, &before);
  const int cpu = sched_getcpu();
  std::atomic<bool> stop{false};
  std::thread neighbour([&] {
    Pin(cpu);
    while (!stop) Compute(200);
  });
  Pin(cpu);
  const long begin = Now(), cpu_ns = Cpu();
  ComputeFor(ns);
  const long starved = Now() - begin - (Cpu() - cpu_ns);
  sched_setaffinity(0, sizeof before, &before);
  stop = true;
  neighbour.join();
  return starved;
}

}  // namespace

// Polls as ONNX Runtime's join does, under its name.
namespace onnxruntime::concurrency {
struct Environment {};
template <typename Env>
struct ThreadPoolTempl {
  __attribute__((noinline)) static void EndParallelSectionInternal() {
    while (!done.load(std::memory_order_relaxed)) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#else
      asm volatile("yield" ::: "memory");
#endif
    }
  }
};
}  // namespace onnxruntime::concurrency

namespace {

// Runs `body`, which never waits, and returns its CPU time; what it was without a CPU is added to `runnable`.
template <typename Body>
long OnCpu(long* runnable, Body body) {
  const long begin = Now(), cpu = Cpu();
  body();
  const long used = Cpu() - cpu;
  *runnable += Now() - begin - used;
  return used;
}

// A request computes, polls for the worker, is blocked on a futex while the worker computes, sleeps.
std::string Request() {
  using Pool = onnxruntime::concurrency::ThreadPoolTempl<onnxruntime::concurrency::Environment>;
  const long late = 3 * kMillisecond, start = Now();
  long runnable = 0;
  const long computed = OnCpu(&runnable, [] { ComputeFor(5 * kMillisecond); });

  worker_busy_ns = 4 * kMillisecond;
  done = false;
  long futex = OnCpu(&runnable, [] { PassTurn(kWorker); });
  const long joined = OnCpu(&runnable, [] { Pool::EndParallelSectionInternal(); });
  WaitForTurn(kWorker);

  worker_busy_ns = 5 * kMillisecond;
  futex += OnCpu(&runnable, [] { PassTurn(kWorker); });
  const long wait = Now();
  WaitForTurn(kWorker);
  const long woken = std::max(wait, woken_ns);
  runnable += Now() - woken;

  const long sleep = Now();
  Sleep(2 * kMillisecond);
  const long end = Now();
  char text[400];
  std::snprintf(text, sizeof text,
                "{\"scheduled\": %ld, \"start\": %ld, \"end\": %ld, \"parts\": {\"late\": %ld, \"compute\": %ld, "
                "\"spin-join\": %ld, \"futex\": %ld, \"blocked\": %ld, \"runnable\": %ld, \"other\": %ld}}",
                start - late, start, end, late, computed, joined, futex, woken - wait, runnable, end - sleep);
  return text;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  sched_getaffinity(0, sizeof allowed, &allowed);
  const int requests = std::stoi(arguments[1]);
  std::atomic<int> worker_tid{0};
  // Apart, so that waking the worker does not cost the calling thread its CPU.
  Pin(AllowedCpu(0));
  std::thread worker([&] {
    Pin(AllowedCpu(1));
    worker_tid = static_cast<int>(syscall(SYS_gettid));
    Work();
  });
  while (worker_tid == 0) usleep(1000);
  std::printf("ready {\"calling_tid\": %d, \"pool_tids\": [%d]}\n", getpid(), worker_tid.load());
  std::fflush(stdout);
  if (std::getchar() == EOF) return 0;

  std::printf("{");
  Section("futex", [] { return PingPong(200); });
  Section("sleep", [] { return SleepOften(100); });
  Section("starved", [] { return Starve(600 * kMillisecond); });
  std::string rows;
  for (int i = 0; i < requests; ++i) rows += (i ? ", " : "") + Request();
  std::printf("\"requests\": [%s]}\n", rows.c_str());
  std::fflush(stdout);
  worker_busy_ns = 0;
  PassTurn(kWorker);
  worker.join();
  std::getchar();
}
