from __future__ import annotations

import platform
from pathlib import Path

from profiler.trace import perf_report, perf_script, symfs

COPIES = Path("run/mapped")


def test_this_machine_s_own_files_need_no_option() -> None:
    assert symfs.options(Path("/"), platform.release()) == ()


def test_copies_and_the_kernel_that_still_runs() -> None:
    assert symfs.options(COPIES, platform.release()) == (
        "--symfs",
        "run/mapped",
        "--kallsyms",
        "/proc/kallsyms",
    )


def test_another_kernel_s_symbols_would_be_wrong() -> None:
    assert symfs.options(COPIES, "2.6.32") == ("--symfs", "run/mapped")


def test_both_commands_take_them() -> None:
    files = symfs.options(COPIES, "2.6.32")
    for command in (
        perf_script.command(Path("perf.data"), files=files),
        perf_report.command(Path("perf.data"), files=files),
    ):
        at = command.index("--symfs")
        assert command[at : at + 4] == ("--symfs", "run/mapped", "-i", "perf.data")


def test_both_commands_keep_to_processes() -> None:
    for module in (perf_script, perf_report):
        command = module.command(Path("perf.data"), pids=[43, 7])
        assert command[command.index("--pid") + 1] == "7,43"
        assert "--pid" not in module.command(Path("perf.data"))
