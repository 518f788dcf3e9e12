// OpenMP's pool, as ONNX Runtime's OpenMP builds used: libgomp's own loops wait, here by polling alone
// (OMP_WAIT_POLICY=active). A worker polls whenever it does not compute.
#include <omp.h>

#include "truth.h"

namespace {

std::vector<Thread*> threads;

}  // namespace

std::vector<Thread*> OpenPool(int workers, long* polls_per_ms, long* handshakes_per_ms) {
  omp_set_dynamic(0);
  omp_set_num_threads(workers + 1);
  threads.resize(workers + 1);
#pragma omp parallel
  threads[omp_get_thread_num()] = new Thread(Thread::Self(omp_get_thread_num() ? kSpin : kOther));
  *polls_per_ms = *handshakes_per_ms = 0;
  return threads;
}

void RunRequest(const Parameters& parameters) {
  threads[0]->Enter(kSpin);
#pragma omp parallel
  {
    Thread* self = threads[omp_get_thread_num()];
    self->Enter(kCompute);
    Compute(omp_get_thread_num() ? parameters.worker_turns : parameters.caller_turns);
    self->Enter(kSpin);
  }
  threads[0]->Enter(kOther);
}

void Settle(const Parameters& parameters) { usleep(parameters.gap_us); }
