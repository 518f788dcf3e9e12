"""What a mark costs a program, while nobody listens and while somebody does.

    python -m benchmarks.marks_cost --python python3.8 --python python3.13

Of 50 rounds of some thousand requests that do nothing, the best; the loop around them is in it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from profiler.record.marks.listener import Listener
from tests.record.marks.marking import LANGUAGES, Marking, compiled, noticed, python_command


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", action="append", default=[])
    pythons = parser.parse_args().python or [sys.executable]
    with tempfile.TemporaryDirectory() as folder:
        programs = {Path(python).name: python_command(python) for python in pythons}
        programs |= {language: [str(compiled(language, Path(folder)))] for language in LANGUAGES}
        print("| | ns while nobody listens | while somebody does |\n|---|--:|--:|")
        for name, command in programs.items():
            with Marking(command) as program, Listener() as listener:
                silent = program.tell("cost")["ns"]
                noticed(program, listener)
                print(f"| {name} | {silent} | {program.tell('cost')['ns']} |")


if __name__ == "__main__":
    main()
