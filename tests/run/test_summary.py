"""summary.json as types: what it says, and what is done about one that is damaged or old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from profiler import files
from profiler.errors import UsageError
from profiler.run.attached import Attached
from profiler.run.sections.unavailable import Unavailable
from profiler.run.summary import (
    NOT_RECORDED,
    SCHEMA,
    available,
    from_document,
    read_summary,
    to_document,
    why_not,
)
from profiler.spec.container import Container, EngineName
from profiler.spec.ort_build import OrtConfig
from tests.run.conftest import REAL
from tests.run.run_directories import make_run
from tests.summaries import cpu_time, edited, made_summary, present, written

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.run.directory import RunDirectory

NOTHING = {"unavailable": "nothing was profiled"}
DOCUMENTS = (*REAL, "limited", "stopped")


def analysed(folder: Path, changes: dict[str, Any]) -> RunDirectory:
    """Return a run `a` with a made-up summary.json with other sections."""
    run = make_run(folder, "a")
    files.write_json(run.summary, written(made_summary()) | changes)
    return run


# --- reading


def test_it_has_the_most_wanted_figures(tmp_path: Path) -> None:
    found = read_summary(analysed(tmp_path, {}))
    assert found == made_summary()
    measured = present(found.measured)
    assert (measured.cpu_ms_per_request, measured.latency_ms.p95) == (11.8, 5)
    assert (found.spin_share, found.samples) == (0.25, 1180)
    assert found.limit is None


def test_what_was_not_measured_is_unavailable(tmp_path: Path) -> None:
    found = read_summary(analysed(tmp_path, dict.fromkeys(("measured", "cpu", "perf"), NOTHING)))
    assert found.measured == found.cpu == Unavailable("nothing was profiled")
    assert available(found.measured) is None
    assert why_not(found.measured) == "nothing was profiled"
    assert why_not(found.profiled) == ""
    assert found.spin_share is None
    assert found.samples == 0


def test_an_unavailable_section_may_say_what_to_do(tmp_path: Path) -> None:
    found = read_summary(analysed(tmp_path, {"waits": NOTHING | {"hint": "be root"}}))
    assert found.waits == Unavailable("nothing was profiled", "be root")
    assert to_document(found)["waits"] == NOTHING | {"hint": "be root"}
    assert to_document(found)["request"] == {"unavailable": "not recorded"}


def test_without_cpu_time_nothing_was_spun() -> None:
    assert made_summary(cpu=cpu_time()).spin_share is None


@pytest.mark.parametrize(
    ("changes", "runtime"),
    [
        ({}, "1.31.1"),
        ({"ort__version": "1.21.0", "ort__build": OrtConfig.DEBUG}, "1.21.0 debug"),
        ({"ort__version": "1.21.0", "ort__build": None}, "1.21.0"),
        (
            {
                "container": Container(
                    engine=EngineName.PODMAN, version="4.3.1", rootless=True, image="x", image_id="y"
                )
            },
            "1.31.1 podman",
        ),
    ],
)
def test_it_says_which_onnx_runtime_that_was(changes: dict[str, Any], runtime: str, tmp_path: Path) -> None:
    run = make_run(tmp_path, "a")
    files.write_json(run.summary, written(made_summary(**changes)))
    assert read_summary(run).runtime == runtime


# --- damage

PHASE = written(made_summary())["measured"]
DAMAGE = [
    ({"measured": None}, r"`measured`: Expected `object`, got `null`"),
    ({"measured": PHASE | {"cpu_ms_per_request": "2.5"}}, r"`measured`: .*got `str` - at `\$\.cpu_ms_per_r"),
    ({"measured": PHASE | {"latency_ms": {"p95": [7]}}}, r"`measured`: .* at `\$\.latency_ms"),
    (
        {"measured": PHASE | {"latency_ms": 7}},
        r"`measured`: Expected `object`, got `int` - at `\$\.latency_m",
    ),
    ({"profiled": {}}, r"`profiled`: Object missing required field"),
    ({"cpu": {"total_ms": "200", "by_category": {"spin": 50}}}, r"`cpu`: .*got `str` - at `\$\.total_ms"),
    ({"cpu": {"unavailable": 7}}, r"`cpu`: Expected `str`, got `int` - at `\$\.unavailable`"),
    ({"hot": [{}]}, r"`hot`: Object missing required field .* - at `\$\[0\]`"),
    ({"ort": "1.32.0"}, r"`ort`: Expected `object`, got `str`"),
    ({"unavailable": NOTHING}, r"`unavailable`: Expected `array`, got `object`"),
]


@pytest.mark.parametrize(("changes", "said"), DAMAGE)
def test_damage_is_named(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=rf"a/summary\.json is not what ortprof writes: {said}"):
        read_summary(analysed(tmp_path, changes))


def test_a_section_is_either_there_or_not() -> None:
    with pytest.raises(
        msgspec.ValidationError, match=r"^`measured`: Object contains unknown field `seconds`$"
    ):
        from_document(written(made_summary()) | {"measured": NOTHING | PHASE})


def test_a_number_that_no_double_holds_is_damage(tmp_path: Path) -> None:
    run = analysed(tmp_path, {"cpu": written(made_summary())["cpu"] | {"total_ms": 10**400}})
    with pytest.raises(UsageError, match=r"a/summary\.json is not what ortprof writes"):
        read_summary(run)


@pytest.mark.parametrize("name", ["run_id", "config", "ort", "host"])
def test_what_every_summary_has_is_missed(name: str, tmp_path: Path) -> None:
    document = written(made_summary())
    del document[name]
    with pytest.raises(msgspec.ValidationError, match=f"^`{name}` is missing$"):
        from_document(document)
    run = make_run(tmp_path, "a")
    files.write_json(run.summary, document)
    with pytest.raises(UsageError, match=rf"a/summary\.json is not what ortprof writes: `{name}` is missing"):
        read_summary(run)


def test_a_run_that_was_not_analysed_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^a was not analysed$"):
        read_summary(make_run(tmp_path, "a"))


# --- real ones


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_real_summary_is_written_as_it_was_read(name: str, documents: dict[str, dict[str, Any]]) -> None:
    document = documents[name]
    again = written(from_document(document))
    assert again == document
    assert [*again] == [*document]


def test_the_real_ones_hold_every_section(documents: dict[str, dict[str, Any]]) -> None:
    found = {name: from_document(document) for name, document in documents.items()}
    assert present(found["operators"].operators).by_node
    assert present(found["with symbols"].waits).chains
    assert present(found["spin-on"].request).requests == 30
    throttled = present(found["limited"].measured).throttled
    assert throttled is not None
    assert throttled.stopped_ms == 50
    assert found["limited"].cpus is not None
    assert found["limited"].container is not None
    assert why_not(found["stopped"].profiled) == "the profile phase did not run"


def test_summaries_of_older_versions_open(documents: dict[str, dict[str, Any]]) -> None:
    document = documents["operators"]
    newer, perf, phase = from_document(document), document["perf"], document["profiled"]
    older = {key: document[key] for key in document if key not in ("operators", "cpus", "container")}
    older["perf"] = {key: perf[key] for key in perf if key != "cut_chains"}
    older["profiled"] = {key: phase[key] for key in phase if key not in ("unserved", "throttled")}
    found = from_document(older)
    assert found == edited(newer, operators=NOT_RECORDED, cpus=None, perf__cut_chains=0)
    assert (present(found.perf).cut_chains, present(found.profiled).unserved) == (0, 0)
    assert found.schema == SCHEMA


def test_what_a_newer_version_adds_is_no_obstacle(documents: dict[str, dict[str, Any]]) -> None:
    document = documents["spin-on"]
    newer = document | {"energy": {"joules": 3}, "perf": document["perf"] | {"branches": 7}}
    assert from_document(newer) == from_document(document)


@pytest.mark.parametrize(
    ("changes", "titles"),
    [
        ({}, ("spin-on+t4", "bert")),
        ({"attached": Attached("shop", False, [])}, ("spin-on+t4", "shop, attached")),
        ({"attached": Attached("shop", False, []), "config": None}, ("shop", "attached")),
        ({"attached": Attached("shop", True, []), "config": None}, ("shop", "attached, with children")),
        (
            {"attached": Attached("shop", True, [], started=True), "config": None},
            ("shop", "started by ortprof"),
        ),
        ({"attached": Attached("shop", True, [], started=True)}, ("spin-on+t4", "shop, started by ortprof")),
    ],
)
def test_titles_say_how_a_run_was_recorded(changes: dict[str, Any], titles: tuple[str, str]) -> None:
    summary = made_summary(**changes)
    assert (summary.title, summary.subtitle) == titles
