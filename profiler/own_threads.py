"""Threads that our own libraries would start, and poll in, beside what is profiled."""

from __future__ import annotations

import os

NONE_FOR_NUMPY = {"OPENBLAS_NUM_THREADS": "1"}
"""The environment in which numpy's OpenBLAS starts no threads when it is imported."""
_kept_from_others: list[str] = []


def forbid() -> None:
    """Keep numpy's OpenBLAS, of which we need nothing, from threads of its own; before numpy is imported.

    It starts one for each further CPU, and each polls for some 70 ms until it goes to sleep: seconds of CPU
    time on a large machine. What the user has set stays.
    """
    for name, value in NONE_FOR_NUMPY.items():
        if name not in os.environ:
            os.environ[name] = value
            _kept_from_others.append(name)


def inherited() -> dict[str, str]:
    """Return the environment as the user has it, for programs of theirs that we start."""
    return {name: value for name, value in os.environ.items() if name not in _kept_from_others}
