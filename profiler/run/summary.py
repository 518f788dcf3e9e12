"""summary.json: the figures of a run, typed (schema `ortprof.summary/1`; docs/summary.schema.json)."""

from __future__ import annotations

import functools
import os
import types
import typing
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from profiler import files
from profiler.errors import UsageError
from profiler.run.attached import Attached
from profiler.run.decoding import CrossCheck
from profiler.run.doubt import Doubt
from profiler.run.fed import InputDigest
from profiler.run.imported import Imported
from profiler.run.injected import Injected
from profiler.run.json_document import not_ours
from profiler.run.kinds import Category
from profiler.run.manifest import Host, OrtBuild
from profiler.run.neighbour import Neighbour
from profiler.run.parts import PoolFigures, ProcessFigures, SessionFigures
from profiler.run.predictions import PredictionFigures
from profiler.run.sections.cpu_section import CpuFigures, HotFunctionFigures, PerfFigures
from profiler.run.sections.load_section import CpuBudget, LabelledConfiguration, PhaseFigures
from profiler.run.sections.operator_section import OperatorsFigures
from profiler.run.sections.request_section import LengthFigures, RequestFigures
from profiler.run.sections.unavailable import Unavailable
from profiler.run.sections.wait_section import SpinWindowFigures, WaitFigures
from profiler.spec.container import Container
from profiler.spec.limit import Limit
from profiler.spec.ort_build import OrtConfig
from profiler.spec.workload import Workload

if TYPE_CHECKING:
    from profiler.run.directory import RunDirectory

SCHEMA = "ortprof.summary/1"
NOT_RECORDED = Unavailable("not recorded")

Section = TypeVar("Section")


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """summary.json, in the order in which it is written."""

    schema: str = SCHEMA
    run_id: str
    complete: bool
    """False: the run was stopped early."""
    created: str
    """UTC, ISO 8601."""
    config: LabelledConfiguration | None
    """None where the sessions are somebody else's; `unavailable` says why. So with `workload`. Where
    they were given settings from outside (`injected`), these; what it leaves open is the program's own."""
    workload: Workload | None
    imported: Imported | None = None
    """Where a recording comes from that was made elsewhere; None where we made it."""
    attached: Attached | None = None
    """Whom was attached to; None where the workload is ours."""
    injected: Injected | None = None
    """What became of settings from outside; None where sessions got none."""
    inputs: list[InputDigest] = []
    """Of what each session was fed with; empty in runs of versions that did not look."""
    limit: Limit | None = None
    container: Container | None = None
    cpus: CpuBudget | None = None
    """None in runs of versions that did not look."""
    ort: OrtBuild
    host: Host
    measured: PhaseFigures | Unavailable = NOT_RECORDED
    neighbour: Neighbour | None = None
    """What a CPU-bound program on the same CPUs got done; None without one."""
    profiled: PhaseFigures | Unavailable = NOT_RECORDED
    perf: PerfFigures | Unavailable = NOT_RECORDED
    cpu: CpuFigures | Unavailable = NOT_RECORDED
    hot: list[HotFunctionFigures] = []
    cross_check: CrossCheck | None = None
    waits: WaitFigures | Unavailable = NOT_RECORDED
    request: RequestFigures | Unavailable = NOT_RECORDED
    lengths: LengthFigures | None = None
    """What the tail is made of where requests differ in length; else None."""
    spin_window_ms: SpinWindowFigures | Unavailable = NOT_RECORDED
    predictions: PredictionFigures | Unavailable = NOT_RECORDED
    """What other settings would make of it; versions before did not say."""
    processes: list[ProcessFigures] = []
    """Each process apart; empty in runs of versions that knew one."""
    sessions: list[SessionFigures] = []
    """Each session apart. (Earlier versions knew one, and said nothing of it; so with `pools`.)"""
    pools: list[PoolFigures] = []
    """Each pool of worker threads apart."""
    unavailable: list[Doubt] = []
    operators: OperatorsFigures | Unavailable = NOT_RECORDED
    warnings: list[str] = []
    """What ONNX Runtime itself complained of, each once."""

    @property
    def subtitle(self) -> str:
        """What a page's title says beside `title`: the model, or how what is not ours came to be recorded."""
        if self.attached is not None:
            how = self.attached.how
            return how if self.title == self.attached.name else f"{self.attached.name}, {how}"
        return "imported" if self.imported is not None else self.model

    @property
    def title(self) -> str:
        """What a run is called in lists: its configuration, or what it is called without one, else its id."""
        if self.config is not None:
            return self.config.label
        foreign = self.imported or self.attached
        return self.run_id if foreign is None else foreign.name

    @property
    def requests_inferred(self) -> bool:
        """Whether figures by request rest on requests that are inferred."""
        return isinstance(self.profiled, PhaseFigures) and self.profiled.inferred

    @property
    def model(self) -> str:
        """The workload's model; empty without a workload of ours."""
        return "" if self.workload is None else self.workload.model

    @property
    def spin_share(self) -> float | None:
        """Spinning of all CPU time in the profile phase; None without a profile."""
        cpu = available(self.cpu)
        return cpu.share(Category.SPIN) if cpu is not None and cpu.total_ms else None

    @property
    def samples(self) -> int:
        """How many samples the profile phase gave; 0 without one."""
        if self.imported is not None:
            return self.imported.samples
        perf = available(self.perf)
        return perf.samples if perf is not None else 0

    @property
    def runtime(self) -> str:
        """The ONNX Runtime that ran: version, build unless a release, container engine."""
        words = [self.ort.version]
        if self.ort.build not in (None, OrtConfig.RELEASE):
            words.append(self.ort.build.value)
        if self.container is not None:
            words.append(self.container.engine.value)
        return " ".join(words)


