"""The sections of summary.json as types: the contract between those who make figures and those who show them.

Times are milliseconds, shares are from 0 to 1, percent of CPU means percent of one core. None stands for a
figure that this run could not give; a section that is missing as a whole is `Unavailable`.
"""

from __future__ import annotations

import msgspec

from profiler.run.cpu_budget import Cpus
from profiler.run.kinds import Category, Evidence, Kind, Meanwhile, Outside, Part, Role, Wait
from profiler.run.manifest import PerfSettings
from profiler.run.ranges import (
    Count,
    LineNumber,
    Milliseconds,
    Number,
    Seconds,
    Share,
    SignedMilliseconds,
    require_each,
)
from profiler.run.request import RequestSource
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

    usable: Number


class LatencyFigures(msgspec.Struct, frozen=True):
    """Milliseconds; None where the requests are too few to say."""

    mean: Milliseconds | None
    p50: Milliseconds | None
    p95: Milliseconds | None
    p99: Milliseconds | None
    max: Milliseconds | None


class LateStarts(msgspec.Struct, frozen=True):
    """How long after their scheduled instants requests started."""

    mean: Milliseconds
    max: Milliseconds


class StoppedInRequests(msgspec.Struct, frozen=True):
    """What requests waited for quota, of `ThrottledFigures.stopped_ms`."""

    mean: Milliseconds | None
    p95_request: Milliseconds | None
    """Of the one request whose latency is the 95th percentile."""
    max: Milliseconds | None


class ThrottledFigures(msgspec.Struct, frozen=True):
    """What a CPU limit did in a phase."""

    periods: Count
    throttled_periods: Count
    throttled_ms: Milliseconds
    """The kernel's figure, a sum over CPUs."""
    bursts: Count
    stopped_ms: Milliseconds
    """Wall time in which no thread could run, to within `resolution_ms` a stretch."""
    resolution_ms: Milliseconds
    per_request_ms: StoppedInRequests


class LoadFigures(msgspec.Struct, frozen=True):
    """CPU use and latency of one phase."""

    seconds: Seconds
    requests: Count
    cpu_ms: Milliseconds
    cpu_percent: Number
    """Of one core, as `top` shows it."""
    cpu_ms_per_request: Milliseconds | None
    latency_ms: LatencyFigures
    late_start_ms: LateStarts | None


class PhaseFigures(LoadFigures, frozen=True, kw_only=True):
    """`measured`, where nothing was attached, and `profiled`, under perf."""

    throttled: ThrottledFigures | None = None
    """None without a CPU limit."""
    unserved: Count = 0
    """Requests that were due and never started."""
    requests_known_by: list[RequestSource] = []
    """How requests are known, each way once: where `inferred` is among them, so are figures by request.
    (Earlier versions knew their own workload's alone.)"""

    @property
    def inferred(self) -> bool:
        """Whether any of the requests is inferred."""
        return RequestSource.INFERRED in self.requests_known_by


class PerfFigures(PerfSettings, frozen=True, kw_only=True):
    """`perf`: how perf sampled, and what came of it."""

    samples: Count
    lost: Count
    cut_chains: Count = 0
    """Samples whose call chain was cut short. (Earlier versions did not count them.)"""


class ShareInterval(msgspec.Struct, frozen=True):
    """Where a share lies, in 95 of 100 cases."""

    low: Share
    high: Share


class CpuFigures(msgspec.Struct, frozen=True):
    """`cpu`: CPU time of the profile phase, scaled to what the kernel counted."""

    total_ms: Milliseconds
    by_category: dict[Category, Milliseconds]
    by_kind: dict[Kind, Milliseconds]
    evidence: dict[Evidence, Share]
    """Share of `total_ms` that rests on each."""
    intervals: dict[Kind, ShareInterval] = {}
    """Of a light recording: of each kind's share, by the number of samples (Wilson's). Else empty."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a kind."""
        require_each("by_category", self.by_category, Category)
        require_each("by_kind", self.by_kind, Kind)

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
    self_share: Share
    total_share: Share
    evidence: Evidence
    file: str | None = None
    """None without debug information, as `line`."""
    line: LineNumber | None = None


class RoleWaits(msgspec.Struct, frozen=True):
    """Time off the CPU of one role's threads, while a request was in flight and while none was."""

    in_request: dict[Wait, Milliseconds]
    idle: dict[Wait, Milliseconds]

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a kind of wait."""
        require_each("in_request", self.in_request, Wait)
        require_each("idle", self.idle, Wait)


class WaitingChain(msgspec.Struct, frozen=True):
    """One call chain of waits."""

    kind: Wait
    role: Role
    in_request: bool
    ms: Milliseconds
    count: Count
    functions: list[str]
    """Leaf first."""


class WakeUps(msgspec.Struct, frozen=True):
    """From a wake-up to running, in milliseconds, over all requests."""

    count: Count
    p50: Milliseconds | None
    p95: Milliseconds | None
    max: Milliseconds | None


class FutexFigures(msgspec.Struct, frozen=True):
    """Figures a request (its start to its end), of the calling thread and the pool; None without requests.

    Wake-ups by timers and by other processes are not seen.
    """

    wait_calls: Number | None
    """Futex calls of all threads, as `wake_calls`; None where these were not recorded."""
    wake_calls: Number | None
    blocked: Number | None
    """Times that a thread left the CPU for a futex."""
    switches: Number | None
    """Times that a thread left the CPU at all."""
    cpu_ms: Milliseconds | None
    """CPU time of the futex path, by samples."""
    wakeup_latency_ms: WakeUps | None
    """None where wake-ups were not recorded."""


class WaitFigures(msgspec.Struct, frozen=True):
    """`waits`: thread time off the CPU in the profile phase, all threads together."""

    recorded: Waits
    by_kind: dict[Wait, Milliseconds]
    by_role: dict[Role, RoleWaits]
    cpu_check: Number | None
    """CPU time of the phase by switches over the same by the kernel's clock; what is missing of 1 is the
    scheduler's and perf's work between a switch and its record."""
    unknown_ms: Milliseconds
    """Between switches of which a record is missing."""
    runnable_counted_ms: Milliseconds
    """Time ready without a CPU as the scheduler counts it (schedstat), which holds the wake-ups too where
    these were not traced."""
    chains: list[WaitingChain]
    """The longest waits."""
    futex: FutexFigures

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a kind of wait or a role."""
        require_each("by_kind", self.by_kind, Wait)
        require_each("by_role", self.by_role, Role)


