"""A limited scope from the user's systemd, where no cgroup of one's own is allowed (systemd-run(1))."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from profiler import process
from profiler.errors import MachineError

if TYPE_CHECKING:
    from profiler.spec.limit import Limit

PROBE_SECONDS = 10.0
DELEGATION_HINT = (
    "as root, let systemd delegate the cpu controller to users: systemctl edit user@.service, "
    "[Service], Delegate=cpu cpuset io memory pids; then log in anew"
)


def scope_command(limit: Limit) -> list[str]:
    """Return what to put before a command so that it runs in a scope with the limit.

    In a scope, systemd-run becomes the command, so the process id stays. CPUQuota is percent of one CPU
    (systemd.resource-control(5)), which systemd turns into cpu.max; `--collect` drops the scope at its end.
    """
    return [
        "systemd-run", "--user", "--scope", "--quiet", "--collect",
        f"--property=CPUQuota={limit.cpus * 100:.2f}%",
        f"--property=CPUQuotaPeriodSec={limit.period_us}us",
        "--",
    ]  # fmt: skip


def refusal(limit: Limit) -> str | None:
    """Return why the user's systemd makes no scope, or None when it does; starts one with `true` in it."""
    if limit.burst_us:
        return "systemd has no property for a burst"
    if shutil.which("systemd-run") is None:
        return "there is no systemd-run"
    try:
        done = process.run([*scope_command(limit), "true"], timeout=PROBE_SECONDS)
    except MachineError as error:
        return error.message
    if done.exit_code == 0:
        return None
    said = done.stderr.strip().splitlines()
    return f"systemd-run --user says: {said[-1] if said else f'exit code {done.exit_code}'}"
