"""A flame graph's data: a tree and what was spent at its nodes, in columns, strings once in a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.findings.function_names import shorten
from profiler.pages.base.packed import pack, pack_rising
from profiler.pages.flame.call_tree import Tree, grow, prune
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from profiler.arrays import Column
    from profiler.pages.flame.row_weights import RowWeights
    from profiler.trace.model import Stacks


NO_CHAIN = ("[no call chain]", "")
MERGED = ("[merged: too small to keep]", "")
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
    """Share of the time whose innermost functions were merged."""


@dataclass(frozen=True, slots=True)
class NodeTime:
    """Time by node, thread and verdict; all columns have the same length."""

    node: Column
    tag: Column
    """As in `RowWeights`."""
    us: Column


def flame(
    stacks: Stacks,
    weights: RowWeights,
    functions: Sequence[tuple[str, str]],
    limit: int,
    *,
    known: Sequence[str] = (),
    inlined: Container[tuple[str, str]] = (),
) -> Flame:
    """Return a flame graph's data in at most about `limit` bytes.

    `functions` is each frame's function and library, `inlined` those of them that were inlined; `known` are
    strings that the page has anyway, with which the graph's begin. Columns: `tree.depth` and `tree.function`
    of each node in preorder; `spent.node` (rising), `.tag` (see `RowWeights`) and `.us` (microseconds);
    `function.name` and `.library` index the strings, `function.inlined` is 0 or 1.
    """
    names: dict[tuple[str, str], int] = {}
    function_of = np.array([names.setdefault(name, len(names)) for name in functions], np.int64)
    merged, no_chain = (names.setdefault(name, len(names)) for name in (MERGED, NO_CHAIN))
    chains, index = np.unique(weights.stack, return_inverse=True)
    index = index.reshape(-1)
    real = chains[chains != NONE]
    tree, node_of = grow(stacks, real, function_of)
    if len(real) < len(chains):  # NONE sorts first
        tree, node_of = _with_root(tree, node_of, no_chain)
    row_node = node_of[index]
    own = np.bincount(row_node, weights=weights.ns, minlength=len(tree.parent))
    keep = min(MOST_NODES, len(tree.parent))
    while True:
        small, own_small, moved = prune(tree, own, row_node, max(keep, 1), merged)
        spent = _spend(weights, moved)
        strings, columns = _columns(small, spent, list(names), known, inlined)
        size = sum(map(len, strings[len(known) :])) + sum(map(len, columns.values()))
        if size <= limit or keep <= 1:
            break
        keep = int(keep * SMALLER)
    total = own.sum()
    lost = own_small[small.function == merged].sum()
    return Flame(strings, columns, len(small.parent), float(lost / total) if total else 0.0)


def _with_root(tree: Tree, node_of: Column, function: int) -> tuple[Tree, Column]:
    """Add a root for what has no chain, and its node before those of the chains."""
    grown = Tree(np.append(tree.parent, -1), np.append(tree.function, function), np.append(tree.depth, 0))
    return grown, np.concatenate([[len(tree.parent)], node_of])


def _spend(weights: RowWeights, node: Column) -> NodeTime:
    width = int(weights.tag.max(initial=0)) + 1
    rows, index = np.unique(node * width + weights.tag, return_inverse=True)
    ns = np.bincount(index.reshape(-1), weights=weights.ns, minlength=len(rows))
    return NodeTime(rows // width, rows % width, np.rint(ns / 1e3).astype(np.int64))


def _columns(
    tree: Tree,
    spent: NodeTime,
    names: list[tuple[str, str]],
    known: Sequence[str],
    inlined: Container[tuple[str, str]],
) -> tuple[list[str], dict[str, str]]:
    used, function = np.unique(tree.function, return_inverse=True)
    strings = {text: index for index, text in enumerate(known)}
    pairs = [
        [strings.setdefault(shorten(text), len(strings)) for text in names[which]] for which in used.tolist()
    ]
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return list(strings), {
        "function.name": pack(table[:, 0]),
        "function.library": pack(table[:, 1]),
        "function.inlined": pack(np.array([names[which] in inlined for which in used.tolist()], np.int64)),
        "tree.depth": pack(tree.depth),
        "tree.function": pack(function.reshape(-1)),
        "spent.node": pack_rising(spent.node),
        "spent.tag": pack(spent.tag),
        "spent.us": pack(spent.us),
    }
