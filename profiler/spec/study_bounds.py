"""Bounds that a study is held against when it is made; a study.json of an earlier version may be beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler.errors import UsageError
from profiler.spec.inputs import parse_input
from profiler.spec.provider import parse_provider
from profiler.spec.ranges import SEED, SIZE
from profiler.spec.study_session import AXES, StudySession, lengths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.spec.study import PerModel, Study


def require_today(study: Study, origin: str) -> None:
    """Raise `UsageError` for a value out of bounds; it names `origin` and the key."""
    SEED.require(f"{origin}: seed", study.seed)
    parse_provider(study.provider, f"{origin}: provider")
    for name, size in (study.dims or {}).items():
        SIZE.require(f"{origin}: dims.{name}", size)
    for prefix, values in study.tables():
        _require_one(values, f"{origin}: {prefix}")
    for name in study.per_config:
        if name not in study.configs:
            raise UsageError(
                f"{origin}: per_config.{name}: the study does not run that configuration",
                hint=f"its configs: {', '.join(study.configs)}",
            )
    _require_sessions(study, origin)


def _require_one(values: Study | PerModel | StudySession, where: str) -> None:
    tokens: Any = values.tokens
    for one in tokens if isinstance(tokens, tuple) else () if tokens is None else (tokens,):
        try:
            lengths(one)
        except ValueError as error:
            raise UsageError(f"{where}tokens {error}") from error
    if values.batch is not None:
        SIZE.require(f"{where}batch", values.batch)
    named: Mapping[str, str] = values.input or {}
    for name, text in named.items():
        parse_input(f"{name}={text}", f"{where}input.{name}")


def _require_sessions(study: Study, origin: str) -> None:
    """Hold the tables of `workload` against what the study says for all of them."""
    for at, session in enumerate(study.workload):
        for name, size in (session.dims or {}).items():
            SIZE.require(f"{origin}: workload[{at}].dims.{name}", size)
    if not study.workload:
        return
    first = study.workload[0]
    for key in ("config", "threads", "inter_op"):
        if getattr(first, key) is not None:
            raise UsageError(
                f"{origin}: workload[0].{key}: the first session has each of configs in turn",
                hint="leave it to configs and threads; a further table may have its own",
            )
    for key, axis in AXES.items():
        several = getattr(study, axis)
        if getattr(first, key) is not None and isinstance(several, tuple) and len(several) > 1:
            raise UsageError(
                f"{origin}: workload[0].{key}: {axis} has several, and cells are told apart by the first "
                "session's",
                hint=f"leave one of them out; a further table may have a {key} of its own",
            )
