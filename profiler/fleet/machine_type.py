"""What tells one kind of machine from another: its CPU, how many of them, quota, kernel, cgroup version."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import msgspec

from profiler.run.directory import file_name_part
from profiler.run.ranges import Number

if TYPE_CHECKING:
    from profiler.run.manifest import Host

NOISE = re.compile(r"\((?:R|TM|r|tm)\)|\b(?:CPU|Processor)\b|@.*$")
"""What vendors put into a CPU's name beside its name."""
LONGEST_NAME = 40


class MachineType(msgspec.Struct, frozen=True):
    """Machines that should give the same figures."""

    cpu: str
    cpus: int
    kernel: str
    cgroup: int | None = None
    """Version of the hierarchy that limits CPUs; None where it is not known."""
    quota: Number | None = None
    """CPUs by the quota that whoever measured there had, as in a container; None without one."""

    @property
    def words(self) -> str:
        """Return it as a reader would say it: `Intel Xeon 6130, 2 CPUs, Linux 6.1.0, cgroup v2`."""
        plural = "" if self.cpus == 1 else "s"
        groups = "" if self.cgroup is None else f", cgroup v{self.cgroup}"
        quota = "" if self.quota is None else f", quota {self.quota:g}"
        return f"{self.cpu_name}, {self.cpus} CPU{plural}{quota}, Linux {self.kernel}{groups}"

    @property
    def cpu_name(self) -> str:
        """Return the CPU without trademarks and clock."""
        return " ".join(NOISE.sub(" ", self.cpu).split()) or "unknown CPU"

    @property
    def name(self) -> str:
        """Return it as a directory's name, which no other type has."""
        short = file_name_part(self.cpu_name.replace(" ", "-"))[:LONGEST_NAME].strip("-._=")
        quota = "" if self.quota is None else f"-quota{self.quota:g}"
        return f"{short}-{self.cpus}cpu{quota}-{self.mark}"

    def is_called(self, part: str) -> bool:
        """Whether a user who writes `part` can mean it: it is in its name, or in what a reader would say."""
        return part.casefold() in f"{self.name} {self.words}".casefold()

    @property
    def mark(self) -> str:
        """Return six characters that no other type has."""
        parts = [self.cpu, str(self.cpus), self.kernel, str(self.cgroup)]
        if self.quota is not None:  # without one, marks are those of earlier versions
            parts.append(str(self.quota))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:6]


def type_of(host: Host) -> MachineType:
    """Return the type of the machine that a run was recorded on."""
    return MachineType(host.cpu, host.cpus, host.kernel, host.cgroup, host.quota)
