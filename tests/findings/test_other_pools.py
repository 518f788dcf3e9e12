"""Another library's spinning is named, with what its own settings do about it."""

from __future__ import annotations

import pytest

from profiler.findings.other_pools import other_pools
from profiler.findings.verdict import verdict
from profiler.run.kinds import Category, Evidence, Kind
from profiler.run.sections.cpu_section import HotFunctionFigures
from tests.summaries import cpu_time, made_summary


def hot(library: str, share: float, kind: Kind = Kind.SPIN_BUSY) -> HotFunctionFigures:
    return HotFunctionFigures(
        symbol=f"[join loop] {library}+0x100",
        library=library,
        kind=kind,
        category=kind.category,
        self_share=share,
        total_share=share,
        evidence=Evidence.INSTRUCTION,
    )


@pytest.mark.parametrize(
    ("library", "title", "setting"),
    [
        ("libgomp.so.1.0.0", "GNU OpenMP", "OMP_WAIT_POLICY=passive"),
        ("libgomp-a34b3233.so.1.0.0", "GNU OpenMP", "GOMP_SPINCOUNT"),
        ("libomp.so.5", "LLVM OpenMP", "KMP_BLOCKTIME=0"),
        ("libiomp5.so", "LLVM OpenMP", "KMP_BLOCKTIME=0"),
        ("libscipy_openblas64_-32a4b2a6.so", "OpenBLAS", "OPENBLAS_NUM_THREADS=1"),
        ("libopenblas64_p-r0-0cf96a72.3.23.dev.so", "OpenBLAS", "OPENBLAS_NUM_THREADS=1"),
        ("libtbb.so.12", "oneTBB", "tbb::global_control"),
        ("libdnnl.so.3", "oneDNN", "OMP_NUM_THREADS"),
        ("tokenizers.abi3.so", "Rust's rayon (tokenizers)", "TOKENIZERS_PARALLELISM=false"),
    ],
)
def test_whose_threads_spin_and_what_to_set(library: str, title: str, setting: str) -> None:
    said = verdict(made_summary(cpu=cpu_time(spin_busy=40, compute=60), hot=[hot(library, 0.4)]))
    assert f"At least 40 % of the CPU time was threads of {title} spinning" in said.text
    assert any(setting in sentence and title in sentence for sentence in said.advice)


def test_work_a_little_spinning_and_onnxruntimes_own_are_not_named() -> None:
    rows = [
        hot("libgomp.so.1", 0.4, Kind.UNKNOWN),
        hot("libomp.so.5", 0.01),
        hot("onnxruntime_pybind11_state.so", 0.5),
    ]
    assert not other_pools(made_summary(cpu=cpu_time(spin_busy=50, compute=50), hot=rows))
    assert Category.SPIN is rows[1].category


def test_functions_of_one_library_add_up_and_the_largest_comes_first() -> None:
    rows = [hot("libomp.so.5", 0.1), hot("libgomp.so.1", 0.06), hot("libgomp.so.1", 0.07)]
    found = other_pools(made_summary(cpu=cpu_time(spin_busy=50, compute=50), hot=rows))
    assert [(pool.title, round(share, 2)) for pool, share in found] == [
        ("GNU OpenMP", 0.13),
        ("LLVM OpenMP", 0.1),
    ]
