"""Python starts this before the program, where our folder is on PYTHONPATH (docs/injection.md).

It waits for ONNX Runtime's extension module by its name alone, leaves sys.path as the program would have
found it, and lets the `sitecustomize` come up that it hides. Short, no imports: every Python pays for it.
"""

import os
import sys

FOLDER = os.path.dirname(__file__)
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Finder:
    """Finds ONNX Runtime's extension module where others find it, and has the hook follow its loading."""

    @classmethod
    def find_spec(cls, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        """Return what other finders find; None for every other module."""
        if not name.endswith("onnxruntime_pybind11_state"):
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = None if finder is cls or find is None else find(name, path, target)
            if spec is not None:
                try:
                    hook().follow(spec)
                except Exception:
                    pass  # who says nothing was not reached: that is decided by the reader
                return spec
        return None


def hook() -> "Any":
    """Load the hook, which lies beside this file, without a trace in sys.path."""
    from importlib.machinery import ModuleSpec, SourceFileLoader
    from importlib.util import module_from_spec

    loader = SourceFileLoader("ortprof_python_hook", os.path.join(FOLDER, "python_hook.py"))
    module = module_from_spec(ModuleSpec(loader.name, loader, origin=loader.path))
    loader.exec_module(module)
    return module


if "ORTPROF_INJECTION_FOLDER" in os.environ and FOLDER in sys.path:
    sys.meta_path.insert(0, Finder)
    sys.path.remove(FOLDER)
    # Python keeps what sys.modules holds in the end: the next of this name, or, with its ImportError, none.
    del sys.modules[__name__]
    __import__(__name__)
