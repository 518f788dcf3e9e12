from __future__ import annotations

import os

from profiler.record.owner import OwnerMark, is_leftover, owner_of


def test_what_a_running_process_made_is_no_leftover() -> None:
    mine = owner_of(os.getpid())
    assert mine is not None
    assert not is_leftover(mine.name)
    assert is_leftover(OwnerMark(mine.pid, mine.start_time + 1).name)


def test_what_we_did_not_name_is_not_ours() -> None:
    assert not is_leftover("web")
    assert not is_leftover("ortprof-1")
    assert not is_leftover("my-ortprof-1-2")
