// A polling loop in which everything is inlined. Tests find lines by the comments at their ends.
#include <atomic>

#define INLINE __attribute__((always_inline)) inline

namespace waiting {

INLINE void SpinPause() {
#if defined(__x86_64__)
  asm volatile("pause");  // pause
#else
  asm volatile("yield");  // pause
#endif
}

struct Queue {
  std::atomic<int> ready{0};
  INLINE bool Empty() const { return ready.load(std::memory_order_acquire) == 0; }
  template <typename Task>
  INLINE int Poll(long polls, Task task) {
    for (long i = 0; i < polls; ++i) {
      if (!Empty()) return task(i);  // task
      SpinPause();  // calls pause
    }
    return 0;
  }
};

}  // namespace waiting

int wait_for(waiting::Queue& queue, long polls) {
  return queue.Poll(polls, [](long i) { return static_cast<int>(i); });  // polls
}

// <script>document.title = "owned"</script>
