"""Which build of ONNX Runtime to profile: the installed one, or one of `scripts/build_ort_debug.sh`."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from profiler.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class OrtConfig(str, Enum):
    """How ONNX Runtime was compiled, in the words of its own build.sh."""

    RELEASE = "release"
    """The one that is installed beside ortprof: for figures."""
    DEBUG = "debug"
    """-O0 with debug information: for reading source. Its proportions are not a release's."""
    RELWITHDEBINFO = "relwithdebinfo"
    """Optimised, with debug information: for source with true proportions."""

    @property
    def cmake_name(self) -> str:
        """The configuration's name for CMake and `build_ort_debug.sh --config`."""
        return {"release": "Release", "debug": "Debug", "relwithdebinfo": "RelWithDebInfo"}[self.value]

    def interpreter(self, running: Path, folders: Sequence[Path]) -> Path:
        """Return the Python whose ONNX Runtime this is.

        That is `running` for a release, else the virtual environment in the first of `folders` that has it.
        Raises `MachineError` where none has.
        """
        if self is OrtConfig.RELEASE:
            return running
        candidates = [folder / f"venv-{self.value}" / "bin" / "python" for folder in folders]
        interpreter = next((python for python in candidates if python.exists()), None)
        if interpreter is None:
            looked = ", ".join(str(python.parent.parent) for python in dict.fromkeys(candidates))
            raise MachineError(
                f"there is no {self.cmake_name} build of ONNX Runtime: no {looked}",
                hint=f"build it: scripts/build_ort_debug.sh --config {self.cmake_name} "
                "(40 minutes or more; docs/building-onnxruntime.md)",
            )
        return interpreter
