"""The flame graph's data: a tree and what was spent at its nodes, in columns, strings once in a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from profiler.attribution.kinds import EVIDENCES, KINDS
from profiler.report.columns import pack, pack_rising
from profiler.report.tree import Tree, grow, prune
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from profiler.attribution.attribute import Attribution
    from profiler.trace.model import Stacks

    Column = npt.NDArray[Any]

NO_CHAIN = ("[no call chain]", "")
MERGED = ("[merged: too small to keep]", "")
LONGEST_NAME = 400
"""Characters of a name that the page keeps; template arguments can take thousands."""
MOST_NODES = 60_000
SMALLER = 0.7
"""By how much to cut the nodes when the data is over budget."""


@dataclass(frozen=True, slots=True)
class Flame:
    """What the page's script reads, and what was given up to stay within the budget."""

    strings: list[str]
    columns: dict[str, str]
    nodes: int
    merged_share: float
    """Share of the CPU time whose innermost functions were merged."""


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU time by node, thread and verdict; all columns have the same length."""

    node: Column
    tag: Column
    """((thread * kinds + kind) * evidences + evidence) * 2 + in_request."""
    us: Column


def flame(
    stacks: Stacks,
    attribution: Attribution,
    thread: Column,
    functions: Sequence[tuple[str, str]],
    limit: int,
) -> Flame:
    """Return the flame graph's data in at most about `limit` bytes.

    `thread` is each sample's thread (index into the page's threads), `functions` each frame's function and
    library. Columns: `tree.depth` and `tree.function` of each node in preorder; `spent.node` (rising), `.tag`
    (see `Spent`) and `.us` (CPU microseconds); `function.name` and `.library` index the strings.
    """
    names: dict[tuple[str, str], int] = {}
    function_of = np.array([names.setdefault(name, len(names)) for name in functions], np.int64)
    merged, no_chain = (names.setdefault(name, len(names)) for name in (MERGED, NO_CHAIN))
    chains, index = np.unique(attribution.stack, return_inverse=True)
    index = index.reshape(-1)
    real = chains[chains != NONE]
    tree, node_of = grow(stacks, real, function_of)
    if len(real) < len(chains):  # NONE sorts first
        tree, node_of = _with_root(tree, node_of, no_chain)
    sample_node = node_of[index]
    own = np.bincount(sample_node, weights=attribution.cpu_ns, minlength=len(tree.parent))
    keep = min(MOST_NODES, len(tree.parent))
    while True:
        small, own_small, moved = prune(tree, own, sample_node, max(keep, 1), merged)
        spent = _spend(attribution, moved, thread)
        strings, columns = _columns(small, spent, list(names))
        size = sum(map(len, strings)) + sum(map(len, columns.values()))
        if size <= limit or keep <= 1:
            break
        keep = int(keep * SMALLER)
    total = own.sum()
    lost = own_small[small.function == merged].sum()
    return Flame(strings, columns, len(small.parent), float(lost / total) if total else 0.0)


def _with_root(tree: Tree, node_of: Column, function: int) -> tuple[Tree, Column]:
    """Add a root for the samples without a chain, and its node before those of the chains."""
    grown = Tree(np.append(tree.parent, -1), np.append(tree.function, function), np.append(tree.depth, 0))
    return grown, np.concatenate([[len(tree.parent)], node_of])


def _spend(attribution: Attribution, node: Column, thread: Column) -> Spent:
    tag = thread.astype(np.int64) * len(KINDS) + attribution.kind
    tag = (tag * len(EVIDENCES) + attribution.evidence) * 2 + attribution.in_request
    width = int(tag.max(initial=0)) + 1
    rows, index = np.unique(node * width + tag, return_inverse=True)
    cpu_ns = np.bincount(index.reshape(-1), weights=attribution.cpu_ns, minlength=len(rows))
    return Spent(rows // width, rows % width, np.rint(cpu_ns / 1e3).astype(np.int64))


def _columns(tree: Tree, spent: Spent, names: list[tuple[str, str]]) -> tuple[list[str], dict[str, str]]:
    used, function = np.unique(tree.function, return_inverse=True)
    strings: dict[str, int] = {}
    pairs = [
        [strings.setdefault(shorten(text), len(strings)) for text in names[which]] for which in used.tolist()
    ]
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return list(strings), {
        "function.name": pack(table[:, 0]),
        "function.library": pack(table[:, 1]),
        "tree.depth": pack(tree.depth),
        "tree.function": pack(function.reshape(-1)),
        "spent.node": pack_rising(spent.node),
        "spent.tag": pack(spent.tag),
        "spent.us": pack(spent.us),
    }


def shorten(name: str) -> str:
    """Return a name with its middle left out where it is too long to keep."""
    if len(name) <= LONGEST_NAME:
        return name
    half = (LONGEST_NAME - 1) // 2
    return f"{name[:half]}…{name[-half:]}"
