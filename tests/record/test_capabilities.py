from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from profiler.errors import MachineError
from profiler.record import capabilities

if TYPE_CHECKING:
    from pathlib import Path

PROBE = """
import json
from profiler.record import capabilities
print(json.dumps({
    "paranoid": capabilities.paranoid_level(),
    "privileged": capabilities.privileged(),
    "kernel": capabilities.kernel_visible(),
    "event": capabilities.sampling_event(),
    "pages": capabilities.buffer_pages(),
}))
"""


def probe(*wrapper: str) -> dict[str, Any]:
    """What a child of its own finds, perhaps with fewer rights."""
    done = subprocess.run([*wrapper, sys.executable, "-c", PROBE], capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_version_is_perfs_own() -> None:
    said = subprocess.run(["perf", "--version"], capture_output=True, text=True, check=True).stdout
    assert said.strip() == f"perf version {capabilities.perf_version()}"


@pytest.mark.usefixtures("no_perf")
@pytest.mark.parametrize("probe", [capabilities.perf_version, capabilities.sampling_event])
def test_without_perf_the_error_says_how_to_install_it(probe: Any) -> None:
    with pytest.raises(MachineError, match=r"^perf is not on PATH$") as caught:
        probe()
    assert "apt-get install linux-perf" in str(caught.value.hint)
    assert caught.value.exit_code == 3


def test_another_program_of_that_name_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "perf"
    program.write_text("#!/bin/sh\necho 'a benchmark suite'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError, match="perf --version says 'a benchmark suite'"):
        capabilities.perf_version()


def test_the_sampling_event_counts_here_and_nonsense_does_not() -> None:
    event = capabilities.sampling_event()
    assert event.removesuffix(":u") in ("cycles", "cpu-clock")
    assert capabilities.event_counts(event)
    assert not capabilities.event_counts("no-such-event")


def test_capabilities_that_no_kernel_has_are_not_had() -> None:
    assert not capabilities.has_capability(63)


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can give up capabilities"
)
def test_without_capabilities_perf_paranoia_counts() -> None:
    with_all, without = probe(), probe("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    assert with_all["paranoid"] == without["paranoid"] == capabilities.paranoid_level()
    assert (without["privileged"], without["pages"]) == (False, None)
    assert without["kernel"] is (without["paranoid"] <= 1)
    assert without["event"].endswith(":u") is not without["kernel"]
    assert with_all["privileged"] is capabilities.privileged()
