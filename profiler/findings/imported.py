"""What there is to say of a recording that was made elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.run.doubt import Doubt
from profiler.run.imported import COLLAPSED, TimeBasis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from profiler.run.imported import Imported
    from profiler.run.manifest import Manifest
    from profiler.run.summary import Summary

SHORT_HASH = 12
"""Digits of a hash that are shown."""
ADVICE = (
    "Where it ran, try session.intra_op.allow_spinning=0 (spin-off), which blocks idle threads at once, or, "
    "from ONNX Runtime 1.26 on, session.intra_op.spin_duration_us, which bounds the time they poll."
)
SEE_MORE = (
    "Import it again with the libraries of the machine that it was recorded on (--binaries): what could not "
    "be read is listed below."
)


NAMES_ALONE = (
    "Collapsed stacks hold names alone, which the release wheels' libraries do not have: import what they "
    "were made of (perf.data), with its libraries."
)


def see_more(imported: Imported) -> str:
    """Say how more could be told of an imported recording."""
    return NAMES_ALONE if imported.format == COLLAPSED else SEE_MORE


def spent(cpu_ms: float, imported: Imported | None) -> str:
    """Return the CPU time that shares are of; samples, where these are all that is known."""
    if imported is not None and imported.basis is TimeBasis.NOTHING:
        return formats.count(round(cpu_ms), "sample")
    return f"{formats.ms(cpu_ms)} CPU"


def doubts(imported: Imported, *, frequency_hz: int) -> list[Doubt]:
    """Return what an import can't know, each with the reason."""
    return [*_time_doubts(imported, frequency_hz), *_gone(), *_left_out(imported)]


def _time_doubts(imported: Imported, frequency_hz: int) -> Iterator[Doubt]:
    yield Doubt(
        "Exact CPU time",
        {
            TimeBasis.PERIOD: f"it is the sum of what samples of {imported.event} stand for; the "
            "kernel's counters are not in a recording",
            TimeBasis.FREQUENCY: f"it is the number of samples at {frequency_hz:,} a second, as the "
            "recording's header has it; the kernel's counters are not in a recording",
            TimeBasis.NOTHING: f"the file counts {imported.event} and does not say how much time each stands "
            "for: shares are right, but each is shown as one millisecond",
        }[imported.basis],
    )
    if not imported.timed:
        yield Doubt("When it happened", "the file has no times", "no timeline")


def _gone() -> list[Doubt]:
    return [
        Doubt(
            "Requests",
            "the recording does not say when they began and ended: polling of pool threads counts as "
            "spin-idle even where a request was in flight, and neither latency nor CPU time a "
            "request is known",
        ),
        Doubt("Session configuration, workload, ONNX Runtime's version", "the recording does not say"),
        Doubt("A CPU limit", "the recording does not say whether there was one"),
    ]


def _left_out(imported: Imported) -> Iterator[Doubt]:
    if imported.idle:
        samples = formats.count(imported.idle, "sample")
        yield Doubt(f"{samples} of the kernel's idle task", "idle CPUs are nobody's CPU time: left out")
    for event, count in imported.others.items():
        yield Doubt(
            f"{formats.count(count, 'sample')} of {event}", f"what is shown is {imported.event}: left out"
        )


def brief(manifest: Manifest, imported: Imported, summary: Summary) -> Mapping[str, str]:
    """Return the conditions that figures mean nothing without, by label."""
    known = {
        "Imported from": imported.format,
        "Counted": imported.event,
        "Samples": f"{summary.samples:,}",
        "Recorded on": ", ".join(_machine(manifest)) or "not known",
    }
    frequency = 0 if manifest.perf is None else manifest.perf.frequency_hz
    return known | ({"Frequency": f"{frequency:,} Hz"} if frequency else {})


def facts(manifest: Manifest, imported: Imported, summary: Summary) -> Mapping[str, str]:
    """Return the conditions in reading order, by label."""
    perf = manifest.perf
    version = f"perf {perf.version}" if perf is not None and perf.version else "not known"
    lost = "" if perf is None else f"; {_lost(summary)} lost"
    return {
        "File": f"{imported.file}; sha256 {imported.sha256[:SHORT_HASH]}",
        **brief(manifest, imported, summary),
        "Samples": f"{summary.samples:,}{lost}",
        "Recorded with": version,
        "Imported": f"{manifest.created}, with ortprof {manifest.ortprof}",
    }


def _lost(summary: Summary) -> str:
    return f"{getattr(summary.perf, 'lost', 0):,}"


def _machine(manifest: Manifest) -> Sequence[str]:
    host = manifest.host
    return [
        *([host.cpu] if host.cpu else ()),
        *([formats.count(host.cpus, "logical CPU")] if host.cpus else ()),
        *([f"Linux {host.kernel}"] if host.kernel else ()),
    ]
