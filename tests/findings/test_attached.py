from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.findings import attached
from profiler.findings.finding import Finding
from profiler.findings.load.phase_figures import figure_rows
from profiler.findings.spin_window_words import ends, spin_window_brief
from profiler.findings.verdict import verdict
from profiler.run.attached import Attached, MappedRuntime, Origin, Target
from profiler.run.cpu_budget import Cpus
from profiler.run.kinds import Kind
from profiler.run.parts import InferredSettings, PoolFigures
from profiler.run.processes import PoolRole
from profiler.run.request import RequestSource
from profiler.run.sections.load_section import CpuBudget
from profiler.run.sections.unavailable import Unavailable
from profiler.run.sections.wait_section import SpinWindowFigures
from profiler.run.summary import available, from_document, to_document
from tests.summaries import cpu_time, edited, made_summary

if TYPE_CHECKING:
    from profiler.run.summary import Summary

WHEEL = MappedRuntime("/x.so", Origin.WHEEL, "1.32.0", None, "none")


def target(pid: int, **changes: object) -> Target:
    cpus = Cpus(allowed=[0, 1], quota=0.5, threads=1)
    made = Target(pid=pid, parent=1, command="python", threads=9, runtimes=[WHEEL], cpus=cpus)
    return edited(made, **changes)


def pool(name: str, *, spins: bool | None, ms: float, after: float | None = None) -> PoolFigures:
    polled = {True: 0.9, False: 0.05, None: None}[spins]
    return PoolFigures(
        id=name,
        process=100,
        role=PoolRole.INTRA_OP,
        threads=3,
        callers=1,
        total_ms=ms,
        by_kind={Kind.SPIN_IDLE: ms * (polled or 0.0), Kind.COMPUTE: ms * (1 - (polled or 0.0))},
        tids=[101, 102, 103],
        caller_tids=[100],
        evidence=["creation order"],
        inferred=InferredSettings(4, spins, polled, 0, after),
    )


def service(*pools: PoolFigures) -> Summary:
    return edited(
        made_summary(),
        config=None,
        workload=None,
        measured=Unavailable("attached"),
        attached=Attached("checkout", True, [target(100), target(200, ended_seconds=2.0, joined=True)]),
        pools=list(pools),
        profiled__requests=0,
        profiled__cpu_ms_per_request=None,
        cpu__by_kind={**dict.fromkeys(Kind, 0.0), Kind.SPIN_IDLE: 885.0, Kind.COMPUTE: 295.0},
    )


def test_the_pools_that_spin_are_named_the_costliest_first() -> None:
    said = verdict(
        service(
            pool("pool A", spins=True, ms=100.0, after=12.0),
            pool("pool B", spins=False, ms=50.0),
            pool("pool C", spins=True, ms=800.0),
            pool("pool D", spins=None, ms=0.0),
        )
    )
    assert said.headline == "Of 1,180 ms CPU, 75 % was worker threads spinning for work to come."
    costliest, other = (sentence for sentence in said.details if "spins (inferred)" in sentence)
    assert costliest.startswith("Pool C (3 threads of process 100) spins (inferred): 90 % of its 800 ms CPU")
    assert other.endswith("its threads block 12.0 ms after they last worked.")
    assert "Pool B blocks its idle threads at once (inferred)." in said.details
    assert "for the sessions of pool A and pool C" in said.text
    assert "request" not in said.text, "nobody told of any"


def test_more_threads_than_cpus_are_counted_over_all_pools() -> None:
    crowded = edited(
        service(pool("pool A", spins=True, ms=100.0), pool("pool B", spins=False, ms=1.0)),
        cpus=CpuBudget(allowed=[0, 1], threads=8, usable=2.0),
    )
    said = verdict(crowded).text
    assert "2 pools and the threads that call them are 8 threads that compute or poll, for 2.00 CPU" in said
    assert "--threads" not in said


def test_what_is_not_known_is_not_said_to_block() -> None:
    said = verdict(service(pool("pool A", spins=None, ms=0.0)))
    assert "pool A" not in said.text.lower()
    assert (
        attached.observed_rows(service(pool("pool A", spins=None, ms=0.0)))[0].cells[5] == "too little seen"
    )


def test_no_pool_is_no_fault() -> None:
    assert "leave it as it is" in verdict(service()).text


