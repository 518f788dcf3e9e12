"""`ortprof import` and what comes after it, on texts; tests/e2e has real recordings."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from profiler.cli.main import app
from profiler.errors import ExitCode, UsageError
from profiler.execute import importing
from profiler.run import runs

LOOP = "onnxruntime::concurrency::ThreadPoolTempl<onnxruntime::Env>::WorkerLoop(int)"
RUN = "onnxruntime::InferenceSession::Run(OrtRunOptions const*)"
LIBRARY = "/opt/ort/libonnxruntime.so.1.18"
SAMPLES = {
    f"\t 10 SpinPause ({LIBRARY})\n\t 20 {LOOP} ({LIBRARY})\n\t 30 start_thread (/lib/libc.so.6)\n": 8,
    f"\t 44 MlasGemm ({LIBRARY})\n\t 50 main (/opt/server)\n": 3,
    f"\t 99 [unknown] ({LIBRARY})\n\t 50 main (/opt/server)\n": 1,
}
HOSTILE = "<script>alert(1)</script>\x1b[31m"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """One second at 10 Hz and a little more, of two threads."""
    found = ["# cpudesc : A CPU\n# event : name = cycles, , { sample_period, sample_freq } = 10, freq = 1\n"]
    time = 100
    for chain, count in SAMPLES.items():
        for _ in range(count * 20):
            time += 1
            found.append(
                f"server 7/{8 if 'WorkerLoop' in chain else 7} [000] {time}.000001: 5 cycles: \n{chain}\n"
            )
    found.append("some warning\nswapper 0/0 [000] 500.000001: 5 cycles: \n\t 1 idle ([kernel.kallsyms])\n\n")
    path = tmp_path / "canary.perf.txt"
    path.write_text("".join(found))
    return path


def invoke(*arguments: str | Path, reports: Path) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--reports", str(reports)])


def imported(path: Path, *arguments: str | Path, reports: Path) -> dict[str, Any]:
    done = invoke("import", path, *arguments, "--json", reports=reports)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_spin_is_found_by_name(text: Path, tmp_path: Path) -> None:
    summary = imported(text, reports=tmp_path / "reports")
    spent = {kind: ms for kind, ms in summary["cpu"]["by_kind"].items() if ms}
    assert spent == pytest.approx({"spin-idle": 16_000, "compute": 6_000, "unknown": 2_000})
    assert summary["imported"]["basis"] == "frequency"
    assert summary["imported"]["name"] == "canary"
    assert summary["perf"]["samples"] == 240


def test_a_recording_comes_from_standard_input(text: Path, tmp_path: Path) -> None:
    expected = imported(text, reports=tmp_path / "reports")
    options = ["import", "-", "--json", "--reports", str(tmp_path / "reports")]
    done = CliRunner().invoke(app, options, input=text.read_bytes())
    found = json.loads(done.stdout)
    assert (found["cpu"], found["imported"]["file"]) == (expected["cpu"], "stdin")


def test_a_recursion_without_end_has_a_report_that_says_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "deep.collapsed"
    deep = ";".join(["main", *["parse"] * 100_000, "read"])
    path.write_text(f"{deep} 40\nmain;read 60\n")
    summary = imported(path, reports=tmp_path / "reports")
    lacks = {missing["what"]: missing["why"] for missing in summary["unavailable"]}
    assert lacks["The middle of 1 call chain"] == "deeper than 1,024 frames"
    page = tmp_path / "reports" / summary["run_id"] / "report.html"
    assert "The middle of 1 call chain" in page.read_text()


def test_what_is_not_known_is_unavailable_with_the_reason(text: Path, tmp_path: Path) -> None:
    summary = imported(text, reports=tmp_path / "reports")
    for section in ("measured", "profiled"):
        assert "an import" in summary[section]["unavailable"]
    for section in ("waits", "request", "spin_window_ms"):
        assert "no context switches" in summary[section]["unavailable"]
    assert summary["config"] is None
    assert summary["workload"] is None
    whats = " | ".join(doubt["what"] for doubt in summary["unavailable"])
    for what in ("Exact CPU time", "Requests", "Session configuration", "A CPU limit", "idle task", LIBRARY):
        assert what in whats
    said = next(doubt for doubt in summary["unavailable"] if "does not print" in doubt["what"])
    assert "some warning" in said["why"]


def test_other_commands_take_such_a_run(text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reports = tmp_path / "reports"
    imported(text, "--name", "before", reports=reports)
    imported(text, "--name", "after", reports=reports)
    shown = invoke("show", "before", reports=reports)
    assert shown.exit_code == 0, shown.output
    assert "67 % was worker threads spinning for work to come" in shown.stdout
    listed = json.loads(invoke("runs", "--json", reports=reports).stdout)
    assert [row["state"] for row in listed] == ["complete", "complete"]
    for command in (
        ["report", "before"],
        ["export", "before", "--format", "speedscope"],
        ["annotate", "before"],
    ):
        done = invoke(*command, reports=reports)
        assert done.exit_code == 0, (command, done.output)
    compared = invoke("compare", "before", "after", reports=reports)
    assert compared.exit_code in (0, 2), compared.output
    assert compared.exception is None or isinstance(compared.exception, SystemExit)
    removed = invoke("runs", "remove", runs.find("before", reports).run_id, reports=reports)
    assert removed.exit_code == 0, removed.output


@pytest.mark.parametrize(("header", "said"), [(True, "samples alone"), (False, "shown as one millisecond")])
def test_the_page_claims_no_exact_figures(text: Path, tmp_path: Path, header: bool, said: str) -> None:
    if not header:
        text.write_text(text.read_text().replace("sample_freq", "x"))
    imported(text, reports=tmp_path / "reports")
    page = runs.find("canary", tmp_path / "reports").report.read_text("utf-8")
    assert said in page
    assert "that the kernel counted" not in page
    assert "There were no requests" not in page


def test_the_report_needs_the_file_no_more(text: Path, tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    first = imported(text, reports=reports)
    text.unlink()
    again = json.loads(invoke("report", "canary", "--json", reports=reports).stdout)
    assert again == first


def test_stacks_have_no_times_so_no_timeline(tmp_path: Path) -> None:
    path = tmp_path / "x.folded"
    path.write_text(
        f"python;start_thread;{LOOP};SpinPause 300\npython;main;{RUN};MlasGemm 80\npython;main 20\n"
    )
    summary = imported(path, reports=tmp_path / "reports")
    spent = {kind: ms for kind, ms in summary["cpu"]["by_kind"].items() if ms}
    assert spent == {"spin-idle": 300, "compute": 80, "unknown": 20}
    assert "each is shown as one millisecond" in summary["unavailable"][0]["why"]
    shown = invoke("show", "x", reports=tmp_path / "reports")
    assert "Of 400 samples, 75 % was worker threads spinning" in shown.stdout


@pytest.mark.parametrize("name", ["canary.pb.gz", "canary.folded", "canary.json", "canary.txt.gz"])
def test_a_run_is_called_after_its_file_without_endings(name: str) -> None:
    assert importing._name_of(Path(name)) == "canary"


def test_hostile_names_stay_data(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text(f"{HOSTILE} 7 5.000001: 1 cycles: \n\t 1 {HOSTILE} (/{HOSTILE})\n\n" * 200)
    reports = tmp_path / "reports"
    done = invoke("import", path, "--name", HOSTILE, reports=reports)
    assert done.exit_code == 0, done.output
    assert "\x1b[31m" not in done.output
    (run,) = runs.list_runs(reports)
    assert "<script>alert" not in run.report.read_text("utf-8")
    assert run.path.parent == reports


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello\n", "no sample in it"),
        (b"a;b 1\nc\n", "line 2"),
        (b"swapper 0 1.000001: 1 cycles: \n\n", "idle task"),
        (b"x 7 999999999.000001: 1 cycles: \n\n", "times that can't be"),
        (b"PERFILE2", "perf script failed with exit code"),
    ],
)
def test_a_file_that_is_none_is_named_and_leaves_nothing(content: bytes, said: str, tmp_path: Path) -> None:
    path, reports = tmp_path / "x.txt", tmp_path / "reports"
    path.write_bytes(content)
    if content.startswith(b"PERF") and shutil.which("perf") is None:
        pytest.skip("no perf")
    done = invoke("import", path, reports=reports)
    assert getattr(done.exception, "exit_code", None) == ExitCode.BAD_INPUT
    assert said in str(done.exception)
    assert list(reports.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--binaries", "nowhere"], "no such folder"),
        (["--name", " "], "a name, not nothing"),
        (["no-such-file"], "can't be read"),
        (["x", "--json"], "one run"),
    ],
)
def test_bad_usage(options: list[str], said: str, text: Path, tmp_path: Path) -> None:
    before = [] if options == ["no-such-file"] else [text]
    done = invoke("import", *before, *options, reports=tmp_path / "reports")
    assert done.exit_code != 0
    assert said in str(done.exception)


def test_a_recording_without_times_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    perf = tmp_path / "perf"
    perf.write_text("#!/bin/sh\necho '# event : name = cycles, , sample_type = IP|TID|PERIOD, freq = 1'\n")
    perf.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    recorded = tmp_path / "perf.data"
    recorded.write_bytes(b"PERFILE2")
    done = invoke("import", recorded, reports=tmp_path / "reports")
    assert isinstance(done.exception, UsageError)
    assert done.exception.message == f"{recorded}: its samples have no times"
    assert "--no-timestamp" in str(done.exception.hint)
