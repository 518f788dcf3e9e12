"""What a global pool can be told through ONNX Runtime's Python API: its sizes, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.errors import UsageError

if TYPE_CHECKING:
    from profiler.spec.configuration import SessionConfiguration
    from profiler.spec.workload import Workload

OF_POOLS = ("session.intra_op", "session.inter_op", "session.force_spinning", "session.dynamic_block")
"""Beginnings of session entries that a session's own pools obey; the environment's are not the session's."""

DEFAULTS = {("session.intra_op.allow_spinning", "1"), ("session.inter_op.allow_spinning", "1")}
"""Entries that say what the environment's pool does anyway."""


def refuse_unfit(
    configuration: SessionConfiguration, workload: Workload, option: str = "--global-pool"
) -> None:
    """Raise `UsageError` for settings that sessions can't have with a global pool; `option` asks for it."""
    if not workload.global_pool:
        return
    for companion in workload.beside:
        if companion.configuration is not None:
            raise UsageError(
                f"{option}: {companion.model} can't have a configuration of its own",
                hint="the pool is everybody's: leave config, threads and inter-op of that model away",
            )
    for key in disobeyed(configuration):
        raise UsageError(
            f"{option}: {configuration.label} sets {key}, which that pool does not obey",
            hint="ONNX Runtime's Python API sets its size alone: take spin-on, with a count of threads",
        )


def disobeyed(configuration: SessionConfiguration) -> list[str]:
    """Return the session entries that a global pool does not obey."""
    return [
        key
        for key, value in configuration.entries.items()
        if key.startswith(OF_POOLS) and (key, value) not in DEFAULTS
    ]
