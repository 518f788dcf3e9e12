from __future__ import annotations

from profiler.report import conditions
from profiler.spec.container import Container, EngineName
from tests.report.support import Made

CONTAINER = Container(
    engine=EngineName.PODMAN, version="4.3.1", rootless=True, image="ortprof", image_id="c2f3d03092b6e94645"
)


def facts(made: Made) -> dict[str, str]:
    analysis = made.analysis()
    brief = conditions.brief(analysis.manifest, analysis.summary)
    whole = conditions.condition_facts(analysis.manifest, analysis.summary)
    assert {fact.label for fact in brief if fact.label == "Container"} == {
        fact.label for fact in whole if fact.label == "Container"
    }
    return {fact.label: fact.text for fact in whole}


def test_a_run_on_the_machine_itself_names_no_container() -> None:
    assert "Container" not in facts(Made())


def test_engine_and_image_are_conditions_of_a_run() -> None:
    found = facts(Made(changes={"container": CONTAINER}))
    assert found["Container"] == "podman 4.3.1, rootless; image ortprof (c2f3d03092b6)"
