"""A container engine: whether it answers, what it is, and how it is told something."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from profiler import process
from profiler.errors import MachineError
from profiler.spec.container import EngineName

ANSWER_SECONDS = 60.0
"""How long an engine may take over a question; a cold one may start its service first."""
START_HINTS = {
    EngineName.DOCKER: "start it (systemctl start docker), or name its socket in DOCKER_HOST",
    EngineName.PODMAN: "`podman info` says what it lacks",
}
PERMISSION_HINT = (
    "the socket belongs to root and the group docker: run as root; join the group (usermod -aG docker $USER, "
    "then log in anew), which makes you as good as root; or take --container podman, which needs neither"
)
CHATTER = ("Run 'docker", "See 'docker", "WARNING", "DEPRECATED", "time=")
"""How lines of an engine's messages begin that say nothing of what went wrong."""
_PREFIX = re.compile(r"^(docker: |Error: |Error response from daemon: |runc: )+")


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answers."""

    name: EngineName
    version: str
    rootless: bool
    """Its root is the user who asks."""

    def tell(self, *args: str, seconds: float = ANSWER_SECONDS) -> str:
        """Run one of the engine's commands and return its output; `MachineError` with what it says."""
        return tell(self.name, *args, seconds=seconds)


class _DockerInfo(msgspec.Struct, frozen=True, rename="pascal"):
    """What `docker info` prints, as far as it matters: the reply of the Engine API's `GET /info`."""

    server_version: str = ""
    security_options: list[str] | None = None
    server_errors: list[str] | None = None


class _PodmanSecurity(msgspec.Struct, frozen=True):
    rootless: bool = False


class _PodmanHost(msgspec.Struct, frozen=True):
    security: _PodmanSecurity = _PodmanSecurity()


class _PodmanVersion(msgspec.Struct, frozen=True, rename="pascal"):
    version: str = ""


class _PodmanInfo(msgspec.Struct, frozen=True):
    """What `podman info` prints, as far as it matters: podman-info(1)."""

    host: _PodmanHost = _PodmanHost()
    version: _PodmanVersion = _PodmanVersion()


def connect(name: EngineName) -> Engine:
    """Return an engine that answers; `MachineError` where there is none, with what would help."""
    return parse_info(name, tell(name, "info", "--format", "{{json .}}"))


def parse_info(name: EngineName, content: str) -> Engine:
    """Read what `docker info` or `podman info` prints as JSON; `MachineError` when it is not that."""
    try:
        engine = _podman(content) if name is EngineName.PODMAN else _docker(content)
    except msgspec.DecodeError as error:
        raise MachineError(f"`{name.value} info` prints what {name.value} does not: {error}") from error
    if not engine.version:
        hint = "is `docker` podman in disguise? Say --container podman" if name is EngineName.DOCKER else None
        raise MachineError(f"`{name.value} info` names no version", hint=hint)
    return engine


def _docker(content: str) -> Engine:
    info = msgspec.json.decode(content, type=_DockerInfo)
    if info.server_errors:  # before version 23 the exit code is 0 all the same
        raise refusal(EngineName.DOCKER, "info", info.server_errors[0])
    rootless = any("name=rootless" in option.split(",") for option in info.security_options or [])
    return Engine(EngineName.DOCKER, info.server_version, rootless)


def _podman(content: str) -> Engine:
    info = msgspec.json.decode(content, type=_PodmanInfo)
    return Engine(EngineName.PODMAN, info.version.version, info.host.security.rootless)


def tell(name: EngineName, *args: str, seconds: float = ANSWER_SECONDS) -> str:
    """Run `docker ARGS` or `podman ARGS` and return its output; `MachineError` with what it says."""
    done = process.run([name.value, *args], timeout=seconds)
    if done.exit_code != 0:
        raise refusal(name, args[0], done.stderr)
    return done.stdout.decode(errors="replace")


def refusal(name: EngineName, command: str, said: str) -> MachineError:
    """Return what to raise for an engine's words on standard error."""
    if "permission denied" in said and "sock" in said:
        return MachineError(f"no permission to talk to {name.value}'s engine", hint=PERMISSION_HINT)
    if "Cannot connect" in said:
        return MachineError(f"{name.value}'s engine does not answer: {essence(said)}", hint=START_HINTS[name])
    return MachineError(f"{name.value} {command}: {essence(said)}")


def essence(said: str) -> str:
    """Return the line of an engine's message that says what is wrong."""
    lines = [line.strip() for line in said.splitlines()]
    telling = [line for line in lines if line and not line.startswith(CHATTER)]
    return _PREFIX.sub("", telling[-1]).rstrip(".") if telling else "no message"
