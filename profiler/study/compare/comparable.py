"""What forbids comparing two runs, and how the two are told apart in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.study.identity import created, limit_words, load, shapes, version

if TYPE_CHECKING:
    from profiler.run.manifest import Manifest

STRIPPED = "none"
"""`OrtBuild.symbols` of a library without names."""


def refuse_nonsense(before: Manifest, after: Manifest) -> None:
    """Raise `UsageError` where a difference would be that of two models or of two inputs."""
    models = before.model, after.model
    if models[0] != models[1]:
        raise UsageError(
            f"{before.run_id} ran the model {models[0]} and {after.run_id} ran {models[1]}: "
            "what differs between two models says nothing about their settings",
            hint="record both with the same --model",
        )
    sizes = shapes(before), shapes(after)
    if sizes[0] != sizes[1]:
        raise UsageError(
            f"the inputs of {models[0]} differ: {sizes[0]} in {before.run_id}, {sizes[1]} in {after.run_id}",
            hint="record both with the same --batch, --tokens and --dim",
        )


def side_labels(before: Manifest, after: Manifest) -> tuple[str, str]:
    """Return a short name for each side: its configuration, with what else tells them apart if need be."""
    labels = before.title, after.title
    if labels[0] != labels[1]:
        return labels
    for name in (version, limit_words, load, created):
        one, other = name(before), name(after)
        if one != other:
            return f"{labels[0]} ({one})", f"{labels[1]} ({other})"
    return f"{labels[0]} ({before.run_id})", f"{labels[1]} ({after.run_id})"


def same_build(before: Manifest, after: Manifest) -> bool:
    """Whether addresses in both runs' ONNX Runtime mean the same functions."""
    one, other = before.ort, after.ort
    return (one.version, one.symbols, one.python) == (other.version, other.symbols, other.python)


def both_named(before: Manifest, after: Manifest) -> bool:
    """Whether both runs' ONNX Runtime has symbols."""
    return STRIPPED not in (before.ort.symbols, after.ort.symbols)
