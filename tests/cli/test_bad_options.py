"""What makes no sense is refused before anything starts: exit status 2, one style, what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.cli.main import main, run

if TYPE_CHECKING:
    from pathlib import Path

JARGON = ("`int`", "`float`", "valid integer", "Value error", "Input should", "regex", "Traceback", "Usage:")
SEED = "a whole number from 0 to 4294967295"
SIZE = "a whole number from 1 to 10000000"
RATE = "a number from 0.000001 to 1000000"
SECONDS = "a number from 0 to 86400"
MEASURED = "a number above 0, at most 86400"
REPEATS = "a whole number from 1 to 1000"
CPUS = "a number above 0, at most 1024"
LATENCY = "a number above 0, at most 86400000"
BOUND = "a number from 0 to 1000000000"
THREADS = "a whole number from 0 to 1024"
STARTUP = "a number from 1 to 86400"

OF_RECORD = [
    ("--seed -1", f"--seed -1: {SEED}"),
    ("--seed 12345678901234567890123456", f"--seed 12345678901234567890123456: {SEED}"),
    ("--seed 1.0", f"--seed 1.0: {SEED}"),
    ("--seed \u0661", f"--seed \u0661: {SEED}"),
    ("--seed 1_0", f"--seed 1_0: {SEED}"),
    ("--tokens 1e9", f"--tokens 1e9: {SIZE}"),
    ("--tokens 0", f"--tokens 0: {SIZE}"),
    ("--tokens 10000001", f"--tokens 10000001: {SIZE}"),
    ("--tokens 9..8", f"--tokens 9..8: {SIZE}, or a range of them as 8..128"),
    ("--input ids", "--input 'ids' is not NAME=VALUES"),
    (
        "--input ids=uniform(9,1)",
        "--input ids=uniform(9,1): the second number is excluded, so it is above the first",
    ),
    ("--input ids=a.npy --container docker", "input files are not read in containers"),
    ("--inputs a.npz --container docker", "input files are not read in containers"),
    ("--operators --container docker", "--operators does not work in containers"),
    ("--batch nan", f"--batch nan: {SIZE}"),
    ("--batch 99999999999", f"--batch 99999999999: {SIZE}"),
    ("--dim a=0", f"--dim a=0: NAME=SIZE, {SIZE}"),
    ("--dim a", f"--dim a: NAME=SIZE, {SIZE}"),
    ("--dim =1", f"--dim =1: NAME=SIZE, {SIZE}"),
    ("--rate nan", f"--rate nan: {RATE}"),
    ("--rate inf", f"--rate inf: {RATE}"),
    ("--rate 0", f"--rate 0: {RATE}"),
    ("--rate 1e300", f"--rate 1e300: {RATE}"),
    ("--rate fast", f"--rate fast: {RATE}"),
    ("--warmup -1", f"--warmup -1: {SECONDS}"),
    ("--measure 86401", f"--measure 86401: {SECONDS}"),
    ("--measure inf", f"--measure inf: {SECONDS}"),
    ("--profile nan", f"--profile nan: {SECONDS}"),
    ("--measure 0 --profile 0", "--measure and --profile are both 0"),
    ("--threads -1", f"--threads -1: {THREADS}"),
    ("--threads 1.5", f"--threads 1.5: {THREADS}"),
    ("--cpu-limit 0", f"--cpu-limit 0: {CPUS}"),
    ("--cpu-limit inf", f"--cpu-limit inf: {CPUS}"),
    ("--cpu-limit 1025", f"--cpu-limit 1025: {CPUS}"),
    ("--cpu-limit 0.001", "--cpu-limit 0.001 is 0.1 ms in each 100 ms"),
    ("--cpu-limit 1 --cpu-period 0.5", "--cpu-period 0.5: a number from 1 to 1000"),
    ("--cpu-limit 1 --cpu-burst nan", "--cpu-burst nan: a number from 0 to 1024000"),
    ("--cpu-period 5", "--cpu-period 5 belongs to a limit"),
    ("--frequency 0", "--frequency 0: a whole number from 1 to 25000"),
    ("--frequency 1e3", "--frequency 1e3: a whole number from 1 to 25000"),
    ("--arrivals often", "--arrivals 'often' is not one of 'fixed', 'poisson', 'closed'"),
    ("--waits no", "--waits 'no' is not one of"),
    ("--container lxc", "--container 'lxc' is not one of"),
    ("--session-entry x", "--session-entry 'x' is not KEY=VALUE"),
    ("--config spinoff", "there is no session configuration 'spinoff'"),
    ("--nonsense", "no such option: --nonsense"),
    ("--seed", "option '--seed' requires an argument"),
    ("again", "got unexpected extra argument(s) (again)"),
]
OF_OTHERS = [
    ("record --startup-timeout 0", f"--startup-timeout 0: {STARTUP}"),
    ("sweep --configs spin-on --startup-timeout nan", f"--startup-timeout nan: {STARTUP}"),
    ("advise --p95-ms 5 --startup-timeout 1e9", f"--startup-timeout 1e9: {STARTUP}"),
    ("show x --price epyc=nan", "--price epyc=nan: TYPE=COST"),
    ("advise", "missing option '--p95-ms'"),
    ("advise --p95-ms inf", f"--p95-ms inf: {LATENCY}"),
    ("advise --p95-ms nan", f"--p95-ms nan: {LATENCY}"),
    ("advise --p95-ms 0", f"--p95-ms 0: {LATENCY}"),
    ("advise --p95-ms 5 --cpus 0", f"--cpus 0: {CPUS}"),
    ("advise --p95-ms 5 --repeat 1001", f"--repeat 1001: {REPEATS}"),
    ("advise --p95-ms 5 --rate -1", f"--rate -1: {RATE}"),
    ("sweep --configs spin-on --repeat 1000000000", f"--repeat 1000000000: {REPEATS}"),
    ("sweep --configs spin-on --rates 1,nan", f"--rates nan: {RATE}"),
    ("sweep --configs spin-on --rates ,", "--rates ',': nothing in the list"),
    ("sweep --configs spin-on --threads 1,x", f"--threads x: {THREADS}"),
    ("sweep --configs spin-on --cpu-limits all", f"--cpu-limits all: {CPUS}, or none"),
    ("sweep --configs spin-on --arrivals often", "--arrivals often: one of fixed, poisson, closed"),
    ("sweep --configs spin-on --measure 0", f"--measure 0: {MEASURED}"),
    ("sweep --configs spin-on --seed -1", f"--seed -1: {SEED}"),
    ("sweep --configs ,", "--configs ',': nothing in the list"),
    ("sweep", "there is no study to run"),
    ("check x --max-p95-ms nan", f"--max-p95-ms nan: {BOUND}"),
    ("check x --max-cpu-ms -1", f"--max-cpu-ms -1: {BOUND}"),
    ("check x --max-cpu-percent inf", f"--max-cpu-percent inf: {BOUND}"),
    ("check x --max-spin-share nan%", "--max-spin-share 'nan%' is not a percentage"),
    ("check", "missing argument 'RUN...'"),
    ("export x --format pdf", "--format 'pdf' is not one of"),
    ("attach nan", "PID nan: a whole number from 1 to 2147483647"),
    ("attach 1 --max-size 0", "--max-size 0: a number from 1 to 1000000000"),
    ("attach 1 --light --max-size 5", "--light makes no perf.data to bound"),
    ("top 0", "PID 0: a whole number from 1 to 2147483647"),
    ("watch 99999999999999999999", "PID 99999999999999999999: a whole number from 1 to 2147483647"),
    ("compare x", "missing argument 'B'"),
    ("show", "missing argument 'RUN|STUDY|FLEET|TRIAL'"),
    ("record2", "no such command 'record2'"),
    ("runs nothing", "no such command 'nothing'"),
]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"), [(f"record {options}", message) for options, message in OF_RECORD] + OF_OTHERS
)
def test_it_is_refused_with_what_is_allowed(
    line: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == 2
    said, told = capsys.readouterr()
    assert said == ""
    assert told.startswith(f"ortprof: error: {message}")
    assert not [word for word in JARGON if word in told]
    assert len(told.splitlines()) <= 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [
        *("record --reports", "runs --reports", "show x --reports", "compare x y -o", "check x --junit"),
        *("import", "marks"),
    ],
)  # fmt: skip
def test_an_empty_path_is_none(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*line.split(), ""]) == 2
    assert "'': a path, not nothing" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["n" * 256, "deep/" * 1200], ids=["name", "path"])
@pytest.mark.parametrize(
    "line",
    [
        *("show NAME", "compare NAME x", "export NAME --format pprof", "report NAME", "annotate NAME f"),
        *("check NAME --max-cpu-ms 1", "check NAME* --max-cpu-ms 1", "check x --max-cpu-ms 1 --junit NAME"),
        *("export x --format pprof -o NAME", "compare x y -o NAME", "runs --reports NAME", "sweep NAME"),
        *("record --model NAME", "record --python ./NAME", "models prepare tiny --weights NAME"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused(
    line: str, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["ortprof", *line.replace("NAME", name).split()])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "ortprof: error: " in capsys.readouterr().err


def test_help_that_nobody_asked_for_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["container"]) == 2
    assert capsys.readouterr().err.startswith("Usage: ortprof container")


@pytest.mark.parametrize("command", ["attach", "top", "watch"])
def test_a_program_s_name_in_the_place_of_a_process_leads_to_its_number(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "uvicorn"]) == 2
    assert "`pgrep -af NAME` lists processes" in capsys.readouterr().err


def test_a_process_that_is_not_there_is_said_before_anything_is_served(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["watch", "2147483647"]) == 2
    said = capsys.readouterr().err
    assert "there is no process 2147483647" in said
    assert "metrics at" not in said
