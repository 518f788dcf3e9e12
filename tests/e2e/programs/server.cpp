// Serves one model ten times a second through ONNX Runtime's C interface, until it is ended. server MODEL
//
// The model takes x of 512 by 512 to y. Places in the table are onnxruntime_c_api.h's of 1.21; they never change.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

using Status = void *;
struct ApiBase {
  const void *const *(*get_api)(std::uint32_t version);
  const char *(*get_version_string)();
};
extern "C" const ApiBase *OrtGetApiBase();

namespace {

constexpr std::int64_t side = 512;
const void *const *api = OrtGetApiBase()->get_api(11);

template <typename Returned, typename... Taken>
Returned call(int place, Taken... taken) {
  return reinterpret_cast<Returned (*)(Taken...)>(const_cast<void *>(api[place]))(taken...);
}

void require(Status failed) {
  if (failed == nullptr) return;
  std::fprintf(stderr, "%s\n", call<const char *>(2, failed));
  std::exit(1);
}

}  // namespace

int main(int, char **arguments) {
  void *env = nullptr, *options = nullptr, *session = nullptr, *memory = nullptr, *input = nullptr;
  require(call<Status>(3, 3, "server", &env));
  require(call<Status>(10, &options));
  require(call<Status>(24, options, 3));
  require(call<Status>(7, env, static_cast<const char *>(arguments[1]), options, &session));
  std::vector<float> values(side * side);
  const std::array<std::int64_t, 2> shape{side, side};
  require(call<Status>(69, 1, 0, &memory));
  require(call<Status>(49, memory, static_cast<void *>(values.data()), values.size() * sizeof(float), shape.data(),
                       shape.size(), 1, &input));
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    const char *input_name = "x", *output_name = "y";
    void *output = nullptr;
    require(call<Status>(9, session, static_cast<void *>(nullptr), &input_name, &input, std::size_t{1}, &output_name,
                         std::size_t{1}, &output));
    call<void>(96, output);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}
