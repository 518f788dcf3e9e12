from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import onnxruntime
import pytest

from profiler.injection.native_library import build
from tests.accuracy.programs import run_compiler
from tests.workload.onnx_files import write_slow

if TYPE_CHECKING:
    from profiler.injection.hook import Hook

PROGRAMS = Path(__file__).parent / "programs"
OPTIONS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_slow(tmp_path_factory.mktemp("injected") / "slow.onnx")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Hook:
    """Return the library to preload."""
    if shutil.which("gcc") is None:
        pytest.skip("no gcc on PATH")
    hook = build(tmp_path_factory.mktemp("native"))
    assert hook.path is not None, hook.why
    return hook


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ONNX Runtime's C library, by the name that programs are linked to."""
    libraries = list((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.1*"))
    if not libraries:
        pytest.skip(f"the wheel of onnxruntime {onnxruntime.__version__} brings no libonnxruntime.so")
    folder = tmp_path_factory.mktemp("runtime")
    (folder / "libonnxruntime.so.1").symlink_to(libraries[0])
    return folder


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory, built: Hook, runtime: Path) -> Path:
    """Return a folder with each of the C programs: `linked`, `opening`, `plug_in` with `plug_in.so`."""
    assert built.path is not None
    folder = tmp_path_factory.mktemp("programs")
    session = str(PROGRAMS / "session.c")
    library = (str(runtime / "libonnxruntime.so.1"), f"-Wl,-rpath,{runtime}")
    run_compiler("gcc", *OPTIONS, "-DLINKED", "-o", str(folder / "linked"), session, *library)
    run_compiler("gcc", *OPTIONS, "-o", str(folder / "opening"), session, "-ldl")
    shared = ("-DLINKED", "-Dmain=plug_in_main", "-shared", "-fPIC")
    run_compiler("gcc", *OPTIONS, *shared, "-o", str(folder / "plug_in.so"), session, *library)
    run_compiler("gcc", *OPTIONS, "-o", str(folder / "plug_in"), str(PROGRAMS / "plug_in.c"), "-ldl")
    return folder
