from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from profiler.record.target.mappings import MappedFile
from profiler.record.target.runtimes import mapped_runtimes, other_pools
from profiler.run.attached import Origin

ort = pytest.importorskip("onnxruntime")
CAPI = Path(ort.__file__).parent / "capi"
WHEEL = next(CAPI.glob("onnxruntime_pybind11_state*.so"))


def mapped(*paths: Path | str) -> list[MappedFile]:
    """Files as if this process had mapped them; no mapping has the span, so that they go by their paths."""
    return [MappedFile(str(path), "0-0", deleted=False) for path in paths]


def test_a_wheels_library_is_told_with_its_version() -> None:
    [found] = mapped_runtimes(os.getpid(), mapped(WHEEL, "/usr/lib/os-release", "/no/such/file.so"))
    assert (found.path, found.origin, found.version) == (str(WHEEL), Origin.WHEEL, ort.__version__)
    assert found.build_id
    assert found.symbols in ("none", "symtab", "dwarf")


def test_a_runtime_under_another_name_is_told_by_its_types(tmp_path: Path) -> None:
    """As in a Rust extension: no package around it says which version it is, but its strings do."""
    built_in = tmp_path / "anything.so"
    shutil.copy(WHEEL, built_in)
    [found] = mapped_runtimes(os.getpid(), mapped(built_in))
    assert (found.origin, found.version) == (Origin.BUILT_IN, ort.__version__)


def test_a_shared_librarys_version_is_in_its_name(tmp_path: Path) -> None:
    library = tmp_path / "libonnxruntime.so.1.18.2"
    shutil.copy(next(CAPI.glob("libonnxruntime.so.*")), library)
    [found] = mapped_runtimes(os.getpid(), mapped(library))
    assert (found.origin, found.version) == (Origin.LIBRARY, "1.18.2")


def test_a_node_packages_version_is_the_packages(tmp_path: Path) -> None:
    package = tmp_path / "node_modules/onnxruntime-node"
    library = package / "bin/napi-v6/linux/x64/libonnxruntime.so.1"
    library.parent.mkdir(parents=True)
    shutil.copy(next(CAPI.glob("libonnxruntime.so.*")), library)
    (package / "package.json").write_text('{"version": "1.30.0"}')
    [found] = mapped_runtimes(os.getpid(), mapped(library))
    assert (found.origin, found.version) == (Origin.NODE, "1.30.0")


def test_a_deleted_library_that_nobody_can_open_goes_by_its_name() -> None:
    gone = MappedFile("/var/onnxruntime-java1/libonnxruntime.so", "0-0", deleted=True)
    [found] = mapped_runtimes(os.getpid(), [gone])
    assert (found.origin, found.version, found.build_id) == (Origin.JAVA, "", None)


def test_files_of_the_runtime_without_a_pool_are_left_out() -> None:
    files = mapped(CAPI / "libonnxruntime_providers_shared.so", CAPI / "libonnxruntime4j_jni.so")
    assert mapped_runtimes(os.getpid(), files) == []


def test_other_libraries_with_pools_are_named_once() -> None:
    files = mapped(
        "/usr/lib/libgomp.so.1", "/x/libscipy_openblas64_-1.so", "/x/libtbb.so.12", "/x/libtbbmalloc.so.2",
        "/x/libgomp-a34b3233.so.1", "/x/libdnnl.so.3", "/x/libiomp5.so",
    )  # fmt: skip
    assert other_pools(files) == ["libgomp", "libomp", "TBB", "oneDNN", "OpenBLAS"]
    assert other_pools(mapped("/x/libtbbmalloc.so.2", "/x/libm.so.6")) == []
