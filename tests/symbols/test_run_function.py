from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import onnxruntime
import pytest

from profiler.symbols.elf import ElfFile
from profiler.symbols.run_function import run_functions
from tests.made_api import LIBRARY, compile_api

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")
NAMES = {
    "_ZN7OrtApis3RunEP10OrtSessionPK13OrtRunOptions": True,
    "_ZN11onnxruntime16InferenceSession3RunERKNS_10RunOptionsE": True,
    "_ZN11onnxruntime16InferenceSession8RunAsyncEv": False,
    "_ZN7OrtApis14RunWithBindingEv": False,
}


def compiled(folder: Path, code: str, *options: str) -> Path:
    source, library = folder / "code.c", folder / "code.so"
    source.write_text(code)
    subprocess.run(["gcc", "-shared", "-fPIC", *options, "-o", str(library), str(source)], check=True)
    return library


def test_a_stripped_library_has_it_in_the_table_that_it_offers(tmp_path: Path) -> None:
    (found,) = run_functions(ElfFile.open(compile_api(tmp_path)[0]))
    with_symbols = compiled(tmp_path, LIBRARY, "-O2", "-fvisibility=hidden")
    nm = subprocess.run(["nm", str(with_symbols)], capture_output=True, text=True, check=True).stdout
    assert f"{found.begin:016x} t run" in nm.splitlines()
    assert len(found.returns) >= 1
    assert all(at > found.begin for at in found.returns)


def test_names_come_first(tmp_path: Path) -> None:
    code = "".join(f"int {name}(int x) {{ return x; }}\n" for name in NAMES)
    found = run_functions(ElfFile.open(compiled(tmp_path, LIBRARY + code, "-O1")))
    assert len(found) == sum(NAMES.values())
    assert {len(function.returns) for function in found} == {1}


def test_a_release_of_the_c_library_has_one_and_python_s_none() -> None:
    folder = Path(onnxruntime.__file__).parent / "capi"
    for library in folder.glob("libonnxruntime.so.1*"):
        assert len(run_functions(ElfFile.open(library))) == 1
    (wheel,) = folder.glob("onnxruntime_pybind11_state*.so")
    assert run_functions(ElfFile.open(wheel)) == []


def test_other_files_have_none(tmp_path: Path) -> None:
    assert run_functions(ElfFile.open(compiled(tmp_path, "int OrtGetApiBase(void) { return 1; }"))) == []
    assert run_functions(ElfFile.open(compiled(tmp_path, "int other(void) { return 1; }"))) == []
