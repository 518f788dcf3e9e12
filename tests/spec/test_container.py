from __future__ import annotations

import pytest

from profiler.errors import UsageError
from profiler.spec.container import ContainerSpec, EngineName, make_container
from profiler.spec.limit import Limit


def test_without_options_there_is_no_container() -> None:
    assert make_container(None, None, Limit(cpus=1)) is None


def test_the_image_that_ortprof_builds_is_the_default() -> None:
    assert make_container(EngineName.PODMAN, None, None) == ContainerSpec(EngineName.PODMAN, "ortprof")
    assert make_container(EngineName.DOCKER, "mine:1", None) == ContainerSpec(EngineName.DOCKER, "mine:1")


@pytest.mark.parametrize(
    ("engine", "image", "limit", "words"),
    [
        (None, "mine", None, "--image mine belongs to a container"),
        (EngineName.DOCKER, "", None, "no image's name"),
        (EngineName.DOCKER, "--privileged", None, "no image's name"),
        (EngineName.DOCKER, None, Limit(cpus=0.1, burst_us=5_000), "docker has no option for a burst"),
    ],
)
def test_what_makes_no_container(
    engine: EngineName | None, image: str | None, limit: Limit | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        make_container(engine, image, limit)
