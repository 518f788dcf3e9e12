"""Engines of our own for tests: started as root in a folder, with no network, and gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 60.0
STOP_SECONDS = 30.0


class NotStartedError(Exception):
    """An engine does not start on this machine; the message says why."""


@contextlib.contextmanager
def docker(folder: Path) -> Iterator[dict[str, str]]:
    """Run a Docker engine; yield the environment in which `docker` talks to it."""
    log, socket = folder / "dockerd.log", folder / "socket"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [
                *("dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none"),
                *(f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid"),
                f"--host=unix://{socket}",
            ],
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    environment = {"DOCKER_HOST": f"unix://{socket}"}
    try:
        deadline = time.monotonic() + START_SECONDS
        while (
            subprocess.run(
                ["docker", "info"], env={**os.environ, **environment}, capture_output=True, check=False
            ).returncode
            or not socket.exists()
        ):
            if child.poll() is not None or time.monotonic() > deadline:
                last = log.read_text(errors="replace").splitlines()[-1:]
                raise NotStartedError(f"dockerd does not start: {' '.join(last)}")
            time.sleep(0.1)
        yield environment
    finally:
        child.terminate()  # it ends its containers and containerd
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        remove(folder)


@contextlib.contextmanager
def podman(folder: Path) -> Iterator[dict[str, str]]:
    """Keep podman's images and containers in a folder; yield the environment in which it does.

    It runs containers with runc, because crun refuses machines that mount both versions of cgroups, and with
    low resource limits, because raising them, as podman does, takes a capability that root may lack.
    """
    (folder / "containers.conf").write_text(
        '[containers]\ndefault_ulimits=["nofile=1024:1024","nproc=1000:1000"]\n'
        '[engine]\nruntime="runc"\ncgroup_manager="cgroupfs"\nevents_logger="file"\n'
    )
    (folder / "storage.conf").write_text(
        f'[storage]\ndriver="overlay"\ngraphroot="{folder}/data"\nrunroot="{folder}/run"\n'
    )
    environment = {
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
    }
    try:
        done = subprocess.run(
            ["podman", "info"], env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NotStartedError(f"podman info: {done.stderr.strip()}")
        yield environment
    finally:
        subprocess.run(
            ["podman", "rm", "--all", "--force"],
            env={**os.environ, **environment},
            capture_output=True,
            check=False,
        )
        remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder that may hold mounts."""
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for mount in sorted(mounts, reverse=True):
        if mount.startswith(f"{folder}/"):
            subprocess.run(["umount", "--lazy", mount], check=False)
    shutil.rmtree(folder)
