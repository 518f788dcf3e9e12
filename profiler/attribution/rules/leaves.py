"""What a thread was doing, by the address of its instruction alone: rules for recordings without call chains.

A leaf in a polling loop polls, and so does one in a pause, or in a function that nothing but polling loops
calls. A function that other code calls as well can't be told by its leaf: a worker does in it what it mostly
does in the runtime's other code, and where that is much of both, or the thread is no worker, it is unknown.
Where a loop joins and where it waits for work, the thread's role says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.attribution.rules.chains import UNKNOWN, Activity, ChainVerdict, unfold
from profiler.attribution.rules.names import Name
from profiler.attribution.rules.owners import Owner
from profiler.run.kinds import Evidence, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.rules.chains import Frame

MOSTLY = 0.9
NAMED_LOOP = Name.WORKER_LOOP | Name.JOIN_LOOP


def classify_leaf(chain: Sequence[Frame], role: Role) -> ChainVerdict:
    """Return what the leaf of a chain says of a thread with this role; of the rest nothing is asked."""
    if not chain:
        return UNKNOWN
    levels = unfold(chain[:1])
    if levels[0].owner is Owner.KERNEL:
        return _in_kernel(levels[0], role)
    names = Name.NOTHING
    for level in levels:
        names |= level.name
    if names & Name.PYTHON_LOCK:
        return ChainVerdict(Activity.APP, Evidence.SYMBOL)
    return _polling(levels, names, role) or _elsewhere(levels[0], names, role)


def is_shared(leaf: Frame) -> bool:
    """Whether a leaf is in a function that polling loops call, and other code as well."""
    return leaf.helper and leaf.shared and not leaf.wraps


def settle(polling: float, working: float) -> Activity:
    """Say what a worker does in shared functions, by what it does in the runtime's other code.

    `polling` and `working` are amounts of that; where it does much of both, its leaf does not tell.
    """
    if polling >= MOSTLY * (polling + working) > 0:
        return Activity.POLL_WORK
    return Activity.RUNTIME if working >= MOSTLY * (polling + working) > 0 else Activity.UNKNOWN


def _polling(levels: Sequence[Frame], names: Name, role: Role) -> ChainVerdict | None:
    """Judge a leaf in a loop that polls, or in what nothing but such loops call; None elsewhere."""
    loop = next((level for level in levels if level.in_loop), None)
    if loop is not None:
        by_name = bool(loop.name & NAMED_LOOP)
        joins = bool(loop.name & Name.JOIN_LOOP) if by_name else _joins(loop, role)
        evidence = Evidence.SYMBOL if by_name else Evidence.INSTRUCTION
        return ChainVerdict(Activity.POLL_JOIN if joins else Activity.POLL_WORK, evidence)
    leaf = levels[0]
    if names & Name.PAUSE or leaf.wraps or (leaf.helper and not leaf.shared):
        polls = Activity.POLL_WORK if role is Role.POOL else Activity.POLL_JOIN
        return ChainVerdict(polls, Evidence.INSTRUCTION)
    return None


def _joins(loop: Frame, role: Role) -> bool:
    """Whether a nameless loop waits for others to finish: workers wait for work, and who calls them joins.

    A worker's join inside a task of its own can't be told from OpenMP's wait for work.
    """
    return role is not Role.POOL and not (loop.dispatches and role is Role.OTHER)


def _in_kernel(leaf: Frame, role: Role) -> ChainVerdict:
    """Judge the kernel's time by the function alone; a worker leaves the CPU to block in a futex."""
    switches = role is Role.POOL and leaf.name & Name.SWITCH_KERNEL
    if leaf.name & Name.FUTEX_KERNEL or switches:
        return ChainVerdict(Activity.FUTEX, Evidence.SYSCALL)
    return ChainVerdict(Activity.KERNEL, Evidence.SYMBOL)


def _elsewhere(leaf: Frame, names: Name, role: Role) -> ChainVerdict:
    """Judge a leaf outside the kernel and outside all loops, by its names and by whose code it is."""
    if names & (Name.WAIT | Name.RAW_SYSCALL):
        waits = role is Role.POOL or leaf.owner is Owner.RUNTIME
        return ChainVerdict(Activity.FUTEX, Evidence.SYMBOL) if waits else UNKNOWN
    if leaf.owner is Owner.INTERPRETER:
        return ChainVerdict(Activity.APP, Evidence.SYMBOL)
    if leaf.owner is Owner.RUNTIME and not is_shared(leaf):
        return ChainVerdict(Activity.RUNTIME, Evidence.SYMBOL if leaf.named else Evidence.WINDOW)
    if leaf.owner is Owner.SYSTEM and role is Role.POOL:
        return ChainVerdict(Activity.RUNTIME, Evidence.WINDOW)  # memory that a task copies
    return UNKNOWN
