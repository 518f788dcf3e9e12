from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.spec.catalogue import NAME, load, parse
from profiler.spec.configuration import ExecutionMode, SessionConfiguration
from profiler.spec.settings_code import CPP, CSHARP, as_code, as_environment, as_toml
from tests.workload.onnx_files import write_small

TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["sequential", '"""', "'", "\\"])
KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)
CONFIGURATIONS = st.builds(
    SessionConfiguration,
    name=st.from_regex(NAME, fullmatch=True),
    meaning=TEXT,
    trades=TEXT,
    threads=st.integers(0, 1024),
    inter_op_threads=st.integers(0, 1024),
    execution_mode=st.sampled_from(ExecutionMode),
    entries=st.dictionaries(KEYS, TEXT, max_size=3),
)


@given(CONFIGURATIONS)
def test_toml_reads_back_as_the_same_configuration(configuration: SessionConfiguration) -> None:
    assert parse(as_toml(configuration), "f.toml").configurations == {configuration.name: configuration}


def test_toml_leaves_out_what_is_a_default() -> None:
    assert as_toml(SessionConfiguration(name="mine", threads=2)) == "[configurations.mine]\nthreads = 2\n"


def run_snippet(configuration: SessionConfiguration, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Execute the snippet beside a real model; return the options of the session that it made."""
    write_small(folder / "model.onnx")
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    exec(as_code(configuration, load(folder).settings), names)  # noqa: S102 (what a user does who pastes it)
    assert names["session"].get_providers() == ["CPUExecutionProvider"]
    return names["session"].get_session_options()


@pytest.mark.parametrize("name", load(Path(__file__).parent).configurations)
def test_python_makes_the_session_that_a_preset_means(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preset = load(tmp_path).find(name)
    options = run_snippet(preset, tmp_path, monkeypatch)
    assert options.intra_op_num_threads == preset.threads
    assert options.inter_op_num_threads == preset.inter_op_threads
    assert {key: options.get_session_config_entry(key) for key in preset.entries} == preset.entries


def test_python_quotes_what_is_hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = SessionConfiguration(
        name="mine",
        threads=1,
        execution_mode=ExecutionMode.PARALLEL,
        entries={
            'a"); raise SystemExit(1)  # "': 'line\nbreak\\ "quoted" \x7f ü',
            "session.dynamic_block_base": "4",
        },
    )
    options = run_snippet(hostile, tmp_path, monkeypatch)
    assert options.execution_mode == onnxruntime.ExecutionMode.ORT_PARALLEL
    assert {key: options.get_session_config_entry(key) for key in hostile.entries} == hostile.entries


def test_python_says_from_which_version_an_entry_counts(tmp_path: Path) -> None:
    catalogue = load(tmp_path)
    lines = as_code(catalogue.find("spin-1ms"), catalogue.settings).splitlines()
    assert (
        'options.add_session_config_entry("session.intra_op.spin_duration_us", "1000")'
        "  # ONNX Runtime 1.26 or later"
    ) in lines


def test_cpp_is_what_the_api_takes(tmp_path: Path) -> None:
    catalogue = load(tmp_path)
    configuration = catalogue.find("spin-1ms").adjusted(threads=4, entries={})
    assert as_code(configuration, catalogue.settings, CPP) == (
        "#include <onnxruntime_cxx_api.h>\n"
        "\n"
        "Ort::Env env;\n"
        "Ort::SessionOptions options;\n"
        "options.SetIntraOpNumThreads(4);\n"
        'options.AddConfigEntry("session.intra_op.allow_spinning", "1");  // ONNX Runtime 1.8 or later\n'
        'options.AddConfigEntry("session.intra_op.spin_duration_us", "1000");'
        "  // ONNX Runtime 1.26 or later\n"
        'Ort::Session session(env, "model.onnx", options);\n'
    )


def test_csharp_is_what_the_api_takes(tmp_path: Path) -> None:
    catalogue = load(tmp_path)
    parallel = SessionConfiguration(
        threads=2, inter_op_threads=3, execution_mode=ExecutionMode.PARALLEL, entries={"a.key": "\u2028"}
    )
    assert as_code(parallel, catalogue.settings, CSHARP) == (
        "using Microsoft.ML.OnnxRuntime;\n"
        "\n"
        "var options = new SessionOptions();\n"
        "options.IntraOpNumThreads = 2;\n"
        "options.InterOpNumThreads = 3;\n"
        "options.ExecutionMode = ExecutionMode.ORT_PARALLEL;\n"
        'options.AddSessionConfigEntry("a.key", "\\u2028");\n'
        'using var session = new InferenceSession("model.onnx", options);\n'
    )


@given(KEYS, TEXT)
def test_no_language_lets_a_value_out_of_its_quotes(key: str, value: str) -> None:
    configuration = SessionConfiguration(name="mine", entries={key: value})
    for language in (CPP, CSHARP):
        lines = as_code(configuration, {}, language).split("\n")
        assert len(lines) == len(language.opening) + 3
        entry = lines[len(language.opening)]
        literal = r'"(?:[^"\\]|\\.)*"'
        assert re.fullmatch(rf"options\.Add\w+\({literal}, {literal}\);", entry, re.DOTALL)
        assert language is not CSHARP or entry.isascii()


def test_environment_variables_are_those_that_the_version_reads() -> None:
    single = SessionConfiguration(name="mine", threads=1, inter_op_threads=1)
    assert as_environment(single, "1.29.0") == {
        "ORT_INTRA_OP_NUM_THREADS": "1",
        "ORT_INTER_OP_NUM_THREADS": "1",
    }
    assert as_environment(single, "1.28.9") == {}
    assert as_environment(SessionConfiguration(name="mine"), "1.29.0") == {}
