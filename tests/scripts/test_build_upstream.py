"""`--from git` and `--from DIR`, on a small repository whose build.sh writes down how it was called."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.scripts.conftest import Script, skip_where_nothing_can_be_built
from tests.scripts.upstream import VERSION, make_tree

if TYPE_CHECKING:
    from pathlib import Path

REACHES_NOBODY = ("--repo", "https://localhost:1/onnxruntime.git", "--version", VERSION, "--jobs", "1")


@dataclass(frozen=True)
class Story:
    """A build that failed, was interrupted, and came to its end."""

    script: Script
    failed: str
    interrupted: str
    ended: str

    @property
    def calls(self) -> list[str]:
        """The arguments of each call of upstream's build.sh."""
        return (self.script.build / "Linux" / "Debug" / "calls").read_text().splitlines()


@pytest.fixture(scope="module")
def story(repository: Path, packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    skip_where_nothing_can_be_built(folder)
    script = Script(folder / "build", packages)
    from_git = ("--repo", repository.as_uri(), "--version", VERSION, "--jobs", "1")
    failed = script.refused(1, *from_git, BUILD_FAILS="1")
    interrupted = interrupt(script, folder / "gate", *from_git)
    return Story(script, failed, interrupted, script.builds(*from_git))


def interrupt(script: Script, gate: Path, *args: str) -> str:
    """Press Ctrl+C when half is built; it must end so, with nothing installed. Return what it said.

    A shell can't trap a signal that its parent ignores, as those of background jobs do: `env` undoes that.
    """
    os.mkfifo(gate)
    with subprocess.Popen(
        ["env", "--default-signal=INT", *script.command(*args)],
        stderr=subprocess.PIPE,
        text=True,
        env=script.environ(BUILD_WAITS_FOR=str(gate)),
        start_new_session=True,
    ) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if line.startswith("build: 1 of 2 (50 %)"):
                break
        # Opened once it is read: a signal between a shell's fork and what it then starts would be lost.
        with gate.open("wb"):
            os.killpg(child.pid, signal.SIGINT)
            said = child.stderr.read()
    assert child.returncode == 130, said
    assert not (script.build / "venv-debug").exists()
    return said


def built_version(script: Script) -> str:
    python = script.build / "venv-debug" / "bin" / "python"
    program = "import numpy, onnxruntime; print(onnxruntime.__version__)"
    return subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def test_the_tag_is_cloned_with_its_submodules_built_and_installed(story: Story) -> None:
    assert built_version(story.script) == VERSION
    assert "ortprof record --ort debug" in story.ended.splitlines()[-1]
    *_, call = story.calls
    assert call.startswith(
        f"--build_dir {story.script.build}/Linux --config Debug --build_shared_lib --parallel 1 "
    )
    assert "--enable_pybind --skip_tests --build_wheel --update --build" in call


def test_a_failed_build_shows_the_compilers_error_and_the_log(story: Story) -> None:
    assert "x.cc:1: error: no such luck" in story.failed
    assert f"{story.script.build}/build-debug.log" in story.failed


def test_an_interrupted_build_goes_on(story: Story) -> None:
    assert "interrupted; the same command goes on" in story.interrupted
    assert len(story.calls) == 3


def test_a_second_run_finds_everything_done_and_asks_nobody(story: Story) -> None:
    done = story.script.build / "venv-debug" / ".installed"
    before = done.stat().st_mtime_ns, story.calls
    story.script.builds(*REACHES_NOBODY)
    assert (done.stat().st_mtime_ns, story.calls) == before


def test_one_build_tree_does_not_mix_two_sources(story: Story, tmp_path: Path) -> None:
    done = story.script.run("--from", str(make_tree(tmp_path / "tree")))
    assert done.returncode == 2
    assert f"was built from {story.script.build}/src/onnxruntime-{VERSION}" in done.stderr


def test_a_folder_is_built_again_because_it_may_have_changed(script: Script, tmp_path: Path) -> None:
    skip_where_nothing_can_be_built(tmp_path)
    tree = make_tree(tmp_path / "tree")
    (tree / "external").mkdir()
    (tree / "external" / "README").touch()
    script.builds("--from", str(tree))
    assert built_version(script) == VERSION
    assert script.run("--from", str(tree), BUILD_FAILS="1").returncode == 1


def test_an_unknown_version_is_told_from_no_network(script: Script, repository: Path, tmp_path: Path) -> None:
    skip_where_nothing_can_be_built(tmp_path)
    said = script.refused(2, "--repo", repository.as_uri(), "--version", "9.9.8")
    assert "has no tag v9.9.8" in said
    assert VERSION in said.splitlines()[-1]
    assert "can't be reached" in script.refused(3, *REACHES_NOBODY)
    assert not script.build.exists()


def test_two_builds_at_once_are_one_too_many(script: Script, repository: Path, tmp_path: Path) -> None:
    skip_where_nothing_can_be_built(tmp_path)
    script.build.mkdir()
    with (script.build / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = script.refused(3, "--repo", repository.as_uri(), "--version", VERSION)
    assert "another build is running" in said
