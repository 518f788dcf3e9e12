from __future__ import annotations

import pytest

from profiler.attribution.rules.names import Name, of_symbol

POOL = "onnxruntime::concurrency::ThreadPoolTempl<onnxruntime::Env>"


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        (f"{POOL}::WorkerLoop", Name.WORKER_LOOP),
        (f"{POOL}::WorkerLoop(int)", Name.WORKER_LOOP),
        (f"{POOL}::WorkerLoop(int) [clone .cold]", Name.WORKER_LOOP),
        (f"{POOL}::EndParallelSectionInternal", Name.JOIN_LOOP),
        (f"{POOL}::RunInParallelSection", Name.JOIN_LOOP),
        ("onnxruntime::concurrency::SpinPause", Name.PAUSE),
        (f"{POOL}::WorkerData::SetBlocked(std::function<bool ()>, std::function<void ()>)", Name.WAIT),
        (f"{POOL}::WorkerData::EnsureAwake", Name.WAIT),
        ("nsync::nsync_cv_wait_with_deadline_generic", Name.WAIT),
        ("nsync::wake_waiters", Name.WAIT),
        ("std::condition_variable::wait(std::unique_lock<std::mutex>&)", Name.WAIT),
        ("pthread_cond_wait@@GLIBC_2.3.2", Name.WAIT),
        ("___pthread_cond_signal", Name.WAIT),
        ("__futex_abstimed_wait_common", Name.WAIT),
        ("sem_timedwait", Name.WAIT),
        ("__new_sem_post", Name.WAIT),
        ("PyThread_acquire_lock_timed", Name.PYTHON_LOCK),
        ("take_gil", Name.PYTHON_LOCK | Name.INTERPRETER_LOCK),
        ("__x64_sys_futex", Name.FUTEX_KERNEL),
        ("do_futex", Name.FUTEX_KERNEL),
        ("futex_wake", Name.FUTEX_KERNEL | Name.WAIT),
        (
            "std::_Function_handler<void (long, long), onnxruntime::Foo::{lambda(long)#1}>::_M_invoke",
            Name.TASK,
        ),
        ("std::function<void ()>::operator()() const", Name.TASK),
        ("onnxruntime::concurrency::RunQueue<std::function<void ()>, X, 1024u>::PopFront", Name.NOTHING),
        ("onnxruntime::(anonymous namespace)::PosixThread::ThreadMain(void*)", Name.NOTHING),
        (f"{POOL}::RunInParallelSection(Parameters)::{{lambda()#1}}::operator()() const", Name.NOTHING),
        ("MlasGemmFloatKernelAvx512F", Name.NOTHING),
        ("semaphore_of_mine", Name.NOTHING),
        ("", Name.NOTHING),
    ],
)
def test_what_a_symbol_says(symbol: str, expected: Name) -> None:
    assert of_symbol(symbol) == expected
