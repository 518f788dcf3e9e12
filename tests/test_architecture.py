"""docs/architecture.md's folder map against the tree and the import contract."""

from __future__ import annotations

import re
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "profiler"
ROW = re.compile(r"^\| `([a-z_/]+)/` \|", re.MULTILINE)
MODULE = re.compile(r"`([a-z]+\.py)` \(")


def mapped() -> list[str]:
    return ROW.findall(PAGE)


def test_the_map_is_the_tree() -> None:
    tree = {
        str(path.parent.relative_to(PACKAGE))
        for pattern in ("**/*.py", "**/*.toml")
        for path in PACKAGE.glob(pattern)
        if path.parent != PACKAGE
    }
    assert sorted(mapped()) == sorted(tree)


def test_rooms_stand_in_the_order_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    ordered = [name.strip() for layer in layers for name in layer.split("|")]
    rooms = [name for name in mapped() if "/" not in name and name != "workload"]
    assert rooms == [name for name in ordered if (PACKAGE / name).is_dir()]
    modules = {name for name in ordered if not (PACKAGE / name).is_dir()}
    bottom = PAGE.partition("At the bottom:")[2].partition("\n\n")[0]
    assert {f"{name}.py" for name in modules} == set(re.findall(r"`([a-z_]+\.py)`", bottom))


def test_a_folder_can_be_surveyed() -> None:
    crowded = {
        str(folder): count
        for folder in {path.parent for path in PACKAGE.glob("**/*.py")}
        if (count := len(list(folder.glob("*.py")))) > 30
    }
    assert crowded == {}


def test_no_two_files_need_each_other() -> None:
    """Not for their types either: what is asked for by both belongs below both."""
    graph = grimp.build_graph("profiler", exclude_type_checking_imports=False)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imports).prepare()  # CycleError names the circle


def test_code_points_to_pages_that_are_there() -> None:
    named = {
        (path.name, page)
        for path in PACKAGE.glob("**/*.py")
        for page in re.findall(r"docs/[a-z-]+\.(?:md|schema\.json)", path.read_text(encoding="utf-8"))
    }
    assert named
    assert {(name, page) for name, page in named if not (ROOT / page).is_file()} == set()
