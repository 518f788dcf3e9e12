"""The sections of summary.json as types: the contract between those who make figures and those who show them.

Times are milliseconds, shares are from 0 to 1, percent of CPU means percent of one core. None stands for a
figure that this run could not give; a section that is missing as a whole is `Unavailable`.
"""

from __future__ import annotations

import msgspec

from profiler.run.cpu_budget import Cpus
from profiler.run.kinds import Category, Evidence, Kind, Meanwhile, Outside, Part, Role, Wait
from profiler.run.manifest import PerfSettings
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.waits import Waits


class Unavailable(
    msgspec.Struct, frozen=True, omit_defaults=True, rename={"why": "unavailable"}, forbid_unknown_fields=True
):
    """Instead of a section."""

    why: str
    hint: str = ""
    """What to do about it; empty where nothing helps."""


class LabelledConfiguration(SessionConfiguration, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`config`: the session configuration, with its label."""

    label: str
    """Name and adjustments: `spin-on+t4`."""


class CpuBudget(Cpus, frozen=True, kw_only=True):
    """`cpus`: the CPUs that the workload might use, and the threads that wanted them."""

    usable: float


class LatencyFigures(msgspec.Struct, frozen=True):
    """Milliseconds; None where the requests are too few to say."""

    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    max: float | None


class LateStarts(msgspec.Struct, frozen=True):
    """How long after their scheduled instants requests started."""

    mean: float
    max: float


class StoppedInRequests(msgspec.Struct, frozen=True):
    """What requests waited for quota, of `ThrottledFigures.stopped_ms`."""

    mean: float | None
    p95_request: float | None
    """Of the one request whose latency is the 95th percentile."""
    max: float | None


class ThrottledFigures(msgspec.Struct, frozen=True):
    """What a CPU limit did in a phase."""

    periods: int
    throttled_periods: int
    throttled_ms: float
    """The kernel's figure, a sum over CPUs."""
    bursts: int
    stopped_ms: float
    """Wall time in which no thread could run, to within `resolution_ms` a stretch."""
    resolution_ms: float
    per_request_ms: StoppedInRequests


class LoadFigures(msgspec.Struct, frozen=True):
    """CPU use and latency of one phase."""

    seconds: float
    requests: int
    cpu_ms: float
    cpu_percent: float
    """Of one core, as `top` shows it."""
    cpu_ms_per_request: float | None
    latency_ms: LatencyFigures
    late_start_ms: LateStarts | None


class PhaseFigures(LoadFigures, frozen=True, kw_only=True):
    """`measured`, where nothing was attached, and `profiled`, under perf."""

    throttled: ThrottledFigures | None = None
    """None without a CPU limit."""
    unserved: int = 0
    """Requests that were due and never started."""


class PerfFigures(PerfSettings, frozen=True, kw_only=True):
    """`perf`: how perf sampled, and what came of it."""

    samples: int
    lost: int
    cut_chains: int = 0
    """Samples whose call chain was cut short. (Earlier versions did not count them.)"""


class CpuFigures(msgspec.Struct, frozen=True):
    """`cpu`: CPU time of the profile phase, scaled to what the kernel counted."""

    total_ms: float
    by_category: dict[Category, float]
    by_kind: dict[Kind, float]
    evidence: dict[Evidence, float]
    """Share of `total_ms` that rests on each."""

    def share(self, part: Kind | Category) -> float:
        """Return the share of a kind or a category; 0 where there was no CPU time."""
        spent = self.by_kind.get(part, 0.0) if isinstance(part, Kind) else self.by_category.get(part, 0.0)
        return spent / self.total_ms if self.total_ms else 0.0


class HotFunctionFigures(msgspec.Struct, frozen=True):
    """A row of `hot`: functions by their own share of all CPU time."""

    symbol: str
    library: str
    kind: Kind
    category: Category
    self_share: float
    total_share: float
    evidence: Evidence
    file: str | None = None
    """None without debug information, as `line`."""
    line: int | None = None


class RoleWaits(msgspec.Struct, frozen=True):
    """Time off the CPU of one role's threads, while a request was in flight and while none was."""

    in_request: dict[Wait, float]
    idle: dict[Wait, float]


class WaitingChain(msgspec.Struct, frozen=True):
    """One call chain of waits."""

    kind: Wait
    role: Role
    in_request: bool
    ms: float
    count: int
    functions: list[str]
    """Leaf first."""


class WakeUps(msgspec.Struct, frozen=True):
    """From a wake-up to running, in milliseconds, over all requests."""

    count: int
    p50: float | None
    p95: float | None
    max: float | None


class FutexFigures(msgspec.Struct, frozen=True):
    """Figures a request (its start to its end), of the calling thread and the pool; None without requests.

    Wake-ups by timers and by other processes are not seen.
    """

    wait_calls: float | None
    """Futex calls of all threads, as `wake_calls`; None where these were not recorded."""
    wake_calls: float | None
    blocked: float | None
    """Times that a thread left the CPU for a futex."""
    switches: float | None
    """Times that a thread left the CPU at all."""
    cpu_ms: float | None
    """CPU time of the futex path, by samples."""
    wakeup_latency_ms: WakeUps | None
    """None where wake-ups were not recorded."""


class WaitFigures(msgspec.Struct, frozen=True):
    """`waits`: thread time off the CPU in the profile phase, all threads together."""

    recorded: Waits
    by_kind: dict[Wait, float]
    by_role: dict[Role, RoleWaits]
    cpu_check: float | None
    """CPU time of the phase by switches over the same by the kernel's clock; what is missing of 1 is the
    scheduler's and perf's work between a switch and its record."""
    unknown_ms: float
    """Between switches of which a record is missing."""
    runnable_counted_ms: float
    """Time ready without a CPU as the scheduler counts it (schedstat), which holds the wake-ups too where
    these were not traced."""
    chains: list[WaitingChain]
    """The longest waits."""
    futex: FutexFigures


class RequestSplit(msgspec.Struct, frozen=True):
    """Where one request's wall time went."""

    wall_ms: float
    by_kind: dict[Part, float]
    meanwhile: dict[Meanwhile, float]
    """What the workers did during `spin-join` and `blocked`."""
    runnable_own_ms: float
    """Of the part `runnable`, while another thread of the process had the CPU that the caller got next."""
    samples: int
    """On which the split of its time on the CPU rests; the rest is exact."""
    explained: bool


class RequestFigures(msgspec.Struct, frozen=True):
    """`request`: the anatomy of requests in the profile phase; mean milliseconds."""

    requests: int
    unexplained: int
    """How many requests miss more than `tolerance` of their wall time."""
    tolerance: float
    wall_ms: LatencyFigures
    by_kind: dict[Part, float]
    """Sums to the mean latency."""
    meanwhile: dict[Meanwhile, float]
    runnable_own_ms: float
    meanwhile_traced: bool
    """Wake-ups were recorded; without, nobody is `waking`."""
    samples: int
    p50: RequestSplit | None
    """One request: that percentile by nearest rank; None where requests are too few. Likewise `p95`."""
    p95: RequestSplit | None
    slowest: RequestSplit


class SpinWindowFigures(msgspec.Struct, frozen=True):
    """`spin_window_ms`: wall time from a request's end until the last of its pool's threads blocked."""

    p50: float
    max: float
    requests: int
    cut_off: int
    """How many of these windows ended only because the next request began: they are lower bounds."""


class OperatorFigures(msgspec.Struct, frozen=True, kw_only=True):
    """An operator type, or one node; milliseconds are sums over the phase."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    """Of a node; unset for a type."""
    type: str
    nodes: int
    calls: int
    wall_ms: float
    """Without those of subgraphs."""
    cpu_ms: float
    """Of all of the session's threads meanwhile, as `by_kind`."""
    by_kind: dict[Kind, float]
    off_ms: dict[Wait, float]
    """Of the thread that ran them."""
    wait_ms: float
    """What it waited for workers by ONNX Runtime's own account."""


class JoinCheck(msgspec.Struct, frozen=True):
    """What threads that ran operators waited for workers, by our account and by ONNX Runtime's."""

    polled_ms: float
    blocked_ms: float
    ort_ms: float


class OperatorsFigures(msgspec.Struct, frozen=True):
    """`operators`: the phase in which ONNX Runtime's own profiler was on."""

    phase: LoadFigures
    cpu_ratio: float | None
    """Its CPU time a request over that of the phase under perf; likewise `latency_ratio`, of medians."""
    latency_ratio: float | None
    covered: int
    """How many requests ONNX Runtime's profile holds."""
    clock: str
    concurrent: bool
    """Operators ran side by side, so that what helping threads did is `between`."""
    coverage: float | None
    """Share of the computing in requests that fell into operators' windows."""
    total_ms: float
    """CPU time of the phase, which `by_type` and `outside` sum to."""
    by_type: list[OperatorFigures]
    by_node: list[OperatorFigures]
    """The heaviest of each type."""
    outside: dict[Outside, dict[Kind, float]]
    join_check: JoinCheck | None
    """None without a pool."""
