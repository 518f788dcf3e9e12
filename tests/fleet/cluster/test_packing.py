"""A run packed and unpacked is the same, without its recording; a stranger's writes nothing elsewhere."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.fleet.cluster.packing import pack, unpack
from profiler.run.directory import RunDirectory
from tests.fleet.conftest import run_ids
from tests.run.run_directories import contents

if TYPE_CHECKING:
    from pathlib import Path


def packed(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz") as archive:
        for entry, content in entries:
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def test_a_run_arrives_as_it_was(reports: Path, tmp_path: Path) -> None:
    name = run_ids(reports)[0]
    whole = contents(reports / name)
    content = pack(RunDirectory(reports / name))
    assert content == pack(RunDirectory(reports / name)), "the same bytes for the same run"
    arrived = unpack(content, tmp_path / "runs" / name)
    assert contents(arrived.path) == {path: what for path, what in whole.items() if path != "perf.data"}
    before = arrived.manifest.stat().st_mtime_ns
    assert unpack(b"", arrived.path) == arrived, "what is there stays"
    assert arrived.manifest.stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["../outside", "/outside", "a/b", ".hidden", "", ".."])
def test_names_lead_nowhere(tmp_path: Path, name: str) -> None:
    content = packed((tarfile.TarInfo("run.json"), b"{}"), (tarfile.TarInfo(name), b"evil"))
    with pytest.raises(UsageError):
        unpack(content, tmp_path / "runs" / "r")
    assert list((tmp_path / "runs").iterdir()) == []
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_only_files_are_taken(tmp_path: Path, kind: bytes) -> None:
    entry = tarfile.TarInfo("link")
    entry.type, entry.linkname = kind, "/etc/hostname"
    with pytest.raises(UsageError):
        unpack(packed((tarfile.TarInfo("run.json"), b"{}"), (entry, b"")), tmp_path / "r")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run"):
        unpack(packed((tarfile.TarInfo("summary.json"), b"{}")), tmp_path / "r")


@given(st.binary(max_size=200), st.integers(0, 400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_damage_is_a_usage_error(tmp_path: Path, noise: bytes, at: int) -> None:
    content = packed((tarfile.TarInfo("summary.json"), b"{}" * 200))
    for damaged in (noise, content[:at], content[:at] + noise):
        with pytest.raises(UsageError):
            unpack(damaged, tmp_path / "r")
    assert list(tmp_path.iterdir()) == []
