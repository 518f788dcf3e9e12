"""Call chains as one tree, by numpy a level at a time: a million samples take about a second.

`Tree` is in preorder, siblings by falling weight. `grow` makes it, `prune` merges what is small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.arrays import Column
    from profiler.trace.model import Stacks


ROOT = -1


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes of merged call chains; all columns have the same length."""

    parent: Column
    """Index of the caller's node, ROOT for a thread's first function. Always below the node's own index."""
    function: Column
    depth: Column

    def levels(self) -> Iterator[Column]:
        """Iterate over the nodes of each depth, from the roots down."""
        order = np.argsort(self.depth, kind="stable")
        begin = 0
        for end in np.cumsum(np.bincount(self.depth)).tolist():
            yield order[begin:end]
            begin = end

    def totals(self, own: Column) -> Column:
        """Sum what was spent at nodes over everything below them."""
        total = np.asarray(own, np.float64).copy()
        for level in reversed(list(self.levels())):
            inner = level[self.parent[level] != ROOT]
            np.add.at(total, self.parent[inner], total[inner])
        return total


def grow(stacks: Stacks, chains: Column, function_of: Column) -> tuple[Tree, Column]:
    """Merge chains (indices into `stacks`) by function; return the tree and each chain's node.

    `function_of` gives each frame's function. Every chain has at least one frame.
    """
    begins, ends = stacks.offsets[chains], stacks.offsets[chains + 1]
    lengths = ends - begins
    current = np.full(len(chains), ROOT, np.int64)
    width = int(function_of.max()) + 1 if len(function_of) else 1
    parents, functions, depths, count = [], [], [], 0
    for depth in range(int(lengths.max(initial=0))):
        active = np.flatnonzero(lengths > depth)
        function = function_of[stacks.frames[ends[active] - 1 - depth]]
        distinct, index = np.unique((current[active] + 1) * width + function, return_inverse=True)
        parents.append(distinct // width - 1)
        functions.append(distinct % width)
        depths.append(np.full(len(distinct), depth, np.int64))
        current[active] = count + index.reshape(-1)
        count += len(distinct)
    if not parents:
        empty = np.zeros(0, np.int64)
        return Tree(empty, empty, empty), current
    return Tree(*(np.concatenate(parts) for parts in (parents, functions, depths))), current


def prune(tree: Tree, own: Column, node_of: Column, keep: int, merged: int) -> tuple[Tree, Column, Column]:
    """Keep about the `keep` heaviest nodes; what was spent below others goes to a node of function `merged`.

    Returns the tree in preorder, siblings by falling weight; `own` (which only nodes in `node_of`
    have) and `node_of` in its terms.
    """
    total = tree.totals(own)
    least = np.partition(total, len(total) - keep)[len(total) - keep] if keep < len(total) else 0.0
    kept = total >= least
    anchor = np.arange(len(total))
    for level in tree.levels():
        lost = level[~kept[level]]
        above = tree.parent[lost]
        anchor[lost] = np.where(above == ROOT, ROOT, anchor[np.maximum(above, 0)])
    carries = np.zeros(len(total), np.bool_)
    carries[node_of] = True
    cut = ~kept & carries
    bases = np.unique(anchor[cut])
    merged_node = len(total) + np.searchsorted(bases, anchor)
    destination = np.where(kept, np.arange(len(total)), merged_node)
    grown = Tree(
        np.concatenate([tree.parent, bases]),
        np.concatenate([tree.function, np.full(len(bases), merged, np.int64)]),
        np.concatenate([tree.depth, np.where(bases == ROOT, 0, tree.depth[np.maximum(bases, 0)] + 1)]),
    )
    moved = np.bincount(destination[cut | kept], weights=own[cut | kept], minlength=len(grown.parent))
    alive = np.concatenate([kept, np.ones(len(bases), np.bool_)])
    place = _preorder(grown, alive, grown.totals(moved))
    order = np.argsort(place[alive], kind="stable")
    chosen = np.flatnonzero(alive)[order]
    parent = grown.parent[chosen]
    ordered = Tree(
        np.where(parent == ROOT, ROOT, place[np.maximum(parent, 0)]),
        grown.function[chosen],
        grown.depth[chosen],
    )
    return ordered, moved[chosen], place[destination[node_of]]


def _preorder(tree: Tree, alive: Column, total: Column) -> Column:
    """Return each living node's place in preorder, the heaviest of siblings first."""
    sizes = tree.totals(alive.astype(np.float64)).astype(np.int64)
    place = np.zeros(len(sizes), np.int64)
    for level in tree.levels():
        nodes = level[alive[level]]
        if not len(nodes):
            break
        nodes = nodes[np.lexsort((tree.function[nodes], -total[nodes], tree.parent[nodes]))]
        before = np.cumsum(sizes[nodes]) - sizes[nodes]
        parent = tree.parent[nodes]
        first = np.concatenate([[True], parent[1:] != parent[:-1]])
        group_begin = before[first][np.cumsum(first) - 1]
        base = np.where(parent == ROOT, 0, place[np.maximum(parent, 0)] + 1)
        place[nodes] = base + before - group_begin
    return place
