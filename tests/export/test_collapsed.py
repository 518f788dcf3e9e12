from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from profiler.attribution.analyse import analyse
from profiler.export.columns.exported import exported
from profiler.export.formats import Format, KindFrame
from tests.export.support import hostile_run, summary_cpu_ns, written
from tests.pages.support import POOL, SPINNING, Made, Sample, spinning

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory

LINE = re.compile(r"^(.*?)((?: \d+\.\d{3})+)$")


def read(content: bytes) -> list[tuple[list[str], list[int]]]:
    """Read the format back: the frames of each line, and its nanoseconds."""
    rows = []
    for line in content.decode().splitlines():
        found = LINE.match(line)
        assert found is not None
        rows.append((found[1].split(";"), [int(weight.replace(".", "")) for weight in found[2].split()]))
    return rows


def by_kind(rows: list[tuple[list[str], list[int]]], frame: int, column: int = 0) -> dict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for frames, weights in rows:
        sums[frames[frame]] += weights[column]
    return {kind: ns for kind, ns in sums.items() if ns}


def of_summary(analysis: Analysis) -> dict[str, int]:
    return {f"[{kind.value}]": ns for kind, ns in summary_cpu_ns(analysis).items() if ns}


def test_lines_of_real_runs_sum_to_the_summary_by_kind(
    run: RunDirectory, operators_run: RunDirectory
) -> None:
    for one in (run, operators_run):
        analysis = analyse(one)
        rows = read(written(analysis, Format.COLLAPSED))
        assert by_kind(rows, -1) == of_summary(analysis)
        assert len({tuple(frames) for frames, _ in rows}) == len(rows)


def test_a_kind_can_be_outermost(analysis: Analysis) -> None:
    inner = read(written(analysis, Format.COLLAPSED))
    outer = read(written(analysis, Format.COLLAPSED, KindFrame.OUTERMOST))
    assert [([*frames[1:], frames[0]], weights) for frames, weights in outer] == inner


def test_a_difference_has_a_column_a_run(run: RunDirectory, operators_run: RunDirectory) -> None:
    before, after = analyse(run), analyse(operators_run)
    rows = read(written(before, Format.COLLAPSED, after=exported(after)))
    assert by_kind(rows, -1, 0) == of_summary(before)
    assert by_kind(rows, -1, 1) == of_summary(after)
    assert {len(weights) for _, weights in rows} == {2}
    assert len({tuple(frames) for frames, _ in rows}) == len(rows)


def test_what_only_one_run_has_is_nothing_in_the_other() -> None:
    one, two = spinning(), Made(samples=[Sample(500, POOL[0], SPINNING)])
    only = [Sample(600 + n, POOL[1], (("only", "/lib/x"),)) for n in range(3)]
    two.samples += only
    rows = read(written(one.analysis(), Format.COLLAPSED, after=exported(two.analysis())))
    assert [weights for frames, weights in rows if "only" in frames] == [[0, 3_000_000]]


def test_hostile_names_stay_one_frame() -> None:
    rows = read(written(hostile_run().analysis(), Format.COLLAPSED))
    hostile = [frames for frames, _ in rows if len(frames) == 3 and frames[0] == "clone3"]
    assert {len(frames) for frames, _ in rows} <= {2, 3, 4, 5}
    assert len([frames for frames in hostile if frames[1] != "f"]) >= 9


def test_an_empty_profile_is_an_empty_file() -> None:
    assert written(Made().analysis(), Format.COLLAPSED) == b""
