"""The differential flame graph's data: one tree of both sides' chains, and what each spent at its nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.findings.function_names import shorten
from profiler.pages.base.packed import pack, pack_rising
from profiler.pages.flame.call_tree import Tree, grow, prune
from profiler.pages.flame.flame import MERGED
from profiler.trace.model import Stacks

if TYPE_CHECKING:
    from profiler.arrays import Column
    from profiler.study.compare.matching import Function
    from profiler.study.compare.merged import MergedChains, Path


MOST_NODES = 20_000


@dataclass(frozen=True, slots=True)
class DifferenceFlame:
    """What the page's script reads."""

    kinds: tuple[str, ...]
    strings: list[str]
    columns: dict[str, str]
    """`tree.depth` and `tree.function` of each node in preorder; `spent.node` (rising), `.tag` (kind * 2 +
    in_request), `.before` and `.after` (nanoseconds a request); `function.name` and `.library` index the
    strings."""
    merged_share: float
    """Share of the time of both whose innermost functions were merged, to keep the page small."""


def difference_flame(merged: MergedChains, most_nodes: int = MOST_NODES) -> DifferenceFlame:
    """Return the data; nodes beyond the `most_nodes` heaviest of both sides together are merged."""
    functions = [*merged.functions, MERGED]
    paths: dict[Path, int] = {}
    for row in merged.rows:
        paths.setdefault(row.path, len(paths))
    lengths = np.array([len(path) for path in paths], np.int64)
    stacks = Stacks(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.array([function for path in paths for function in reversed(path)], np.int32),
    )
    tree, node_of = grow(stacks, np.arange(len(paths)), np.arange(len(functions), dtype=np.int64))
    node = node_of[np.array([paths[row.path] for row in merged.rows], np.int64)]
    ns = np.array([row.ns for row in merged.rows], np.float64).reshape(-1, 2)
    own = np.bincount(node, weights=ns.sum(axis=1), minlength=len(tree.parent))
    keep = min(most_nodes, len(tree.parent))
    small, own, node = prune(tree, own, node, max(keep, 1), len(functions) - 1)
    lost = own[small.function == len(functions) - 1].sum()
    tag = np.array([row.kind * 2 + row.in_request for row in merged.rows], np.int64)
    strings, columns = _columns(small, functions, node, tag, ns)
    return DifferenceFlame(merged.kinds, strings, columns, float(lost / own.sum()) if own.any() else 0.0)


def _columns(
    tree: Tree, functions: list[Function], node: Column, tag: Column, ns: Column
) -> tuple[list[str], dict[str, str]]:
    used, function = np.unique(tree.function, return_inverse=True)
    strings: dict[str, int] = {}
    names = [
        [strings.setdefault(shorten(text), len(strings)) for text in functions[which]]
        for which in used.tolist()
    ]
    table = np.array(names, np.int64).reshape(-1, 2)
    width = int(tag.max(initial=0)) + 1
    cells, index = np.unique(node * width + tag, return_inverse=True)
    before, after = (np.bincount(index.reshape(-1), weights=side, minlength=len(cells)) for side in ns.T)
    return list(strings), {
        "function.name": pack(table[:, 0]),
        "function.library": pack(table[:, 1]),
        "tree.depth": pack(tree.depth),
        "tree.function": pack(function.reshape(-1)),
        "spent.node": pack_rising(cells // width),
        "spent.tag": pack(cells % width),
        "spent.before": pack(np.rint(before).astype(np.int64)),
        "spent.after": pack(np.rint(after).astype(np.int64)),
    }
