from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler.spec.limit import Limit
from profiler.study.compare import comparable

if TYPE_CHECKING:
    from profiler.study.compare.comparison import Comparison
    from profiler.study.compare.sides import Pair


def test_the_settings_that_are_compared_come_first(comparison: Comparison) -> None:
    assert [(one.label, one.before, one.after) for one in comparison.differences] == [
        ("session.inter_op.allow_spinning", "1", "0"),
        ("session.intra_op.allow_spinning", "1", "0"),
    ]
    assert ("ONNX Runtime", "1.32.0") in comparison.common
    assert ("Limit", "no limit") in comparison.common


def test_another_version_is_said_with_what_it_means(across_builds: Comparison) -> None:
    said = {one.label: one for one in across_builds.differences}
    assert (said["ONNX Runtime"].before, said["ONNX Runtime"].after) == ("1.12.1", "1.32.0")
    assert said["Its symbols"].after == "stripped: no names"
    assert said["ONNX Runtime"].caution in across_builds.cautions


def test_sides_of_one_configuration_are_told_apart_by_what_differs(pair: Pair) -> None:
    one = pair.before.analysis.manifest
    assert one.workload is not None
    label = one.title

    def labels(**changes: object) -> tuple[str, str]:
        return comparable.side_labels(one, msgspec.structs.replace(one, **changes))

    newer = msgspec.structs.replace(one.ort, version="1.33.0")
    assert labels(ort=newer, limit=Limit(cpus=0.1)) == (f"{label} (1.32.0)", f"{label} (1.33.0)")
    assert labels(limit=Limit(cpus=0.1)) == (f"{label} (no limit)", f"{label} (0.1 CPU)")
    faster = msgspec.structs.replace(one.workload, rate=10.0)
    assert labels(workload=faster) == (f"{label} (4 requests/s)", f"{label} (10 requests/s)")
    assert labels(created="2026-01-01T00:00:00Z")[1] == f"{label} (2026-01-01 00:00:00 UTC)"
    assert labels(run_id="other")[1] == f"{label} (other)"


def test_a_build_is_its_version_symbols_and_python(pair: Pair) -> None:
    one = pair.before.analysis.manifest
    assert comparable.same_build(one, pair.after.analysis.manifest)
    for key, value in {"version": "1.33.0", "symbols": "dwarf", "python": "3.12.1"}.items():
        other = msgspec.structs.replace(one, ort=msgspec.structs.replace(one.ort, **{key: value}))
        assert not comparable.same_build(one, other)
