from __future__ import annotations

from pathlib import Path

import pytest

from profiler.errors import MachineError
from profiler.spec.ort_build import OrtConfig

RUNNING = Path("/somewhere/bin/python")


def make_environment(build: Path, name: str) -> Path:
    python = build / f"venv-{name}" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    return python


def test_a_release_is_the_one_beside_ortprof() -> None:
    assert OrtConfig.RELEASE.interpreter(RUNNING, []) == RUNNING


@pytest.mark.parametrize("config", [OrtConfig.DEBUG, OrtConfig.RELWITHDEBINFO])
def test_a_build_is_found_in_the_first_folder_that_has_it(config: OrtConfig, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("none", "first", "second")]
    make_environment(folders[0], "other")
    first, _ = (make_environment(folder, config.value) for folder in folders[1:])
    assert config.interpreter(RUNNING, folders) == first


def test_without_a_build_the_error_says_where_it_was_looked_for_and_how_it_is_made(tmp_path: Path) -> None:
    make_environment(tmp_path, "debug")
    with pytest.raises(MachineError) as caught:
        OrtConfig.RELWITHDEBINFO.interpreter(RUNNING, [tmp_path, tmp_path])
    assert caught.value.message.count(str(tmp_path / "venv-relwithdebinfo")) == 1
    assert "--config RelWithDebInfo" in (caught.value.hint or "")
