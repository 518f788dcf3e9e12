"""A trial's choice as lines to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.spec.node_code import NAME, as_node
from profiler.spec.settings_code import CPP, PYTHON, as_code
from profiler.study.trial.trial_record import AS_IS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.spec.configuration import Setting
    from profiler.study.trial.verdict import TrialVerdict


def to_paste(verdict: TrialVerdict, known: Mapping[str, Setting]) -> list[tuple[str, str]]:
    """Return languages with code; none where the program's own settings are to be kept.

    `known` is what the catalogue knows of session entries.
    """
    if verdict.chosen is None or verdict.chosen.configuration.name == AS_IS:
        return []
    configuration, settings = verdict.chosen.configuration, dict(known)
    return [
        *((language.name, as_code(configuration, settings, language)) for language in (PYTHON, CPP)),
        (NAME, as_node(configuration, settings)),
    ]
