"""What to ask Kubernetes for: CPU request, limit, autoscaling target, whole cores; with the computation.

Sources: kubernetes.io, "Resource Management for Pods and Containers" (requests and limits in millicores; a
limit is a CFS quota), "Horizontal Pod Autoscaling" (utilisation is a percentage of the request), "Control CPU
Management Policies on the Node" (static policy: whole cores for Guaranteed pods).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings.formats import count
from profiler.findings.load.cpu_limit import least_quota_ms

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
class Demand:
    """What one container has to serve, and what that takes."""

    configuration: SessionConfiguration
    rate: float
    """Requests a second."""
    cpu_ms: float
    """CPU time of a request: the upper end of what the mean may be."""
    peak_ms: float
    """CPU time of a costly request."""
    threads: int
    """Of the pool, with the calling thread."""
    cpus: float | None = None
    """The limit that is planned with, if there is one."""

    @property
    def millicores(self) -> float:
        """What it uses on average: milliseconds of CPU time a second."""
        return self.rate * self.cpu_ms


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


def size(demand: Demand) -> Sizing:
    """Size a container so that it uses `UTILISATION` of its request at the planned rate."""
    load = demand.millicores
    quota_ms = least_quota_ms(demand.peak_ms, demand.rate / UTILISATION, PERIOD_MS)
    least = _millicores(1e3 * quota_ms / PERIOD_MS)
    wanted = _millicores(load / UTILISATION)
    limit = max(wanted, least) if demand.cpus is None else _millicores(1e3 * demand.cpus)
    request = min(wanted, limit)
    hpa = None if _polls_when_idle(demand.configuration) else _percent(min(load / request, UTILISATION))
    cores_pay = load >= 1e3 * BUSY * demand.threads
    at_once = count(round(quota_ms / demand.peak_ms), "request")
    steps = (
        f"load: {demand.rate:g}/s x {demand.cpu_ms:.2f} ms of CPU time = {load:.0f}m (millicores)",
        f"request: {load:.0f}m at {UTILISATION:.0%} use = {wanted}m",
        f"least limit: {at_once} x {demand.peak_ms:.2f} ms in each {PERIOD_MS:.0f} ms = {least}m",
        *_limit_steps(demand, limit, least),
        f"HPA: {load:.0f}m of {request}m, {UTILISATION:.0%} at most = {hpa} % of the request"
        if hpa is not None
        else "HPA: by requests a second, not by CPU, because idle spinning looks like load",
        f"static CPU policy: {count(demand.threads, 'whole core')}, one a thread, for {load:.0f}m in use: "
        + ("worth it" if cores_pay else "mostly idle"),
    )
    return Sizing(request, limit, hpa, demand.threads, cores_pay, steps)


def as_yaml(sizing: Sizing) -> str:
    """Return the container's `resources`, and the autoscaler's `metrics` where it has any."""
    text = f"resources:\n  requests:\n    cpu: {sizing.request}m\n  limits:\n    cpu: {sizing.limit}m\n"
    if sizing.cores_pay:
        text += f"# with the static CPU policy: cpu: {sizing.cores} for both, and the same memory for both\n"
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


def _limit_steps(demand: Demand, limit: int, least: int) -> list[str]:
    if demand.cpus is None:
        return [f"limit: the larger of both = {limit}m; measured without (see --cpus {limit / 1e3:g})"]
    enough = "enough" if least <= limit else "less than that: expect throttling"
    said = [f"limit: {limit}m, as planned with {demand.cpus:g} CPU: {enough}"]
    if demand.millicores > UTILISATION * limit:
        serves = UTILISATION * limit / demand.cpu_ms
        pods = math.ceil(demand.rate / serves)
        said.append(f"at {UTILISATION:.0%} use a container serves {serves:.3g}/s: plan {pods} of them")
    return said


def _polls_when_idle(configuration: SessionConfiguration) -> bool:
    """Whether idle threads poll without bounds set, so that CPU time does not follow the load."""
    entries = configuration.entries
    bounded = (
        entries.get("session.force_spinning_stop") == "1"
        or entries.get("session.intra_op.spin_duration_us", "-1") != "-1"
    )
    return configuration.spins and not bounded


def _percent(share: float) -> int:
    """Round down to whole percent: the autoscaler should rather come early."""
    return max(1, math.floor(round(100 * share, 6)))


def _millicores(value: float) -> int:
    """Round up to the step, but not for what is an error of floating point."""
    return max(STEP, STEP * math.ceil(round(value / STEP, 6)))
