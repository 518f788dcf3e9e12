from __future__ import annotations

import contextlib
import dataclasses
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiler.trace import npz
from profiler.trace.column_builder import from_strings
from profiler.trace.model import NONE, WAIT_EVENTS, Locations, WaitEvents
from profiler.trace.parse_error import TraceFileError
from profiler.trace.store import load, save
from tests.trace.parsed import parse

if TYPE_CHECKING:
    from profiler.arrays import Column
    from profiler.trace.model import Trace

GOLDEN = sorted((Path(__file__).parents[1] / "data" / "perf").glob("*.script"))


@pytest.fixture(scope="module")
def trace() -> Trace:
    with next(path for path in GOLDEN if path.stem.startswith("dwarf")).open("rb") as lines:
        return parse(lines)


@pytest.fixture
def stored(trace: Trace, tmp_path: Path) -> Path:
    path = tmp_path / "trace.npz"
    save(path, trace)
    return path


def plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.tolist())
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value


def rewrite(path: Path, **changes: Column | None) -> None:
    """Replace columns (`__` stands for a dot), or remove those that become None."""
    columns = npz.read(path)
    for name, column in changes.items():
        columns.pop(name.replace("__", "."), None)
        if column is not None:
            columns[name.replace("__", ".")] = column
    npz.write(path, columns)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_round_trip(golden: Path, tmp_path: Path) -> None:
    with golden.open("rb") as lines:
        trace = parse(lines)
    path = tmp_path / "trace.npz"
    save(path, trace)
    loaded, extra = load(path)
    assert plain(loaded) == plain(trace)
    assert extra == {}
    assert [file.name for file in tmp_path.iterdir()] == ["trace.npz"]


def test_empty_trace(tmp_path: Path) -> None:
    save(tmp_path / "t", parse([]))
    assert plain(load(tmp_path / "t")[0]) == plain(parse([]))


def with_locations(trace: Trace) -> Trace:
    """Give every other frame two places in the source."""
    frames = trace.frames.address.size
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.arange(frames) % 2 * 2)))
    rows = int(offsets[-1])
    names = np.arange(rows, dtype=np.int32) % len(trace.strings)
    return dataclasses.replace(trace, locations=Locations(offsets, names, names[::-1].copy(), names + 1))


def test_locations_are_kept(trace: Trace, tmp_path: Path) -> None:
    located = with_locations(trace)
    save(tmp_path / "t", located)
    loaded, _ = load(tmp_path / "t")
    assert plain(loaded) == plain(located)
    assert [loaded.levels(0), len(loaded.levels(1))] == [(), 2]
    assert located.locations is not None
    assert loaded.levels(1)[0] == (trace.strings[0], trace.strings[located.locations.file[0]], 1)


def test_a_trace_that_nobody_located_has_no_levels(stored: Path) -> None:
    loaded, _ = load(stored)
    assert loaded.locations is None
    assert loaded.levels(1) == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"locations__offsets": np.zeros(1, np.int64)}, "locations don't cover"),
        ({"locations__function": np.zeros(3, np.int32)}, "columns of 'locations' differ"),
        ({"locations__file": None}, "'locations.file' is missing"),
        ({"locations__line": np.zeros(2)}, "is <f8, not <i4"),
    ],
)
def test_locations_that_contradict_themselves_are_refused(
    trace: Trace, tmp_path: Path, changes: dict[str, Column | None], reason: str
) -> None:
    save(tmp_path / "t", with_locations(trace))
    rewrite(tmp_path / "t", **changes)
    with pytest.raises(TraceFileError, match=reason):
        load(tmp_path / "t")


def test_locations_outside_their_tables_are_refused(trace: Trace, tmp_path: Path) -> None:
    located = with_locations(trace).locations
    assert located is not None
    rows, path = located.line.size, tmp_path / "t"
    turned = located.offsets.copy()
    turned[1], turned[2] = 2, 0
    for name, column, reason in (
        ("function", np.full(rows, -1, np.int32), "'locations.function' points outside"),
        ("file", np.full(rows, len(trace.strings), np.int32), "'locations.file' points outside"),
        ("line", np.full(rows, -1, np.int32), "negative line"),
        ("offsets", turned, "end before they begin"),
    ):
        save(path, with_locations(trace))
        rewrite(path, **{f"locations__{name}": column})
        with pytest.raises(TraceFileError, match=reason):
            load(path)


