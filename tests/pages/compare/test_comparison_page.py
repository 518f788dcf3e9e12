from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from profiler import files
from profiler.errors import MachineError
from profiler.findings.formats import printable
from profiler.pages.compare.comparison_page import page_path, render, write_page
from profiler.run.kinds import Kind
from profiler.spec.waits import Waits
from profiler.study.compare.comparison import Comparison, compare_pair
from profiler.study.compare.comparison_document import document
from tests.compared_runs import read
from tests.hostile import MIXED
from tests.pages.support import Made, spinning
from tests.study.compare.support import NO_PROFILE, hostile, made_pair

if TYPE_CHECKING:
    from pathlib import Path


class Elements(HTMLParser):
    """The page's elements and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_what_the_comparison_found(comparison: Comparison) -> None:
    page = Elements(render(comparison))
    text = page.text.replace("\u00a0", " ")
    assert comparison.headline in text
    for caution in comparison.cautions:
        assert caution.replace("`", "") in text
    for heading in ("What differs", "CPU time per request", "One typical request each", "What changed most"):
        assert heading in text
    assert "img" not in page.tags
    assert "://" not in render(comparison)


def test_hostile_names_stay_text() -> None:
    page = render(compare_pair(made_pair(hostile(), spinning(), labels=(MIXED, "after"))))
    assert "<img" not in page
    assert page.count("</script>") == 2, "the data's and the program's"
    assert printable(MIXED) in Elements(page).text


@pytest.mark.parametrize(
    ("before", "after"), [(spinning(), NO_PROFILE), (NO_PROFILE, spinning()), (NO_PROFILE, NO_PROFILE)]
)
def test_without_a_profile_on_a_side_the_rest_is_shown(before: Made, after: Made) -> None:
    found = compare_pair(made_pair(before, after))
    assert any("has no profile" in caution for caution in found.cautions)
    text = Elements(render(found)).text
    assert text.count("Not known: it takes") == 4
    assert "There is none: it takes a profile" in text
    assert document(found)["functions"] is None


def test_without_waits_on_a_side_the_rest_is_shown(reports: Path) -> None:
    path = reports / "spin-off" / "run.json"
    manifest = files.read_json(path)
    manifest["perf"]["waits"] = Waits.OFF.value
    files.write_json(path, manifest)
    found = compare_pair(read(reports, "spin-on", "spin-off"))
    assert (found.parts, found.waits, found.off_cpu) == ([], {}, None)
    assert found.cpu
    assert "Waits were recorded differently: their kinds rest on different evidence." in found.cautions
    page = Elements(render(found)).text
    assert "not recorded on both sides" in page
    assert "spin-idle" in page


def test_the_document_is_json_and_sums_up(comparison: Comparison) -> None:
    said = json.loads(json.dumps(document(comparison), allow_nan=False))
    assert said["schema"] == "ortprof.comparison/1"
    assert [said[side]["run_id"] for side in ("before", "after")] == [
        side.analysis.manifest.run_id for side in comparison.pair.sides
    ]
    assert [line["what"] for line in said["cpu_by_kind"]] == [kind.value for kind in Kind]
    cpu = said["figures"][0]
    assert cpu["ratio"]["low"] < cpu["ratio"]["estimate"] < cpu["ratio"]["high"] < 1
    assert cpu["difference"] == pytest.approx(cpu["after"] - cpu["before"])
    assert said["intervals_rest_on"] == "requests of one run each, and how much repeats vary"
    assert set(said["waits_in_requests"]) == {"calling thread", "pool thread"}
    assert said["waiting_chains"]


def test_the_file_is_named_after_both_runs(comparison: Comparison, tmp_path: Path) -> None:
    path = page_path(comparison.pair, tmp_path)
    assert path == tmp_path / "compare-spin-on-spin-off.html"
    write_page(comparison, path)
    assert path.read_text("utf-8") == render(comparison)
    with pytest.raises(MachineError, match="can't be written: No such file or directory"):
        write_page(comparison, tmp_path / "nowhere" / "page.html")
