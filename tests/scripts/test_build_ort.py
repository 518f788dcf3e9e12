"""The script's arguments, its plan, and what it refuses. Nothing is fetched or built here."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.scripts.conftest import SCRIPT, Script
from tests.scripts.upstream import make_tree

if TYPE_CHECKING:
    from pathlib import Path


def test_help_lists_every_option() -> None:
    done = subprocess.run([SCRIPT, "--help"], capture_output=True, text=True, check=True)
    for option in (
        "--version",
        "--config",
        "--from",
        "--repo",
        "--python",
        "--build-dir",
        "--jobs",
        "--dry-run",
    ):
        assert f"  {option} " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--verbose"], "unknown argument --verbose"),
        (["1.21.0"], "unknown argument 1.21.0"),
        (["--version"], "--version wants a value"),
        (["--config", ""], "--config wants a value"),
        (["--config", "debug"], "neither Debug nor RelWithDebInfo"),
        (["--version", "latest"], "not of the form 1.21.0"),
        (["--version", "1.21.0; true"], "not of the form 1.21.0"),
        (["--jobs=0"], "--jobs 0"),
        (["--from", "/no/such/folder"], "neither git nor debian nor a folder"),
        (["--from", "/"], "no source tree of ONNX Runtime"),
        (["--python", "/no/such/python"], "no such program"),
        (["--from=debian", "--version=0.0.1"], "0.0.1 can't be built from Debian's packages"),
    ],
)
def test_bad_usage_is_one_line_and_a_hint(script: Script, arguments: list[str], words: str) -> None:
    said = script.refused(2, *arguments, "--dry-run")
    (line,) = [line for line in said.splitlines() if line.startswith("error: ")]
    assert words in line
    assert not script.build.exists()


def test_without_a_recipe_those_that_there_are_are_named(script: Script) -> None:
    said = script.refused(2, "--from", "debian", "--version", "0.0.1", "--dry-run")
    assert "--from debian --version 1.21.0" in said


def planned(script: Script, *args: str) -> list[list[str]]:
    """Return the commands that a dry run prints; it must have written nothing."""
    said = script.builds(*args, "--dry-run")
    assert not script.build.exists()
    return [shlex.split(line) for line in said.splitlines() if line.startswith("  ")]


def test_the_plan_from_git_is_a_clone_by_tag_and_upstreams_own_build(script: Script) -> None:
    commands = planned(script, "--version", "1.22.0", "--jobs", "3")
    (clone,) = [command for command in commands if command[:2] == ["git", "clone"]]
    assert clone[clone.index("--branch") + 1] == "v1.22.0"
    assert "--recurse-submodules" in clone
    (build,) = [command for command in commands if command[0].endswith("/onnxruntime-1.22.0/build.sh")]
    line = shlex.join(build)
    assert "--config Debug --build_shared_lib --parallel 3 --enable_pybind --skip_tests --build_wheel" in line
    assert "--update --build" in line


def test_the_plan_from_debian_has_no_network_in_it(script: Script) -> None:
    commands = planned(script, "--from", "debian", "--version", "1.21.0", "--config", "RelWithDebInfo")
    assert ["abseil_cpp:", "abseil", "20240722.0"] in commands
    (cmake,) = [command for command in commands if command[0] == "cmake"]
    assert "-DCMAKE_BUILD_TYPE=RelWithDebInfo" in cmake
    assert "-DFETCHCONTENT_FULLY_DISCONNECTED=ON" in cmake
    assert "-fno-omit-frame-pointer" not in shlex.join(cmake)
    assert commands[-1][-1].endswith("venv-relwithdebinfo/.installed")


def test_the_plan_from_a_folder_takes_its_version(script: Script, tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree")
    commands = planned(script, "--from", str(tree), "--frame-pointers")
    (build,) = [command for command in commands if command[0] == str(tree / "build.sh")]
    assert "CMAKE_CXX_FLAGS=-gz=none -fno-omit-frame-pointer" in build
    assert "has version 9.9.9, not 1.21.0" in script.refused(2, "--from", str(tree), "--version", "1.21.0")


def test_a_missing_compiler_is_named_before_anything_is_fetched(script: Script) -> None:
    said = script.refused(3, "--version", "1.21.0", CXX="no-such-compiler")
    assert "this machine lacks: no-such-compiler" in said
    assert not script.build.exists()


def test_too_many_jobs_for_the_memory_are_pointed_out(script: Script) -> None:
    said = script.builds("--version", "1.21.0", "--jobs", "100000", "--dry-run")
    assert "note: 100000 compilers at once" in said


def test_a_full_disk_is_refused_before_anything_is_fetched(script: Script) -> None:
    """On a file system of a few megabytes, mounted for this process alone."""
    script.build.mkdir()
    alone = ["unshare", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], check=False).returncode:
        pytest.skip("this machine allows no mount namespaces")
    mount = f"mount -t tmpfs -o size=8m none {shlex.quote(str(script.build))}"
    command = f"{mount} && exec {shlex.join(script.command('--version', '1.21.0'))}"
    done = subprocess.run(
        [*alone, "sh", "-c", command], capture_output=True, text=True, check=False, env=script.environ()
    )
    assert done.returncode == 3
    assert "has 8 MB free; a Debug build takes" in done.stderr
    assert "--build-dir DIR" in done.stderr