def test_numpy_reads_it_too(stored: Path, trace: Trace) -> None:
    with np.load(stored, allow_pickle=False) as columns:
        assert columns["samples.time_ns"].tolist() == trace.samples.time_ns.tolist()


def test_extra_columns(trace: Trace, tmp_path: Path) -> None:
    rows = trace.frames.address.size
    extra = {
        "function": np.arange(rows, dtype=np.int32),
        "polling": np.ones(rows, np.bool_),
        "share": np.zeros(rows),
    }
    save(tmp_path / "t", trace, extra)
    assert plain_columns(load(tmp_path / "t")[1]) == plain_columns(extra)


def plain_columns(columns: dict[str, Column]) -> dict[str, Any]:
    return {name: plain(column) for name, column in columns.items()}


@pytest.mark.parametrize("column", [np.zeros(3, np.int32), np.array([], object)])
def test_extra_columns_of_another_shape_are_refused(trace: Trace, tmp_path: Path, column: Column) -> None:
    with pytest.raises(ValueError, match="column 'x' has shape"):
        save(tmp_path / "t", trace, {"x": column})
    assert not list(tmp_path.iterdir())


def test_objects_are_not_written(trace: Trace, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="object"):
        save(tmp_path / "t", trace, {"x": np.full(trace.frames.address.size, None, object)})
    assert not list(tmp_path.iterdir())


def int32(*values: int) -> Column:
    return np.array(values, np.int32)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema": None}, "not a trace"),
        ({"schema": np.frombuffer(b"ortprof.trace/9", np.uint8)}, "schema is 'ortprof.trace/9'"),
        ({"samples__tid": None}, "'samples.tid' is missing"),
        ({"samples__tid": int32(1)}, "differ in length"),
        ({"samples__tid": np.zeros(1)}, "is <f8, not <i4"),
        ({"frames__dso": int32(1)}, "differ in length"),
        ({"strings__ends": np.array([1], np.int64)}, "don't end"),
        ({"strings__ends": np.array([5, -9], np.int64)}, "don't end"),
        ({"strings__text": np.frombuffer(b"\xff", np.uint8), "strings__ends": np.array([1])}, "utf-8"),
        ({"stacks__offsets": np.array([], np.int64)}, "don't cover"),
        ({"stacks__offsets": np.array([0, 1 << 40], np.int64)}, "don't cover"),
        ({"stacks__frames": int32(0, 0), "stacks__offsets": np.array([0, 2, 0, 2])}, "no frames"),
        ({"stacks__frames": int32(0), "stacks__offsets": np.array([0, 1])}, "'samples.stack' points outside"),
        ({"events__text": np.zeros(0, np.uint8), "events__ends": np.zeros(0, np.int64)}, "'samples.event'"),
        ({"strings__text": np.zeros(0, np.uint8), "strings__ends": np.zeros(0, np.int64)}, "'frames.symbol'"),
        ({"comms__tid": int32(1)}, "thread names"),
        ({"lost_samples": np.array([-1], np.int64)}, "lost samples"),
        ({"lost_samples": np.array([], np.int64)}, "lost samples"),
        ({"extra.x": int32(1)}, "'x' has 1 rows"),
    ],
)
def test_contradictions(stored: Path, changes: dict[str, Column | None], reason: str) -> None:
    rewrite(stored, **changes)
    with pytest.raises(TraceFileError, match=reason) as caught:
        load(stored)
    assert caught.value.hint
    assert str(stored) in caught.value.message


def test_indices_and_order(stored: Path, trace: Trace) -> None:
    size = trace.samples.time_ns.size
    for name, column, reason in (
        ("stacks__frames", np.full(trace.stacks.frames.size, -1, np.int32), "'stacks.frames' points outside"),
        ("samples__stack", np.full(size, -2, np.int32), "'samples.stack' points outside"),
        ("samples__time_ns", np.arange(size, dtype=np.int64)[::-1], "order of time"),
        ("samples__weight", np.full(size, -1, np.int64), "negative weight"),
    ):
        before = stored.read_bytes()
        rewrite(stored, **{name: column})
        with pytest.raises(TraceFileError, match=reason):
            load(stored)
        stored.write_bytes(before)


