"""Turns samples and counters, as they come, into moments."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler.attribution.cpu.attribute import KIND_OF_ACTIVITY, KIND_UNLESS_KNOWN
from profiler.attribution.loading.leaf_book import LeafBook
from profiler.attribution.pools.by_creation import pools_by_creation
from profiler.attribution.pools.leaf_counts import LeafCounts, count_leaves
from profiler.attribution.rules.leaves import classify_leaf, is_shared, settle
from profiler.live.moment import Moment, PoolMoment, ThreadMoment, Used
from profiler.live.pool_names import PoolNames
from profiler.live.shares import SpentByKind, ThreadShares
from profiler.record.counters import snapshot
from profiler.run.kinds import Kind, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from profiler.attribution.rules.chains import Activity, Frame
    from profiler.live.members import Members
    from profiler.record.light.session import Leaf, LightSession
    from profiler.run.phase_counters import Snapshot, ThreadCounters

WINDOW = 10
"""Ticks that figures of the last seconds are of."""


@dataclass(slots=True)
class _Thread:
    pid: int
    counters: ThreadCounters
    shares: ThreadShares = field(default_factory=ThreadShares)
    leaves: LeafCounts = field(default_factory=LeafCounts)


@dataclass(slots=True)
class _Process:
    names: PoolNames
    order: list[int] = field(default_factory=list)
    pool_of: dict[int, str] = field(default_factory=dict)
    callers: frozenset[int] = frozenset()
    spent: dict[str, SpentByKind] = field(default_factory=dict)
    """Since the beginning, by pool; of threads of none by the empty name."""


@dataclass(frozen=True, slots=True)
class _Tick:
    seconds: float
    spent: dict[int, SpentByKind]
    requests: int


class Meter:
    """Takes a moment with each `tick`."""

    def __init__(self, members: Members, session: LightSession) -> None:
        self._members = members
        self._session = session
        self._book = LeafBook(members.files_root, members.runtime_paths)
        self._threads: dict[int, _Thread] = {}
        self._processes: dict[int, _Process] = {}
        self._names: set[str] = set()
        """Of all pools."""
        self._ticks: deque[_Tick] = deque(maxlen=WINDOW)
        self._began = self._before = time.monotonic()
        self._requests = self._samples = 0
        self.read: dict[int, Snapshot] = {}
        """The last reading of each process that is there."""
        self._count()

    def tick(self) -> Moment:
        """Read what came since the last tick; `ProcessLookupError` once all processes have ended."""
        self._members.update()
        leaves = self._session.read(self._members.pids)
        self._samples += len(leaves)
        frames = self._book.frames(leaf.place for leaf in leaves)
        requests = self._members.requests()
        self._requests += requests
        spent = self._count(self._kinds(leaves, frames))
        now = time.monotonic()
        self._ticks.append(_Tick(now - self._before, spent, requests))
        self._before = now
        return self._moment()

    def _kinds(self, leaves: Sequence[Leaf], frames: Sequence[Frame]) -> dict[int, Counter[Kind]]:
        """Judge samples: first what they say of pools, and then, by thread, what they were for."""
        counted = count_leaves(((leaf.tid, row) for row, leaf in enumerate(leaves)), frames)
        for tid, counts in counted.items():
            if tid in self._threads:
                self._threads[tid].leaves.add(counts)
        sampled = {leaf.pid for leaf in leaves}
        for pid in [pid for pid in self._processes if pid in sampled]:
            self._find_pools(pid)
        kinds: dict[int, Counter[Kind]] = {}
        for leaf, frame in zip(leaves, frames, strict=True):
            kinds.setdefault(leaf.tid, Counter())[self._kind(leaf, frame)] += 1
        return kinds

    def _kind(self, leaf: Leaf, frame: Frame) -> Kind:
        process, thread = self._processes.get(leaf.pid), self._threads.get(leaf.tid)
        role = Role.OTHER
        if process is not None and leaf.tid in process.pool_of:
            role = Role.POOL
        elif process is not None and leaf.tid in process.callers:
            role = Role.CALLING
        activity = classify_leaf([frame], role).activity
        if role is Role.POOL and thread is not None and is_shared(frame):
            activity = settle(thread.leaves.polling, thread.leaves.runtime)
        return _kind_of(activity)

    def _find_pools(self, pid: int) -> None:
        process = self._processes[pid]
        threads = {tid: self._threads[tid] for tid in process.order if tid in self._threads}
        started = {
            tid: thread.counters.started_ticks
            for tid, thread in threads.items()
            if thread.counters.started_ticks is not None
        }
        counts = {tid: thread.leaves for tid, thread in threads.items()}
        found = pools_by_creation(process.order, started, counts)
        process.pool_of = process.names.name([pool.tids for pool in found.pools])
        process.callers = frozenset(found.callers)

    def _count(self, kinds: Mapping[int, Counter[Kind]] | None = None) -> dict[int, SpentByKind]:
        """Read the counters; return what each thread spent since the last time, by kind."""
        spent: dict[int, SpentByKind] = {}
        there: set[int] = set()
        for pid in self._members.pids:
            with contextlib.suppress(ProcessLookupError):
                read = self.read[pid] = snapshot(pid)
                process = self._processes.setdefault(pid, _Process(PoolNames(self._names)))
                process.order = list(read.threads)
                there.update(read.threads)
                for tid, counters in read.threads.items():
                    spent[tid] = self._spend(pid, tid, counters, (kinds or {}).get(tid, {}))
        for tid in self._threads.keys() - there:
            ended = self._threads.pop(tid)
            self._book_spent(ended.pid, tid, ended.shares.end())
        for pid in self._processes.keys() - set(self._members.pids):
            self._processes[pid].names.release()
            del self._processes[pid], self.read[pid]
        return spent

    def _spend(self, pid: int, tid: int, counters: ThreadCounters, kinds: Mapping[Kind, int]) -> SpentByKind:
        thread = self._threads.get(tid)
        if thread is None or counters.is_before(thread.counters):
            self._threads[tid] = _Thread(pid, counters)  # what it spent before is not ours to tell
            return SpentByKind()
        before, thread.counters = thread.counters, counters
        blocks = counters.voluntary_switches - before.voluntary_switches
        thread.leaves.add(LeafCounts(blocks=blocks, cpu_ns=counters.cpu_ns - before.cpu_ns))
        spent = thread.shares.spend(
            counters.cpu_ns - before.cpu_ns, counters.switches - before.switches, kinds
        )
        self._book_spent(pid, tid, spent)
        return spent

    def _book_spent(self, pid: int, tid: int, spent: SpentByKind) -> None:
        process = self._processes.get(pid)
        if process is not None:
            process.spent.setdefault(process.pool_of.get(tid, ""), SpentByKind()).add(spent)

    def _moment(self) -> Moment:
        seconds = sum(tick.seconds for tick in self._ticks)
        of_thread: dict[int, SpentByKind] = {tid: SpentByKind() for tid in self._threads}
        for tick in self._ticks:
            for tid, spent in tick.spent.items():
                if tid in of_thread:
                    of_thread[tid].add(spent)
        marked = self._members.marks_requests
        requests = sum(tick.requests for tick in self._ticks)
        return Moment(
            seconds=time.monotonic() - self._began,
            window_seconds=seconds,
            used=_used(of_thread.values(), seconds),
            pools=tuple(self._pools(of_thread, seconds)),
            threads=tuple(
                ThreadMoment(
                    thread.pid,
                    tid,
                    thread.counters.comm,
                    self._processes[thread.pid].pool_of.get(tid, ""),
                    _used([of_thread[tid]], seconds),
                )
                for tid, thread in self._threads.items()
            ),
            processes=len(self._processes),
            requests_a_second=requests / seconds if marked and seconds else None,
            requests=self._requests,
            samples=self._samples,
            lost=self._session.lost,
        )

    def _pools(self, of_thread: Mapping[int, SpentByKind], seconds: float) -> list[PoolMoment]:
        pools = []
        for pid, process in self._processes.items():
            names = sorted({*process.pool_of.values(), *process.spent}, key=lambda name: (not name, name))
            for name in names:
                mine = [tid for tid in process.order if process.pool_of.get(tid, "") == name]
                whole = process.spent.get(name, SpentByKind())
                pools.append(
                    PoolMoment(
                        pid=pid,
                        command=self._members.command(pid),
                        pool=name,
                        threads=len(mine),
                        used=_used([of_thread[tid] for tid in mine if tid in of_thread], seconds),
                        spent_s={kind: ns / 1e9 for kind, ns in whole.by_kind.items()},
                        switches=whole.switches,
                    )
                )
        return pools


def _used(spent: Iterable[SpentByKind], seconds: float) -> Used:
    whole = SpentByKind()
    for one in spent:
        whole.add(one)
    per = 1e7 * seconds if seconds else 1.0
    return Used(
        cpu_percent=whole.cpu_ns / per,
        by_kind={kind: ns / per for kind, ns in whole.by_kind.items()},
        switches_a_second=whole.switches / seconds if seconds else 0.0,
        samples=whole.samples,
    )


def _kind_of(activity: Activity) -> Kind:
    """Return the kind of what a sample shows: of requests nothing is known yet as samples come."""
    return KIND_UNLESS_KNOWN.get(activity, KIND_OF_ACTIVITY[activity])
