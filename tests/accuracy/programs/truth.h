// What a ground-truth program knows of itself: on which activity each of its threads spent CPU time, read from
// the threads' own CPU clocks at the transitions, and when its requests were in flight.
#pragma once

#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <utility>
#include <vector>

enum Activity : char { kOther = 'o', kCompute = 'c', kSpin = 's', kFutex = 'f' };

inline long ReadClock(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

struct Mark {
  long cpu_ns;
  Activity activity;
};

struct Thread {
  pid_t tid;
  clockid_t clock;
  Activity at_first;  // between requests, when the measurement begins
  long begin = 0, end = 0;
  std::vector<Mark> marks{};                   // CPU time at which an activity began
  std::vector<std::pair<long, long>> windows{};  // CPU time at each request's start and end

  // For the thread that calls it.
  static Thread Self(Activity at_first) {
    clockid_t clock;
    pthread_getcpuclockid(pthread_self(), &clock);
    Thread self{static_cast<pid_t>(syscall(SYS_gettid)), clock, at_first};
    self.marks.reserve(1 << 16);
    self.windows.reserve(1 << 14);
    return self;
  }
  void Enter(Activity activity) { marks.push_back({ReadClock(CLOCK_THREAD_CPUTIME_ID), activity}); }
};

struct Parameters {
  long caller_turns, worker_turns;  // of Compute
  long polls;                       // before a worker blocks
  long handshakes;                  // between the caller and a blocked worker
  long gap_us;                      // between requests
};

// What a pool offers to the driver (driver.cpp): its workers, opened by a caller; a request of any caller; and,
// for an only caller, waiting until the workers have blocked, and the gap.
std::vector<Thread*> OpenPool(int workers, Thread& caller, long* polls_per_ms, long* handshakes_per_ms);
void RunRequest(const Parameters& parameters, Thread& caller);
void Settle(const Parameters& parameters, Thread& caller);

// Work that no profiler can take for waiting. Defined here, so that each pool's library has its own.
__attribute__((noinline)) inline unsigned long Compute(long turns) {
  unsigned long value = turns;
  for (long i = 0; i < turns; ++i) {
    value = value * 6364136223846793005UL + 1442695040888963407UL;
    asm volatile("" : "+r"(value));
  }
  return value;
}
