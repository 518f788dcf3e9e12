from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError, UsageError
from profiler.models.export import export

if TYPE_CHECKING:
    from pathlib import Path


def test_an_unknown_feature_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown feature 'chat'") as caught:
        export("x", feature="chat", output=tmp_path)
    assert caught.value.hint == "features: sequence-classification"


def test_without_torch_the_install_line_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MachineError, match="needs PyTorch") as caught:
        export("x", feature="sequence-classification", output=tmp_path)
    assert caught.value.hint == "pip install 'ortprof[export]'"
