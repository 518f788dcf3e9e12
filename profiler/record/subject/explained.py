"""What a workload's end, silence or error event means to a user: typed errors with a remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler import process
from profiler.errors import OrtprofError, UsageError, WorkloadError

if TYPE_CHECKING:
    from profiler.record.subject.events import Failed
    from profiler.record.subject.start import Start

LAST_WORDS = 3
"""Lines of its standard error that an error quotes."""

NO_MODEL = "INVALID_PROTOBUF"
"""ONNX Runtime's status for a file that holds no model (onnxruntime/core/common/status.h)."""


def failure(event: Failed, start: Start, stage: str) -> OrtprofError:
    """Explain an error event that came while the workload was at `stage`."""
    if event.stage == "import":
        return WorkloadError(
            f"ONNX Runtime can't be imported by {start.python}: {event.message}",
            hint=start.remedy or f"install it there: {start.python} -m pip install onnxruntime",
        )
    if event.stage == "global pool":
        return UsageError(
            f"--global-pool: {event.message}",
            hint="choose a newer ONNX Runtime with --python, or leave --global-pool away",
        )
    if event.stage == "inputs":
        return UsageError(
            f"no inputs can be made for the model: {event.message}",
            hint="--dim NAME=SIZE, --batch and --tokens set symbolic dimensions, --input gives values; "
            "`ortprof models inputs` says what a model wants",
        )
    if event.stage == "session":
        why = f"ONNX Runtime can't open the model: {event.message}"
        if NO_MODEL in event.message:
            return UsageError(why, hint="it is damaged, or no ONNX model")
        return WorkloadError(why)
    return WorkloadError(
        f"the model failed while {stage}: {event.message}",
        hint="inputs are made up from types and shapes; --dim NAME=SIZE sets a symbolic dimension, "
        "--input NAME=VALUES what one holds",
    )


def end(code: int | None, start: Start, stage: str, log: str) -> OrtprofError:
    """Explain an end without an event; `code` None: it closed its output and goes on."""
    if code is None:
        return WorkloadError(f"the workload closed its output while {stage}", hint=last_words(log))
    explained = start.explain(code, log)
    if explained is not None:
        return explained
    # What runs below another program is reported as shells do: 128 and the signal's number.
    ended_by = -code if code < 0 else code - 128
    how = f"was killed by {process.signal_name(ended_by)}" if ended_by > 0 else f"exited with code {code}"
    return WorkloadError(f"the workload {how} while {stage}", hint=last_words(log))


def silence(seconds: float, stage: str, log: str, *, stopped: bool) -> OrtprofError:
    """Explain that nothing came for so long; `stopped`: it does not run (SIGSTOP, a debugger)."""
    if stopped:
        return WorkloadError(
            f"the workload was stopped (SIGSTOP, or a debugger) while {stage}",
            hint="let it go on with `kill -CONT` before its time is over",
        )
    said = last_words(log)
    return WorkloadError(
        f"the workload said nothing for {seconds:g} s while {stage}",
        hint=f"--startup-timeout S gives it longer{f'; {said}' if said else ''}",
    )


def nonsense(line: bytes, start: Start, stage: str, why: str) -> OrtprofError:
    """Explain a line that is no event of the workload's."""
    return WorkloadError(
        f"{start.python} does not speak as the workload does while {stage}: {line[:80]!r} ({why})",
        hint="--python takes a Python interpreter, or a script that starts one with its own arguments",
    )


def last_words(log: str) -> str | None:
    """Return the last lines of its standard error; None where it said nothing."""
    said = process.last_lines(log, LAST_WORDS)
    return f"its last words: {' | '.join(said)}" if said else None
