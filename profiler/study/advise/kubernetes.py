"""What to ask Kubernetes for: CPU request, limit, autoscaling target, whole cores; with the computation.

Sources: kubernetes.io, "Resource Management for Pods and Containers" (requests and limits in millicores, a
limit is a CFS quota), "Horizontal Pod Autoscaling" (utilisation is a percentage of the request), "Control CPU
Management Policies on the Node" (static policy: whole cores for Guaranteed pods).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.report.limits import least_quota_ms

if TYPE_CHECKING:
    from profiler.spec.configuration import SessionConfiguration

UTILISATION = 0.7
"""Share of its CPU request that a pod uses at the planned rate: the rest is for peaks, and for the minute or
so that an autoscaler takes to help."""
PERIOD_MS = 100.0
"""The kubelet's CFS period (cpuCFSQuotaPeriod)."""
STEP = 10
"""Millicores that figures are rounded up to."""
BUSY = 0.5
"""Share of whole cores in use from which reserving them is no waste."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """Figures for one container; CPU in millicores."""

    request: int
    limit: int
    hpa_percent: int | None
    """averageUtilization; None where CPU use does not follow the load."""
    cores: int
    """Whole CPUs to ask for under the static policy."""
    cores_pay: bool
    """Whether the load would keep them busy enough."""
    steps: tuple[str, ...]
    """How each figure came about."""


def size(
    configuration: SessionConfiguration,
    *,
    cpu_ms: float,
    peak_ms: float,
    rate: float,
    threads: int,
    cpus: float | None,
) -> Sizing:
    """Size a container for `rate` requests a second.

    A request costs `cpu_ms` of CPU time on average (the upper end of what it may be) and `peak_ms` where it
    costs much; `threads` is the pool with the calling thread, `cpus` the limit that is planned with, if any.
    """
    load = rate * cpu_ms
    request = _millicores(load / UTILISATION)
    peak_rate = rate / UTILISATION
    quota = least_quota_ms(peak_ms, peak_rate, PERIOD_MS)
    least = _millicores(1e3 * quota / PERIOD_MS)
    limit = max(request, least) if cpus is None else _millicores(1e3 * cpus)
    steps = [
        f"load: {rate:g}/s x {cpu_ms:.2f} ms of CPU time = {load:.0f}m (millicores)",
        f"request: {load:.0f}m / {UTILISATION:.0%} use at that rate = {request}m",
        f"least limit: {round(quota / peak_ms)} request{'s' if round(quota / peak_ms) > 1 else ''} x "
        f"{peak_ms:.2f} ms (a costly one) in each {PERIOD_MS:.0f} ms = {least}m",
    ]
    if cpus is None:
        steps.append(f"limit: the larger of both = {limit}m")
    else:
        enough = "enough" if least <= limit else "less than that: expect throttling"
        steps.append(f"limit: {limit}m, as planned with --cpus {cpus:g}: {enough}")
        request = min(request, limit)
        if load > UTILISATION * limit:
            most = UTILISATION * limit / cpu_ms
            steps.append(f"one container serves {most:.3g}/s at {UTILISATION:.0%}: plan {math.ceil(rate / most)}")
    share = max(0.01, min(load / request, UTILISATION))
    hpa = None if _polls_when_idle(configuration) else math.floor(round(100 * share, 6))
    if hpa is None:
        steps.append("HPA: by requests a second, not by CPU: idle spinning looks like load")
    else:
        steps.append(f"HPA: {load:.0f}m of {request}m, at most {UTILISATION:.0%} = {hpa} % of the request")
    cores_pay = load / 1e3 >= BUSY * threads
    verdict = "worth reserving" if cores_pay else "too many to reserve for it"
    cores = f"{threads} whole core{'s' if threads > 1 else ''}, one a thread"
    steps.append(f"static CPU policy: {cores}, for a load of {load / 1e3:.2f}: {verdict}")
    return Sizing(request, limit, hpa, threads, cores_pay, tuple(steps))


def as_yaml(sizing: Sizing) -> str:
    """Return the container's `resources`, and the autoscaler's `metrics` where it has any."""
    text = f"resources:\n  requests:\n    cpu: {sizing.request}m\n  limits:\n    cpu: {sizing.limit}m\n"
    if sizing.cores_pay:
        text += f"# On nodes with the static CPU policy: {sizing.cores} for both, and memory for both, alike.\n"
    if sizing.hpa_percent is None:
        return text
    return text + (
        "---\n"
        "# HorizontalPodAutoscaler, autoscaling/v2\n"
        "spec:\n"
        "  metrics:\n"
        "    - type: Resource\n"
        "      resource:\n"
        "        name: cpu\n"
        "        target:\n"
        "          type: Utilization\n"
        f"          averageUtilization: {sizing.hpa_percent}\n"
    )


def _polls_when_idle(configuration: SessionConfiguration) -> bool:
    """Whether its CPU time goes on after the last request, so that it does not follow the load."""
    return configuration.spins and configuration.entries.get("session.force_spinning_stop") != "1"


def _millicores(value: float) -> int:
    """Round up to the step; a quota that is no whole step already must not grow by rounding errors."""
    return max(STEP, STEP * math.ceil(round(value / STEP, 6)))
