"""Time off the CPU: what threads waited for, what futexes cost a request, how long the pool kept polling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.findings.conditions import Fact
from profiler.findings.function_names import below_kernel, shorten
from profiler.findings.spin_window_words import spin_window_sentences
from profiler.findings.thresholds import NEEDED
from profiler.findings.typography import capital
from profiler.findings.vocabulary import ROLE_NAMES, UNTRACED_WAKE_UPS, WAIT_MEANINGS
from profiler.run.kinds import Role, Wait
from profiler.run.summary import available, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.run.sections.wait_section import FutexFigures, WaitFigures, WaitingChain
    from profiler.run.summary import Summary

ROLES = {Role.CALLING: "calling thread", Role.POOL: "pool", Role.OTHER: "other threads"}
SIDES = {"in_request": "in requests", "idle": "between"}
NOT_TRACED = "not recorded; --waits trace records it"
MOST_CHAINS = 10
BRIEF = 3
"""Functions of a chain that its row shows before it is opened."""


@dataclass(frozen=True, slots=True)
class WaitRow:
    """One kind of wait; a cell for each role and side."""

    kind: str
    meaning: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One call chain of waits."""

    kind: str
    thread: str
    side: str
    ms: str
    count: str
    """Waits that began on this side; `NOTHING` where all of them began on the other, or before the phase."""
    brief: str
    functions: tuple[str, ...]
    """Leaf first."""


@dataclass(frozen=True, slots=True)
class WaitingSection:
    """The section's content."""

    roles: tuple[str, ...]
    """Each has a column for each of `SIDES`."""
    rows: tuple[WaitRow, ...]
    futex: tuple[Fact, ...]
    spin_window: tuple[str, ...]
    chains: tuple[ChainRow, ...]
    notes: tuple[str, ...]


def off_cpu(summary: Summary) -> WaitingSection | None:
    """Return what a summary tells of waits; None where it does not."""
    waits = available(summary.waits)
    if waits is None:
        return None
    by_role = waits.by_role
    roles = [
        role for role in Role if any(ms for side in SIDES for ms in getattr(by_role[role], side).values())
    ]
    rows = []
    for kind in Wait:
        spent = [getattr(by_role[role], side)[kind] for role in roles for side in SIDES]
        if any(spent):
            cells = tuple(formats.number(ms) for ms in spent)
            rows.append(WaitRow(kind.value, WAIT_MEANINGS[kind], cells))
    window = spin_window_sentences(summary)
    return WaitingSection(
        tuple(ROLES[role] for role in roles),
        tuple(rows),
        tuple(_futex_facts(waits.futex)),
        tuple(window or [f"The spin window is not known: {why_not(summary.spin_window_ms)}."]),
        tuple(_chain_rows(waits.chains)),
        tuple(_notes(waits)),
    )


def _futex_facts(futex: FutexFigures) -> Iterator[Fact]:
    if futex.switches is None or futex.blocked is None:
        yield Fact("Futex figures", "no request ran in the profile phase")
        return
    for label, calls in (("Calls to wait", futex.wait_calls), ("Calls to wake", futex.wake_calls)):
        yield Fact(label, NOT_TRACED if calls is None else formats.number(calls))
    yield Fact("Times blocked", formats.number(futex.blocked))
    yield Fact("Context switches", formats.number(futex.switches))
    yield Fact("CPU in the futex path", formats.ms(futex.cpu_ms))
    latency = futex.wakeup_latency_ms
    if latency is None:
        yield Fact("From wake-up to running", NOT_TRACED)
    elif not latency.count:
        yield Fact("From wake-up to running", "no blocked thread was woken in a request")
    else:
        count = formats.count(latency.count, "wake-up")
        p95 = (
            f"p95 needs {NEEDED['p95']} wake-ups" if latency.p95 is None else f"p95 {formats.ms(latency.p95)}"
        )
        yield Fact(
            "From wake-up to running",
            f"p50 {formats.ms(latency.p50)}, {p95}, longest {formats.ms(latency.max)}; {count} in all",
        )


def _chain_rows(chains: Sequence[WaitingChain]) -> list[ChainRow]:
    """Return the longest waits, those within requests first: they are what latency feels."""
    ordered = sorted(chains, key=lambda chain: not chain.in_request)
    rows = []
    for chain in ordered[:MOST_CHAINS]:
        functions = tuple(shorten(name) for name in chain.functions)
        rows.append(
            ChainRow(
                chain.kind.value,
                ROLE_NAMES[chain.role],
                SIDES["in_request" if chain.in_request else "idle"],
                formats.number(chain.ms),
                f"{chain.count:,}" if chain.count else formats.NOTHING,
                " ← ".join(below_kernel(functions)[:BRIEF]),
                functions,
            )
        )
    return rows


def _notes(waits: WaitFigures) -> list[str]:
    notes = [
        "Milliseconds of the profile phase, summed over threads, from context switches. What a thread "
        "waited for is told by "
        + (
            "its call chain in the kernel."
            if waits.chains
            else "the thread's role: its call chain in the kernel was not recorded (--waits trace)."
        )
    ]
    if waits.futex.wakeup_latency_ms is None:
        notes.append(f"{capital(UNTRACED_WAKE_UPS)}.")
    if waits.cpu_check is not None:
        notes.append(
            f"The time between the waits is {formats.percent(waits.cpu_check)} of the CPU time that the "
            "kernel counted; what is missing of all is the scheduler's and perf's work between a switch and "
            "its record."
        )
    if waits.unknown_ms:
        notes.append(f"{formats.ms(waits.unknown_ms)} lie between switches of which a record is missing.")
    return notes
