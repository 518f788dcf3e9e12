from __future__ import annotations

import subprocess
import sys

import pytest

from profiler.errors import UsageError
from profiler.models.shipped import CATALOGUE, find

TRANSFORMERS_COUNTS = {"minilm": 22_713_986, "bert-large": 335_143_938, "tiny": 2_090_690}
"""sum(p.numel() for p in BertForSequenceClassification(config).parameters())"""


@pytest.mark.parametrize("name", CATALOGUE)
def test_parameters_are_what_transformers_counts(name: str) -> None:
    assert CATALOGUE[name].config.parameters == TRANSFORMERS_COUNTS[name]


def test_an_unknown_name_suggests_the_nearest_and_lists_all() -> None:
    with pytest.raises(UsageError, match="no model is called 'MiniLm2'") as caught:
        find("MiniLm2")
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("did you mean minilm? ")
    assert all(name in caught.value.hint for name in CATALOGUE)
    assert ".onnx" not in caught.value.hint, "what looks up names alone takes no file"


def test_a_name_like_no_other_suggests_nothing() -> None:
    with pytest.raises(UsageError) as caught:
        find("xyz")
    assert "did you mean" not in (caught.value.hint or "")


@pytest.mark.parametrize("module", ["shipped", "prepare", "export"])
def test_light_modules_import_nothing_heavy(module: str) -> None:
    heavy = ("numpy", "onnx", "transformers", "torch", "onnxruntime")
    code = f"import sys, profiler.models.{module}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
