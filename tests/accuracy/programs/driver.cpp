// Runs requests against a pool and reports the truth. Speaks lines on stdin and stdout:
//   <- workers N                                         -> ready {"calling_tid": n, "pool_tids": [...]}
//   <- go CALLER_US WORKER_US SPIN_US FUTEX_US GAP_US CPU_SECONDS  -> done
//   <- report                                            -> the truth, as JSON; then the program ends
#include <cstdio>
#include <cstdlib>

#include "truth.h"

namespace {

std::vector<std::pair<long, long>> requests;

void Request(const std::vector<Thread*>& threads, const Parameters& parameters) {
  const long start = ReadClock(CLOCK_MONOTONIC);
  for (Thread* thread : threads) thread->windows.emplace_back(ReadClock(thread->clock), 0);
  RunRequest(parameters);
  for (Thread* thread : threads) thread->windows.back().second = ReadClock(thread->clock);
  requests.emplace_back(start, ReadClock(CLOCK_MONOTONIC));
  Settle(parameters);
}

double TurnsPerMicrosecond() {
  const long turns = 5000000, start = ReadClock(CLOCK_THREAD_CPUTIME_ID);
  Compute(turns);
  return turns * 1e3 / (ReadClock(CLOCK_THREAD_CPUTIME_ID) - start);
}

void PrintPairs(const std::vector<std::pair<long, long>>& pairs) {
  const char* separator = "";
  std::printf("[");
  for (const auto& [first, second] : pairs) {
    std::printf("%s[%ld, %ld]", separator, first, second);
    separator = ", ";
  }
  std::printf("]");
}

void PrintThread(const Thread& thread) {
  std::printf("{\"tid\": %d, \"begin\": %ld, \"end\": %ld, \"marks\": [[%ld, \"%c\"]", thread.tid, thread.begin,
              thread.end, thread.begin, thread.at_first);
  for (const Mark& mark : thread.marks) std::printf(", [%ld, \"%c\"]", mark.cpu_ns, mark.activity);
  std::printf("], \"windows\": ");
  PrintPairs(thread.windows);
  std::printf("}");
}

}  // namespace

int main() {
  int workers;
  if (std::scanf(" workers %d", &workers) != 1) return 2;
  long polls_per_ms, handshakes_per_ms;
  const std::vector<Thread*> threads = OpenPool(workers, &polls_per_ms, &handshakes_per_ms);
  const double turns_per_us = TurnsPerMicrosecond();
  std::printf("ready {\"calling_tid\": %d, \"pool_tids\": [", threads[0]->tid);
  for (size_t i = 1; i < threads.size(); ++i) std::printf(i == 1 ? "%d" : ", %d", threads[i]->tid);
  std::printf("]}\n");
  std::fflush(stdout);

  double caller_us, worker_us, spin_us, futex_us, cpu_seconds;
  long gap_us;
  if (std::scanf(" go %lf %lf %lf %lf %ld %lf", &caller_us, &worker_us, &spin_us, &futex_us, &gap_us,
                 &cpu_seconds) != 6)
    return 2;
  const Parameters parameters{
      static_cast<long>(caller_us * turns_per_us), static_cast<long>(worker_us * turns_per_us),
      static_cast<long>(spin_us * polls_per_ms / 1e3), static_cast<long>(futex_us * handshakes_per_ms / 1e3), gap_us};
  for (Thread* thread : threads) {
    thread->marks.clear();
    thread->begin = ReadClock(thread->clock);
  }
  // CPU time, not wall time: a busy machine makes it take longer, not give fewer samples.
  const long until = ReadClock(CLOCK_PROCESS_CPUTIME_ID) + static_cast<long>(cpu_seconds * 1e9);
  while (ReadClock(CLOCK_PROCESS_CPUTIME_ID) < until) Request(threads, parameters);
  for (Thread* thread : threads) thread->end = ReadClock(thread->clock);
  std::printf("done\n");
  std::fflush(stdout);

  char word[16];
  if (std::scanf("%15s", word) != 1) return 2;
  std::printf("{\"threads\": [");
  for (size_t i = 0; i < threads.size(); ++i) {
    if (i) std::printf(", ");
    PrintThread(*threads[i]);
  }
  std::printf("], \"requests\": ");
  PrintPairs(requests);
  std::printf("}\n");
  std::fflush(stdout);
  std::_Exit(0);
}
