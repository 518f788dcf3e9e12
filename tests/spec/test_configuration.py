from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.errors import UsageError
from profiler.spec.catalogue import Catalogue, load
from profiler.spec.configuration import (
    SessionConfiguration,
    Setting,
    parse_entry,
    refuse_unhonoured,
    unknown_entries,
)

if TYPE_CHECKING:
    from pathlib import Path

MINE = SessionConfiguration(name="mine", threads=2, entries={"a.x": "1"})


@pytest.fixture
def presets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return load(tmp_path)


def test_changes_for_one_run_are_applied_and_noted() -> None:
    changed = MINE.adjusted(threads=4, entries={"b.y": "7", "a.x": "0"})
    assert changed.threads == 4
    assert changed.entries == {"a.x": "0", "b.y": "7"}
    assert changed.label == "mine+t4+x=0+y=7"
    assert MINE.entries == {"a.x": "1"}, "the original is a value"


def test_without_changes_it_is_the_same_configuration() -> None:
    assert MINE.adjusted(threads=None, entries={}) is MINE
    assert MINE.label == "mine"


def test_zero_threads_is_a_change() -> None:
    assert MINE.adjusted(threads=0, entries={}).label == "mine+t0"


def test_one_thread_is_not_asked_for_more(presets: Catalogue) -> None:
    single = presets.find("single-thread")
    assert single.adjusted(threads=1, entries={}).threads == 1
    with pytest.raises(UsageError, match="single-thread means one thread; --threads 2 contradicts it"):
        single.adjusted(threads=2, entries={})


@pytest.mark.parametrize(
    ("text", "entry"),
    [("a.b=1", ("a.b", "1")), ("a=", ("a", "")), ("a=b=c", ("a", "b=c")), ("a=1,2; 3", ("a", "1,2; 3"))],
)
def test_a_session_entry_is_split_at_the_first_equals_sign(text: str, entry: tuple[str, str]) -> None:
    assert parse_entry(text) == entry


def test_a_session_entry_is_utf_8() -> None:
    with pytest.raises(UsageError, match=r"^'\\udcff' is not UTF-8$"):
        parse_entry("a=\udcff")


@pytest.mark.parametrize("text", ["", "a", "=1", " =1", "a b=1", "a\t=1", "ä=1", "a\n=1"])
def test_what_is_no_session_entry_is_shown_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_entry(text)
    assert caught.value.message == f"--session-entry {text!r} is not KEY=VALUE"
    assert "--session-entry session.intra_op.spin_duration_us=500" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("spin-1ms", "1.25.9"),
        ("spin-1ms", "1.9"),  # no text comparison: 9 < 26
        ("spin-stop", "1.11.1"),
        ("spin-stop", "0.99.99"),
        ("spin-stop", "unknown"),
        ("spin-stop", "1.11.0-mine"),
    ],
)
def test_a_version_that_would_ignore_a_setting_is_refused(
    name: str, version: str, presets: Catalogue
) -> None:
    with pytest.raises(UsageError, match=f"the workload's is {version} and would ignore it") as caught:
        refuse_unhonoured(presets.find(name), version, presets.settings)
    assert f"{name} sets session." in caught.value.message
    assert caught.value.hint is not None


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("spin-1ms", "1.26.0"),
        ("spin-1ms", "1.26"),
        ("spin-1ms", "1.26.0.dev20260101"),  # a nightly build has it already
        ("spin-1ms", "1.26.0-mine"),
        ("spin-1ms", "2.0"),
        ("spin-stop", "1.12.1"),
        ("single-thread", "0.1"),
    ],
)
def test_a_version_that_honours_every_setting_is_accepted(
    name: str, version: str, presets: Catalogue
) -> None:
    refuse_unhonoured(presets.find(name), version, presets.settings)


def test_an_adjusted_entry_counts_and_the_label_shows_it(presets: Catalogue) -> None:
    key = "session.intra_op.spin_duration_us"
    with pytest.raises(
        UsageError, match=r"spin-on\+spin_duration_us=5 sets session\.intra_op\.spin_duration"
    ):
        refuse_unhonoured(
            presets.find("spin-on").adjusted(threads=None, entries={key: "5"}), "1.25", presets.settings
        )


def test_unknown_entries_are_neither_refused_nor_hidden() -> None:
    settings = {"a.x": Setting(since="1.0", meaning="")}
    configuration = SessionConfiguration(name="mine", entries={"c": "", "a.x": "1", "b": ""})
    refuse_unhonoured(configuration, "1.0", settings)
    assert unknown_entries(configuration, settings) == ["b", "c"]
