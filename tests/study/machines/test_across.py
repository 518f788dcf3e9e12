"""What is best on each machine type, and one for all: figures that a hand can check."""

from __future__ import annotations

import pytest

from profiler.pages.fleet.fleet_page import render_fleet
from profiler.study.cell_figures import study_figures
from profiler.study.machines.across import Across, OnMachine, across
from profiler.study.machines.machine_sentences import machine_sentences
from tests.study.made import Made, make_results


def machine(name: str, *made: Made, price: float | None = None, cpus: int = 4) -> OnMachine:
    rows = tuple(study_figures(make_results(made)))
    return OnMachine(name, f"{name} CPU", cpus, rows, f"{name}/study.html", price)


def only(machines: list[OnMachine], target_ms: float | None = None) -> Across:
    (found,) = across(machines, target_ms)
    return found


def names(found: Across) -> dict[str, str]:
    return {name: row.key.configuration for name, row in found.best.items()}


ALIKE = [
    machine("old", Made("spin-on", cpu_ms=20), Made("spin-off", cpu_ms=10)),
    machine("new", Made("spin-on", cpu_ms=12), Made("spin-off", cpu_ms=9)),
]
APART = [
    machine("old", Made("spin-on", cpu_ms=20), Made("spin-off", cpu_ms=10)),
    machine("new", Made("spin-on", cpu_ms=8), Made("spin-off", cpu_ms=10)),
]


def test_where_all_agree_it_is_one_sentence() -> None:
    found = only(ALIKE)
    assert names(found) == {"old": "spin-off", "new": "spin-off"}
    assert (found.common, dict(found.gains), found.differs) == ("spin-off", {}, False)
    assert machine_sentences(found, ALIKE) == [
        "spin-off takes the least CPU time a request on all machine types."
    ]


def test_where_they_differ_each_one_is_named_with_what_its_own_would_save() -> None:
    found = only(APART)
    assert names(found) == {"old": "spin-off", "new": "spin-on"}
    # 10/10 + 10/8 is less than 20/10 + 8/8.
    assert found.common == "spin-off"
    assert found.gains.keys() == {"new"}
    assert found.gains["new"].share == pytest.approx(0.2, abs=0.02)
    assert found.gains["new"].sure
    said = " ".join(machine_sentences(found, APART))
    assert "The best choice differs: spin-off on old CPU (" in said
    assert "spin-on on new CPU (" in said
    assert "One for all: spin-off" in said
    assert "new CPU would save 20 % of it by spin-on." in said


def test_a_difference_that_may_be_chance_is_said_to_be() -> None:
    machines = [
        machine("old", Made("spin-on", cpu_ms=20), Made("spin-off", cpu_ms=10)),
        machine("new", Made("spin-on", cpu_ms=9.9, spread=1.5), Made("spin-off", cpu_ms=10, spread=1.5)),
    ]
    found = only(machines)
    if found.differs:
        assert not found.gains["new"].sure
        assert "which may be chance" in " ".join(machine_sentences(found, machines))
    else:
        pytest.fail("these are meant to differ: choose another spread")


def test_with_a_target_only_what_surely_meets_it_is_chosen() -> None:
    machines = [
        machine("old", Made("spin-on", cpu_ms=20, latency_ms=5), Made("spin-off", cpu_ms=10, latency_ms=50)),
        machine("new", Made("spin-on", cpu_ms=20, latency_ms=3), Made("spin-off", cpu_ms=10, latency_ms=5)),
    ]
    found = only(machines, 10.0)
    assert names(found) == {"old": "spin-on", "new": "spin-off"}
    assert found.common == "spin-on"
    impossible = only(machines, 4.0)
    assert names(impossible) == {"new": "spin-on"}
    assert impossible.common is None
    assert machine_sentences(impossible, machines, 4.0)[0] == (
        "Nothing surely meets a p95 of 4.00 ms on old CPU."
    )


def test_what_was_overloaded_is_not_chosen() -> None:
    machines = [machine("old", Made("spin-on", cpu_ms=20), Made("spin-off", cpu_ms=10, unserved=50))]
    assert names(only(machines)) == {"old": "spin-on"}


def test_a_configuration_that_one_machine_type_lacks_is_not_for_all() -> None:
    machines = [
        machine("old", Made("spin-on", cpu_ms=20), Made("new-setting", cpu_ms=10)),
        machine("new", Made("spin-on", cpu_ms=20)),
    ]
    found = only(machines)
    assert found.common == "spin-on"
    assert found.gains["old"].share == pytest.approx(0.5, abs=0.02)


def test_a_price_is_of_the_whole_machine_and_its_busy_cpus() -> None:
    (row,) = study_figures(make_results([Made("spin-on", cpu_ms=36)]))
    priced = machine("old", Made("spin-on", cpu_ms=36), price=0.2, cpus=4)
    # A million requests are 10 CPU hours, 2.5 hours of the machine.
    assert priced.cost(row) == pytest.approx(0.5, rel=0.01)
    assert machine("old", Made("spin-on")).cost(row) is None


def test_the_page_shows_figures_links_and_words_and_escapes_what_strangers_say() -> None:
    evil = "<script>alert(1)</script>"
    machines = [*APART[:1], OnMachine("new", evil, 2, APART[1].rows, "new/study.html", 0.1)]
    page = render_fleet(evil, "fleet-id", machines, [("Study", evil)])
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert '<a href="new/study.html">' in page
    assert page.count('class="n best"') == 2
    for wanted in ("CPU ms a request", "p95", "spin window", "cost of a million requests", "fleet-id"):
        assert wanted in page


def test_a_page_without_a_machine_says_so() -> None:
    assert "Nothing has been measured yet" in render_fleet("t", "id", [], [])
