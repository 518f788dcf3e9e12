"""The manifests of docs/fleet.md are what Kubernetes takes, and start commands that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import typer
import yaml

from profiler.cli.main import app
from tests.cli.test_help import parse

PAGE = Path(__file__).parents[2] / "docs" / "fleet.md"
MANIFESTS: list[dict[str, Any]] = [
    yaml.safe_load(block)
    for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: str(manifest["kind"]))
def test_kubernetes_takes_it(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, "1.30", strict=True)
    manifest["spec"]["tempalte"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, "1.30", strict=True)
    del manifest["spec"]["tempalte"]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: str(manifest["kind"]))
def test_its_command_parses(manifest: dict[str, Any]) -> None:
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    command = container["command"]
    if command[0] == "sh":
        (script,) = container["args"]
        command = shlex.split(script.replace("$((JOB_COMPLETION_INDEX + 1))", "2"))
    assert command[0] == "ortprof"
    parse(command[1:], typer.main.get_command(app))


def test_there_are_two() -> None:
    assert [manifest["kind"] for manifest in MANIFESTS] == ["DaemonSet", "Job"]
