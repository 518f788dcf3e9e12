"""CPU time by kind, added up from what `ortprof export` wrote, by what each format is read with."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import duckdb
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as protos

from profiler.export.formats import Format
from tests.export.profile_proto import profile_class

if TYPE_CHECKING:
    from pathlib import Path


def cpu_ns(path: Path, form: Format) -> dict[str, int]:
    """Return the nanoseconds of each kind that a file (of tables, a folder) has any of."""
    read = {
        Format.COLLAPSED: _collapsed,
        Format.SPEEDSCOPE: _speedscope,
        Format.PPROF: _pprof,
        Format.FIREFOX: _firefox,
        Format.PERFETTO: _perfetto,
        Format.PARQUET: _tables,
        Format.CSV: _tables,
    }[form]
    return {kind: ns for kind, ns in read(path).items() if ns}


def _collapsed(path: Path) -> Counter[str]:
    sums: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        chain, weight = line.rsplit(" ", 1)
        sums[chain.rpartition(";")[2].strip("[]")] += int(weight.replace(".", ""))
    return sums


def _speedscope(path: Path) -> Counter[str]:
    document = json.loads(path.read_text())
    names = [frame["name"].strip("[]") for frame in document["shared"]["frames"]]
    sums: Counter[str] = Counter()
    for profile in document["profiles"]:
        if profile["name"].endswith("on CPU"):
            for chain, weight in zip(profile["samples"], profile["weights"], strict=True):
                sums[names[chain[-1]]] += weight
    return sums


def _pprof(path: Path) -> Counter[str]:
    profile: Any = profile_class()()
    profile.ParseFromString(gzip.decompress(path.read_bytes()))
    texts = profile.string_table
    sums: Counter[str] = Counter()
    for sample in profile.sample:
        (kind,) = (texts[one.str] for one in sample.label if texts[one.key] in ("kind", "wait"))
        sums[kind] += sample.value[1]
    return sums


def _firefox(path: Path) -> Counter[str]:
    document = json.loads(gzip.decompress(path.read_bytes()))
    names = [category["name"] for category in document["meta"]["categories"]]
    stacks, frames = document["shared"]["stackTable"]["frame"], document["shared"]["frameTable"]["category"]
    sums: Counter[str] = Counter()
    for thread in document["threads"]:
        samples = thread["samples"]
        for stack, ns in zip(samples["stack"], samples["threadCPUDelta"], strict=True):
            if stack is not None:
                sums[names[frames[stacks[stack]]]] += ns
    return sums


def _perfetto(path: Path) -> Counter[str]:
    trace: Any = protos.Trace()
    trace.ParseFromString(path.read_bytes())
    sums: Counter[str] = Counter()
    for packet in trace.packet:
        for note in packet.track_event.debug_annotations:
            if note.name == "cpu_ns" and packet.track_event.type == protos.TrackEvent.TYPE_SLICE_BEGIN:
                sums[packet.track_event.name] += note.int_value
    return sums


def _tables(folder: Path) -> Counter[str]:
    (path,) = folder.glob("samples.*")
    rows = duckdb.sql(f"SELECT kind, sum(cpu_ns) FROM '{path}' GROUP BY kind").fetchall()  # noqa: S608  our own text
    return Counter({kind: int(ns) for kind, ns in rows})
