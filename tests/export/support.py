"""What tests of every format need."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from profiler.attribution.analysis import Analysis
from profiler.export.columns.exported import exported
from profiler.export.exporters import exporter_of
from profiler.export.formats import Format, KindFrame
from profiler.run.summary import available
from tests import hostile
from tests.pages.support import POOL, THREAD, Made, Sample, spinning

if TYPE_CHECKING:
    from profiler.export.columns.exported import ExportedRun
    from profiler.run.kinds import Kind, Wait


def written(
    run: ExportedRun | Analysis,
    form: Format,
    kind_frame: KindFrame = KindFrame.INNERMOST,
    after: ExportedRun | None = None,
) -> bytes:
    """Return what the format's exporter writes."""
    out = io.BytesIO()
    content = exported(run) if isinstance(run, Analysis) else run
    exporter_of(form, kind_frame, after).write(content, out)
    return out.getvalue()


def summary_cpu_ns(analysis: Analysis) -> dict[Kind, int]:
    """Return the nanoseconds of each kind that summary.json has."""
    cpu = available(analysis.summary.cpu)
    assert cpu is not None
    return {kind: round(ms * 1e6) for kind, ms in cpu.by_kind.items()}


def summary_wait_ns(analysis: Analysis) -> dict[Wait, int]:
    waits = available(analysis.summary.waits)
    assert waits is not None
    return {wait: round(ms * 1e6) for wait, ms in waits.by_kind.items()}


def hostile_run() -> Made:
    """Return a run whose functions, libraries and threads are called what strangers may call them."""
    made = spinning()
    names = (*hostile.PAGE_NAMES, "a;b\nc \x1b[31m 7.000", "=HYPERLINK(1)")
    for number, name in enumerate(names):
        made.samples.append(
            Sample(500 + number, POOL[0], (THREAD, (name, f"/lib/{name.replace('/', '_')}.so")))
        )
        made.samples.append(Sample(500.5 + number, 900 + number, (THREAD, ("f", "/lib/f.so"))))
        made.comms[900 + number] = name[:15]
    return made
