from __future__ import annotations

import io
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console

from profiler.attribution.analyse import analyse
from profiler.cli.show import print_summary
from profiler.run.attached import Attached
from profiler.run.directory import RunDirectory
from profiler.run.sections.unavailable import Unavailable
from profiler.run.summary import available, from_document, to_document
from tests.listing.annotated import annotated
from tests.pages.support import spinning
from tests.run.conftest import REAL
from tests.summaries import edited, made_summary
from tests.waiting import FUNCTION, SOURCE, line_of

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.run.summary import Summary

ATTACHED = Attached("service", followed=False, targets=[])


def shown(summary: Summary) -> str:
    console = Console(file=io.StringIO(), width=160)
    print_summary(console, summary)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_hot_functions_have_their_line(tmp_path: Path) -> None:
    summary = annotated(tmp_path).summary
    (row,) = [line for line in shown(summary).splitlines() if f" {FUNCTION} " in line]
    assert row.rstrip().endswith(f"{SOURCE.name}:{line_of('polls')}")


def test_without_debug_information_they_have_none() -> None:
    summary = spinning().analysis().summary
    assert "None" not in shown(summary)
    older = to_document(summary)
    for row in older["hot"]:
        assert (row.pop("file"), row.pop("line")) == (None, None)
    assert "None" not in shown(from_document(older))


def test_what_other_settings_would_change() -> None:
    said = shown(analyse(RunDirectory(REAL["spin-on"])).summary)
    (row,) = [line for line in said.splitlines() if line.startswith("single-thread")]
    assert row.count(" to ") == 3, "CPU time, use of a core and p50 have an interval"
    assert "Predicted from this recording alone, of 30 requests (exact)" in said


def test_what_can_not_be_predicted_of_processes_that_were_attached_to() -> None:
    gone = Unavailable("no pool", "none is needed")
    summary = made_summary(predictions=gone)
    assert "can't be predicted" not in shown(summary), "of our own workload one records the others"
    assert "Other settings can't be predicted: no pool" in shown(edited(summary, attached=ATTACHED))


def test_where_perf_counted_and_what_that_cost() -> None:
    summary = made_summary()
    perf, phase = available(summary.perf), available(summary.measured)
    assert perf is not None
    assert phase is not None

    def lines(factor: float) -> list[str]:
        dearer = msgspec.structs.replace(phase, cpu_ms_per_request=11.8 * factor)
        counted = msgspec.structs.replace(perf, scope_reason="as asked for")
        return shown(edited(summary, perf=counted, profiled=dearer)).splitlines()

    assert "perf counted in the process's threads: as asked for" in " ".join(lines(1.02))
    assert [line for line in lines(1.02) if line.startswith("observer cost: +2.0")]
    assert not [line for line in lines(1.5) if "observer cost" in line], "the verdict says it"
    assert "perf counted" not in shown(summary), "nothing is known of why"


def test_untraced_wake_ups_are_said_beside_the_waits() -> None:
    traced = analyse(RunDirectory(REAL["spin-on"])).summary
    assert "wake-ups were not traced" not in shown(traced)
    waits = available(traced.waits)
    assert waits is not None
    futex = msgspec.structs.replace(waits.futex, wakeup_latency_ms=None)
    said = shown(edited(traced, waits=msgspec.structs.replace(waits, futex=futex)))
    assert "wake-ups were not traced (--waits trace): the time from a wake-up to running counts as" in said
