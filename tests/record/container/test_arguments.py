from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.record.container.arguments import Launch, limit_options, mount, run_command
from profiler.record.container.engine import Engine
from profiler.spec.container import EngineName
from profiler.spec.limit import Limit

DOCKER = Engine(EngineName.DOCKER, "28.2.2", rootless=False)
LAUNCH = Launch("ortprof-1-2", "key=value", "sha256:1234", Path("/models/a/model.onnx"), Limit(cpus=0.1))


@pytest.mark.parametrize(
    ("engine", "limit", "options"),
    [
        (EngineName.DOCKER, None, []),
        (EngineName.DOCKER, Limit(cpus=0.1), ["--cpus=0.1"]),
        (EngineName.DOCKER, Limit(cpus=0.29), ["--cpus=0.29"]),
        (EngineName.DOCKER, Limit(cpus=0.1, period_us=20_000), ["--cpu-period=20000", "--cpu-quota=2000"]),
        (EngineName.PODMAN, Limit(cpus=0.29), ["--cpu-period=100000", "--cpu-quota=29000"]),
    ],
)
def test_limits(engine: EngineName, limit: Limit | None, options: list[str]) -> None:
    assert limit_options(engine, limit) == options


@settings(deadline=None)
@given(st.integers(1_000, 102_400_000))
def test_docker_makes_the_same_quota_of_cpus(quota_us: int) -> None:
    (option,) = limit_options(EngineName.DOCKER, Limit(cpus=quota_us / 100_000))
    whole, _, fraction = option.removeprefix("--cpus=").partition(".")
    nano_cpus = int(whole) * 10**9 + int(fraction.ljust(9, "0"))
    assert len(fraction) <= 9
    assert nano_cpus * 100_000 // 10**9 == quota_us


def test_the_container_is_found_limited_and_closed_off() -> None:
    command = run_command(DOCKER, LAUNCH)
    assert command[:2] == ("docker", "run")
    assert command[-1] == LAUNCH.image
    assert {"--rm", "--interactive", "--network=none", "--pull=never", "--cpus=0.1"} <= set(command)
    assert command[command.index("--name") + 1] == LAUNCH.name
    assert command[command.index("--label") + 1] == LAUNCH.label


@pytest.mark.parametrize(("rootless", "user"), [(False, f"{os.getuid()}:{os.getgid()}"), (True, "0:0")])
def test_the_workload_is_the_user_s_own_process(rootless: bool, user: str) -> None:
    command = run_command(Engine(EngineName.PODMAN, "4.3.1", rootless), LAUNCH)
    assert command[command.index("--user") + 1] == user


def test_nothing_that_is_mounted_can_be_written() -> None:
    mounts = [part for part in run_command(DOCKER, LAUNCH) if part.startswith("--mount")]
    assert len(mounts) == 2
    assert all(part.endswith(",readonly") for part in mounts)
    assert any("source=/models/a," in part for part in mounts)


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), min_size=1))
def test_a_folder_of_any_name_can_be_mounted(name: str) -> None:
    option = mount(f"/{name}", "/inside").removeprefix("--mount=")
    (fields,) = csv.reader([option], strict=True) if "\n" not in name else csv.reader(option.splitlines(True))
    assert fields == ["type=bind", f"source=/{name}", "target=/inside", "readonly"]
