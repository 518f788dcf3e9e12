"""What a workload and its further sessions have in common: a model, and how it is loaded."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from profiler.spec.ranges import SEED

if TYPE_CHECKING:
    from profiler.models.model_cache import PreparedModel
    from profiler.spec.inputs import Lengths
    from profiler.spec.workload import Arrivals


def load_fields(
    model: PreparedModel,
    number: int,
    *,
    tokens: Lengths,
    batch: int,
    arrivals: Arrivals,
    rate: float,
    concurrency: int,
    seed: int,
) -> dict[str, Any]:
    """Return the fields that `Companion` and `make_workload` share, of a process's session by its number."""
    return {
        "model": model.name,
        "model_path": os.path.realpath(model.path),
        "weights": model.weights,
        "batch": batch,
        "tokens": tokens.least,
        "most_tokens": tokens.most,
        "arrivals": arrivals,
        "rate": rate,
        "concurrency": concurrency,
        # Sessions that arrive by the same seed would arrive together.
        "seed": (seed + number) % (SEED.most + 1),
    }
