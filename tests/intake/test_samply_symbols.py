"""samply's profile with addresses alone, and the file of symbols beside it."""

from __future__ import annotations

import gzip
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from profiler.errors import UsageError
from profiler.intake import choice
from profiler.trace.validate import check
from tests.intake.test_perf_text import chains

if TYPE_CHECKING:
    from pathlib import Path

ORT: dict[str, Any] = {
    "name": "libonnxruntime.so.1",
    "path": "/opt/libonnxruntime.so.1",
    "debugName": "libonnxruntime.so.1",
    "debugPath": "/opt/libonnxruntime.so.1",
    "breakpadId": "3D7D5A1F7C2E4B8891F0A2B4C6D8E0F20",
    "codeId": "1f5a7d3d2e7c884b91f0a2b4c6d8e0f2aabbccdd",
    "arch": "x86_64",
}
SERVER = ORT | {"name": "server", "path": "/opt/server", "codeId": None}
SERVER["breakpadId"] = "00112233445566778899AABBCCDDEEFF0"
LOOP = "onnxruntime::concurrency::ThreadPoolTempl<onnxruntime::Env>::WorkerLoop(int)"
PROFILE: dict[str, Any] = {
    "meta": {
        "interval": 1.0,
        "preprocessedProfileVersion": 49,
        "processType": 0,
        "product": "server",
        "symbolicated": False,
        "sampleUnits": {"time": "ms", "eventDelay": "ms", "threadCPUDelta": "µs"},
        "version": 24,
    },
    "libs": [ORT, SERVER],
    "threads": [
        {
            "name": "server",
            "processName": "server",
            "pid": "7",
            "tid": "8",
            "frameTable": {
                "length": 4,
                "address": [0x1000, 0x2010, 0x2050, 0x9999],
                "func": [0, 1, 2, 3],
                "inlineDepth": [0, 0, 0, 0],
                "line": [None, None, None, None],
            },
            "funcTable": {
                "name": [0, 1, 2, 3],
                "resource": [1, 0, 0, 0],
                "fileName": [None, None, None, None],
            },
            "resourceTable": {"length": 2, "lib": [0, 1], "name": [4, 5], "type": [1, 1]},
            "samples": {
                "length": 3,
                "stack": [1, 2, 3],
                "time": [0.0, 1.0, 2.0],
                "threadCPUDelta": [1000, 1000, 1000],
            },
            "stackTable": {"length": 4, "frame": [0, 1, 2, 3], "prefix": [None, 0, 0, 0]},
            "stringArray": ["0x1000", "0x2010", "0x2050", "0x9999", ORT["name"], SERVER["name"]],
        }
    ],
}
"""What samply 0.13 writes, with the fields that are read and some that are not."""
SYMBOLS: dict[str, Any] = {
    "string_table": ["UNKNOWN", LOOP, "/ort/EigenNonBlockingThreadPool.h", "main"],
    "data": [
        {
            "debug_name": ORT["debugName"],
            "debug_id": "3d7d5a1f-7c2e-4b88-91f0-a2b4c6d8e0f2",
            "code_id": ORT["codeId"],
            "symbol_table": [
                {
                    "rva": 0x2000,
                    "size": 0x80,
                    "symbol": 1,
                    "frames": [{"function": 1, "file": 2, "line": 7}],
                }
            ],
            "known_addresses": [[0x2010, 0], [0x2050, 0]],
        },
        {
            "debug_name": "server",
            "debug_id": "00112233-4455-6677-8899-aabbccddeeff",
            "code_id": "",
            "symbol_table": [{"rva": 0x1000, "symbol": 3}],
            "known_addresses": [[0x1000, 0]],
        },
    ],
}


def write(folder: Path, symbols: object = SYMBOLS, *, packed: bool = True) -> Path:
    """Write a profile and what stands beside it; return the profile's path."""
    content = json.dumps(PROFILE).encode()
    path = folder / ("canary.json.gz" if packed else "canary.json")
    path.write_bytes(gzip.compress(content) if packed else content)
    beside = folder / ("canary.json.syms.json" if packed else "canary.syms.json")
    beside.write_text(json.dumps(symbols))
    return path


def found(path: Path) -> list[list[str]]:
    trace = choice.take(path).trace
    check(trace, {})
    return chains(trace)


NAMED = [
    [f"{LOOP} /opt/libonnxruntime.so.1", "main /opt/server"],
    [f"{LOOP} /opt/libonnxruntime.so.1", "main /opt/server"],
    ["? /opt/libonnxruntime.so.1", "main /opt/server"],
]


@pytest.mark.parametrize("packed", [True, False])
def test_addresses_get_the_names_that_stand_beside_the_profile(tmp_path: Path, *, packed: bool) -> None:
    assert found(write(tmp_path, packed=packed)) == NAMED


def test_without_them_it_is_imported_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / "canary.json.syms.json").unlink()
    nameless = ["? /opt/libonnxruntime.so.1", "? /opt/server"]
    assert found(path) == [nameless, nameless, nameless]


def test_another_build_s_symbols_are_not_taken(tmp_path: Path) -> None:
    others: list[dict[str, Any]] = [
        library | {"code_id": "00", "debug_id": "ffffffff-7c2e-4b88-91f0-a2b4c6d8e0f2"}
        for library in SYMBOLS["data"]
    ]
    assert (
        found(write(tmp_path, SYMBOLS | {"data": others}))
        == [["? /opt/libonnxruntime.so.1", "? /opt/server"]] * 3
    )


@pytest.mark.parametrize(
    "symbols",
    [
        [],
        {"string_table": []},
        SYMBOLS | {"string_table": ["UNKNOWN"]},
        SYMBOLS | {"data": [SYMBOLS["data"][0] | {"known_addresses": [[1, -1]]}]},
        SYMBOLS | {"data": [SYMBOLS["data"][0] | {"known_addresses": [[1, 9]]}]},
    ],
)
def test_damaged_ones_are_named(symbols: object, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"canary\.json\.syms\.json: no symbols of samply's"):
        choice.take(write(tmp_path, symbols))


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / "canary.json.syms.json").unlink()
    os.mkfifo(tmp_path / "canary.json.syms.json")
    with pytest.raises(UsageError, match="FIFO"):
        choice.take(path)
