"""Which of a process's files hold ONNX Runtime, which version, and which other pools of threads it may have.

A release's library is known by its name. Where ONNX Runtime was linked into something else (a Rust extension,
a ctypes library, a program), the names of its C++ types give it away: `typeid` needs them, so that stripping
leaves them (`N11onnxruntime...`, Itanium C++ ABI, section 5.1).
"""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from profiler import files
from profiler.errors import OrtprofError
from profiler.record.target.mappings import PROC, neighbours, openable
from profiler.run.attached import MappedRuntime, Origin
from profiler.symbols.elf import ElfFile, ElfFormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from profiler.record.target.mappings import MappedFile

NAMED = re.compile(r"(onnxruntime_pybind11_state\b.*|libonnxruntime(\.so.*|4j_jni\.so.*)?)$")
SATELLITES = re.compile(r"libonnxruntime_(providers_.*|extensions.*)|libonnxruntime4j_jni.*")
"""Files of ONNX Runtime's without its thread pool."""
TYPE_NAME = b"N11onnxruntime11concurrency"
VERSION = re.compile(rb"\0(1\.\d{2}\.\d{1,2})\0")
"""`ORT_VERSION`, a string by itself; two digits keep other libraries' versions out."""
SUFFIX = re.compile(r"\.so\.(1\.\d+\.\d+)$")
WHEEL_FOLDER = re.compile(r"^onnxruntime[A-Za-z_]*-(\d+\.\d+[^-]*)\.dist-info$")
SCANNED = 1 << 22
"""Files of other names are looked into from this size on (4 MiB): ONNX Runtime alone is larger."""
OTHERS = {
    "libgomp": re.compile(r"libgomp\b.*"),
    "libomp": re.compile(r"lib(omp|iomp5)\b.*"),
    "TBB": re.compile(r"libtbb(?!malloc)\b.*"),
    "oneDNN": re.compile(r"lib(dnnl|mkldnn)\b.*"),
    "OpenBLAS": re.compile(r"lib(scipy_)?openblas.*"),
    "MKL": re.compile(r"libmkl_\w*thread\b.*"),
}


def other_pools(mapped: Iterable[MappedFile]) -> list[str]:
    """Return the other libraries that keep threads which may poll."""
    names = [PurePosixPath(file.path).name for file in mapped]
    return [library for library, pattern in OTHERS.items() if any(map(pattern.match, names))]


def mapped_runtimes(pid: int, mapped: Iterable[MappedFile], proc: Path = PROC) -> list[MappedRuntime]:
    """Return the mapped files that hold ONNX Runtime; those that can't be opened go by their names."""
    return [runtime for file in mapped if (runtime := _runtime(pid, file, proc)) is not None]


def _runtime(pid: int, mapped: MappedFile, proc: Path) -> MappedRuntime | None:
    name = PurePosixPath(mapped.path).name
    if SATELLITES.match(name):
        return None
    named = NAMED.match(name) is not None
    path = openable(pid, mapped, proc)
    if path is None:
        return MappedRuntime(mapped.path, _origin(mapped.path), "", None, "none") if named else None
    with contextlib.suppress(OrtprofError, OSError):
        if not named and path.stat().st_size < SCANNED:
            return None
        elf = ElfFile.open(path)
        if not named and not _holds_runtime(elf):
            return None
        return MappedRuntime(
            path=mapped.path,
            origin=_origin(mapped.path) if named else Origin.BUILT_IN,
            version=_version(pid, mapped.path, elf, proc),
            build_id=elf.build_id,
            symbols=elf.symbol_level,
        )
    return None


def _holds_runtime(elf: ElfFile) -> bool:
    return any(TYPE_NAME in content for content in _constants(elf))


def _constants(elf: ElfFile) -> Iterator[memoryview | bytes]:
    """Yield the file's read-only data; all of it where it has no section headers."""
    section = elf.section(".rodata")
    with contextlib.suppress(ElfFormatError):
        yield (elf.data if section is None else elf.section_data(section)).tobytes()


def _origin(path: str) -> Origin:
    if "onnxruntime-node" in path:
        return Origin.NODE
    if "onnxruntime-java" in path or "onnxruntime4j" in path:
        return Origin.JAVA
    return Origin.WHEEL if "/onnxruntime/capi/" in path else Origin.LIBRARY


def _version(pid: int, path: str, elf: ElfFile, proc: Path) -> str:
    """Return the version by the file's name, by the package around it, or by the strings in it."""
    suffix = SUFFIX.search(path)
    if suffix:
        return suffix[1]
    if "/onnxruntime/capi/" in path:
        for name in neighbours(pid, path, proc):
            wheel = WHEEL_FOLDER.match(name)
            if wheel:
                return wheel[1]
    if "onnxruntime-node/" in path:
        package = path.partition("onnxruntime-node/")[0] + "onnxruntime-node/package.json"
        with contextlib.suppress(OSError, ValueError, AttributeError):
            said = json.loads(files.read(files.below(proc / str(pid) / "root", package), 1 << 20))
            return str(said.get("version", ""))[:64]
    versions = {match[1].decode() for content in _constants(elf) for match in VERSION.finditer(content)}
    return versions.pop() if len(versions) == 1 else ""
