"""Whose code a library holds, by its name."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


class Owner(str, Enum):
    """Whose code a frame is."""

    KERNEL = "kernel"
    RUNTIME = "runtime"
    """ONNX Runtime's libraries."""
    INTERPRETER = "interpreter"
    """CPython and its extension modules."""
    SYSTEM = "system"
    """libc, libstdc++, the dynamic linker, the vdso."""
    ELSEWHERE = "elsewhere"


RUNTIME = re.compile(r"(onnxruntime_pybind11_state|libonnxruntime).*")
INTERPRETER = re.compile(r"(lib)?python\d[^/]*|.*\.cpython-\d[^/]*\.so|.*\.abi3\.so|_[a-z]\w*\.so")
SYSTEM = re.compile(
    r"(libc|libm|libpthread|librt|libdl|libstdc\+\+|libgcc_s|libc\+\+)[.-].*|ld-.*|\[vdso\]|\[vsyscall\]"
)
BY_SYMBOL = (
    (re.compile(r"(.*[ (<:*&])?onnxruntime::.*|Mlas[A-Z]\w*|OrtApis::.*"), Owner.RUNTIME),
    (re.compile(r"_?Py[A-Z]\w*|py::.*|(cfunction|method|slot|type)_vectorcall\w*"), Owner.INTERPRETER),
)
NO_KERNEL = frozenset({"[heap]", "[stack]", "[unknown]", "[anon]"})
"""What perf puts into brackets that is not the kernel's."""


def owner_by_symbol(symbol: str) -> Owner:
    """Say whose code a function is, by its name: for recordings without libraries."""
    return next((owner for pattern, owner in BY_SYMBOL if pattern.fullmatch(symbol)), Owner.ELSEWHERE)


def owner_of(dso: str, runtimes: Collection[str] = ()) -> Owner:
    """Say whose code a DSO holds, by perf's name for it; `runtimes` hold ONNX Runtime under other names."""
    if dso.removesuffix(" (deleted)") in runtimes:
        return Owner.RUNTIME
    if dso in NO_KERNEL:
        return Owner.ELSEWHERE
    if dso.startswith("["):
        return Owner.SYSTEM if SYSTEM.fullmatch(dso) else Owner.KERNEL
    name = PurePosixPath(dso.removesuffix(" (deleted)")).name
    for pattern, owner in (
        (RUNTIME, Owner.RUNTIME),
        (INTERPRETER, Owner.INTERPRETER),
        (SYSTEM, Owner.SYSTEM),
    ):
        if pattern.fullmatch(name):
            return owner
    return Owner.ELSEWHERE
