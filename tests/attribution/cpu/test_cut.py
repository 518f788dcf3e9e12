from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from profiler.attribution.cpu.cut import cut_samples
from profiler.attribution.rules.facts import empty_facts
from profiler.findings.conditions import condition_facts
from tests.pages.support import KERNEL, LOOP, PAUSE, POOL, RUN, THREAD, Chain, Made, Sample
from tests.summaries import edited

LAST = ("", "[unknown]")
TIMER = ("asm_sysvec_apic_timer_interrupt", "[kernel.kallsyms]")


def cut(*chains: Chain) -> int:
    """Count the chains that are cut; each of them is a sample's. Every function has a start but two."""
    profile = (
        Made(samples=[Sample(i + 1, POOL[0], chain) for i, chain in enumerate(chains)]).analysis().profile
    )
    assert profile is not None
    trace = profile.trace
    unknown = np.array([trace.strings[dso] == LAST[1] for dso in trace.frames.dso.tolist()], bool)
    kernel = np.array([trace.strings[dso] == TIMER[1] for dso in trace.frames.dso.tolist()], bool)
    facts = empty_facts(len(unknown))
    start = np.where(unknown | kernel, -1, np.arange(len(unknown)) * 64)
    trace = dataclasses.replace(
        trace, frames=dataclasses.replace(trace.frames, dso=np.where(unknown, -1, trace.frames.dso))
    )
    return cut_samples(trace, dataclasses.replace(facts, function_start=start), profile.attribution)


@pytest.mark.parametrize(
    ("chains", "expected"),
    [
        ([(THREAD, LOOP, PAUSE), (LOOP, PAUSE)], 1),
        ([(THREAD, LOOP, PAUSE), (LAST, LOOP, PAUSE), (LAST, PAUSE)], 2),
        # Threads begin in different functions; assembly has no caller anywhere.
        ([(THREAD, LOOP), (RUN, LOOP), (KERNEL,), (KERNEL, TIMER)], 0),
        ([(THREAD, LOOP, TIMER), (TIMER,)], 0),
        ([(LAST,), ()], 0),
        ([], 0),
    ],
)
def test_a_chain_is_cut_where_others_go_on(chains: list[Chain], expected: int) -> None:
    assert cut(*chains) == expected


def test_recursion_that_never_ends_is_cut() -> None:
    assert cut((LOOP, LOOP, PAUSE)) == 1


@pytest.mark.parametrize("count", [0, 3])
def test_the_conditions_say_how_many(count: int) -> None:
    analysis = Made(samples=[Sample(i + 1, POOL[0], (THREAD,)) for i in range(30)]).analysis()
    summary = edited(analysis.summary, perf__cut_chains=count)
    (said,) = (fact.text for fact in condition_facts(analysis.manifest, summary) if fact.label == "Samples")
    assert ("3 (10 %) with call chains cut short" in said) == bool(count)
