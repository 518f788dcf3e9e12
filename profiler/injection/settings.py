"""What every session of a program is to get."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler.spec.configuration import ExecutionMode, SessionConfiguration

if TYPE_CHECKING:
    from collections.abc import Mapping

THREADS = "intra_op_num_threads"
INTER_OP_THREADS = "inter_op_num_threads"
EXECUTION_MODE = "execution_mode"
"""What reports call the settings that are no entries: ONNX Runtime's own names of them."""


@dataclass(frozen=True, slots=True)
class InjectedSettings:
    """Settings that rule over the program's; None leaves the program's own."""

    threads: int | None = None
    """`intra_op_num_threads`; 0 leaves it to ONNX Runtime, whatever the program says."""
    inter_op_threads: int | None = None
    execution_mode: ExecutionMode | None = None
    entries: Mapping[str, str] = field(default_factory=dict)
    """Session entries: printable keys without spaces."""

    @classmethod
    def of(cls, configuration: SessionConfiguration) -> InjectedSettings:
        """Return what a configuration sets; what it leaves to ONNX Runtime stays the program's."""
        parallel = configuration.execution_mode is ExecutionMode.PARALLEL
        return cls(
            threads=configuration.threads or None,
            inter_op_threads=configuration.inter_op_threads or None,
            execution_mode=ExecutionMode.PARALLEL if parallel else None,
            entries=dict(configuration.entries),
        )
