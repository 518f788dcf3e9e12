"""What a command is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.run.program_name import LAUNCHERS, launched, program_name

WORDS = st.text("abn-=/.5 ", max_size=6) | st.sampled_from([*LAUNCHERS, "-n", "--", "--signal", "A=1"])
STARTS = [
    "env X=1 Y=2",
    "env -i -u HOME --chdir=/srv X=1",
    "/usr/bin/env",
    "nice",
    "nice -n 10",
    "nice -10",
    "ionice -c2 -n 7",
    "nohup",
    "setsid -w",
    "stdbuf -oL -e 0",
    "taskset -c 0,1",
    "taskset --all-tasks 0x3",
    "chrt -f 10",
    "timeout 60",
    "timeout -vs KILL --kill-after=5 1m",
    "timeout --signal TERM 1m",
    "numactl -N 0 --membind=0 --",
    "sudo -Eu www A=1",
    "time -p",
    "nohup nice -n5 timeout 9 env A=b taskset 3",
]


@pytest.mark.parametrize("start", STARTS)
def test_what_starts_a_program_does_not_give_it_its_name(start: str) -> None:
    assert program_name([*start.split(), "./serve", "--token", "secret"]) == "serve"
    assert program_name([*start.split(), "python", "-u", "app/serve.py", "-n", "1"]) == "python serve.py"


@pytest.mark.parametrize("alone", ["env", "env A=1", "taskset -p 4711", "timeout", "nice -n 5", "time"])
def test_one_that_starts_nothing_has_its_own_name(alone: str) -> None:
    assert program_name(alone.split()) == alone.split(maxsplit=1)[0]


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("", ""),
        ("/opt/serve --key k", "serve"),
        ("python -m pkg.module --key k", "python -m pkg.module"),
        ("python3.11 -c code", "python3.11"),
        ("node server.js", "node server.js"),
        ("./timeout.sh 5", "timeout.sh"),
    ],
)
def test_a_command_is_called_by_its_program_and_what_that_runs(command: str, name: str) -> None:
    assert program_name(command.split()) == name


@given(st.lists(WORDS, max_size=9))
def test_whatever_the_words_what_is_started_is_an_end_of_them(words: list[str]) -> None:
    rest = list(launched(words))
    assert rest == words[len(words) - len(rest) :]
    assert bool(rest) is bool(words)
    assert launched(rest) == rest or not rest
