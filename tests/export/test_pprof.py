from __future__ import annotations

import dataclasses
import gzip
import itertools
import os
import re
import subprocess
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import descriptor_pb2
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.analyse import analyse
from profiler.export import protobuf_wire
from profiler.export.formats import Format
from tests.attribution.located import locate_by_hand
from tests.export.profile_proto import profile_class
from tests.export.support import hostile_run, summary_cpu_ns, summary_wait_ns, written
from tests.export.viewers import pprof
from tests.hostile import PAGE_NAMES
from tests.pages.support import LOOP, POOL, RUNTIME, SPINNING, Made, Sample

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory

TAG = re.compile(r"^ *(\d+)\.0ns \( *[\d.]+%\): (.*)$")


def read(analysis: Analysis) -> Any:
    profile = profile_class()()
    profile.ParseFromString(gzip.decompress(written(analysis, Format.PPROF)))
    return profile


def labels(profile: Any, sample: Any) -> dict[str, str]:
    texts = profile.string_table
    return {texts[label.key]: texts[label.str] for label in sample.label}


def by_label(profile: Any, label: str, value: int) -> dict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for sample in profile.sample:
        if sample.value[value]:
            sums[labels(profile, sample).get(label, "")] += sample.value[value]
    return dict(sums)


def some(table: dict[Any, int]) -> dict[str, int]:
    return {kind.value: ns for kind, ns in table.items() if ns}


def test_values_are_the_summarys(run: RunDirectory, operators_run: RunDirectory) -> None:
    for one in (run, operators_run):
        analysis = analyse(one)
        profile = read(analysis)
        assert by_label(profile, "kind", 1) == some(summary_cpu_ns(analysis))
        assert by_label(profile, "wait", 3) == some(summary_wait_ns(analysis))
        assert sum(sample.value[0] for sample in profile.sample) == analysis.summary.samples
        assert profile.string_table[0] == ""
        assert profile.string_table[profile.default_sample_type] == "cpu"


def test_requests_are_numbers_that_pprof_can_look_for(analysis: Analysis) -> None:
    profile = read(analysis)
    texts = profile.string_table
    found = [
        (label.num, texts[label.num_unit], label.str)
        for sample in profile.sample
        for label in sample.label
        if texts[label.key] == "request"
    ]
    last = len(analysis.recorded.requests_of("profile"))
    assert {number for number, _, _ in found} <= set(range(1, last + 1))
    assert {(unit, text) for _, unit, text in found} == {("count", 0)}


def test_samples_point_into_tables_that_are_there(analysis: Analysis) -> None:
    profile = read(analysis)
    locations = {location.id: location for location in profile.location}
    mappings = {mapping.id: mapping for mapping in profile.mapping}
    functions = {function.id for function in profile.function}
    assert {place for sample in profile.sample for place in sample.location_id} == set(locations)
    for location in locations.values():
        assert all(line.function_id in functions for line in location.line)
        assert location.line
        if location.mapping_id:
            mapping = mappings[location.mapping_id]
            assert mapping.memory_start <= location.address < mapping.memory_limit
    spans = sorted((mapping.memory_start, mapping.memory_limit) for mapping in mappings.values())
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


def test_build_ids_and_inlined_lines_are_kept() -> None:
    analysis = Made(samples=[Sample(500, POOL[0], SPINNING)]).analysis()
    profile = analysis.required_profile
    levels = [("poll", "pool.h", 7), (LOOP[0], "pool.cc", 70)]
    rows = [levels if name == LOOP[0] else [] for name, _ in profile.frame_names]
    located = dataclasses.replace(
        profile, trace=locate_by_hand(profile.trace, rows), build_ids={RUNTIME: "00ff"}
    )
    read_back = read(dataclasses.replace(analysis, profile=located))
    texts = read_back.string_table
    named = {texts[mapping.filename]: mapping for mapping in read_back.mapping}
    assert texts[named[RUNTIME].build_id] == "00ff"
    assert named[RUNTIME].has_inline_frames
    names = {f.id: (texts[f.name], texts[f.filename]) for f in read_back.function}
    (inlined,) = [location.line for location in read_back.location if len(location.line) == 2]
    assert [(*names[line.function_id], line.line) for line in inlined] == levels


def test_hostile_names_are_text() -> None:
    profile = read(hostile_run().analysis())
    names = {profile.string_table[function.name] for function in profile.function}
    assert {name.encode("utf-8", "replace").decode() for name in PAGE_NAMES} <= names


def test_go_reads_what_the_summary_says(
    tmp_path: Path, run: RunDirectory, operators_run: RunDirectory
) -> None:
    for one in (run, operators_run):
        analysis = analyse(one)
        path = tmp_path / "profile.pb.gz"
        path.write_bytes(written(analysis, Format.PPROF))
        assert tags(path, "kind", "cpu") == some(summary_cpu_ns(analysis))
        assert tags(path, "wait", "wait") == some(summary_wait_ns(analysis))
        first = sum(
            sample.value[1] for sample in read(analysis).sample for label in sample.label if label.num == 1
        )
        assert f"Showing nodes accounting for {first}ns" in go(
            "-top", "-unit=ns", "-nodecount=0", "-nodefraction=0", "-tagfocus=request=1", str(path)
        )
        total = sum(summary_cpu_ns(analysis).values())
        assert f"Total samples = {total}ns" in go("-top", "-unit=ns", str(path))


def tags(path: Path, tag: str, value: str) -> dict[str, int]:
    """Return the nanoseconds of each value of a tag, as `go tool pprof -tags` prints them."""
    sums: dict[str, int] = {}
    inside = False
    for line in go("-tags", "-unit=ns", f"-sample_index={value}", str(path)).splitlines():
        if "Total" in line:
            inside = line.split(":")[0].strip() == tag
        found = TAG.match(line)
        if inside and found is not None and int(found[1]):
            sums[found[2]] = int(found[1])
    return sums


def go(*arguments: str) -> str:
    environment = {**os.environ, "PPROF_TMPDIR": "/nonexistent"}
    done = subprocess.run([pprof(), *arguments], check=True, capture_output=True, text=True, env=environment)
    return done.stdout


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, (1 << 64) - 1, -1])
def test_varints_are_protobufs(value: int) -> None:
    # A message with an int64 in field 1 and a uint64 field in 4, of the library's own.
    option = descriptor_pb2.UninterpretedOption()
    option.ParseFromString(protobuf_wire.integer(5, value) + protobuf_wire.integer(4, value))
    assert option.positive_int_value == value % (1 << 64)
    assert option.negative_int_value == (value + (1 << 63)) % (1 << 64) - (1 << 63)


@given(st.lists(st.integers(0, 1 << 31)), st.text())
def test_packed_numbers_and_text_are_protobufs(values: list[int], text: str) -> None:
    numbers = [value % (1 << 31) for value in values]
    location = descriptor_pb2.SourceCodeInfo.Location()
    location.ParseFromString(protobuf_wire.packed(1, numbers) + protobuf_wire.text(3, text))
    assert list(location.path) == numbers
    assert location.leading_comments == text