def test_rows_say_what_each_process_and_pool_is() -> None:
    summary = service(pool("pool A", spins=True, ms=100.0))
    first, second = attached.process_rows(summary)
    assert (first.name, *first.cells) == (
        "100", "python", "1.32.0, Python wheel", "9", "0.5 (quota)", "-", "-",
    )  # fmt: skip
    assert second.cells[-1] == "joined, ended after 2.0 s"
    [evidence] = attached.evidence_rows(summary)
    assert evidence.cells == ("100", "creation order", "101, 102, 103", "100")


def test_figures_of_requests_are_left_out_where_nobody_told_of_any() -> None:
    rows = figure_rows(service())
    assert [row.label for row in rows] == ["Length", "CPU, of one core"]
    assert rows[0].measured.why == "attached"


def test_a_recorded_run_has_none_of_this() -> None:
    summary = made_summary()
    rows = attached.process_rows(summary), attached.observed_rows(summary), attached.evidence_rows(summary)
    assert rows == ([], [], [])
    assert attached.details(summary) == []


def test_an_attached_summary_comes_back_from_its_document() -> None:
    summary = service(pool("pool A", spins=True, ms=100.0))
    assert from_document(to_document(summary)) == summary


def test_a_service_that_did_nothing_is_told_so() -> None:
    """Not as a run that ended before anything was measured."""
    idle = edited(service(), profiled__cpu_ms=0.0, profiled__cpu_percent=0.0, cpu=cpu_time())
    said = verdict(idle)
    assert said.finding is Finding.DID_NOTHING
    assert said.headline == (
        "What was recorded did nothing: no CPU time was used, and no call of Run was seen."
    )
    assert "In 10 s 2 processes used 0.0 % of one core under perf." in said.details
    assert said.advice == ("Profile it while it has requests to serve.",)
    assert "No pool" not in said.text
    assert verdict(edited(idle, profiled__cpu_ms=0.2, cpu=cpu_time(app=0.2))).finding is not said.finding


def test_how_long_pools_spin_is_said_once() -> None:
    window = SpinWindowFigures(p50=400.0, max=900.0, requests=50, cut_off=0)
    blocks = service(pool("pool A", spins=True, ms=10.0, after=406.0), pool("pool B", spins=False, ms=5.0))
    assert spin_window_brief(edited(blocks, spin_window_ms=window)) == []
    unknown = service(pool("pool A", spins=True, ms=10.0), pool("pool B", spins=False, ms=5.0))
    assert spin_window_brief(edited(unknown, spin_window_ms=window)) == [
        "The pools that spin do so 400 ms after each request (median; longest 900 ms)."
    ]


def test_ends_of_requests_that_are_not_as_many_as_these_say_why() -> None:
    window = SpinWindowFigures(p50=400.0, max=900.0, requests=50, cut_off=8)
    assert ends(edited(service(), profiled__requests=50), window) == "50 requests"
    assert "those that overlap have one, with each pool" in ends(
        edited(service(), profiled__requests=47), window
    )


def test_of_requests_that_are_not_all_known_no_cost_of_one_is_told() -> None:
    missing = {"profiled__requests_unknown_of": ["pool B"], "profiled__cpu_ms_per_request": None}
    part = edited(service(), profiled__requests=15, **missing)
    said = "The requests of pool B are not known, whose CPU time would count as these'"
    assert f"{said}: CPU time a request is not told." in verdict(part).details
    assert "15 requests (as the program says); median latency 4.00 ms." in verdict(part).details
    [cost] = [row.profiled for row in figure_rows(part) if row.label == "CPU per request"]
    assert "pool B" in cost.why


@pytest.mark.parametrize(
    ("sources", "how"),
    [
        ([RequestSource.LOG], "as the log says"),
        ([RequestSource.MARKS], "as the program says"),
        ([RequestSource.PROBES], "as the kernel's probes saw"),
        (
            [RequestSource.MARKS, RequestSource.INFERRED],
            "as the program says and inferred from what threads do between their waits",
        ),
    ],
)
def test_how_requests_are_known_is_said(sources: list[RequestSource], how: str) -> None:
    summary = service()
    profiled = available(made_summary().profiled)
    assert profiled is not None
    known = edited(profiled, requests_known_by=sources)
    said = attached.details(edited(summary, profiled=known))
    assert any(f"requests ({how}), " in sentence for sentence in said)
