// Runs requests against a pool and reports the truth. Speaks lines on stdin and stdout:
//   <- workers N callers M                               -> ready {"callers": [...], "pool_tids": [...]}
//   <- go CALLER_US WORKER_US SPIN_US FUTEX_US GAP_US CPU_SECONDS  -> done
//   <- report                                            -> the truth, as JSON; then the program ends
// With more than one caller, requests of all of them overlap on the one pool.
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "truth.h"

namespace {

struct Caller {
  Thread truth;
  std::vector<std::pair<long, long>> requests{};
};

std::vector<Caller*> callers;
std::vector<Thread*> workers;
std::mutex mutex;
std::condition_variable changed;
int in_flight = 0;
size_t at_work = 0;  // callers
bool go = false;
Parameters parameters;
long until;

// A worker's windows are when any request is in flight, by the worker's own clock.
void Begin() {
  std::lock_guard<std::mutex> lock(mutex);
  if (in_flight++) return;
  for (Thread* worker : workers) worker->windows.emplace_back(ReadClock(worker->clock), 0);
}

void End() {
  std::lock_guard<std::mutex> lock(mutex);
  if (--in_flight) return;
  for (Thread* worker : workers) worker->windows.back().second = ReadClock(worker->clock);
}

// CPU time, not wall time: a busy machine makes it take longer, not give fewer samples.
void Serve(Caller& caller) {
  while (ReadClock(CLOCK_PROCESS_CPUTIME_ID) < until) {
    const long start = ReadClock(CLOCK_MONOTONIC);
    Begin();
    RunRequest(parameters, caller.truth);
    End();
    caller.requests.emplace_back(start, ReadClock(CLOCK_MONOTONIC));
    if (callers.size() == 1) {
      Settle(parameters, caller.truth);
    } else {
      usleep(parameters.gap_us);
    }
  }
  std::lock_guard<std::mutex> lock(mutex);
  --at_work;
  changed.notify_all();
}

// A caller beside the main thread; it stays, so that its clock can be read.
void Call(size_t index) {
  Caller caller{Thread::Self(kOther)};
  std::unique_lock<std::mutex> lock(mutex);
  callers[index] = &caller;
  ++at_work;
  changed.notify_all();
  changed.wait(lock, [] { return go; });
  lock.unlock();
  Serve(caller);
  pause();
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

void PrintTids(const char* name, const std::vector<Thread*>& threads) {
  std::printf("\"%s\": [", name);
  for (size_t i = 0; i < threads.size(); ++i) std::printf(i ? ", %d" : "%d", threads[i]->tid);
  std::printf("]");
}

}  // namespace

int main() {
  int worker_count, caller_count;
  if (std::scanf(" workers %d callers %d", &worker_count, &caller_count) != 2) return 2;
  Caller first{Thread::Self(kOther)};
  callers.assign(caller_count, nullptr);
  callers[0] = &first;
  at_work = 1;
  long polls_per_ms, handshakes_per_ms;
  workers = OpenPool(worker_count, first.truth, &polls_per_ms, &handshakes_per_ms);
  for (size_t i = 1; i < callers.size(); ++i) std::thread(Call, i).detach();
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [] { return at_work == callers.size(); });
  }
  std::vector<Thread*> calling;
  for (Caller* caller : callers) calling.push_back(&caller->truth);
  const double turns_per_us = TurnsPerMicrosecond();
  std::printf("ready {");
  PrintTids("callers", calling);
  std::printf(", ");
  PrintTids("pool_tids", workers);
  std::printf("}\n");
  std::fflush(stdout);

  double caller_us, worker_us, spin_us, futex_us, cpu_seconds;
  long gap_us;
  if (std::scanf(" go %lf %lf %lf %lf %ld %lf", &caller_us, &worker_us, &spin_us, &futex_us, &gap_us,
                 &cpu_seconds) != 6)
    return 2;
  parameters = Parameters{
      static_cast<long>(caller_us * turns_per_us), static_cast<long>(worker_us * turns_per_us),
      static_cast<long>(spin_us * polls_per_ms / 1e3), static_cast<long>(futex_us * handshakes_per_ms / 1e3), gap_us};
  std::vector<Thread*> threads = calling;
  threads.insert(threads.end(), workers.begin(), workers.end());
  for (Thread* thread : threads) {
    thread->marks.clear();
    thread->begin = ReadClock(thread->clock);
  }
  until = ReadClock(CLOCK_PROCESS_CPUTIME_ID) + static_cast<long>(cpu_seconds * 1e9);
  {
    std::lock_guard<std::mutex> lock(mutex);
    go = true;
    changed.notify_all();
  }
  Serve(first);
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [] { return at_work == 0; });
  }
  Settle(parameters, first.truth);  // the clock of a thread that runs may lag for somebody else by a tick
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
  std::printf("], \"requests\": [");
  for (size_t i = 0; i < callers.size(); ++i) {
    if (i) std::printf(", ");
    PrintPairs(callers[i]->requests);
  }
  std::printf("]}\n");
  std::fflush(stdout);
  std::_Exit(0);
}
