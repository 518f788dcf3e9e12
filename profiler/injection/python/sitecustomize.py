"""Python starts this before the program, where our folder is on PYTHONPATH (docs/injection.md).

It waits for ONNX Runtime's extension module with a finder that looks at names alone, imports nothing, leaves
sys.path as the program would have found it, and lets the `sitecustomize` come up that it stands before.
"""

import os
import sys

TYPE_CHECKING = False  # nothing is imported that Python has not: `typing` takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

FOLDER = os.path.dirname(__file__)
EXTENSION = "onnxruntime_pybind11_state"
"""`onnxruntime.capi.` of it in every wheel; a package may carry ONNX Runtime below its own name."""


class Finder:
    """Finds ONNX Runtime's extension module where others find it, and has the hook follow its loading."""

    @classmethod
    def find_spec(
        cls, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Return what the other finders find; None for every other module."""
        if not name.endswith(EXTENSION):
            return None
        for finder in sys.meta_path:
            if finder is cls or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                cls.follow(spec)
                return spec
        return None

    @staticmethod
    def follow(spec: "ModuleSpec") -> None:
        """Have the hook called once the module is loaded, whatever becomes of the hook."""
        try:
            loader: "Any" = spec.loader
            load = loader.exec_module

            def exec_module(module: "ModuleType") -> None:
                load(module)
                try:
                    del loader.exec_module  # it is the loader's class's again
                    hook().install(module)
                except Exception as error:
                    complain(error)

            loader.exec_module = exec_module
        except Exception as error:
            complain(error)


def hook() -> "ModuleType":
    """Load the hook, which lies beside this file, without a trace in sys.path."""
    from importlib.machinery import ModuleSpec, SourceFileLoader
    from importlib.util import module_from_spec

    name = "ortprof_python_hook"
    if name not in sys.modules:
        loader = SourceFileLoader(name, os.path.join(FOLDER, "python_hook.py"))
        module = module_from_spec(ModuleSpec(name, loader, origin=loader.path))
        loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]


def complain(error: Exception) -> None:
    """Report what went wrong in a file of this process; where even that fails, the program matters more."""
    try:
        import json

        line = {"event": "failure", "how": "python", "pid": os.getpid(), "why": repr(error)[:1000]}
        path = os.path.join(os.environ["ORTPROF_INJECTION_FOLDER"], "%d.jsonl" % os.getpid())
        with open(path, "ab", buffering=0) as file:
            file.write(json.dumps(line).encode() + b"\n")
    except Exception:
        pass


if "ORTPROF_INJECTION_FOLDER" in os.environ and FOLDER in sys.path:
    sys.meta_path.insert(0, Finder)
    sys.path.remove(FOLDER)
    # Python keeps what sys.modules holds in the end: the next of this name, or, with its ImportError, none.
    del sys.modules[__name__]
    __import__(__name__)
