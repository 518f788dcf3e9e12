"""What `ortprof advise` is asked: a target for a study that was run, or what is yet to be measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from profiler.cli.options.numbers import dims
from profiler.errors import UsageError
from profiler.spec.study_session import StudySession, as_tokens
from profiler.study.advise.evidence import pick_group
from profiler.study.advise.funnel import Question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.cli.options.model_options import ModelAsked
    from profiler.spec.inputs import Lengths
    from profiler.spec.workload import Arrivals
    from profiler.study.cells import Group
    from profiler.study.results import Cell


@dataclass(frozen=True, slots=True)
class Wanted:
    """The target, and which model, limit, load and length it is for; None leaves a choice open."""

    p95_ms: float
    model: str | None
    cpus: float | None
    rate: float | None
    arrivals: Arrivals | None
    tokens: Lengths | None

    def group(self, cells: Sequence[Cell]) -> Group:
        """Return the model, limit and load that is meant; `UsageError` where several may be."""
        return pick_group(
            cells,
            model=None if self.model is None else Path(self.model).stem,
            cpus=self.cpus,
            rate=self.rate,
            arrivals=self.arrivals,
            tokens=self.tokens,
        )


def as_question(wanted: Wanted, models: Sequence[ModelAsked], measuring: Mapping[str, Any]) -> Question:
    """Return what is to be measured: options by name, None where they were not given.

    A model's own options win over those of all. `UsageError` for those that advice is to choose.
    """
    first, *others = models
    options = {key: value for key, value in measuring.items() if value is not None}
    if "inputs" in options:
        options["inputs"] = str(options["inputs"])
    options["dims"] = dims(options.pop("dim", []))
    options["input"] = dict(text.partition("=")[::2] for text in options.get("input", []))
    given = {
        "rate": wanted.rate,
        "arrivals": wanted.arrivals,
        "cpus": wanted.cpus,
        "tokens": None if wanted.tokens is None else as_tokens(wanted.tokens),
    }
    options |= {key: value for key, value in given.items() if value is not None}
    options |= _own(first)
    return Question(wanted.p95_ms, model=first.name, beside=tuple(map(_session, others)), **options)


def _session(asked: ModelAsked) -> StudySession:
    """Return a further model as the session of a study."""
    return StudySession(
        model=asked.name,
        rate=asked.rate,
        arrivals=asked.arrivals,
        concurrency=asked.concurrency,
        tokens=None if asked.tokens is None else as_tokens(asked.tokens),
        batch=asked.batch,
        config=asked.config,
        threads=asked.threads,
        inter_op=asked.inter_op,
    )


def _own(first: ModelAsked) -> dict[str, Any]:
    """Return what the first model's own options say; `UsageError` for those that advice is to choose."""
    if first.configures:
        raise UsageError(
            f"--model {first.name}: its configuration is what is asked for",
            hint="leave config, threads and inter-op of the first --model away",
        )
    own = {
        "rate": first.rate,
        "arrivals": first.arrivals,
        "concurrency": first.concurrency,
        "tokens": None if first.tokens is None else as_tokens(first.tokens),
        "batch": first.batch,
    }
    return {key: value for key, value in own.items() if value is not None}
