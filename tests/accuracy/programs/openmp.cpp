// OpenMP's pool, as ONNX Runtime's OpenMP builds used: libgomp's own loops wait, here by polling alone
// (OMP_WAIT_POLICY=active). A worker polls whenever it does not compute.
#include <omp.h>

#include "truth.h"

namespace {

std::vector<Thread*> threads;

}  // namespace

std::vector<Thread*> OpenPool(int workers, Thread& caller, long* polls_per_ms, long* handshakes_per_ms) {
  omp_set_dynamic(0);
  omp_set_num_threads(workers + 1);
  threads.resize(workers + 1);
#pragma omp parallel
  if (omp_get_thread_num()) threads[omp_get_thread_num()] = new Thread(Thread::Self(kSpin));
  threads[0] = &caller;
  *polls_per_ms = *handshakes_per_ms = 0;
  return {threads.begin() + 1, threads.end()};
}

void RunRequest(const Parameters& parameters, Thread&) {
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

void Settle(const Parameters& parameters, Thread&) { usleep(parameters.gap_us); }
