"""Attach `perf record` to processes, or to CPUs, and switch it on and off exactly."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import time
from typing import TYPE_CHECKING

from profiler import process
from profiler.errors import MachineError
from profiler.raising import held
from profiler.record.stack_size import SWITCH_STACK_BYTES
from profiler.run.cpu_budget import cpu_list
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.trace.model import SWITCH_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from profiler.run.manifest import PerfSettings

ATTACH_SECONDS = 30.0
"""How long perf may take to open its events and answer."""
CLOCK = "cpu-clock"
"""The sampled event where there is no PMU."""
CHATTER = ("Events enabled", "Events disabled")
"""What perf says when all is well."""
WHOLE_CPUS = "-a"
UNTIL_END_OF_INPUT = ("--", "cat")
"""A command with which perf ends once nobody holds the other end of its input any more, whatever ended us. (A
parent-death signal would not do: the kernel takes it from a perf that has file capabilities, prctl(2).)"""
ENDED_WELL = (0, -signal.SIGINT, 128 + signal.SIGINT, -signal.SIGTERM, 128 + signal.SIGTERM)
"""Where the profiled processes end first, perf ends that command by SIGTERM, and says that it did."""
USAGE = "\n Usage:"
"""What perf says behind an error in its command line: all of its options."""
LAST_LINES = 5
MOST_SAID = 300
"""Characters of its last lines that an error quotes."""


def record_command(
    settings: PerfSettings, pids: Sequence[int], output: Path, mmap_pages: int | None
) -> list[str]:
    """Return perf's command line, without the control pipes that only we can offer.

    `-k CLOCK_MONOTONIC` makes times comparable with the request log; `-B` keeps perf from copying the
    profiled libraries into its cache, and from reading its own recording again, so that it says nothing
    of samples that it lost: whoever decodes the recording counts them.
    """
    pages = [] if mmap_pages is None else ["-m", str(mmap_pages)]
    switches = [] if settings.waits is Waits.OFF else ["--switch-events"]
    return [
        "perf", "record", "-k", "CLOCK_MONOTONIC", *_event_options(settings),
        "--sample-cpu", "--call-graph", f"dwarf,{settings.stack_bytes}", *switches, *pages, "-B",
        *_target(settings, pids), "-o", str(output),
    ]  # fmt: skip


def _target(settings: PerfSettings, pids: Sequence[int]) -> list[str]:
    if settings.scope is Scope.CPUS:
        return [WHOLE_CPUS, "-C", cpu_list(settings.scope_cpus)]
    return ["-p", ",".join(map(str, pids))]


def _event_options(settings: PerfSettings) -> list[str]:
    """Return which events to record, and how often.

    `-F` holds for every event, so that tracepoints would be sampled: beside others the frequency is a term of
    the sampled event, which keeps its name. A clock on a CPU would sample the idle task as well, unless told
    to leave that out (`I`); cycles hardly pass there, and not every PMU can leave them out.
    """
    event, _, modifier = settings.event.partition(":")
    if settings.scope is Scope.CPUS and event == CLOCK:
        modifier += "I"
    elif not settings.wait_events:
        return ["-e", settings.event, "-F", str(settings.frequency_hz)]
    terms = [f"{event}/freq={settings.frequency_hz},name={settings.event}/{modifier}"]
    terms += [wait_event_term(name, settings.stack_bytes) for name in settings.wait_events]
    return [part for term in terms for part in ("-e", term)]


def wait_event_term(name: str, stack_bytes: int) -> str:
    """Return one of `WAIT_EVENTS` as `perf record -e` takes it for every occurrence.

    `stack_bytes` is what a sample copies; a switch makes do with `SWITCH_STACK_BYTES` of it. The call graph
    must be global as well, because without it a term's gives stacks of one user frame. Tracepoints, whose
    period is 1 already, go without: whom a thread wakes is in the payload, and where it waits comes with the
    switch.
    """
    if name == SWITCH_OUT:
        size = min(stack_bytes, SWITCH_STACK_BYTES)
        return f"{name}/period=1,name={name},call-graph=dwarf,stack-size={size}/"
    return f"{name}/call-graph=no/"


class PerfRecorder:
    """A `perf record` that starts disabled; stopped at the end of the `with` block.

    It ends with the processes that it watches, and with this one, by SIGKILL too.
    """

    def __init__(self, command: list[str], log: Path) -> None:
        self._log = log
        self._stack = contextlib.ExitStack()
        # In the run's directory, which is known and removed if we are killed.
        folder = log.with_name("perf.control")
        folder.mkdir()
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        control, acknowledge = folder / "control", folder / "acknowledge"
        for fifo in (control, acknowledge):
            os.mkfifo(fifo)
        # Opened for reading and writing, so that neither open blocks and neither end sees end of file.
        self._control = os.open(control, os.O_RDWR)
        self._stack.callback(os.close, self._control)
        self._acknowledge = os.open(acknowledge, os.O_RDWR)
        self._stack.callback(os.close, self._acknowledge)
        extra = ["-D", "-1", "--control", f"fifo:{control},{acknowledge}"]
        lifeline, ours = os.pipe()
        self._lifeline = contextlib.ExitStack()
        self._lifeline.callback(os.close, ours)
        self._stack.enter_context(self._lifeline)
        try:
            self._child = process.spawn([*command, *extra, *UNTIL_END_OF_INPUT], stderr=log, stdin=lifeline)
        except BaseException:
            self._stack.close()
            raise
        finally:
            os.close(lifeline)

    def __enter__(self) -> PerfRecorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with held():
            process.stop(self._child, first=signal.SIGINT)
            self._stack.close()

    def enable(self) -> None:
        """Start sampling; returns once perf says that it has."""
        self._command("enable")

    def disable(self) -> None:
        """Stop sampling; returns once perf says that it has, or has ended with what it watched."""
        self._command("disable", may_have_ended=True)

    def finish(self) -> None:
        """End perf, which then writes out what it has; `MachineError` when it fails to."""
        self._lifeline.close()
        code = process.wait(self._child, ATTACH_SECONDS)
        if code is None:
            raise MachineError(f"perf record did not end within {ATTACH_SECONDS:g} s")
        if code not in ENDED_WELL:
            raise self._failure(code)

    def _command(self, word: str, *, may_have_ended: bool = False) -> None:
        os.write(self._control, word.encode() + b"\n")
        deadline = time.monotonic() + ATTACH_SECONDS
        while time.monotonic() < deadline:
            if select.select([self._acknowledge], [], [], 0.05)[0]:
                os.read(self._acknowledge, 64)
                return
            code = process.wait(self._child, 0)
            if may_have_ended and code in ENDED_WELL:
                return
            if code is not None:
                raise self._failure(code)
        raise MachineError(
            f"perf did not answer {word!r} within {ATTACH_SECONDS:g} s{self._said(': ')}",
            hint="`ortprof doctor` says what this machine allows",
        )

    def _said(self, before: str) -> str:
        """Return the last lines of its standard error, behind `before`; empty where there are none."""
        text = self._log.read_text(errors="replace").partition(USAGE)[0]
        lines = [line.strip() for line in text.splitlines()]
        said = " ".join([line for line in lines if line and line not in CHATTER][-LAST_LINES:])
        return f"{before}{said[:MOST_SAID]}" if said else ""

    def _failure(self, code: int) -> MachineError:
        how = f"was killed by {process.signal_name(-code)}" if code < 0 else f"failed with exit code {code}"
        return MachineError(
            f"perf record {how}{self._said(': ') or ': it said nothing'}",
            hint="`ortprof doctor` says what this machine allows",
        )
