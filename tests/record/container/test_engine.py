from __future__ import annotations

import os
from pathlib import Path

import pytest

from profiler.errors import MachineError, UsageError
from profiler.record.container import images
from profiler.record.container.engine import Engine, connect, essence, parse_info, refusal
from profiler.spec.container import EngineName

DATA = Path(__file__).with_name("data")
DOCKER = Engine(EngineName.DOCKER, "20.10.24+dfsg1", rootless=False)


@pytest.mark.parametrize(
    ("file", "engine"),
    [
        ("docker-20.10-info.json", DOCKER),
        ("podman-4.3-info.json", Engine(EngineName.PODMAN, "4.3.1", rootless=False)),
        ("podman-4.3-rootless-info.json", Engine(EngineName.PODMAN, "4.3.1", rootless=True)),
    ],
)
def test_what_engines_say_of_themselves(file: str, engine: Engine) -> None:
    assert parse_info(engine.name, (DATA / file).read_text()) == engine


def test_a_rootless_docker_says_so_among_its_security_options() -> None:
    said = '{"ServerVersion": "27.1", "SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless"]}'
    assert parse_info(EngineName.DOCKER, said).rootless


def test_an_old_docker_without_its_engine_prints_an_error_and_exits_with_0() -> None:
    with pytest.raises(MachineError, match="docker's engine does not answer") as caught:
        parse_info(EngineName.DOCKER, (DATA / "docker-20.10-unreachable.json").read_text())
    assert "systemctl start docker" in str(caught.value.hint)


@pytest.mark.parametrize("said", ["", "Emulate Docker CLI using podman.", "[]", '{"ServerVersion": 5}'])
def test_what_is_no_engine(said: str) -> None:
    with pytest.raises(MachineError, match="`docker info` prints"):
        parse_info(EngineName.DOCKER, said)


def test_podman_in_disguise() -> None:
    with pytest.raises(MachineError, match="names no version") as caught:
        parse_info(EngineName.DOCKER, (DATA / "podman-4.3-info.json").read_text())
    assert "--container podman" in str(caught.value.hint)


def test_no_engine_at_all(no_perf: None) -> None:  # noqa: ARG001 - its PATH is empty
    with pytest.raises(MachineError, match="podman is not on PATH") as caught:
        connect(EngineName.PODMAN)
    assert "apt-get install podman" in str(caught.value.hint)


RANGE = """\
docker: Error response from daemon: Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available.
See 'docker run --help'.
"""
SPACE = """\
docker: Error response from daemon: no space left on device

Run 'docker run --help' for more information
"""
EXEC = """\
Error: runc: runc create failed: exec: "nosuch": executable file not found in $PATH
"""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (RANGE, "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"),
        (SPACE, "no space left on device"),
        (EXEC, 'runc create failed: exec: "nosuch": executable file not found in $PATH'),
        ("WARNING: something else\n", "no message"),
        ("", "no message"),
    ],
)
def test_the_essence_of_an_engine_s_message(said: str, words: str) -> None:
    assert essence(said) == words


def test_a_socket_without_permission_says_who_may() -> None:
    said = (
        "permission denied while trying to connect to the Docker daemon socket at "
        "unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied"
    )
    error = refusal(EngineName.DOCKER, "info", said)
    assert "no permission" in error.message
    assert "usermod -aG docker" in str(error.hint)


@pytest.mark.parametrize("file", ["docker-image.json", "podman-image.json"])
def test_an_image_s_id_is_hexadecimal_whoever_keeps_it(file: str) -> None:
    digest = images.parse_images((DATA / file).read_bytes(), DOCKER).digest
    assert len(digest) == 64
    assert int(digest, 16)


@pytest.mark.parametrize("content", [b"[]", b"{}", b"", b'[{"Id": 1}]'])
def test_what_is_no_image(content: bytes) -> None:
    with pytest.raises(MachineError, match="prints no image"):
        images.parse_images(content, DOCKER)


def test_a_folder_without_wheels_builds_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are no wheels in it") as caught:
        images.build(DOCKER, "tag", base=None, requirement="onnxruntime", wheels=tmp_path)
    assert "pip download" in str(caught.value.hint)


def test_an_engine_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Through a real client, where there is one."""
    if not any((Path(folder) / "docker").exists() for folder in os.get_exec_path()):
        pytest.skip("no docker client")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/socket")
    with pytest.raises(MachineError, match="docker's engine does not answer"):
        connect(EngineName.DOCKER)
