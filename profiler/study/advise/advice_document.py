"""A recommendation as JSON, and its settings ready to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from profiler.spec.settings_code import CPP, CSHARP, ENVIRONMENT_SINCE, PYTHON, as_code, as_environment
from profiler.study.advise import kubernetes, phrases
from profiler.study.cells import UNSAID
from profiler.study.ratio_document import ratio_document

if TYPE_CHECKING:
    from profiler.spec.configuration import SessionConfiguration, Setting
    from profiler.study.advise.candidates import Candidate
    from profiler.study.advise.evidence import Grounds
    from profiler.study.advise.recommendation import Alternative, LatencyTarget, Recommendation
    from profiler.study.cells import Group
    from profiler.study.intervals import Interval

SCHEMA = "ortprof.advice/1"


def pasteable(
    recommendation: Recommendation, evidence: Grounds, settings: dict[str, Setting]
) -> list[tuple[str, str]]:
    """Return what to paste, as title and text; nothing without a choice."""
    if recommendation.chosen is None:
        return []
    configuration = recommendation.chosen.configuration
    texts = [
        (language.name, as_code(configuration, settings, language)) for language in (PYTHON, CPP, CSHARP)
    ]
    texts.append(("Environment variables", _environment(configuration, evidence.ort_version)))
    if recommendation.sizing is not None:
        computation = "".join(f"# {step}\n" for step in recommendation.sizing.steps)
        texts.append(
            ("Kubernetes, for each container", computation + kubernetes.as_yaml(recommendation.sizing))
        )
    return texts


def _environment(configuration: SessionConfiguration, ort_version: str) -> str:
    """Return lines for a shell or a Dockerfile; what they can't say stands in comments."""
    variables = as_environment(configuration, ort_version)
    lines = [f"{name}={value}" for name, value in variables.items()]
    if not lines and (configuration.threads or configuration.inter_op_threads):
        lines.append(f"# none: ONNX Runtime reads counts of threads from {ENVIRONMENT_SINCE} on")
    elif lines:
        lines.append("# heeded by sessions that leave the counts open")
    if configuration.entries:
        lines.append("# the session entries have no variables")
    return "\n".join(lines or ["# nothing to set"]) + "\n"


def document(
    recommendation: Recommendation, evidence: Grounds, settings: dict[str, Setting]
) -> dict[str, Any]:
    """Return the recommendation as one JSON document."""
    target = recommendation.target
    return {
        "schema": SCHEMA,
        "studies": list(evidence.studies),
        "ort": {"version": evidence.ort_version},
        "target": {"p95_ms": target.p95_ms, **_group(target.group)},
        "chosen": None if recommendation.chosen is None else recommendation.chosen.label,
        "nearest": None if recommendation.decision.nearest is None else recommendation.decision.nearest.label,
        "headline": phrases.headline(recommendation),
        "sentences": phrases.sentences(recommendation),
        "candidates": [_candidate(candidate, target) for candidate in recommendation.decision.ranked],
        "screened": [_candidate(candidate, target) for candidate in evidence.screened],
        "runner_up": _alternative(recommendation.runner_up),
        "cheaper_but_unsure": [_alternative(candidate) for candidate in recommendation.cheaper],
        "default": _alternative(recommendation.default),
        "loads": [
            {
                **_group(load.group),
                "served": load.served,
                "chosen": None if load.decision.chosen is None else load.decision.chosen.label,
                "candidates": [_candidate(candidate, target) for candidate in load.decision.ranked],
            }
            for load in recommendation.loads
        ],
        "spinning_wins": None
        if recommendation.turn is None
        else {
            "chosen": recommendation.turn.rival.label,
            "above": recommendation.turn.above,
            "below": recommendation.turn.below,
            "equal_cpu_at": recommendation.turn.rate,
        },
        "settings": dict(pasteable(recommendation, evidence, settings)),
        "kubernetes": None if recommendation.sizing is None else msgspec.to_builtins(recommendation.sizing),
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "model": group.model,
        "limit": msgspec.to_builtins(group.limit),
        "rate": group.rate,
        "arrivals": group.arrivals.value,
        "tokens": group.tokens or str(UNSAID),
        "clients": group.clients,
    }


def _candidate(candidate: Candidate, target: LatencyTarget) -> dict[str, Any]:
    return {
        "label": candidate.label,
        "configuration": msgspec.to_builtins(candidate.configuration),
        "callers": candidate.callers,
        "processes": candidate.processes,
        "standing": candidate.standing(target.p95_ms).value,
        "cpu_ms_per_request": _interval(candidate.cpu_ms),
        "p95_ms": _interval(candidate.p95_ms),
        "repeats": candidate.repeats,
        "requests": candidate.requests,
        "unserved": candidate.unserved,
    }


def _alternative(other: Alternative | None) -> dict[str, Any] | None:
    if other is None:
        return None
    return {
        "label": other.candidate.label,
        "cpu_ratio": None if other.cpu is None else ratio_document(other.cpu),
    }


def _interval(value: Interval | None) -> dict[str, float] | None:
    return None if value is None else {"estimate": value.estimate, "low": value.low, "high": value.high}
