from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from profiler.injection import native_library
from profiler.injection.native_library import build
from tests.accuracy.programs import run_compiler

from .conftest import OPTIONS, PROGRAMS

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.injection.hook import Hook


def said(hook: Hook | None, command: list[str], **environment: str) -> tuple[str, str]:
    """Run a program with the library (and others, after it) preloaded."""
    preloaded = [hook.path] if hook is not None and hook.path is not None else []
    preloaded += filter(None, [environment.pop("LD_PRELOAD", None)])
    child = {**os.environ, **environment, "LD_PRELOAD": ":".join(preloaded)}
    done = subprocess.run(command, env=child, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def test_it_is_built_once_and_found_again(tmp_path: Path, built: Hook) -> None:
    first = build(tmp_path)
    (library,) = (path for path in tmp_path.rglob(native_library.NAME) if not path.is_symlink())
    made = library.stat()
    assert build(tmp_path) == first
    assert library.stat().st_mtime_ns == made.st_mtime_ns
    assert len(list(tmp_path.iterdir())) == 1
    assert built.path is not None
    assert first.path is not None
    assert first.path.rpartition("/")[0] != built.path.rpartition("/")[0]


def test_a_program_without_onnxruntime_does_what_it_did(built: Hook) -> None:
    command = [shutil.which("ls") or "ls", "/"]
    assert said(built, command) == said(None, command)


def test_lookups_by_name_see_the_caller_that_they_would_see(built: Hook, tmp_path: Path) -> None:
    """`dlsym` looks at the library that calls it (RTLD_NEXT): ours must not be taken for it."""
    shared = (*OPTIONS, "-shared", "-fPIC", str(PROGRAMS / "next.c"))
    run_compiler("gcc", *shared, "-DWHO=1", "-o", str(tmp_path / "first.so"))
    run_compiler("gcc", *shared, "-DWHO=2", "-o", str(tmp_path / "second.so"))
    program = str(tmp_path / "asks")
    linked = (str(tmp_path / "second.so"), f"-Wl,-rpath,{tmp_path}")
    run_compiler("gcc", *OPTIONS, str(PROGRAMS / "asks_who.c"), "-o", program, *linked)
    without = said(None, [program], LD_PRELOAD=str(tmp_path / "first.so"))
    assert without == ("21 1 0\n", "")
    assert said(built, [program], LD_PRELOAD=str(tmp_path / "first.so")) == without


def test_musl_leaves_it_out(built: Hook, tmp_path: Path) -> None:
    if shutil.which("musl-gcc") is None:
        pytest.skip("no musl-gcc on PATH: apt-get install musl-tools")
    (tmp_path / "hello.c").write_text('#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n')
    run_compiler("musl-gcc", "-o", str(tmp_path / "hello"), str(tmp_path / "hello.c"))
    assert said(built, [str(tmp_path / "hello")]) == ("hello\n", "")


def test_no_compiler_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    hook = build(tmp_path / "cache")
    assert hook.path is None
    assert hook.why == "no library to preload: none of cc, gcc, clang is on PATH"
    assert "apt-get install gcc" in hook.hint


def test_a_compiler_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = tmp_path / "cc"
    compiler.write_text("#!/bin/sh\necho 'fatal error: dlfcn.h: No such file or directory' >&2\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    hook = build(tmp_path / "cache")
    assert hook.why.endswith("cc failed: fatal error: dlfcn.h: No such file or directory")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_that_can_not_be_preloaded_from_is_said(tmp_path: Path) -> None:
    assert build(tmp_path / "a folder").path is None
    assert "XDG_CACHE_HOME" in build(tmp_path / "a:folder").hint


def test_a_cache_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "can't be written" in build(tmp_path / "file").why
