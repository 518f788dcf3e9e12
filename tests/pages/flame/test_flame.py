from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from profiler.findings.function_names import LONGEST_NAME, shorten
from profiler.findings.threads import sampled_threads, thread_rows
from profiler.pages.base.packed import unpack
from profiler.pages.flame.flame import MERGED, Flame, flame
from profiler.pages.flame.row_weights import cpu_weights
from profiler.run.kinds import EVIDENCES, KINDS, Kind
from tests.pages.support import CALLING, LOOP, PAUSE, POOL, THREAD, Made, Sample, spinning

if TYPE_CHECKING:
    from profiler.attribution.analysis import Profile


def data_of(made: Made, limit: int = 1_000_000) -> tuple[Flame, Profile, float]:
    analysis = made.analysis()
    profile = analysis.profile
    assert profile is not None
    threads = sampled_threads(profile.trace, profile.attribution, analysis.manifest.process)
    thread = thread_rows(threads, profile.attribution.tid)
    weights = cpu_weights(profile.attribution, thread)
    made_of = flame(profile.trace.stacks, weights, profile.frame_names, limit)
    return made_of, profile, made_of.merged_share


def unfold(data: Flame) -> Counter[tuple[Any, ...]]:
    """Return microseconds by (path of names, thread, kind, evidence, in a request): the script's reading."""
    names = [data.strings[i] for i in unpack(data.columns["function.name"])]
    paths: list[tuple[str, ...]] = []
    for depth, function in zip(
        unpack(data.columns["tree.depth"]), unpack(data.columns["tree.function"]), strict=True
    ):
        above = next((path for path in reversed(paths) if len(path) == depth), ())
        paths.append((*above, names[function]))
    found: Counter[tuple[Any, ...]] = Counter()
    spent = {name: unpack(data.columns[f"spent.{name}"]) for name in ("node", "tag", "us")}
    for node, tag, us in zip(accumulate(spent["node"]), spent["tag"], spent["us"], strict=True):
        rest, in_request = divmod(tag, 2)
        rest, evidence = divmod(rest, len(EVIDENCES))
        thread, kind = divmod(rest, len(KINDS))
        found[paths[node], thread, KINDS[kind], EVIDENCES[evidence].value, bool(in_request)] += us
    return found


def test_the_columns_hold_every_chain_with_its_verdict() -> None:
    data, profile, merged = data_of(spinning(requests=2, tail_ms=10))
    found = unfold(data)
    path = tuple(symbol for symbol, _ in (THREAD, LOOP, PAUSE))
    assert found[path, 1, Kind.SPIN_IDLE, "symbol", False] == pytest.approx(20_000)
    assert sum(found.values()) == pytest.approx(profile.attribution.cpu_ns.sum() / 1e3, abs=len(found))
    assert {thread for _, thread, *_ in found} == {0, 1, 2}
    assert merged == 0


def test_samples_without_a_chain_are_a_function_of_their_own() -> None:
    made = Made(samples=[Sample(1, CALLING, ()), Sample(2, POOL[0], (THREAD,))])
    assert {path for path, *_ in unfold(data_of(made)[0])} == {("[no call chain]",), ("clone3",)}


def test_over_budget_small_calls_are_merged_and_said() -> None:
    made = spinning()
    made.samples += [
        Sample(900 + i / 100, POOL[0], (THREAD, (f"function {i}", "/lib/x.so"))) for i in range(500)
    ]
    whole, _, _ = data_of(made)
    small, profile, merged = data_of(made, 3_000)
    assert len(small.columns["tree.depth"]) < len(whole.columns["tree.depth"])
    assert sum(map(len, [*small.strings, *small.columns.values()])) <= 3_000
    assert merged > 0.1
    found = unfold(small)
    assert sum(us for (path, *_), us in found.items() if path[-1] == MERGED[0]) > 0
    total = profile.attribution.cpu_ns.sum() / 1e3
    assert sum(found.values()) == pytest.approx(total, abs=len(found))


def test_strings_are_there_once() -> None:
    strings = data_of(spinning())[0].strings
    assert len(set(strings)) == len(strings)


def test_a_long_name_keeps_its_ends() -> None:
    name = "std::" + "x" * 10_000 + "::run()"
    assert len(shorten(name)) == LONGEST_NAME - 1 + LONGEST_NAME % 2
    assert shorten(name).startswith("std::x")
    assert shorten(name).endswith("x::run()")
    assert shorten("short") == "short"


def test_threads_are_listed_calling_first_then_the_pool_in_order() -> None:
    analysis = spinning().analysis()
    assert analysis.profile is not None
    profile = analysis.profile
    threads = sampled_threads(profile.trace, profile.attribution, analysis.manifest.process)
    assert [thread.label for thread in threads] == ["calling thread", "pool thread 1", "pool thread 2"]
    rows = thread_rows(threads, profile.attribution.tid)
    assert np.array_equal(np.array([thread.tid for thread in threads])[rows], profile.attribution.tid)
