"""Which run a worker does next. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.study.study_record import State

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from profiler.study.study_record import StudyRecord

OPEN = (State.PLANNED, State.RUNNING)
"""A run that is `running` but under way nowhere was cut off, or a worker has it and nobody took it."""


def next_run(
    record: StudyRecord,
    address: str,
    *,
    under_way: Collection[int],
    held: Mapping[int, str],
    rounds: Mapping[int, str],
) -> int | None:
    """Return the position of the run that a worker of the study's machine type does next; None for none.

    `under_way` holds the positions that some worker is doing, `held` the worker that has done one already,
    `rounds` the worker that began each round and is still there. A round stays on one machine, so that its
    cells are compared under the same conditions; what another holds is left to it.
    """
    for position, run in enumerate(record.schedule):
        if run.state not in OPEN or position in under_way:
            continue
        if position in held:
            if held[position] == address:
                return position
        elif rounds.get(run.round, address) == address:
            return position
    return None
