"""docs/summary.schema.json: up to date, and what real summaries keep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from profiler import files
from profiler.run.summary_schema import summary_schema
from tests.run.test_summary import DAMAGE, DOCUMENTS
from tests.summaries import made_summary, written

PAGE = Path(__file__).resolve().parents[2] / "docs" / "summary.schema.json"


@pytest.fixture(scope="module")
def keeps() -> Draft202012Validator:
    """Return what holds documents against the file that is checked in."""
    schema = json.loads(PAGE.read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_file_is_what_the_types_say(tmp_path: Path) -> None:
    files.write_json(tmp_path / "new.json", summary_schema())
    assert PAGE.read_bytes() == (tmp_path / "new.json").read_bytes(), "run: make docs"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_real_summaries_keep_it(
    name: str, keeps: Draft202012Validator, documents: dict[str, dict[str, Any]]
) -> None:
    assert [error.message for error in keeps.iter_errors(documents[name])] == []
    assert documents[name].keys() == summary_schema()["properties"].keys()


@pytest.mark.parametrize(
    "changes", [changes for changes, _ in DAMAGE] + [{"schema": "ortprof.summary/2"}, {"complete": None}]
)
def test_damaged_ones_do_not(changes: dict[str, Any], keeps: Draft202012Validator) -> None:
    whole = written(made_summary())
    assert keeps.is_valid(whole)
    assert not keeps.is_valid(whole | changes)


def test_nothing_that_reading_needs_may_be_missing(keeps: Draft202012Validator) -> None:
    whole = written(made_summary())
    needed = {name for name in whole if not keeps.is_valid({key: whole[key] for key in whole if key != name})}
    assert needed == {"schema", "run_id", "complete", "created", "config", "workload", "ort", "host"}
