from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler.report.conditions import UNOPTIMISED, brief, condition_facts, doubts
from profiler.spec.ort_build import OrtConfig
from tests.report.support import Made

if TYPE_CHECKING:
    from profiler.spec.manifest import Manifest


def made_with(build: OrtConfig | None) -> tuple[Manifest, dict[str, object]]:
    analysis = Made().analysis()
    ort = msgspec.structs.replace(analysis.manifest.ort, build=build)
    return msgspec.structs.replace(analysis.manifest, ort=ort), analysis.summary


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (None, "1.31.1, stripped"),
        *((config, f"1.31.1 ({config.cmake_name}), stripped") for config in OrtConfig),
    ],
)
def test_the_conditions_name_the_build(build: OrtConfig | None, words: str) -> None:
    manifest, summary = made_with(build)
    for facts in (brief(manifest, summary), condition_facts(manifest, summary)):
        (text,) = [fact.text for fact in facts if fact.label == "ONNX Runtime"]
        assert text.startswith(words)


@pytest.mark.parametrize("build", [None, *OrtConfig])
def test_only_a_debug_build_warns_of_its_proportions(build: OrtConfig | None) -> None:
    assert (UNOPTIMISED in doubts(*made_with(build))) == (build is OrtConfig.DEBUG)