def archive(path: Path, content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("schema.npy", content)
    return path


def npy(column: Column) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, column, version=(1, 0))
    return file.getvalue()


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TraceFileError, match="No such file"):
        load(tmp_path / "none")


def test_claimed_sizes_are_not_believed(tmp_path: Path) -> None:
    content = npy(np.zeros(3, np.uint8)).replace(b"(3,)", b"(999999999999,)")
    with pytest.raises(TraceFileError, match="shorter or longer"):
        load(archive(tmp_path / "t", content))


def test_unpacking_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npz, "MAX_BYTES", 1000)
    with pytest.raises(TraceFileError, match="unpacks to more"):
        load(archive(tmp_path / "t", npy(np.zeros(2000, np.uint8))))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unbounded_compressions_are_refused(tmp_path: Path, compression: int) -> None:
    with pytest.raises(TraceFileError, match="compressed in another way"):
        load(archive(tmp_path / "t", npy(np.zeros(3, np.uint8)), compression))


@pytest.mark.parametrize("column", [np.array([{}], object), np.zeros((2, 2)), np.array(["text"])])
def test_foreign_columns_are_refused(tmp_path: Path, column: Column) -> None:
    with pytest.raises(TraceFileError, match="not a flat column"):
        load(archive(tmp_path / "t", npy(column)))


def test_bools_are_made_bools(stored: Path, trace: Trace) -> None:
    with zipfile.ZipFile(stored) as file:
        members = {member.filename: file.read(member) for member in file.infolist()}
    name, size = "switches.preempted.npy", trace.switches.preempted.size
    members[name] = members[name][:-size] + b"\x02" * size
    with zipfile.ZipFile(stored, "w") as file:
        for member, content in members.items():
            file.writestr(member, content)
    assert load(stored)[0].switches.preempted.view(np.uint8).tolist() == [1] * size


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(data=st.data())
def test_damage_is_told_or_harmless(stored: Path, trace: Trace, data: st.DataObject) -> None:
    content = bytearray(stored.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    damaged = stored.with_name("damaged")
    damaged.write_bytes(content[:end])
    with contextlib.suppress(TraceFileError):  # the zip's dates, say, mean nothing to us
        assert plain(load(damaged)[0]) == plain(trace)


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """Return a file with one wait event of each kind, in the order of `WAIT_EVENTS`."""
    count = len(WAIT_EVENTS)
    events = WaitEvents(
        time_ns=np.arange(count, dtype=np.int64),
        tid=np.ones(count, np.int32),
        event=np.arange(count, dtype=np.int32),
        argument=np.full(count, NONE, np.int64),
        stack=np.full(count, NONE, np.int32),
    )
    path = tmp_path / "trace.npz"
    save(path, dataclasses.replace(parse([]), wait_events=events))
    return path


def test_wait_events_are_told_by_name_not_by_position(waiting: Path) -> None:
    rewrite(waiting, **names_column((*reversed(WAIT_EVENTS), "an event to come")))
    assert load(waiting)[0].wait_events.event.tolist() == [2, 1, 0]


def test_wait_events_of_files_without_names_mean_what_they_did(waiting: Path) -> None:
    rewrite(waiting, wait_event_names__text=None, wait_event_names__ends=None)
    assert load(waiting)[0].wait_events.event.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("an event to come", *WAIT_EVENTS[1:]), "unknown names"),
        (WAIT_EVENTS[:2], "points outside of its table of 2"),
    ],
)
def test_wait_events_that_mean_nothing_here_are_refused(
    names: tuple[str, ...], said: str, waiting: Path
) -> None:
    rewrite(waiting, **names_column(names))
    with pytest.raises(TraceFileError, match=said):
        load(waiting)


def names_column(names: tuple[str, ...]) -> dict[str, Column]:
    return {
        name.replace(".", "__"): column for name, column in from_strings("wait_event_names", names).items()
    }
