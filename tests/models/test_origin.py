from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import huggingface_hub
import pytest
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

from profiler.errors import MachineError, UsageError
from profiler.models.origin import fetch, first_line

if TYPE_CHECKING:
    from pathlib import Path


def test_a_model_folder_is_itself(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert fetch(str(tmp_path)) == tmp_path


def test_a_folder_without_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no config\.json"):
        fetch(str(tmp_path))


def test_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"")
    with pytest.raises(UsageError, match="is no folder"):
        fetch(str(path))


@pytest.mark.parametrize("source", ["a//b", "/nowhere/at/all", "./nowhere"])
def test_what_cannot_be_a_repository_is_refused_without_asking(source: str) -> None:
    with pytest.raises(UsageError, match="neither a folder here nor a model"):
        fetch(source)


def test_a_repository_is_downloaded_without_pickles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    download = Mock(return_value=str(tmp_path))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert fetch("someone/model") == tmp_path
    download.assert_called_once_with(
        "someone/model", allow_patterns=["config.json", "*.safetensors", "*.safetensors.index.json"]
    )


@pytest.mark.parametrize(
    "error",
    [
        LocalEntryNotFoundError("no connection\nand much more"),
        OSError("no space left"),
    ],
)
def test_an_unreachable_hub_is_the_machine_s_fault(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(huggingface_hub, "snapshot_download", Mock(side_effect=error))
    with pytest.raises(MachineError, match="someone/model could not be fetched") as caught:
        fetch("someone/model")
    assert "\n" not in caught.value.message


def test_a_bad_name_is_the_user_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "snapshot_download", Mock(side_effect=HFValidationError("bad")))
    with pytest.raises(UsageError):
        fetch("someone/model")


def test_an_error_without_text_is_named() -> None:
    assert first_line(ValueError()) == "ValueError"
