"""The container that a workload runs in."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from profiler.errors import UsageError

if TYPE_CHECKING:
    from profiler.spec.limit import Limit

IMAGE = "ortprof"
"""The image that `ortprof container build` makes."""
PYTHON = "python3"
"""The interpreter inside, where none is named."""


class EngineName(str, Enum):
    """A container engine, by the name of its program."""

    DOCKER = "docker"
    PODMAN = "podman"


class ContainerSpec(msgspec.Struct, frozen=True):
    """Which engine is to run which image."""

    engine: EngineName
    image: str = IMAGE


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """The engine and the image that a run used."""

    engine: EngineName
    version: str
    """The engine's."""
    rootless: bool
    image: str
    """As it was asked for."""
    image_id: str
    """The digest of the image's configuration, in hexadecimal."""


def make_container(engine: EngineName | None, image: str | None, limit: Limit | None) -> ContainerSpec | None:
    """Return the container that options ask for, or None where they ask for none.

    `UsageError` for an image without an engine, and for a limit that no engine can set.
    """
    if engine is None:
        if image is not None:
            raise UsageError(f"--image {image} belongs to a container", hint="give --container docker too")
        return None
    if image is not None and (not image or image.startswith("-")):
        raise UsageError(f"--image {image!r} is no image's name", hint="for example --image ortprof")
    if limit is not None and limit.burst_us:
        raise UsageError(
            f"--cpu-burst: {engine.value} has no option for a burst",
            hint="leave out --cpu-burst or --container",
        )
    return ContainerSpec(engine, IMAGE if image is None else image)
