"""The command line that starts a workload in a container: docker-run(1), podman-run(1)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.record.subject.start import PACKAGE
from profiler.record.subject.workload_process import ENVIRONMENT
from profiler.spec.container import EngineName
from profiler.spec.limit import Limit

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.record.container.engine import Engine

PACKAGE_INSIDE = "/opt/ortprof/workload"
MODEL_INSIDE = "/opt/ortprof/model"


@dataclass(frozen=True, slots=True)
class Launch:
    """What a container is started with."""

    name: str
    label: str
    """`KEY=VALUE`."""
    image: str
    model: Path
    """The model's file; its folder is mounted, because weights may lie beside it."""
    limit: Limit | None = None


def run_command(engine: Engine, launch: Launch) -> tuple[str, ...]:
    """Return the command that runs what follows it in a new container, with our stdin and stdout.

    The workload gets no network: it needs none, and the image may be anybody's. Its output is not logged,
    because that costs a disk write a line. Signals to the command end it, not the container: that is removed
    by name. It runs as the user who profiles, so that perf may attach to it.
    """
    user = "0:0" if engine.rootless else f"{os.getuid()}:{os.getgid()}"
    return (
        engine.name.value, "run", "--rm", "--interactive", "--sig-proxy=false", "--pull=never",
        "--name", launch.name, "--label", launch.label, "--user", user,
        "--network=none", "--log-driver=none", "--security-opt=label=disable",
        *limit_options(engine.name, launch.limit),
        *(f"--env={name}={value}" for name, value in ENVIRONMENT.items()),
        mount(str(PACKAGE), PACKAGE_INSIDE), mount(str(launch.model.parent), MODEL_INSIDE),
        "--entrypoint=", launch.image,
    )  # fmt: skip


def limit_options(engine: EngineName, limit: Limit | None) -> list[str]:
    """Return the options that set a limit; `--cpus` sets a quota in the default period.

    podman reckons in floating point, which loses a microsecond of some quotas (0.29 CPU becomes 28,999 us).
    """
    if limit is None:
        return []
    if engine is EngineName.DOCKER and limit.period_us == Limit(cpus=1).period_us:
        return [f"--cpus={limit.quota_us / limit.period_us}"]
    return [f"--cpu-period={limit.period_us}", f"--cpu-quota={limit.quota_us}"]


def mount(source: str, target: str) -> str:
    """Return the option that shows a folder inside, to be read; its value is one line of CSV."""
    fields = ("type=bind", f"source={source}", f"target={target}", "readonly")
    return "--mount=" + ",".join(_csv(field) for field in fields)


def _csv(field: str) -> str:
    quoted = field.replace('"', '""')
    return f'"{quoted}"' if set(field) & set(',"\n') else field
