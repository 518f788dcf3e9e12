from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.spec.catalogue import load, parse
from profiler.spec.configuration import ExecutionMode

if TYPE_CHECKING:
    from pathlib import Path

PRESETS = ["spin-on", "spin-off", "single-thread", "spin-stop", "spin-1ms", "spin-backoff"]


@pytest.fixture(autouse=True)
def user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own configuration folder, empty."""
    folder = tmp_path / "xdg" / "ortprof"
    folder.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder.parent))
    return folder


def test_presets_are_the_designs(tmp_path: Path) -> None:
    catalogue = load(tmp_path)
    assert list(catalogue.configurations) == PRESETS
    assert set(catalogue.origins.values()) == {"built in"}
    assert all(found.name == name for name, found in catalogue.configurations.items())


def test_every_preset_says_which_version_honours_its_entries(tmp_path: Path) -> None:
    catalogue = load(tmp_path)
    used = {key for found in catalogue.configurations.values() for key in found.entries}
    assert used <= set(catalogue.settings)


@pytest.mark.parametrize(
    ("name", "since"),
    [("single-thread", ""), ("spin-on", "1.8"), ("spin-stop", "1.12"), ("spin-1ms", "1.26")],
)
def test_a_configuration_needs_the_version_of_its_newest_entry(name: str, since: str, tmp_path: Path) -> None:
    catalogue = load(tmp_path)
    assert catalogue.find(name).since(catalogue.settings) == since


def test_the_projects_file_wins_over_the_users_and_the_presets(tmp_path: Path, user_folder: Path) -> None:
    (user_folder / "ortprof.toml").write_text(
        '[configurations.spin-on]\nmeaning = "user"\n[configurations.mine]\nthreads = 2\n'
    )
    (tmp_path / "ortprof.toml").write_text('[configurations.spin-on]\nmeaning = "project"\n')
    catalogue = load(tmp_path)
    assert catalogue.find("spin-on").meaning == "project"
    assert catalogue.origins["spin-on"] == str(tmp_path / "ortprof.toml")
    assert catalogue.find("mine").threads == 2
    assert catalogue.origins["mine"] == str(user_folder / "ortprof.toml")
    assert catalogue.origins["spin-off"] == "built in"


def test_every_key_of_a_configuration() -> None:
    found = parse(
        '[configurations.mine]\nmeaning = "m"\ntrades = "t"\nthreads = 3\ninter_op_threads = 2\n'
        'execution_mode = "parallel"\nentries = { "session.a" = "1" }\n'
        '[settings."session.a"]\nsince = "1.30"\nmeaning = "s"\n',
        "f.toml",
    )
    mine = found.configurations["mine"]
    assert (mine.name, mine.meaning, mine.trades) == ("mine", "m", "t")
    assert (mine.threads, mine.inter_op_threads) == (3, 2)
    assert mine.execution_mode is ExecutionMode.PARALLEL
    assert mine.entries == {"session.a": "1"}
    assert found.settings["session.a"].since == "1.30"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            '[configurations.a]\nexecution_mode = "quick"',
            "f.toml: configurations.a.execution_mode: one of sequential, parallel",
            None,
        ),
        (
            "[configurations.a]\nthreds = 1",
            "f.toml: configurations.a.threds: unknown key",
            "known keys: meaning, trades, threads, inter_op_threads, execution_mode, entries",
        ),
        (
            "[configurations.a]\nthreads = -1",
            "f.toml: configurations.a.threads: a whole number from 0 to 1024",
            None,
        ),
        (
            "[configurations.a]\nthreads = 1025",
            "f.toml: configurations.a.threads: a whole number from 0 to 1024",
            None,
        ),
        (
            "[configurations.a.entries]\nk = 1",
            "f.toml: configurations.a.entries.k: a text, not 1",
            'ONNX Runtime takes strings: "k" = "1"',
        ),
        (
            '[configurations.a.entries]\n"two words" = "1"',
            "f.toml: configurations.a.entries: 'two words' is not a key: printable ASCII without spaces",
            None,
        ),
        (
            "[configurations.a]\nentries = 3",
            "f.toml: configurations.a.entries: a table",
            None,
        ),
        (
            "[configurations.A]",
            "f.toml: configurations.A: a name is lower-case letters, digits, '.', '_' and '-'",
            None,
        ),
        (
            '[configurations.a]\nname = "b"',
            "f.toml: configurations.a.name: not a key that a file can set",
            None,
        ),
        (
            "configurations = 1",
            "f.toml: configurations: a table, not 1",
            'the file holds [configurations.NAME] and [settings."KEY"] tables',
        ),
        (
            "[configurations]\na = 1",
            "f.toml: configurations.a: a table, not 1",
            'the file holds [configurations.NAME] and [settings."KEY"] tables',
        ),
        ("[config.a]", "f.toml: config: unknown table", "known: configurations, settings"),
        (
            '[settings.k]\nmeaning = "m"',
            'f.toml: settings.k.since is missing: a version of numbers and dots, such as "1.26"',
            None,
        ),
        (
            '[settings.k]\nmeaning = "m"\nsince = "next"',
            'f.toml: settings.k.since: a version of numbers and dots, such as "1.26"',
            None,
        ),
    ],
)
def test_an_error_names_file_key_and_what_is_allowed(text: str, message: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, "f.toml")
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize("text", ["[x", "a = ", "a=" + "[" * 5000, "a = 1\na = 2"])
def test_what_is_no_toml_is_an_error_that_names_the_file(text: str) -> None:
    with pytest.raises(UsageError, match=r"^f\.toml: not valid TOML: "):
        parse(text, "f.toml")


def test_a_file_of_other_bytes_than_utf8_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "ortprof.toml").write_bytes(b"# \xff")
    with pytest.raises(UsageError, match=r"ortprof\.toml can't be read: .*utf-8"):
        load(tmp_path)


WORDS = st.sampled_from(["configurations", "settings", "a", "entries", "threads", "since", "name"])
VALUES = st.recursive(
    st.sampled_from(["1", '"x"', "true", "1.5", "1979-05-27", "[]", "{}"]),
    lambda inner: st.builds("[{}]".format, inner) | st.builds("{{{} = {}}}".format, WORDS, inner),
    max_leaves=4,
)
LINES = st.builds("{} = {}".format, WORDS, VALUES) | st.builds(
    "[{}]".format, st.lists(WORDS, min_size=1, max_size=3).map(".".join)
)


@given(st.lists(LINES, max_size=5).map("\n".join))
def test_any_file_is_a_catalogue_or_a_usage_error(text: str) -> None:
    try:
        found = parse(text, "f.toml")
    except UsageError as error:
        assert error.message.startswith("f.toml: ")  # noqa: PT017 (hypothesis also makes files that are fine)
    else:
        assert set(found.configurations) == set(found.origins)


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("spin_off", "spin-off"),
        ("spinon", "spin-on"),
        ("single-threads", "single-thread"),
        ("1ms", "spin-1ms"),
    ],
)
def test_a_near_name_is_suggested(wrong: str, meant: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path).find(wrong)
    assert caught.value.message == f"there is no session configuration {wrong!r}"
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(f"did you mean {meant!r}? known: ")


def test_a_far_name_gets_the_list(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path).find("zzz")
    assert caught.value.hint == f"known: {', '.join(PRESETS)} (see `ortprof configs`)"
