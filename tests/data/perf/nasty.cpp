// A program whose perf text is as awkward as perf text gets: see refresh.py.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#define KEEP __attribute__((noinline, noclone))

namespace {
volatile unsigned long sink;

double seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

KEEP void burn(double budget) {
  for (double end = seconds() + budget; seconds() < end;) {
    for (int i = 0; i < 20000; ++i) sink = sink + static_cast<unsigned long>(i);
  }
}

template <typename T, int N>
struct Kernel {
  KEEP void operator()(const T (&values)[N], double budget) const {
    burn(budget);
    sink = sink + static_cast<unsigned long>(values[0]);
  }
};
}  // namespace

struct Left {
  KEEP bool operator<(double budget) const { burn(budget); return sink != 0; }
};

KEEP void enter_kernel(double budget) {
  for (double end = seconds() + budget; seconds() < end;) {
    char name[16];
    prctl(PR_GET_NAME, name);
    if (getppid() < 0) sink = sink + 1;
  }
}

int main(int count, char** arguments) {
  const double budget = 0.0015;
  if (count != 2) return 1;
  const int file = open(arguments[1], O_RDONLY);
  unlink(arguments[1]);  // its path gets " (deleted)" in perf's text
  void* library = dlopen(("/proc/self/fd/" + std::to_string(file)).c_str(), RTLD_NOW);
  if (library == nullptr) return 1;
  auto* from_library = reinterpret_cast<void (*)(double)>(dlsym(library, "spin_in_library"));
  if (from_library == nullptr) return 1;
  const std::vector<const char*> names = {
      "x", "", "a b (c)", "12:34", "7/7 [000] 1.5:", "1/2 3.4: 5", "ends in space  ", "  leads",
      "line\nbreak", "\tab 1f (/x)", "\xff\xfe\xc3", "[unknown]", "fifteen bytes..",
  };
  for (const char* name : names) {
    std::thread([&] {
      prctl(PR_SET_NAME, name);
      const int values[3] = {1, 2, 3};
      const std::function<void(double)> lambda = [&](double time) { Kernel<int, 3>{}(values, time); };
      lambda(budget);
      if (Left{} < budget) from_library(budget);
      enter_kernel(budget);
    }).join();
  }
}
