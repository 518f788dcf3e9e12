"""Images: what an engine has, and the one that ortprof builds."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from profiler import process
from profiler.errors import MachineError, UsageError
from profiler.record.container.engine import ANSWER_SECONDS, refusal
from profiler.record.temporary import temporary_folder
from profiler.spec.container import IMAGE

if TYPE_CHECKING:
    from profiler.record.container.engine import Engine

DOCKERFILE = Path(__file__).with_name("Dockerfile")


class ContainerImage(msgspec.Struct, frozen=True, rename="pascal"):
    """An image that an engine has, as far as it matters: from `image inspect`."""

    id: str

    @property
    def digest(self) -> str:
        """Its id in hexadecimal; docker puts the algorithm before it, podman does not."""
        return self.id.removeprefix("sha256:")


def find(engine: Engine, name: str) -> ContainerImage:
    """Return an image of the engine's; none is pulled. `UsageError` where there is no such image."""
    done = process.run([engine.name.value, "image", "inspect", name], timeout=ANSWER_SECONDS)
    if done.exit_code != 0:
        missing = done.stderr.lower()
        if "no such image" not in missing and "not known" not in missing and "not found" not in missing:
            raise refusal(engine.name, "image inspect", done.stderr)
        pull = f"`{engine.name.value} pull {name}`; it needs Python and onnxruntime"
        hint = f"{build_command(engine)} makes it" if name == IMAGE else pull
        raise UsageError(f"{engine.name.value} has no image {name!r}", hint=hint)
    return parse_images(done.stdout, engine)


def parse_images(content: bytes, engine: Engine) -> ContainerImage:
    """Read what `image inspect` prints for one image; `MachineError` when it is not that."""
    try:
        (image,) = msgspec.json.decode(content, type=list[ContainerImage])
    except (msgspec.DecodeError, ValueError) as error:
        raise MachineError(f"{engine.name.value} image inspect prints no image: {error}") from error
    return image


def build_command(engine: Engine) -> str:
    """Return the command that makes the default image, as a hint shows it."""
    return f"`ortprof container build --engine {engine.name.value}`"


def build(
    engine: Engine, tag: str, *, base: str | None, requirement: str, wheels: Path | None
) -> ContainerImage:
    """Build the shipped Dockerfile and return the image.

    `base` replaces its base image, `requirement` is what pip is to install. With `wheels`, a folder, pip
    takes everything from there and the build has no network. What the engine says goes to standard error.
    `UsageError` for a folder without wheels, `MachineError` when the build fails.
    """
    arguments = {"REQUIREMENT": requirement} | ({} if base is None else {"BASE": base})
    options = [part for name, value in arguments.items() for part in ("--build-arg", f"{name}={value}")]
    if wheels is not None:
        options += ["--network=none", "--build-arg", "PIP_NO_INDEX=1"]
    with temporary_folder() as context:
        shutil.copy(DOCKERFILE, context / "Dockerfile")
        (context / "wheels").mkdir()
        for wheel in [] if wheels is None else _wheels(wheels):
            shutil.copy(wheel, context / "wheels")
        code = process.show([engine.name.value, "build", "--tag", tag, *options, str(context)])
    if code != 0:
        raise MachineError(f"{engine.name.value} build failed with exit code {code}; its output is above")
    return find(engine, tag)


def _wheels(folder: Path) -> list[Path]:
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise UsageError(
            f"--wheels {folder}: there are no wheels in it",
            hint=f"where there is a network: pip download --only-binary :all: -d {folder} onnxruntime",
        )
    return wheels
