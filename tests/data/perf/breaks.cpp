// Names with line breaks, each of which perf prints as it is: see refresh.py. The arguments are libraries.
#include <dlfcn.h>
#include <sys/prctl.h>
#include <time.h>

#include <initializer_list>
#include <thread>

namespace {
double seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}
}  // namespace

extern "C" void burn(double budget) {
  for (double end = seconds() + budget; seconds() < end;) {
  }
}

int main(int count, char** arguments) {
  if (count < 2) return 1;
  for (int at = 1; at < count; ++at) {
    void* library = dlopen(arguments[at], RTLD_NOW);
    if (library == nullptr) return 1;
    auto* from_library = reinterpret_cast<void (*)(double)>(dlsym(library, "spin_in_library"));
    if (from_library == nullptr) return 1;
    from_library(0.003);
  }
  for (const char* name : {"\n", "\n\n", "a\n\nb", "\t1f x (/y)\nz", "\t1f (\n", "end\n", "\t1f x (/y)\n\nz"}) {
    std::thread([&] {
      prctl(PR_SET_NAME, name);
      burn(0.003);
    }).join();
  }
}
