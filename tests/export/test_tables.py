from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq
import pytest

from profiler.attribution.analyse import analyse
from profiler.export import parquet
from profiler.export.columns.exported import exported
from profiler.export.exporters import folder_exporter_of
from profiler.export.formats import Format
from profiler.run.kinds import KINDS, PARTS
from tests.export.support import hostile_run, summary_cpu_ns, summary_wait_ns
from tests.hostile import PAGE_NAMES
from tests.pages.support import Made

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory

PAGE = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
FORMATS = (Format.PARQUET, Format.CSV)


def write(analysis: Analysis, form: Format, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    folder_exporter_of(form).write_folder(exported(analysis), folder)
    return folder


def sums(folder: Path, form: Format, table: str, column: str) -> dict[str, int]:
    rows = duckdb.sql(f"SELECT kind, sum({column}) FROM '{folder}/{table}.{form.value}' GROUP BY kind")  # noqa: S608  our own text
    return {kind: int(ns) for kind, ns in rows.fetchall() if ns}


@pytest.mark.parametrize("form", FORMATS)
def test_duckdb_adds_up_what_the_summary_says(
    form: Format, tmp_path: Path, run: RunDirectory, operators_run: RunDirectory
) -> None:
    for number, one in enumerate((run, operators_run)):
        analysis = analyse(one)
        folder = write(analysis, form, tmp_path / str(number))
        cpu, waits = summary_cpu_ns(analysis), summary_wait_ns(analysis)
        assert sums(folder, form, "samples", "cpu_ns") == {k.value: ns for k, ns in cpu.items() if ns}
        assert sums(folder, form, "waits", "wait_ns") == {k.value: ns for k, ns in waits.items() if ns}


def test_requests_are_those_of_every_phase(tmp_path: Path, analysis: Analysis) -> None:
    rows = pq.read_table(write(analysis, Format.PARQUET, tmp_path) / "requests.parquet").to_pylist()
    assert Counter(row["phase"] for row in rows) == Counter(one.phase for one in analysis.requests)
    profiled = [row for row in rows if row["request"] is not None]
    expected = analysis.recorded.requests_of("profile")
    assert [row["request"] for row in profiled] == list(range(1, len(expected) + 1))
    assert [row["latency_ns"] for row in profiled] == [one.latency_ns for one in expected]
    for row in profiled:
        parts = sum(row[f"part_{part.value.replace('-', '_')}_ns"] for part in PARTS)
        assert parts == pytest.approx(row["latency_ns"], rel=0.02)
    assert {row["part_compute_ns"] for row in rows if row["phase"] != "profile"} == {None}


def test_each_column_says_what_it_holds(tmp_path: Path, analysis: Analysis) -> None:
    folder = write(analysis, Format.PARQUET, tmp_path / "tables")
    for path in folder.iterdir():
        schema = pq.read_schema(path)
        assert schema.metadata[b"run"].decode() == analysis.manifest.run_id
        for field in schema:
            assert field.metadata[b"description"]
            assert field.name.endswith("_ns") == (field.metadata.get(b"unit") == b"ns")
            assert f"`{field.name}`" in PAGE or field.name.startswith("part_"), field.name


def test_parts_of_a_table_are_the_whole(
    tmp_path: Path, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = write(analysis, Format.PARQUET, tmp_path / "whole")
    monkeypatch.setattr(parquet, "ROWS", 100)
    parts = write(analysis, Format.PARQUET, tmp_path / "parts")
    for name in ("samples", "waits", "requests"):
        assert pq.read_table(parts / f"{name}.parquet") == pq.read_table(whole / f"{name}.parquet")
    assert pq.ParquetFile(parts / "samples.parquet").num_row_groups == 15


def test_the_query_of_the_page_finds_the_spin_of_the_slowest_requests(
    tmp_path: Path, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(analysis, Format.PARQUET, tmp_path / "spin-on.parquet")
    (query,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    assert len(query.strip().splitlines()) == 5
    found = {kind: ms for kind, ms, *_ in duckdb.sql(query).fetchall()}
    made = exported(analysis)
    latencies = sorted(request.latency_ns for request in made.requests)
    place = 0.95 * (len(latencies) - 1)
    below = int(place)
    edge = latencies[below] + (place - below) * (latencies[below + 1] - latencies[below])
    slow = {number for number, one in enumerate(made.requests) if one.latency_ns >= edge}
    expected: Counter[str] = Counter()
    for kind, request, ns in zip(
        made.samples.kind.tolist(), made.samples.request.tolist(), made.samples.cpu_ns.tolist(), strict=True
    ):
        name = KINDS[kind].value
        if request in slow and name.startswith("spin"):
            expected[name] += ns
    assert found == {kind: pytest.approx(ns / 1e6) for kind, ns in expected.items()}
    assert found


def read_csv(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_hostile_names_are_text(tmp_path: Path) -> None:
    analysis = hostile_run().analysis()
    folder = write(analysis, Format.PARQUET, tmp_path / "parquet")
    names = set(pq.read_table(folder / "samples.parquet")["function"].to_pylist())
    cleaned = {name.encode("utf-8", "replace").decode() for name in PAGE_NAMES}
    assert cleaned | {"=HYPERLINK(1)"} <= names
    rows = read_csv(write(analysis, Format.CSV, tmp_path / "csv") / "samples.csv")
    assert cleaned | {"'=HYPERLINK(1)"} <= {row["function"] for row in rows}
    assert len(rows) == len(exported(analysis).samples.kind)
    for row in rows:
        assert not any(text.startswith(("=", "+", "-", "@")) for text in row.values())


def test_an_empty_profile_has_tables_without_rows(tmp_path: Path) -> None:
    for form in FORMATS:
        folder = write(Made().analysis(), form, tmp_path / form.value)
        assert sorted(path.name for path in folder.iterdir()) == [
            f"requests.{form.value}",
            f"samples.{form.value}",
        ]
