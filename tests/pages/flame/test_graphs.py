"""Both flame graphs of a real run, read as the page's script does."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler.findings.threads import sampled_threads
from profiler.pages.base.packed import unpack
from profiler.pages.flame.graphs import Graphs, graphs
from profiler.run.doubt import Doubt
from profiler.run.kinds import EVIDENCES, WAITS, Wait
from tests.pages.support import spinning
from tests.summaries import edited, present

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis


def graphs_of(analysis: Analysis) -> tuple[Graphs, int]:
    """Return the graphs, and how many threads were sampled."""
    assert analysis.profile is not None
    trace, attribution = analysis.profile.trace, analysis.profile.attribution
    threads = sampled_threads(trace, attribution, analysis.manifest.process)
    return graphs(analysis, analysis.profile, threads), len(threads)


def without_chains(analysis: Analysis, unavailable: list[Doubt]) -> Analysis:
    profile = analysis.profile
    assert profile is not None
    assert profile.off_cpu is not None
    settings = msgspec.structs.replace(profile.off_cpu.settings, wait_events=[])
    return dataclasses.replace(
        analysis,
        summary=edited(analysis.summary, unavailable=unavailable),
        profile=dataclasses.replace(profile, off_cpu=dataclasses.replace(profile.off_cpu, settings=settings)),
    )


def test_the_graph_off_the_cpu_holds_what_the_table_of_waits_does(analysis: Analysis) -> None:
    made, sampled = graphs_of(analysis)
    found: Counter[tuple[Wait, bool]] = Counter()
    for tag, us in zip(
        unpack(made.columns["off.spent.tag"]), unpack(made.columns["off.spent.us"]), strict=True
    ):
        rest, in_request = divmod(tag, 2)
        thread, kind = divmod(rest // len(EVIDENCES), len(WAITS))
        assert thread <= sampled
        found[WAITS[kind], bool(in_request)] += us
    by_role = present(analysis.summary.waits).by_role.values()
    for wait in Wait:
        known = {True: (role.in_request for role in by_role), False: (role.idle for role in by_role)}
        for in_request, waits in known.items():
            ms = sum(by_kind[wait] for by_kind in waits)
            assert found[wait, in_request] / 1e3 == pytest.approx(ms, abs=0.1, rel=0.001)


def test_both_graphs_share_the_strings(analysis: Analysis) -> None:
    made, _ = graphs_of(analysis)
    assert len(set(made.strings)) == len(made.strings)
    names = {side: unpack(made.columns[f"{side}.function.name"]) for side in made.about}
    assert {made.strings[i] for i in names["on"]} & {made.strings[i] for i in names["off"]} >= {"clone3"}
    assert any(made.strings[i] == "__x64_sys_futex" for i in names["off"])


@pytest.mark.parametrize(
    ("unavailable", "why"),
    [
        ([], "call chains of waits were not recorded; --waits trace records them"),
        ([Doubt("the call chains of waits", "no permission", "be root")], "no permission; be root"),
        ([Doubt("call chains of waits", "too many")], "too many"),
    ],
)
def test_without_chains_it_says_why(analysis: Analysis, unavailable: list[Doubt], why: str) -> None:
    made, _ = graphs_of(without_chains(analysis, unavailable))
    assert (made.off_why, list(made.about)) == (why, ["on"])


def test_without_switches_it_says_so() -> None:
    made, _ = graphs_of(spinning().analysis())
    assert made.off_why == "context switches were not recorded"
