"""Figures that can't be: each is refused with the file and the field, or changes nothing but the figures."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from profiler.attribution.analyse import analyse
from profiler.errors import UsageError
from profiler.run.directory import RunDirectory
from profiler.run.records import read_recorded
from profiler.run.summary import read_summary, to_document
from profiler.trace import npz
from tests.conftest import OPERATORS
from tests.reading.mutations import GONE, changed, paths
from tests.reading.test_mutated import report_and_show, show

if TYPE_CHECKING:
    from collections.abc import Callable

SUMMARIES: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("measured",), None, r"`measured`: Expected `object`, got `null`"),
    (("hot",), {}, r"`hot`: Expected `array`, got `object`"),
    (("hot", 0, "self_share"), 2, r"`hot`: .* at `\$\[0\]\.self_share`"),
    (("hot", 0, "kind"), "magic", r"`hot`: Invalid enum value 'magic'"),
    (("hot", 0, "line"), -1, r"`hot`: .*line"),
    (("cpu", "total_ms"), float("nan"), r"malformed"),
    (("cpu", "total_ms"), float("inf"), r"malformed"),
    (("cpu", "total_ms"), 1e300, r"`cpu`: .* at `\$\.total_ms`"),
    (("cpu", "total_ms"), 10**30, r"`cpu`: .* at `\$\.total_ms`"),
    (("cpu", "total_ms"), -1, r"`cpu`: .* at `\$\.total_ms`"),
    (("cpu", "by_kind", "compute"), GONE, r"`cpu`: `by_kind` lacks 'compute'"),
    (("cpu", "by_kind", "magic"), 1, r"`cpu`: Invalid enum value 'magic'"),
    (("cpu", "by_category", "spin"), GONE, r"`cpu`: `by_category` lacks 'spin'"),
    (("waits", "by_kind", "io"), GONE, r"`waits`: `by_kind` lacks 'io'"),
    (("waits", "by_role", "pool"), GONE, r"`waits`: `by_role` lacks 'pool'"),
    (("waits", "by_role", "pool", "idle", "io"), GONE, r"`waits`: `idle` lacks 'io'"),
    (("request", "by_kind", "late"), GONE, r"`request`: `by_kind` lacks 'late'"),
    (("request", "slowest", "meanwhile", "idle"), GONE, r"`request`: `meanwhile` lacks 'idle'"),
    (("operators", "outside", "executor"), GONE, r"`operators`: `outside` lacks 'executor'"),
    (("run_id",), "\ud800", r"malformed: unexpected end of escaped utf-16"),
    (("run_id",), GONE, r"`run_id` is missing"),
    (("ort",), [], r"`ort`: Expected `object`, got `array`"),
]


@pytest.mark.parametrize(("path", "value", "said"), SUMMARIES)
def test_summaries_that_can_not_be(
    path: tuple[str | int, ...], value: Any, said: str, operators_run: RunDirectory
) -> None:
    document = to_document(analyse(operators_run).summary)
    operators_run.summary.write_bytes(json.dumps(changed(document, path, value)).encode())
    with pytest.raises(UsageError, match=f"summary\\.json .*{said}") as caught:
        read_summary(operators_run)
    assert caught.value.exit_code == 2


def test_a_summary_of_no_cpu_time_is_shown(operators_run: RunDirectory) -> None:
    document = to_document(analyse(operators_run).summary)
    operators_run.summary.write_bytes(json.dumps(changed(document, ("cpu", "total_ms"), 0)).encode())
    show(read_summary(operators_run))


RECORDS: list[tuple[str, tuple[str | int, ...], Any, str]] = [
    ("run.json", ("phases", 0, "end_ns"), 0, r"`\$\.phases\[0\]` ends before its `start_ns`"),
    ("run.json", ("process", "pid"), 0, r"process\.pid"),
    ("run.json", ("process", "calling_tid"), 0, r"process\.callers\[0\]"),
    ("run.json", ("process", "calling_tid"), 10**30, r"process\.callers\[0\]"),
    ("run.json", ("process", "inputs", 0, "shape"), 7, r"process\.inputs\[0\]\.shape"),
    ("run.json", ("perf", "frequency_hz"), -1, r"perf\.frequency_hz"),
    ("run.json", ("host", "memory_bytes"), 1e300, r"host\.memory_bytes"),
    ("run.json", ("workload", "rate"), float("nan"), r"malformed"),
    ("run.json", ("run_id",), "\ud800", r"can't be read"),
    ("counters.json", ("profile", "end", "time_ns"), 0, r"`\$\.profile`: `end\.time_ns` is before"),
    ("counters.json", ("profile", "end", "process_cpu_ns"), 0, r"process_cpu_ns` is less"),
    ("counters.json", ("profile", "end", "process_cpu_ns"), 10**30, r"end\.process_cpu_ns"),
    ("counters.json", ("profile", "end", "threads"), {"0": {}}, r"`key` in `\$.*threads`"),
    ("counters.json", ("profile", "begin", "time_ns"), -1, r"begin\.time_ns"),
    ("requests.jsonl", (0, "end_ns"), 0, r"request 1 "),
    ("requests.jsonl", (1, "scheduled_ns"), 2**58, r"request 2 "),
    ("requests.jsonl", (0, "cpu_ns"), -1, r"`\$\[0\]\.cpu_ns`"),
    ("requests.jsonl", (0, "cpu_ns"), 10**30, r"`\$\[0\]\.cpu_ns`"),
    ("requests.jsonl", (0, "cpu_ns"), 1.5, r"`\$\[0\]\.cpu_ns`"),
]


def document_of(name: str) -> Any:
    text = (OPERATORS / name).read_text()
    return [json.loads(line) for line in text.splitlines()] if name.endswith("l") else json.loads(text)


def put(run: RunDirectory, name: str, document: Any) -> None:
    rows = document if name.endswith("l") else [document]
    (run.path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize(("name", "path", "value", "said"), RECORDS)
def test_records_that_can_not_be(
    name: str, path: tuple[str | int, ...], value: Any, said: str, operators_run: RunDirectory
) -> None:
    put(operators_run, name, changed(document_of(name), path, value))
    with pytest.raises(UsageError, match=f"{name} .*{said}"):
        analyse(operators_run)


def test_counters_of_nothing_but_zeros(operators_run: RunDirectory) -> None:
    counters = document_of("counters.json")
    for path in list(paths(counters)):
        if path[-1] in {
            "cpu_ns",
            "process_cpu_ns",
            "runnable_ns",
            "voluntary_switches",
            "involuntary_switches",
        }:
            counters = changed(counters, path, 0)
    put(operators_run, "counters.json", counters)
    report_and_show(operators_run)


def test_requests_in_reverse(operators_run: RunDirectory) -> None:
    put(operators_run, "requests.jsonl", document_of("requests.jsonl")[::-1])
    report_and_show(operators_run)


def test_no_request_at_all(operators_run: RunDirectory) -> None:
    operators_run.requests.write_bytes(b"")
    report_and_show(operators_run)


def test_a_complete_runs_requests_that_are_cut_off(operators_run: RunDirectory) -> None:
    operators_run.requests.write_bytes(operators_run.requests.read_bytes()[:-10])
    with pytest.raises(UsageError, match=r"requests\.jsonl is cut off"):
        analyse(operators_run)


def test_lines_that_are_gone_are_missed(run: RunDirectory) -> None:
    whole = run.requests.read_bytes()
    document = json.loads(run.manifest.read_bytes())
    for phase in document["phases"]:
        phase["requests"] = sum(request.phase == phase["name"] for request in read_recorded(run).requests)
    run.manifest.write_text(json.dumps(document))
    assert read_recorded(run).requests
    run.requests.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    with pytest.raises(UsageError, match=r"requests\.jsonl has \d+ requests of the profile phase, not the"):
        read_recorded(run)


COLUMNS: dict[str, tuple[str, Callable[[Any], Any], str | None]] = {
    "tid 0": ("samples.tid", np.zeros_like, None),
    "weight 0": ("samples.weight", np.zeros_like, None),
    "no stack": ("samples.stack", lambda column: np.full_like(column, -1), None),
    "negative weight": ("samples.weight", lambda column: column - (1 << 40), "negative weight"),
    "endless weight": ("samples.weight", lambda column: np.full_like(column, 2**62), "nothing counts to"),
    "index beyond": ("samples.stack", lambda column: np.full_like(column, 10**6), "outside of its table"),
    "unequal": ("samples.cpu", lambda column: column[:-1], "differ in length"),
    "reversed": ("samples.time_ns", lambda column: column[::-1].copy(), "not in order of time"),
    "before time": ("samples.time_ns", lambda column: column - (1 << 60), "times that can't be"),
    "after time": ("switches.time_ns", lambda column: column + (1 << 60), "times that can't be"),
    "type": ("frames.symbol", lambda column: column.astype("<i8"), "is <i8, not <i4"),
    "unknown call": ("extra.call_kind", lambda column: np.full_like(column, 9), "outside of its table"),
    "type of a fact": ("extra.place", lambda column: column.astype("<i8"), "is int64, not uint8"),
    "lost": ("lost_samples", lambda column: np.full_like(column, 2**62), "lost samples"),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_columns_that_can_not_be(case: str, run: RunDirectory) -> None:
    name, change, said = COLUMNS[case]
    columns = npz.read(run.trace)
    npz.write(run.trace, columns | {name: change(columns[name])})
    if said is None:
        report_and_show(run)
        return
    with pytest.raises(UsageError, match=rf"/trace\.npz: .*{said}"):
        analyse(run)


class _Harmful:
    def __reduce__(self) -> Any:
        return (pytest.fail, ("a pickle was run",))


def test_pickled_objects_are_not_run(run: RunDirectory) -> None:
    array = io.BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": (1,)}
    np.lib.format.write_array_header_1_0(array, header)
    with zipfile.ZipFile(run.trace, "w") as archive:
        archive.writestr("samples.tid.npy", array.getvalue() + pickle.dumps(_Harmful()))
    with pytest.raises(UsageError, match=r"/trace\.npz: .*not a flat column of numbers"):
        analyse(run)


def test_a_run_of_today_and_one_of_an_earlier_version_still_open(tmp_path: Path) -> None:
    data = Path(__file__).parents[1] / "study" / "data"
    for name in ("spin-on", "spin-off", "spin-on-1.12.1"):
        report_and_show(RunDirectory(Path(shutil.copytree(data / name, tmp_path / name))))
