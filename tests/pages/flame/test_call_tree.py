from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiler.pages.flame.call_tree import ROOT, Tree, grow, prune
from profiler.trace.model import Stacks

MERGED = 99
CHAINS = st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=6), min_size=1, max_size=30)


def stacks_of(chains: list[list[int]]) -> Stacks:
    """Return chains (the leaf first) as a trace keeps them."""
    offsets = np.cumsum([0, *map(len, chains)], dtype=np.int64)
    return Stacks(offsets, np.array([frame for chain in chains for frame in chain], np.int32))


def path(tree: Tree, node: int) -> tuple[int, ...]:
    """Return the functions from the root to a node."""
    found: list[int] = []
    while node != ROOT:
        found.insert(0, int(tree.function[node]))
        node = int(tree.parent[node])
    return tuple(found)


@given(CHAINS)
def test_every_chain_is_a_path_of_the_tree(chains: list[list[int]]) -> None:
    tree, node_of = grow(stacks_of(chains), np.arange(len(chains)), np.arange(5))
    assert [path(tree, node) for node in node_of] == [tuple(reversed(chain)) for chain in chains]
    prefixes = {tuple(reversed(chain))[:n] for chain in chains for n in range(1, len(chain) + 1)}
    assert {path(tree, node) for node in range(len(tree.parent))} == prefixes
    assert len(tree.parent) == len(prefixes)


@given(CHAINS, st.integers(1, 40))
def test_pruning_loses_no_time_and_keeps_order(chains: list[list[int]], keep: int) -> None:
    tree, node_of = grow(stacks_of(chains), np.arange(len(chains)), np.arange(5))
    own = np.bincount(node_of, minlength=len(tree.parent)).astype(float)
    small, moved, places = prune(tree, own, node_of, keep, MERGED)
    assert moved.sum() == len(chains)
    assert np.array_equal(np.bincount(places, minlength=len(moved)), moved)
    totals = small.totals(moved)
    for node, parent in enumerate(small.parent.tolist()):
        assert parent < node
        assert small.depth[node] == (0 if parent == ROOT else small.depth[parent] + 1)
    for siblings in (np.flatnonzero(small.parent == parent) for parent in {*small.parent.tolist()}):
        assert np.all(np.diff(totals[siblings]) <= 0)
    for chain, place in zip(chains, places.tolist(), strict=True):
        kept = [function for function in path(small, place) if function != MERGED]
        assert kept == list(reversed(chain))[: len(kept)]


def test_the_heaviest_are_kept() -> None:
    chains = [[1, 0]] * 5 + [[2, 0]] * 2 + [[3, 0]]
    tree, node_of = grow(stacks_of(chains), np.arange(len(chains)), np.arange(5))
    own = np.bincount(node_of, minlength=len(tree.parent)).astype(float)
    small, moved, _ = prune(tree, own, node_of, 2, MERGED)
    spent = Counter({path(small, node): moved[node] for node in range(len(moved))})
    assert spent == {(0,): 0, (0, 1): 5, (0, MERGED): 3}


def test_nodes_are_in_preorder() -> None:
    chains = [[2, 1, 0], [3, 0], [3, 0], [3, 0]]
    tree, node_of = grow(stacks_of(chains), np.arange(4), np.arange(5))
    own = np.bincount(node_of, minlength=len(tree.parent)).astype(float)
    small, _, _ = prune(tree, own, node_of, 10, MERGED)
    assert [path(small, node) for node in range(4)] == [(0,), (0, 3), (0, 1), (0, 1, 2)]