def available(section: Section | Unavailable) -> Section | None:
    """Return a section, or None where it is unavailable."""
    return None if isinstance(section, Unavailable) else section


def why_not(section: object) -> str:
    """Return why a section is unavailable; empty where it is there."""
    return section.why if isinstance(section, Unavailable) else ""


def read_summary(run: RunDirectory) -> Summary:
    """Read summary.json; `UsageError` when it is missing, of another schema, or not what ortprof writes."""
    if not os.path.lexists(run.summary):
        raise UsageError(f"{run.run_id} was not analysed", hint=f"`ortprof report {run.run_id}` does that")
    document = files.read_json(run.summary)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError(f"{run.summary} is not a summary that this version of ortprof reads")
    try:
        return from_document(document)
    except (msgspec.ValidationError, OverflowError) as error:
        hint = f"`ortprof report {run.run_id}` makes it anew"
        raise not_ours(run.summary, error, hint=hint) from error


def from_document(document: dict[str, Any]) -> Summary:
    """Return the summary that a JSON document holds; `msgspec.ValidationError` names what is wrong in it.

    JSON has no tags that would tell the two types of a section apart, so each is chosen by its content.
    """
    unions = section_types()
    values: dict[str, Any] = {}
    for name, hint in typing.get_type_hints(Summary).items():
        if name not in document:
            continue
        content = document[name]
        gone = name in unions and isinstance(content, dict) and "unavailable" in content
        try:
            values[name] = msgspec.convert(content, Unavailable if gone else unions.get(name, hint))
        except msgspec.ValidationError as error:
            raise msgspec.ValidationError(f"`{name}`: {error}") from error
    for field in msgspec.structs.fields(Summary):
        if field.required and field.name not in values:
            raise msgspec.ValidationError(f"`{field.name}` is missing")
    return Summary(**values)


def to_document(summary: Summary) -> dict[str, Any]:
    """Return the JSON document of a summary."""
    document: dict[str, Any] = msgspec.to_builtins(summary)
    return document


@functools.cache
def section_types() -> dict[str, Any]:
    """Return the type of each section that may be `Unavailable`."""
    return {
        name: next(kind for kind in typing.get_args(hint) if kind is not Unavailable)
        for name, hint in typing.get_type_hints(Summary).items()
        if isinstance(hint, types.UnionType) and Unavailable in typing.get_args(hint)
    }
