from __future__ import annotations

from profiler.live.pool_names import PoolNames


def test_a_pool_keeps_its_name_as_more_of_it_is_seen() -> None:
    names = PoolNames()
    assert names.name([[11], [21]]) == {11: "pool A", 21: "pool B"}
    assert names.name([[10, 11, 12], [21, 22]]) == dict.fromkeys((10, 11, 12), "pool A") | dict.fromkeys(
        (21, 22), "pool B"
    )


def test_of_pools_that_turn_out_to_be_one_the_larger_gives_the_name() -> None:
    names = PoolNames()
    names.name([[1], [2, 3]])
    assert names.name([[1, 2, 3]]) == dict.fromkeys((1, 2, 3), "pool B")


def test_a_pool_that_falls_apart_leaves_its_name_to_one_part() -> None:
    names = PoolNames()
    names.name([[1, 2, 3]])
    assert names.name([[1], [2, 3]]) == {1: "pool A", 2: "pool B", 3: "pool B"}


def test_pools_of_processes_that_are_watched_together_have_names_of_their_own() -> None:
    """As in a run; what a process that ended leaves is another's."""
    taken: set[str] = set()
    first, second = PoolNames(taken), PoolNames(taken)
    assert first.name([[11], [12]]) == {11: "pool A", 12: "pool B"}
    assert second.name([[21]]) == {21: "pool C"}
    first.release()
    assert second.name([[21], [22]]) == {21: "pool C", 22: "pool A"}
