"""What makes two runs repeats of one thing: the service, and what it is fed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from profiler.run.fed import InputDigest
from profiler.run.processes import one_session
from profiler.run.records import read_recorded
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.inputs import Distribution, Inputs, Source
from profiler.spec.scope import Scope
from profiler.spec.workload import Companion
from profiler.study.identity import differences, differing, fed_with, identity

if TYPE_CHECKING:
    from profiler.run.directory import RunDirectory
    from profiler.run.manifest import Manifest

IDS = Inputs(named={"ids": Source(distribution=Distribution.UNIFORM, numbers=(0, 9))})
FILE = Inputs(named={"ids": Source(file="/somewhere/ids.npy")})


def changed(
    manifest: Manifest, *, sha: str = "a" * 64, made_up: tuple[str, ...] = (), **load: Any
) -> Manifest:
    """A run of another load; `sha` is of what it was fed with."""
    assert manifest.workload is not None
    digest = InputDigest(model=manifest.model, sha256=sha, sets=1, made_up=[*made_up])
    workload = msgspec.structs.replace(manifest.workload, **load)
    return msgspec.structs.replace(manifest, workload=workload, inputs=[digest])


@pytest.fixture
def manifest(run: RunDirectory) -> Manifest:
    return read_recorded(run).manifest


@pytest.mark.parametrize(
    ("load", "said"),
    [
        ({"inputs": IDS}, "Fed with: made up, ids uniform(0,9)"),
        ({"most_tokens": 128}, "..128 tokens"),
        (
            {
                "beside": (
                    Companion(
                        model="tiny",
                        model_path="",
                        weights="",
                        configuration=SessionConfiguration(name="spin-off"),
                    ),
                )
            },
            "Beside it: nothing, tiny, spin-off, 1 request/s, 1 callers, batch 1, tokens 10",
        ),
        ({"global_pool": True}, "Beside it: nothing, one global pool"),
    ],
)
def test_another_load_is_no_repeat(manifest: Manifest, load: dict[str, Any], said: str) -> None:
    both = [identity(changed(manifest)), identity(changed(manifest, **load))]
    assert said in differing(both)


def test_a_repeat_that_was_not_profiled_is_one(manifest: Manifest) -> None:
    assert manifest.perf is not None
    elsewhere = msgspec.structs.replace(manifest.perf, scope=Scope.CPUS)
    whole, without, other = (
        identity(msgspec.structs.replace(manifest, perf=perf)) for perf in (manifest.perf, None, elsewhere)
    )
    assert not differing([whole, without])
    assert differing([whole, without, other]) == "Scope: process, cpus"


def test_what_files_hold_tells_runs_apart_and_what_a_seed_drew_does_not(manifest: Manifest) -> None:
    held = [changed(manifest, inputs=FILE, sha=digit * 64) for digit in "ab"]
    assert [fed_with(one) for one in held] == [f"ids ids.npy, sha256 {digit * 12}" for digit in "ab"]
    drawn = [changed(manifest, inputs=IDS, sha=digit * 64) for digit in "ab"]
    made_up = [changed(manifest, made_up=("ids",), sha=digit * 64) for digit in "ab"]
    for pair in (drawn, made_up):
        assert identity(pair[0]) == identity(pair[1])
        (found,) = differences(*pair)
        assert (found.label, found.before, found.after) == ("Input values", "a" * 12, "b" * 12)
        assert found.caution


def test_callers_that_nobody_knows_are_no_difference(manifest: Manifest) -> None:
    """Who calls in a process that was attached to is told by what it does, not noted in its run."""
    one = msgspec.structs.replace(manifest, process=msgspec.structs.replace(manifest.process, callers=[]))
    two = msgspec.structs.replace(one, beside=[one.process])
    assert "Calling threads" not in {found.label for found in differences(one, two)}


def test_more_workers_or_callers_are_another_service(manifest: Manifest) -> None:
    two = msgspec.structs.replace(manifest, beside=[one_session(7, 7, [])])
    said = differing([identity(manifest), identity(two)])
    assert "Calling threads: 1, 1, 1" in said
    assert "Processes: 1, 2" in said
