// A thread pool that waits as ONNX Runtime's does (onnxruntime/core/platform/EigenNonBlockingThreadPool.h), with
// its functions' names: workers poll their queue and now and then another's, run what they find through
// std::function, and block on a condition variable when they have polled enough; the caller joins by polling.
// NOINLINE: empty, the compiler may inline it all. PAUSE_OUT_OF_LINE: SpinPause is a function, as in ONNX Runtime 1.23 and later.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "truth.h"

#if !defined(NOINLINE)
#define NOINLINE __attribute__((noinline))
#endif

namespace onnxruntime::concurrency {

#if defined(PAUSE_OUT_OF_LINE)
NOINLINE
#else
__attribute__((always_inline)) inline
#endif
void SpinPause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  asm volatile("yield" ::: "memory");
#endif
}

struct Environment {
  using Task = std::function<void()>;
};

// As in Eigen's RunQueue, an empty queue costs a look at its state.
template <typename Work>
class RunQueue {
 public:
  void PushBack(Work work) {
    std::lock_guard<std::mutex> lock(mutex_);
    works_.push_back(std::move(work));
    size_.store(works_.size(), std::memory_order_release);
  }
  bool Empty() const { return size_.load(std::memory_order_relaxed) == 0; }
  NOINLINE Work PopFront() {
    if (Empty()) return Work();
    std::lock_guard<std::mutex> lock(mutex_);
    Work found = std::move(works_.front());
    works_.pop_front();
    size_.store(works_.size(), std::memory_order_release);
    return found;
  }

 private:
  std::mutex mutex_;
  std::deque<Work> works_;
  std::atomic<size_t> size_{0};
};

template <typename Env>
class ThreadPoolTempl {
 public:
  using Task = typename Env::Task;

  struct WorkerData {
    RunQueue<Task> queue;
    std::mutex mutex;
    std::condition_variable wake, answered;
    bool blocked = false, awake = false, ask = false, answer = false;
    std::unique_ptr<Thread> truth;

    // The caller's handshakes are answered from inside the wait: futex time and nothing else.
    NOINLINE void SetBlocked() {
      truth->Enter(kFutex);
      std::unique_lock<std::mutex> lock(mutex);
      blocked = true;
      answered.notify_one();
      while (!awake) {
        wake.wait(lock);
        if (ask) {
          ask = false;
          answer = true;
          answered.notify_one();
        }
      }
      awake = blocked = false;
      lock.unlock();
      truth->Enter(kSpin);
    }
    NOINLINE void EnsureAwake() {
      std::lock_guard<std::mutex> lock(mutex);
      awake = true;
      wake.notify_one();
    }
    void AwaitBlocked() {
      std::unique_lock<std::mutex> lock(mutex);
      answered.wait(lock, [this] { return blocked; });
    }
    NOINLINE void EnsureAwakeManyTimes(long times) {
      std::unique_lock<std::mutex> lock(mutex);
      for (long i = 0; i < times; ++i) {
        ask = true;
        wake.notify_one();
        answered.wait(lock, [this] { return answer; });
        answer = false;
      }
    }
  };

  explicit ThreadPoolTempl(int workers) : workers_(workers) {
    for (size_t i = 0; i < workers_.size(); ++i) {
      std::thread([this, i] {
        workers_[i].truth = std::make_unique<Thread>(Thread::Self(kFutex));
        WorkerLoop(i);
      }).detach();
    }
    for (WorkerData& worker : workers_) worker.AwaitBlocked();
  }

  std::vector<Thread*> Threads() {
    std::vector<Thread*> threads;
    for (WorkerData& worker : workers_) threads.push_back(worker.truth.get());
    return threads;
  }
  WorkerData& Worker(size_t index) { return workers_[index]; }
  void SetPolls(long polls) { polls_.store(polls); }

  NOINLINE void RunInParallelSection(const Parameters& parameters, Thread& caller) {
    caller.Enter(kFutex);
    if (parameters.handshakes) workers_[0].EnsureAwakeManyTimes(parameters.handshakes);
    std::atomic<size_t> pending{workers_.size()};
    for (WorkerData& worker : workers_) {
      Thread* truth = worker.truth.get();
      worker.queue.PushBack([&pending, truth, turns = parameters.worker_turns] {
        Work(truth, turns);
        pending.fetch_sub(1, std::memory_order_release);
      });
      worker.EnsureAwake();
    }
    Task own = [&caller, turns = parameters.caller_turns] { Work(&caller, turns); };
    own();
    while (pending.load(std::memory_order_acquire) != 0) SpinPause();
    caller.Enter(kOther);
  }

 private:
  static void Work(Thread* truth, long turns) {
    truth->Enter(kCompute);
    Compute(turns);
    truth->Enter(kSpin);
  }

  void WorkerLoop(size_t index) {
    WorkerData& self = workers_[index];
    for (;;) {
      Task task = self.queue.PopFront();
      const long polls = polls_.load(std::memory_order_relaxed);
      for (long i = 0; i < polls && !task; ++i) {
        task = (i + 1) % 64 == 0 ? Steal(index) : self.queue.PopFront();
        SpinPause();
      }
      if (!task) {
        self.SetBlocked();
        continue;
      }
      task();
    }
  }

  // Looks at the others' queues. Tasks carry their thread's clock, so it takes none.
  NOINLINE Task Steal(size_t index) {
    for (size_t i = 1; i < workers_.size(); ++i) {
      if (!workers_[(index + i) % workers_.size()].queue.Empty()) break;
    }
    return Task();
  }

  std::vector<WorkerData> workers_;
  std::atomic<long> polls_{100000};
};

}  // namespace onnxruntime::concurrency

namespace {

using Pool = onnxruntime::concurrency::ThreadPoolTempl<onnxruntime::concurrency::Environment>;
Pool* pool;

}  // namespace

std::vector<Thread*> OpenPool(int workers, Thread& caller, long* polls_per_ms, long* handshakes_per_ms) {
  // The first block comes after 100000 polls: the time that they took calibrates.
  pool = new Pool(workers);
  std::vector<Thread*> threads = pool->Threads();
  *polls_per_ms = 100000L * 1000000L / threads[0]->marks[0].cpu_ns;
  const long handshakes = 2000, before = ReadClock(caller.clock) + ReadClock(threads[0]->clock);
  pool->Worker(0).EnsureAwakeManyTimes(handshakes);
  const long cpu_ns = ReadClock(caller.clock) + ReadClock(threads[0]->clock) - before;
  *handshakes_per_ms = handshakes * 1000000L / cpu_ns;
  return threads;
}

void RunRequest(const Parameters& parameters, Thread& caller) {
  pool->SetPolls(parameters.polls);
  pool->RunInParallelSection(parameters, caller);
}

// Each request meets blocked workers, so that every worker spins its whole budget.
void Settle(const Parameters& parameters, Thread& caller) {
  caller.Enter(kFutex);
  for (size_t i = 0; i < pool->Threads().size(); ++i) pool->Worker(i).AwaitBlocked();
  caller.Enter(kOther);
  usleep(parameters.gap_us);
}
