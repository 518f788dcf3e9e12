"""Python wheels as small as can be, for a pip that reaches no index."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# They do what the script relies on: leave the files that the next step looks for.
CMAKE = """#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in -S) source=$2 ;; -B) tree=$2 ;; esac
  shift
done
mkdir -p "$tree" && touch "$tree/build.ninja"
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$source" > "$tree/CMakeCache.txt"
echo configured >> "$tree/steps"
"""
NINJA = """#!/bin/sh
tree=$2
echo "[1/1] Linking"
[ -e "$tree/onnxruntime_pybind11_state.so" ] || touch "$tree/onnxruntime_pybind11_state.so"
echo compiled >> "$tree/steps"
"""
TOOLS = {"cmake": CMAKE, "ninja": NINJA, "packaging": "", "setuptools": "", "wheel": "", "numpy": ""}


def make_wheel(
    folder: Path, name: str, version: str, *, program: str = "", module: str = "", requires: str = ""
) -> Path:
    """Write a wheel with one module and, if given, one program of the package's name."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", module)
        if program:
            script = zipfile.ZipInfo(f"{name}-{version}.data/scripts/{name}")
            script.external_attr = 0o100755 << 16  # pip looks at the file type, too
            wheel.writestr(script, program)
        wheel.writestr(f"{info}/METADATA", metadata + (f"Requires-Dist: {requires}\n" if requires else ""))
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def make_onnxruntime(folder: Path, version: str) -> Path:
    """Write what a build of ONNX Runtime ends with."""
    module = f"__version__ = {version!r}\n"
    return make_wheel(folder, "onnxruntime", version, module=module, requires="numpy")


def make_index(folder: Path) -> Path:
    """Fill a folder for `pip --find-links` with everything that the script installs."""
    folder.mkdir()
    for name, program in TOOLS.items():
        make_wheel(folder, name, "3.31" if name == "cmake" else "1.0", program=program)
    make_wheel(folder, "pybind11", "2.13.6", module="def get_include(): return '/include'\n")
    return folder
