"""`--from debian`, on a small mirror in a folder, with a compiler that leaves empty files."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.scripts.conftest import SCRIPT, Script, skip_where_nothing_can_be_built
from tests.scripts.debian_mirror import Package, make_mirror, read_recipe

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "1.21.0"
RECIPE = read_recipe(SCRIPT.parent / "ort" / "recipes" / f"{VERSION}.txt")
FROM_DEBIAN = ("--from", "debian", "--version")
ONE_LINE = "deb [trusted=yes] {uri} stable main\n"
DEB822 = "# a comment\nTypes: deb\nURIs: {uri}\nSuites: stable\nComponents: main\nTrusted: yes\n"


@pytest.fixture(autouse=True)
def _apt(tmp_path: Path) -> None:
    skip_where_nothing_can_be_built(tmp_path)
    for program in ("apt-get", "dpkg-deb", "patch"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing")


@pytest.fixture
def debian(script: Script, tmp_path: Path) -> Script:
    """The script on a machine whose apt sources name the mirror `tmp_path/debian`."""
    return with_sources(script, tmp_path, "debian.sources", DEB822)


def with_sources(script: Script, folder: Path, name: str, text: str) -> Script:
    sources = folder / "etc" / "sources.list.d"
    sources.mkdir(parents=True)
    (folder / "etc" / "apt.conf.d").mkdir()
    (sources / name).write_text(text.format(uri=(folder / "debian").as_uri()))
    (folder / "apt.conf").write_text(f'Dir::Etc "{folder}/etc";\n')
    return Script(script.build, script.packages, {"APT_CONFIG": str(folder / "apt.conf")})


def test_the_recipe_is_fetched_patched_built_and_installed_once(debian: Script, tmp_path: Path) -> None:
    make_mirror(tmp_path / "debian", RECIPE)
    said = debian.builds(*FROM_DEBIAN, VERSION)
    assert "ortprof record --ort debug" in said.splitlines()[-1]
    python = debian.build / "venv-debug" / "bin" / "python"
    done = subprocess.run([python, "-c", "import onnxruntime, numpy"], check=False)
    assert done.returncode == 0

    sources = debian.build / "src" / f"onnxruntime-{VERSION}-debian"
    patched = {
        folder: (sources / folder / "README").read_text().strip() for folder in ("onnx", "protobuf", "re2")
    }
    assert patched == {"onnx": "patched", "protobuf": "patched", "re2": "unpatched"}
    math = sources / "onnxruntime" / "onnxruntime/core/providers/cpu/math/element_wise_ops.cc"
    assert math.read_text() == "min.array().min(x); map.max(y);\n"
    headers = {path.name for path in (sources / "boost").rglob("*.hpp")}
    assert headers == {"mp11.hpp"}

    shutil.rmtree(tmp_path / "debian")
    tree = debian.build / "Linux" / "Debug"
    debian.builds(*FROM_DEBIAN, VERSION)
    assert (tree / "steps").read_text().split() == ["configured", "compiled", "compiled"]


def test_without_a_version_it_takes_the_newest_that_has_a_recipe_and_says_so(debian: Script) -> None:
    recipes = (SCRIPT.parent / "ort" / "recipes").glob("*.txt")
    newest = max(tuple(map(int, path.stem.split("."))) for path in recipes)
    said = debian.builds("--from", "debian", "--dry-run")
    assert f"ONNX Runtime {'.'.join(map(str, newest))}: the newest with a recipe" in said
    assert "abseil" in said
    assert not debian.build.exists()


def test_one_line_sources_are_read_as_well(script: Script, tmp_path: Path) -> None:
    make_mirror(tmp_path / "debian", [Package("source", "onnxruntime", "onnxruntime", VERSION)])
    found = with_sources(script, tmp_path, "some.list", ONE_LINE)
    assert f"{VERSION}: can be built" in found.refused(2, *FROM_DEBIAN, "0.0.1")


def test_what_the_mirror_lists_is_told_from_what_it_has(debian: Script, tmp_path: Path) -> None:
    versions = [
        Package("source", "onnxruntime", "onnxruntime", version) for version in (VERSION, "1.23.2", "1.24.0")
    ]
    make_mirror(tmp_path / "debian", versions, listed_only=("onnxruntime 1.23.2",))
    said = debian.refused(2, *FROM_DEBIAN, "1.23.2")
    assert "1.21.0: can be built" in said
    assert "1.23.2: listed, but its source is missing on the mirror" in said
    assert "1.24.0: can be fetched, but scripts/ort/recipes has no recipe for it" in said


def test_a_source_that_the_mirror_lacks_is_named(debian: Script, tmp_path: Path) -> None:
    make_mirror(tmp_path / "debian", RECIPE, listed_only=("abseil 20240722.0",))
    said = debian.refused(3, *FROM_DEBIAN, VERSION)
    assert "does not have the source of abseil 20240722.0" in said
    assert not (debian.build / "Linux" / "Debug" / "steps").exists()


def test_no_mirror_in_the_sources_is_told_from_one_that_cannot_be_reached(
    debian: Script, tmp_path: Path
) -> None:
    assert "can't be reached" in debian.refused(3, *FROM_DEBIAN, VERSION)
    (tmp_path / "etc" / "sources.list.d" / "debian.sources").unlink()
    assert "name no Debian mirror" in debian.refused(3, *FROM_DEBIAN, VERSION)
