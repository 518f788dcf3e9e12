"""Spinning that is not ONNX Runtime's: whose threads poll, by their library, and what turns that off.

The settings are the libraries' own: GNU libgomp manual, "Environment Variables" (OMP_WAIT_POLICY,
GOMP_SPINCOUNT); LLVM OpenMP runtime, "Environment Variables" (KMP_BLOCKTIME); OpenBLAS README, "Setting the
number of threads using environment variables"; oneTBB, `tbb::global_control`; rayon's FAQ (RAYON_NUM_THREADS)
and Hugging Face's tokenizers (TOKENIZERS_PARALLELISM), whose wheel holds rayon in its own library.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings.formats import percent
from profiler.run.kinds import Category

if TYPE_CHECKING:
    from profiler.run.summary import Summary

NOTEWORTHY = 0.05
"""A share of the CPU time that another library's spinning is named from."""


@dataclass(frozen=True, slots=True)
class OtherPool:
    """A library with threads of its own."""

    title: str
    pattern: re.Pattern[str]
    """Of its file's name."""
    remedy: str
    """What to set, as the end of a sentence."""


POOLS = (
    OtherPool(
        "GNU OpenMP",
        re.compile(r"libgomp\b.*"),
        "set OMP_WAIT_POLICY=passive, a small GOMP_SPINCOUNT, or OMP_NUM_THREADS to fewer threads",
    ),
    OtherPool(
        "LLVM OpenMP",
        re.compile(r"lib(i?omp5?|iomp5md)\b.*"),
        "set KMP_BLOCKTIME=0 (it polls for 200 ms by default), or OMP_NUM_THREADS to fewer threads",
    ),
    OtherPool(
        "OpenBLAS",
        re.compile(r"lib(scipy_)?openblas.*"),
        "set OPENBLAS_NUM_THREADS=1, or OPENBLAS_THREAD_TIMEOUT to a small number",
    ),
    OtherPool(
        "oneTBB",
        re.compile(r"libtbb\b.*"),
        "limit its threads (tbb::global_control, or a task arena of fewer)",
    ),
    OtherPool(
        "Rust's rayon (tokenizers)",
        re.compile(r"tokenizers\b.*\.so"),
        "set RAYON_NUM_THREADS to fewer threads, or TOKENIZERS_PARALLELISM=false",
    ),
    OtherPool(
        "oneDNN",
        re.compile(r"lib(dnnl|mkldnn)\b.*"),
        "set OMP_NUM_THREADS to fewer threads, or OMP_WAIT_POLICY=passive",
    ),
)


def other_pools(summary: Summary) -> list[tuple[OtherPool, float]]:
    """Return the libraries whose own polling is much, with their shares of the CPU time, the largest first.

    From the functions listed as hot, so at least that much: a yield's time in the kernel is listed as its.
    """
    shares: defaultdict[OtherPool, float] = defaultdict(float)
    for row in summary.hot:
        if row.category is Category.SPIN:
            pool = next((pool for pool in POOLS if pool.pattern.fullmatch(row.library)), None)
            if pool is not None:
                shares[pool] += row.self_share
    much = [(pool, share) for pool, share in shares.items() if share >= NOTEWORTHY]
    return sorted(much, key=lambda pool: -pool[1])


def told(summary: Summary) -> list[str]:
    """Say how much of the CPU time is spinning of other libraries' threads."""
    return [
        f"At least {percent(share)} of the CPU time was threads of {pool.title} spinning, not ONNX Runtime's."
        for pool, share in other_pools(summary)
    ]


def remedies(summary: Summary) -> list[str]:
    """Say what turns that off."""
    return [f"Against the spinning of {pool.title}, {pool.remedy}." for pool, _ in other_pools(summary)]
