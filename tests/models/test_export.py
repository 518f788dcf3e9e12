from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError, UsageError
from profiler.models.export import NEEDED, export

if TYPE_CHECKING:
    from pathlib import Path


def test_an_unknown_feature_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown feature 'chat'") as caught:
        export("x", feature="chat", output=tmp_path)
    assert caught.value.hint == "features: sequence-classification"


@pytest.mark.parametrize("missing", ["torch", "transformers"])
def test_without_the_extra_the_install_line_is_given(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in NEEDED:
        monkeypatch.setitem(sys.modules, module, None if module == missing else ModuleType(module))
    with pytest.raises(MachineError, match=rf"needs torch and transformers: .*\b{missing}\b") as caught:
        export("x", feature="sequence-classification", output=tmp_path)
    assert caught.value.hint == "pip install 'ortprof[export]'"
