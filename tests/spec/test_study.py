from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.spec.catalogue import load
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.study import PerConfig, PerModel, Study
from profiler.spec.study_file import (
    as_toml,
    lifted,
    load_study,
    overridden,
    parse_study,
    shipped_studies,
    unknown_study,
)
from profiler.spec.study_session import StudySession
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from pathlib import Path

LEAST = 'configs = ["spin-on"]\n'
TINY = '[[workload]]\nmodel = "tiny"\n'


def parse(text: str) -> Study:
    return parse_study(text, "mine.toml", name="mine")


def test_a_study_needs_no_more_than_its_configurations() -> None:
    study = parse(LEAST)
    assert study.name == "mine"
    assert study.configs == ("spin-on",)
    assert study.cpu_limits == ("none",)
    assert study.repeat == 5


def test_limits_are_numbers_or_none() -> None:
    assert parse(LEAST + 'cpu_limits = ["none", 1, 0.1]').cpu_limits == ("none", 1.0, 0.1)


def test_a_study_brings_configurations_of_its_own() -> None:
    study = parse('configs = ["quick"]\n[configurations.quick]\nthreads = 2\n')
    assert study.configurations["quick"] == SessionConfiguration(name="quick", threads=2)


def test_a_model_can_differ() -> None:
    study = parse(LEAST + 'models = ["tiny", "minilm"]\nrates = [10]\n[per_model.tiny]\nrepeat = 2\n')
    assert study.for_model("tiny").repeat == 2
    assert study.for_model("tiny").rates == (10.0,)
    assert study.for_model("minilm").repeat == 5


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("configs = [", "mine.toml: not valid TOML", None),
        ("", "mine.toml: configs is missing: a list of one or more", None),
        ("configs = []", "mine.toml: configs: a list of one or more", None),
        (LEAST + "rate = 1", "mine.toml: rate: unknown key", "rates"),
        (LEAST + "rates = [0]", "mine.toml: rates[0]: a number from 0.000001 to 1000000", None),
        (LEAST + "rates = [nan]", "mine.toml: rates[0]: a number from 0.000001 to 1000000", None),
        (LEAST + 'cpu_limits = ["all"]', "mine.toml: cpu_limits[0]: a number above 0, at most 1024", None),
        (LEAST + "cpu_limits = [-1]", "mine.toml: cpu_limits[0]: a number above 0, at most 1024", None),
        (LEAST + "cpu_limits = [[1]]", "mine.toml: cpu_limits[0]: a number above 0, at most 1024", None),
        (LEAST + "repeat = 0", "mine.toml: repeat: a whole number from 1 to 1000", None),
        (LEAST + "measure_seconds = 0", "mine.toml: measure_seconds: a number above 0, at most 86400", None),
        (LEAST + 'arrivals = ["bursts"]', "mine.toml: arrivals[0]: one of fixed, poisson, closed", None),
        (LEAST + 'name = "../up"', "mine.toml: name: a name of lower-case letters, digits", None),
        (LEAST + "[per_model.minilm]\nrate = 1", "mine.toml: per_model.minilm.rate: unknown key", "rates"),
        (LEAST + "[per_model.tiny]\nrepeat = 1", "mine.toml: per_model.tiny: the study does", "minilm"),
        (LEAST + "[per_model.minilm]\nrepeat = 10000", "mine.toml: per_model.minilm.repeat: a whole", None),
        (LEAST + "[per_model.minilm]\ntokens = 100000000", "mine.toml: per_model.minilm.tokens 1000", None),
        (LEAST + "seed = -1", "mine.toml: seed -1: a whole number from 0 to 4294967295", None),
        (LEAST + f"seed = {10**30}", f"mine.toml: seed {10**30}: a whole number", None),
        (LEAST + "cpu_period_ms = nan", "mine.toml: cpu_period_ms: a number from 1 to 1000", None),
        (LEAST + "dims = {batch = 0}", "mine.toml: dims.batch: a whole number, 1 or more", None),
        (LEAST + "dims = {batch = 1000000000}", "mine.toml: dims.batch 1000000000: a whole number", None),
        (LEAST + "title = 1", "mine.toml: title: a text", None),
        (LEAST + 'tokens = "many"', "mine.toml: tokens many: a whole number", None),
        (LEAST + "[configurations.x]\nthread = 1", "mine.toml: configurations.x.thread: unknown", "threads"),
        (LEAST + "configurations = 3", "mine.toml: configurations: a table, not 3", None),
        (LEAST + "concurrency = [1, 0]", "mine.toml: concurrency[1]: a whole number from 1 to 1024", None),
        (LEAST + "processes = []", "mine.toml: processes: a whole number from 1 to 64, or a list of", None),
        (LEAST + 'tokens = [1, "8..x"]', "mine.toml: tokens 8..x: a whole number from 1", None),
        (LEAST + 'tokens = "128..8"', "mine.toml: tokens 128..8: a whole number from 1", None),
        (LEAST + "neighbour = 1", "mine.toml: neighbour: true or false", None),
        (LEAST + 'inputs_order = "any"', "mine.toml: inputs_order: one of cycled, drawn", None),
        (LEAST + "workload = 3", "mine.toml: workload: a list", None),
        (LEAST + "[[workload]]\nrate = 1", "mine.toml: workload[0].model is missing: a text", None),
        (LEAST + TINY + "rat = 1", "mine.toml: workload[0].rat: unknown key", "rate"),
        (LEAST + TINY + TINY + "rate = nan", "mine.toml: workload[1].rate: a number from", None),
        (LEAST + TINY + TINY + "dims = {a = 100000000}", "mine.toml: workload[1].dims.a 1000", None),
        (LEAST + TINY + "input = {a = 'none'}", "mine.toml: workload[0].input.a: a=none: neither", "uniform"),
        (LEAST + TINY + 'config = "spin-off"', "mine.toml: workload[0].config: the first", "further table"),
        (LEAST + "rates = [1, 2]\n" + TINY + "rate = 5", "mine.toml: workload[0].rate: rates has", "leave"),
        (LEAST + 'models = ["tiny"]\n' + TINY, "mine.toml: models: the tables of workload name", "leave one"),
        (LEAST + "[per_config.other]\nconcurrency = 2", "mine.toml: per_config.other: the study", "spin-on"),
        (LEAST + "[per_config.spin-on]\nx = 2", "mine.toml: per_config.spin-on.x: unknown key", "conc"),
    ],
)  # fmt: skip
def test_an_error_names_the_file_and_the_key(text: str, message: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.message.startswith(message)
    assert hint is None or hint in (caught.value.hint or "")


def test_sessions_share_a_process() -> None:
    study = parse(LEAST + "rates = [10, 20]\n" + TINY + '[[workload]]\nmodel = "minilm"\nrate = 5\n')
    assert study.models == ("tiny",)
    assert study.model_keys == {"tiny": "workload[0].model", "minilm": "workload[1].model"}
    with pytest.raises(UsageError, match="--models: the tables of workload in mine"):
        overridden(study, {"models": ["minilm"]})


def test_a_configuration_can_be_called_by_other_numbers_of_threads() -> None:
    own = "[per_config.single-thread]\nconcurrency = 4\n"
    study = parse('configs = ["spin-on", "single-thread"]\nconcurrency = [1, 2]\n' + own)
    assert study.callers("spin-on") == (1, 2)
    assert study.callers("single-thread") == (4,)


def test_input_files_are_known_by_their_keys() -> None:
    study = parse(
        LEAST
        + 'inputs = "all.npz"\ninput = {a = "a.npy", b = "constant(1)"}\n'
        + TINY
        + TINY
        + 'input = {a = "b.npy"}\n'
    )
    assert study.input_files == {"inputs": "all.npz", "input.a": "a.npy", "workload[1].input.a": "b.npy"}


def test_a_study_of_an_earlier_version_had_its_longest_requests_apart() -> None:
    apart = {"tokens": 8, "most_tokens": 128}
    study = {**apart, "per_model": {"tiny": {"most_tokens": None}, "minilm": apart}}
    assert lifted({"study": study, "python": "p"}) == {
        "study": {"tokens": "8..128", "per_model": {"tiny": {}, "minilm": {"tokens": "8..128"}}},
        "python": "p",
    }
    assert lifted({"study": 3}) == {"study": 3}
    assert lifted({"study": {"per_model": [], "tokens": 9}}) == {"study": {"per_model": [], "tokens": 9}}


@given(st.text())
def test_any_text_is_a_study_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        parse(text)


@given(
    st.builds(
        Study,
        name=st.just("mine"),
        note=st.text(),
        configs=st.lists(st.text(), min_size=1).map(lambda names: (*names, "own")),
        configurations=st.just({"own": SessionConfiguration(name="own", entries={"a.b": "1"})}),
        models=st.just(("tiny",)),
        cpu_limits=st.lists(st.floats(0.001, 1024) | st.just("none"), min_size=1).map(tuple),
        rates=st.lists(st.floats(1e-6, 1e6), min_size=1).map(tuple),
        arrivals=st.lists(st.sampled_from(Arrivals), min_size=1).map(tuple),
        threads=st.lists(st.integers(0, 1024)).map(tuple),
        workload=st.just(()) | st.just((StudySession(model="tiny"), StudySession(model="b", rate=2.0))),
        concurrency=st.integers(1, 9) | st.lists(st.integers(1, 9), min_size=1).map(tuple),
        tokens=st.just(("8..128", 10)) | st.just(12),
        per_config=st.just({}) | st.just({"own": PerConfig(concurrency=4)}),
        per_model=st.just({"tiny": PerModel(repeat=2)}),
    )
)
def test_toml_reads_back_as_the_same_study(study: Study) -> None:
    assert parse(as_toml(study)) == study


def test_a_study_is_called_after_its_file(tmp_path: Path) -> None:
    (tmp_path / "load.toml").write_text(LEAST)
    assert load_study(tmp_path / "load.toml").name == "load"
    with pytest.raises(UsageError, match=r"gone\.toml can't be read"):
        load_study(tmp_path / "gone.toml")


def test_the_shipped_studies_use_configurations_that_exist() -> None:
    shipped = shipped_studies()
    assert {"article"} <= set(shipped)
    known = load().configurations
    for name, study in shipped.items():
        assert study.name == name
        assert study.title
        assert set(study.configs) <= {*known, *study.configurations}


def test_a_misspelt_study_is_answered_with_the_nearest() -> None:
    error = unknown_study("artikle")
    assert error.message == "there is no study 'artikle'"
    assert (error.hint or "").startswith("did you mean article? ")


def test_options_take_the_place_of_what_a_study_says_for_all_models() -> None:
    study = parse(
        LEAST
        + 'models = ["tiny", "minilm"]\nrates = [5]\n[per_model.tiny]\nrates = [1]\nrepeat = 2\n'
        + "[per_model.minilm]\nrepeat = 3\n"
    )
    fewer = overridden(study, {"rates": [7, 8], "models": ["tiny"]})
    assert fewer.name == "mine"
    assert fewer.models == ("tiny",)
    assert fewer.for_model("tiny").rates == (7.0, 8.0)
    assert fewer.for_model("tiny").repeat == 2
    assert set(fewer.per_model) == {"tiny"}
    assert overridden(study, {}) == study
    with pytest.raises(UsageError, match=r"options: repeat: a whole number from 1 to 1000"):
        overridden(study, {"repeat": 0})


def test_published_figures_are_part_of_a_study() -> None:
    entry = '[[published]]\nsource = "them"\nconfig = "spin-on"\nmodel = "minilm"\nlatency_ms = 2\n'
    (found,) = parse(LEAST + entry + "cpu_percent = 49").published
    assert (found.source, found.cpu_limit, found.cpu_percent) == ("them", "none", 49.0)
    with pytest.raises(UsageError) as caught:
        parse(LEAST + entry + "cpu = 49")
    assert caught.value.message.startswith("mine.toml: published[0].cpu: unknown key")
    assert "cpu_percent" in (caught.value.hint or "")
