"""Start the workload by file path: `python .../profiler/workload`.

The package is loaded under a name of its own, without its parents, because the interpreter that runs it
need not have ortprof installed.
"""

import importlib
import importlib.util
import os
import sys

PACKAGE = "ortprof_workload"


def load_package() -> None:
    """Make this folder importable as `PACKAGE`."""
    here = os.path.dirname(os.path.abspath(__file__))
    # Python put this folder first on the path; its modules must not shadow anybody's.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(here, "__init__.py"), submodule_search_locations=[here]
    )
    if spec is None or spec.loader is None:
        raise ImportError("no package at " + here)
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    load_package()
    sys.exit(importlib.import_module(PACKAGE + ".server").main())
