"""One name for the same function on both sides: by symbol, or by the role that its instructions tell.

Where both sides ran the same build, names and addresses mean the same, and everything is kept. Otherwise a
nameless function of one build is nowhere in the other: what is left to match by is its role in the thread
pool. `[worker loop] library+0x…` of a stripped build and `ThreadPoolTempl<…>::WorkerLoop(int)` of one with
symbols are both `[worker loop]`. Functions of the runtime without a role are matched by their symbols if
both sides have them, and are `[other code]` of their library if one has not: one frame, however many of them
call each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from profiler.attribution.rules.names import Name, of_symbol
from profiler.attribution.rules.owners import Owner, owner_of
from profiler.symbols.demangle import bare_function

if TYPE_CHECKING:
    from collections.abc import Callable

Function = tuple[str, str]
"""Function and library, as `profiler.attribution.rules.frames.display_names` gives them."""

OTHER_CODE = "[other code]"
ROLES = {
    Name.WORKER_LOOP: "[worker loop]",
    Name.JOIN_LOOP: "[join loop]",
    Name.PAUSE: "[spin pause]",
    Name.TASK: "[task]",
}
"""What `display_names` infers, by what a symbol says."""
HELPER = re.compile(r"(.*::)?(RunQueue<.*>::\w+|ThreadPoolTempl<.*>::(Try)?Steal\w*)")
"""What the pool's loops call to take and to steal work: `[loop helper]` where there is no name."""
INFERRED = re.compile(r"(\[(?:worker loop|join loop|spin pause|task|loop helper)\]) .*\+0x[0-9a-f]+")
VERSION = re.compile(r"\d+(\.\d+)*")


@dataclass(frozen=True, slots=True)
class Matching:
    """How functions of both sides are named, and what that gives up."""

    name: Callable[[Function], Function]
    note: str
    """A sentence for the reader; empty where nothing is given up."""


def matching(*, same_build: bool, named: bool) -> Matching:
    """Return how to name the functions of both sides; `named`: both builds of the runtime have symbols."""
    if same_build:
        return Matching(_unchanged, "")
    note = (
        "The builds differ: functions are matched by name."
        if named
        else "The builds differ, and one has no names at least: functions of the runtime are matched by what "
        f"their instructions tell of their role in the thread pool; the rest of them is {OTHER_CODE}."
    )
    return Matching(partial(_across_builds, fold=not named), note)


def _unchanged(function: Function) -> Function:
    return function


def _across_builds(function: Function, *, fold: bool) -> Function:
    name, library = function
    if not _is_runtime(library):
        return name, VERSION.sub("", library) if owner_of(library) is Owner.INTERPRETER else library
    return _role(name) or (OTHER_CODE if fold else name), library


def _role(name: str) -> str:
    """Return a runtime function's role in brackets; empty without one."""
    inferred = INFERRED.fullmatch(name)
    if inferred is not None:
        return inferred.group(1)
    said = of_symbol(name)
    for flag, role in ROLES.items():
        if said & flag:
            return role
    return "[loop helper]" if HELPER.fullmatch(bare_function(name)) else ""


def _is_runtime(library: str) -> bool:
    return owner_of(library) is Owner.RUNTIME
