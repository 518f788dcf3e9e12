"""What a CPU limit did, and what helps against it, in words; pure, from summary.json's content."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from profiler.findings.formats import count, ms, number, percent
from profiler.findings.observer import disturbance
from profiler.findings.thresholds import FEW_SAMPLES, MUCH_OF_WALL
from profiler.findings.worker_threads import oversubscription
from profiler.run.kinds import Category, Kind, Meanwhile, Part
from profiler.run.summary import available
from profiler.spec.configuration import ALLOW_SPINNING
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from profiler.run.sections.load_section import PhaseFigures, ThrottledFigures
    from profiler.run.summary import Summary
    from profiler.spec.limit import Limit

MUCH_SPIN = 0.1
"""A share of the CPU time from which spinning is named as what eats the quota."""
MUCH_THROTTLED = 0.1
"""A share of the periods from which on what was spun is what the limit left of it."""
BURST_USE = 0.8
"""Use of the quota on average below which what quiet periods leave would cover the peaks."""


def limit_text(limit: Limit) -> str:
    """Return a limit as people say it: `0.1 CPU (10.0 ms in each 100 ms, burst 5.00 ms)`."""
    period = limit.period_us / 1e3
    burst = f", burst {ms(limit.burst_us / 1e3)}" if limit.burst_us else ""
    return f"{limit.cpus:g} CPU ({ms(limit.cpus * period)} in each {period:g} ms{burst})"


def least_quota_ms(cost_ms: float, rate: float, period_ms: float) -> float:
    """Return the least quota a period with which requests need not wait for another period, in ms.

    With a cost of C ms of CPU time a request, R requests a second and a period of T ms, a period holds
    n = max(1, ceil(R T / 1000)) requests at most when they come evenly, so the quota is n C. A cgroup that
    was idle starts with a fresh period, so one request finds the whole quota (sched-bwc.rst: the quota is
    refilled each period). Requests that come in bunches, as Poisson arrivals do, want more.
    """
    return max(1, math.ceil(rate * period_ms / 1e3)) * cost_ms


def quota_spent_spinning(summary: Summary) -> float | None:
    """Return the share of the profile phase's quota that went into spinning, or None where it is not known.

    The quota is that of the periods in which the process ran; where debts let it use more, what it used.
    """
    limit, share = summary.limit, _share(summary, Category.SPIN)
    cpu, profiled = available(summary.cpu), available(summary.profiled)
    throttled = profiled.throttled if profiled is not None else None
    if limit is None or cpu is None or share is None or throttled is None:
        return None
    granted = throttled.periods * limit.cpus * limit.period_us / 1e3
    return share * cpu.total_ms / max(granted, cpu.total_ms)


def headline(summary: Summary, throttled: ThrottledFigures) -> str:
    """Say what the limit did in the measured phase (`throttled`): periods, quota, the p95 request.

    What part of the quota was spent spinning rests on the profile: `spun` says it where perf disturbed.
    """
    share = throttled.throttled_periods / throttled.periods
    parts = [f"{percent(share)} of {count(throttled.periods, 'period')} throttled"]
    if disturbance(summary) is None:
        parts += [said.removesuffix(".") for said in spun(summary)]
    waited = throttled.per_request_ms
    if waited.p95_request:
        parts.append(f"the p95 request waited {ms(waited.p95_request)} for the next period")
    elif waited.mean:
        parts.append(f"a request waited {ms(waited.mean)} on average for the next period")
    where = f"Under a limit of {limit_text(summary.limit)}: " if summary.limit is not None else ""
    return f"{where}{'; '.join(parts)}."


def spun(summary: Summary) -> list[str]:
    """Say what part of the quota was spent spinning, where it is known."""
    share = quota_spent_spinning(summary)
    return [] if share is None else [f"{percent(share)} of the quota was spent spinning."]


def details(summary: Summary) -> list[str]:
    """Say what a slow request waited for quota; where a pool has more threads than CPUs, or left its own."""
    return [*_tail_request(summary), *oversubscription(summary)]


def _tail_request(summary: Summary) -> list[str]:
    """Say from context switches how long the p95 request, or else the slowest, waited for quota."""
    request = available(summary.request)
    if request is None:
        return []
    name, row = "p95", request.p95
    if row is None:
        name, row = "slowest", request.slowest
    own, workers = row.by_kind.get(Part.THROTTLED, 0.0), row.meanwhile.get(Meanwhile.THROTTLED, 0.0)
    if own + workers < MUCH_OF_WALL * row.wall_ms:
        return []
    of_workers = f", {ms(workers)} of it because its workers did" if workers else ""
    waited = f"waited {ms(own + workers)} of its {ms(row.wall_ms)} for the next period{of_workers}"
    return [f"Profiled, the {name} request {waited}."]


def advice(summary: Summary) -> list[str]:
    """Say what helps against throttling, what costs least first."""
    steps = _configuration(summary)
    limit, measured = summary.limit, available(summary.measured)
    if limit is None or measured is None:
        return [*steps, "Raise the CPU limit."]
    steps += _least_quota(summary, limit, measured)
    if not limit.burst_us and measured.cpu_percent < BURST_USE * 100 * limit.cpus:
        steps.append(
            f"On average the process used {percent(measured.cpu_percent / 100 / limit.cpus)} of its "
            "quota, so a burst (--cpu-burst; cpu.max.burst) helps: quiet periods then lend to busy ones."
        )
    steps.append(
        "On Kubernetes, the static CPU manager policy gives a Guaranteed pod that asks for whole CPUs cores "
        "of its own, on which there is nothing to run out of."
    )
    return steps


def _configuration(summary: Summary) -> list[str]:
    config, share = summary.config, _share(summary, Category.SPIN)
    if config is not None and config.threads == 1:
        return []
    single = "single-thread: threads that share a quota use it up together, then all stand still"
    if share is not None and share < MUCH_SPIN:
        return [f"Try {single}."]
    if config is not None and config.entries.get(ALLOW_SPINNING) == "0":
        return [f"Try {single}, and one alone has nobody to wait for by spinning."]
    return [f"Try {single}. Or try spin-off, which leaves the quota to the requests."]


def _least_quota(summary: Summary, limit: Limit, measured: PhaseFigures) -> list[str]:
    """Return the limit that would do; closed loops take whatever there is, and so does spinning."""
    workload = summary.workload
    if workload is None or workload.arrivals is Arrivals.CLOSED or not measured.cpu_ms_per_request:
        return []
    period = limit.period_us / 1e3

    def enough(cost: float) -> str:
        least = least_quota_ms(cost, workload.rate, period)
        return f"at least {ms(least)} in each {period:g} ms ({number(least / period)} CPU)"

    cost, idle = measured.cpu_ms_per_request, _share(summary, Kind.SPIN_IDLE) or 0.0
    spun, throttled = _spun_share(summary), measured.throttled
    cut = throttled is not None and throttled.throttled_periods >= MUCH_THROTTLED * throttled.periods
    if cut and (spun is None or spun >= MUCH_SPIN):
        left = (
            f"A request's {ms(cost)} of CPU time is what the limit left it: whatever spins takes more of more"
        )
        needs = "" if spun is None else f". Without any spinning, it needs {enough(cost * (1 - spun))}"
        return [f"{left}{needs}."]
    said = f"For its {ms(cost)} of CPU time, the average request needs a limit of {enough(cost)}"
    if idle >= MUCH_SPIN:
        said += f"; without the idle spinning, {enough(cost * (1 - idle))}"
    return [f"{said}."]


def _spun_share(summary: Summary) -> float | None:
    """Return the share of spinning in the CPU time; None where a pool may spin and nobody looked."""
    config = summary.config
    silent = config is not None and (config.threads == 1 or config.entries.get(ALLOW_SPINNING) == "0")
    share = _share(summary, Category.SPIN)
    return 0.0 if share is None and silent else share


def _share(summary: Summary, part: Kind | Category) -> float | None:
    """Return the share of a category or kind of CPU time, or None without a profile that can tell."""
    cpu = available(summary.cpu)
    if cpu is None or not cpu.total_ms or summary.samples < FEW_SAMPLES:
        return None
    return cpu.share(part)
