"""Polls with sleeps have words of their own, and no advice that does nothing against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler.findings.verdict import verdict
from profiler.run.kinds import Evidence
from tests.summaries import cpu_time, made_summary

if TYPE_CHECKING:
    from profiler.findings.verdict import Verdict
    from profiler.run.sections.cpu_section import CpuFigures


def said(share: float, cpu: CpuFigures | None = None) -> Verdict:
    cpu = cpu or cpu_time(spin_idle=40, compute=60)
    return verdict(made_summary(cpu=msgspec.structs.replace(cpu, evidence={Evidence.SLEEP: share})))


def test_they_are_named_and_no_session_setting_is_advised() -> None:
    found = said(0.39)
    assert "40 % was threads polling with sleeps" in found.headline
    assert "39 % of the CPU time was polls with sleeps" in found.text
    (advice,) = found.advice
    assert advice.startswith("No session setting changes a poll with sleeps: a condition variable would")


def test_inside_requests_too() -> None:
    found = said(0.39, cpu_time(spin_join=40, compute=60))
    assert "40 % was threads polling with sleeps while requests were in flight" in found.headline
    assert not any("threads" in sentence.lower() and "fewer" in sentence for sentence in found.advice)


def test_beside_a_pool_that_spins_both_are_said() -> None:
    found = said(0.1)
    assert "worker threads spinning" in found.headline
    assert "10 % of the CPU time was polls with sleeps" in found.text
    assert any("spin-off" in sentence for sentence in found.advice)


def test_a_little_of_it_is_not_worth_a_sentence() -> None:
    assert "polls with sleeps" not in said(0.01).text
