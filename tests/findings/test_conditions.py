from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler.findings.conditions import UNOPTIMISED, brief, condition_facts, doubts
from profiler.run.cpu_budget import Cpus
from profiler.run.sections.cpu_section import PerfFigures
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.container import Container, EngineName
from profiler.spec.ort_build import OrtConfig
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.trace.model import SWITCH_OUT, WAKING
from tests.pages.support import Made

if TYPE_CHECKING:
    from profiler.run.manifest import Manifest
    from profiler.run.summary import Summary


def made_with(build: OrtConfig | None) -> tuple[Manifest, Summary]:
    analysis = Made().analysis()
    ort = msgspec.structs.replace(analysis.manifest.ort, build=build)
    return msgspec.structs.replace(analysis.manifest, ort=ort), analysis.summary


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (None, "1.31.1, stripped"),
        *((config, f"1.31.1 ({config.cmake_name}), stripped") for config in OrtConfig),
    ],
)
def test_the_conditions_name_the_build(build: OrtConfig | None, words: str) -> None:
    manifest, summary = made_with(build)
    for facts in (brief(manifest, summary), condition_facts(manifest, summary)):
        (text,) = [fact.text for fact in facts if fact.label == "ONNX Runtime"]
        assert text.startswith(words)


@pytest.mark.parametrize("build", [None, *OrtConfig])
def test_only_a_debug_build_warns_of_its_proportions(build: OrtConfig | None) -> None:
    assert (UNOPTIMISED in doubts(*made_with(build))) == (build is OrtConfig.DEBUG)


def test_what_was_changed_for_a_run_is_said_in_words() -> None:
    adjusted = SessionConfiguration(name="spin-on").adjusted(
        threads=4, inter_op=2, entries={"session.intra_op.spin_duration_us": "500"}
    )
    changed = facts(Made(changes={"configuration": adjusted}))["Changed for this run"]
    assert changed == "threads 4, inter-op threads 2, spin_duration_us=500"


CONTAINER = Container(
    engine=EngineName.PODMAN, version="4.3.1", rootless=True, image="ortprof", image_id="c2f3d03092b6e94645"
)


def facts(made: Made) -> dict[str, str]:
    analysis = made.analysis()
    short = brief(analysis.manifest, analysis.summary)
    whole = condition_facts(analysis.manifest, analysis.summary)
    assert {fact.label for fact in short if fact.label == "Container"} == {
        fact.label for fact in whole if fact.label == "Container"
    }
    return {fact.label: fact.text for fact in whole}


def test_the_conditions_say_where_perf_counted_and_why() -> None:
    analysis = Made().analysis()
    assert isinstance(analysis.summary.perf, PerfFigures)

    def scope(*, stays: bool = False, **changes: object) -> str:
        perf = msgspec.structs.replace(analysis.summary.perf, **changes)
        manifest = msgspec.structs.replace(analysis.manifest, keeps_perf_data=stays)
        found = condition_facts(manifest, msgspec.structs.replace(analysis.summary, perf=perf))
        (text,) = [fact.text for fact in found if fact.label == "Scope"]
        return text

    assert scope() == "perf counted in the process's threads"
    assert scope(scope_reason="as asked for").endswith("threads: as asked for")
    text = scope(scope=Scope.CPUS, scope_reason="as asked for", scope_cpus=[0, 1, 2, 5])
    assert text.startswith("perf counted on CPU 0-2,5, kept to the process when decoded: as asked for; ")
    assert text.endswith("so it goes once it is decoded, unless --keep-perf-data")
    assert scope(stays=True, scope=Scope.CPUS).endswith("--keep-perf-data asks: only its owner may read it")


def test_the_conditions_say_what_was_recorded_of_waits_and_why() -> None:
    analysis = Made().analysis()

    def waits(**changes: object) -> list[str]:
        perf = msgspec.structs.replace(analysis.summary.perf, **changes)
        found = condition_facts(analysis.manifest, msgspec.structs.replace(analysis.summary, perf=perf))
        return [fact.text for fact in found if fact.label == "Waits"]

    assert waits() == []  # an earlier version did not say why
    assert waits(waits_reason="as asked for") == ["not recorded: as asked for"]
    alone = waits(waits=Waits.SWITCHES, waits_reason="3 % is the goal")
    assert alone == ["context switches alone: 3 % is the goal"]
    rich = waits(waits=Waits.TRACE, wait_events=[SWITCH_OUT, WAKING], waits_reason="they add 1 %")
    assert rich == ["context switches, where threads wait, who wakes them: they add 1 %"]


def test_a_run_on_the_machine_itself_names_no_container() -> None:
    assert "Container" not in facts(Made())


def test_engine_and_image_are_conditions_of_a_run() -> None:
    found = facts(Made(changes={"container": CONTAINER}))
    assert found["Container"] == "podman 4.3.1, rootless; image ortprof (c2f3d03092b6)"


@pytest.mark.parametrize(
    ("worker", "words"),
    [
        ([1], "on CPU 1, which the workload had not"),
        ([0, 1], "on CPU 0-1, which the workload had too"),
        ([], None),
    ],
)
def test_the_conditions_say_where_a_cluster_s_worker_was(worker: list[int], words: str | None) -> None:
    analysis = Made().analysis()
    cpus = Cpus(allowed=[0], threads=1)
    manifest = msgspec.structs.replace(analysis.manifest, cpus=cpus, worker_cpus=worker)
    said = {fact.label: fact.text for fact in condition_facts(manifest, analysis.summary)}
    assert said.get("Cluster's worker") == words
