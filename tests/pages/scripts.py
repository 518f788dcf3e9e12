"""The pages' scripts, run by node: what they make of values that Python gives them."""

from __future__ import annotations

import json
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

PAGES = Path(str(files("profiler.pages")))
TIMEOUT_S = 60
PROGRAM = """
import {{ text }} from "node:stream/consumers";
import * as module from {module};
const given = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await ({expression})));
"""


def evaluate(node: str, module: str, expression: str, given: object) -> Any:
    """Return the value of an expression of JavaScript, or what it resolves to.

    It knows a script of `profiler/pages` as `module`, and what is `given`; both values travel as JSON.
    """
    address = json.dumps((PAGES / module).as_uri())
    program = PROGRAM.format(module=address, expression=expression)
    done = subprocess.run(
        [node, "--input-type=module", "--eval", program],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