class RequestSplit(msgspec.Struct, frozen=True):
    """Where one request's wall time went."""

    wall_ms: Milliseconds
    by_kind: dict[Part, Milliseconds]
    meanwhile: dict[Meanwhile, Milliseconds]
    """What the workers did during `spin-join` and `blocked`."""
    runnable_own_ms: Milliseconds
    """Of the part `runnable`, while another thread of the process had the CPU that the caller got next."""
    samples: Count
    """On which the split of its time on the CPU rests; the rest is exact."""
    explained: bool

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a kind."""
        require_each("by_kind", self.by_kind, Part)
        require_each("meanwhile", self.meanwhile, Meanwhile)


class RequestFigures(msgspec.Struct, frozen=True):
    """`request`: the anatomy of requests in the profile phase; mean milliseconds."""

    requests: Count
    unexplained: Count
    """How many requests miss more than `tolerance` of their wall time."""
    tolerance: Share
    wall_ms: LatencyFigures
    by_kind: dict[Part, Milliseconds]
    """Sums to the mean latency."""
    meanwhile: dict[Meanwhile, Milliseconds]
    runnable_own_ms: Milliseconds
    meanwhile_traced: bool
    """Wake-ups were recorded; without, nobody is `waking`."""
    samples: Count
    p50: RequestSplit | None
    """One request: that percentile by nearest rank; None where requests are too few. Likewise `p95`."""
    p95: RequestSplit | None
    slowest: RequestSplit

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a kind."""
        require_each("by_kind", self.by_kind, Part)
        require_each("meanwhile", self.meanwhile, Meanwhile)


class LengthFigures(msgspec.Struct, frozen=True):
    """`lengths`: of what the slowest 5 % of requests took longer than the mean one, in the measure phase."""

    requests: Count
    slowest: Count
    mean_length: Number
    """Elements of the largest input, but for the batch: tokens, for a text."""
    slowest_length: Number
    ms_per_element: SignedMilliseconds
    """By least squares, from a request's start to its end."""
    longer_ms: SignedMilliseconds
    """The other three add up to it."""
    waiting_ms: SignedMilliseconds
    """What they started later than the mean request."""
    length_ms: SignedMilliseconds
    """What they were longer, at `ms_per_element`."""
    rest_ms: SignedMilliseconds
    """Neither's: whatever else ran, threads that had to be woken."""


class SpinWindowFigures(msgspec.Struct, frozen=True):
    """`spin_window_ms`: wall time from a request's end until the last of its pool's threads blocked."""

    p50: Milliseconds
    max: Milliseconds
    requests: Count
    cut_off: Count
    """How many of these windows ended only because the next request began: they are lower bounds."""


class OperatorFigures(msgspec.Struct, frozen=True, kw_only=True):
    """An operator type, or one node; milliseconds are sums over the phase."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    """Of a node; unset for a type."""
    type: str
    nodes: Count
    calls: Count
    wall_ms: Milliseconds
    """Without those of subgraphs."""
    cpu_ms: Milliseconds
    """Of all of the session's threads meanwhile, as `by_kind`."""
    by_kind: dict[Kind, Milliseconds]
    off_ms: dict[Wait, Milliseconds]
    """Of the thread that ran them."""
    wait_ms: Milliseconds
    """What it waited for workers by ONNX Runtime's own account."""


class JoinCheck(msgspec.Struct, frozen=True):
    """What threads that ran operators waited for workers, by our account and by ONNX Runtime's."""

    polled_ms: Milliseconds
    blocked_ms: Milliseconds
    ort_ms: Milliseconds


class OperatorsFigures(msgspec.Struct, frozen=True):
    """`operators`: the phase in which ONNX Runtime's own profiler was on."""

    phase: LoadFigures
    cpu_ratio: Number | None
    """Its CPU time a request over that of the phase under perf; likewise `latency_ratio`, of medians."""
    latency_ratio: Number | None
    covered: Count
    """How many requests ONNX Runtime's profile holds."""
    clock: str
    concurrent: bool
    """Operators ran side by side, so that what helping threads did is `between`."""
    coverage: Share | None
    """Share of the computing in requests that fell into operators' windows."""
    total_ms: Milliseconds
    """CPU time of the phase, which `by_type` and `outside` sum to."""
    by_type: list[OperatorFigures]
    by_node: list[OperatorFigures]
    """The heaviest of each type."""
    outside: dict[Outside, dict[Kind, Milliseconds]]
    join_check: JoinCheck | None
    """None without a pool."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a place."""
        require_each("outside", self.outside, Outside)
