"""Under which conditions a study ran, for its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.spec.inputs import Lengths
from profiler.study.identity import ALONE, beside_words

if TYPE_CHECKING:
    from profiler.study.results import StudyResults
    from profiler.study.study_record import StudyRecord


def study_facts(results: StudyResults) -> list[tuple[str, str]]:
    """Return labels and texts: what ran, where, how often and in which order."""
    record = results.record
    models = list(dict.fromkeys(cell.workload.model for cell in record.cells))
    return [
        ("ONNX Runtime", record.ort_version),
        *_machine(results),
        *((f"Model {model}", _model(record, model)) for model in models),
        *_together(record),
        ("Order", f"rounds of all cells, each in an order of its own, from seed {record.study.seed}"),
    ]


def _machine(results: StudyResults) -> list[tuple[str, str]]:
    host = next((cell.summary.host for cell in results.cells if cell.summary is not None), None)
    if host is None:
        return []
    cpus = formats.count(host.cpus, "CPU")
    return [("Machine", f"{host.cpu}, {cpus}, {host.system}, Linux {host.kernel}")]


def _together(record: StudyRecord) -> list[tuple[str, str]]:
    """Return what else ran: in the process, where it holds more than one session, and beside it."""
    words = dict.fromkeys(beside_words(cell.workload) for cell in record.cells)
    facts = [("In the same process", "; or ".join(words))] if list(words) != [ALONE] else []
    return [*facts, *([("Neighbour", "a CPU-bound program")] if record.study.neighbour else [])]


def _model(record: StudyRecord, model: str) -> str:
    """Return what was run of a model, how often and for how long."""
    workload = next(cell.workload for cell in record.cells if cell.workload.model == model)
    rounds = [run.round for run in record.mine if record.cells[run.cell].workload.model == model]
    repeats = formats.count(max(rounds, default=-1) + 1, "run")
    measure, warmup = formats.seconds(workload.measure_seconds), formats.seconds(workload.warmup_seconds)
    lengths = dict.fromkeys(
        str(Lengths(cell.workload.tokens, cell.workload.most_tokens))
        for cell in record.cells
        if cell.workload.model == model
    )
    text = f"{workload.weights} weights, {' or '.join(lengths)} tokens; a cell: {repeats} of {measure}"
    text += f" after {warmup} of warm-up"
    if workload.profile_seconds:
        text += f", one of them followed by {formats.seconds(workload.profile_seconds)} under perf"
    return text
