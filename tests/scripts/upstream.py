"""A repository like ONNX Runtime's, as small as can be: tags, a submodule, a build.sh."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tests.scripts.packages import make_onnxruntime

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "9.9.9"

BUILD = """#!/bin/sh
# Writes down how it was called, and leaves what the real one leaves. $BUILD_WAITS_FOR is a pipe to wait for.
here=$(dirname "$0")
arguments="$*"
while [ $# -gt 0 ]; do
  case $1 in --build_dir) build=$2 ;; --config) config=$2 ;; esac
  shift
done
tree=$build/$config
mkdir -p "$tree/dist"
echo "$arguments" >> "$tree/calls"
[ -e "$here/external/README" ] || { echo "error: the submodule is missing"; exit 1; }
echo "[1/2] Building"
if [ -n "$BUILD_FAILS" ]; then echo "x.cc:1: error: no such luck"; exit 1; fi
if [ -n "$BUILD_WAITS_FOR" ]; then cat "$BUILD_WAITS_FOR"; fi
echo "[2/2] Linking"
touch -d '1 minute ago' "$tree/onnxruntime_pybind11_state.so"
cp "$here"/*.whl "$tree/dist/"
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$(cd "$here" && pwd)/cmake" > "$tree/CMakeCache.txt"
"""

ENVIRONMENT = {
    **{
        f"GIT_{role}_{what}": f"{what.lower()}@localhost"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    },
    # Git refuses submodules from local paths since CVE-2022-39253.
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "protocol.file.allow",
    "GIT_CONFIG_VALUE_0": "always",
}


def git(folder: Path, *args: str) -> None:
    subprocess.run(
        ["git", *args], cwd=folder, check=True, capture_output=True, env={**os.environ, **ENVIRONMENT}
    )


def make_tree(folder: Path) -> Path:
    """Write the source tree, without git."""
    folder.mkdir()
    (folder / "VERSION_NUMBER").write_text(f"{VERSION}\n")
    script = folder / "build.sh"
    script.write_text(BUILD)
    script.chmod(0o755)
    make_onnxruntime(folder, VERSION)
    return folder


def make_repository(folder: Path) -> Path:
    """Commit and tag the tree, with a submodule, into a bare repository."""
    submodule = folder / "submodule"
    submodule.mkdir(parents=True)
    (submodule / "README").write_text("a dependency\n")
    tree = make_tree(folder / "tree")
    for repository in (submodule, tree):
        git(repository, "init", "--quiet", "--initial-branch=main")
        if repository is tree:
            git(tree, "submodule", "--quiet", "add", submodule.as_uri(), "external")
        git(repository, "add", "--all")
        git(repository, "commit", "--quiet", "--message=All")
    git(tree, "tag", f"v{VERSION}")
    git(tree, "tag", "v1.0.0-rc1")
    bare = folder / "onnxruntime.git"
    git(folder, "clone", "--quiet", "--bare", tree.as_uri(), str(bare))
    return bare
