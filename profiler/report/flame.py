"""The flame graph's data: call chains as columns over a tree, strings once in a table.

The page's script (script/data.js) reads the same columns; `tests/report/test_flame.py` unpacks them too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler.attribution.kinds import EVIDENCES, KINDS, ROLES

if TYPE_CHECKING:
    from profiler.attribution.functions import Functions


def flame_columns(functions: Functions) -> dict[str, Any]:
    """Return the tree in preorder and what was spent at its nodes.

    `tree.depth[i]`, `tree.function[i]`: node i, children right behind their parent; depth 0 is a thread's
    start. `spent.node`, `.kind`, `.evidence`, `.role`, `.in_request`, `.us`: CPU microseconds by node.
    """
    root: dict[int, Any] = {}
    for chain in functions.chains:
        children = root
        for function in chain.functions:
            children = children.setdefault(function, ({}, []))[0]
        node = root
        spent: list[Any] = []
        for function in chain.functions:
            node, spent = node[function]
        spent.append(chain)
    tree: dict[str, list[int]] = {"depth": [], "function": []}
    columns: dict[str, list[int]] = {
        name: [] for name in ("node", "kind", "evidence", "role", "in_request", "us")
    }
    pending = [(0, function, *root[function]) for function in reversed(root)]
    while pending:
        depth, function, children, spent = pending.pop()
        for chain in spent:
            columns["node"].append(len(tree["depth"]))
            columns["kind"].append(KINDS.index(chain.kind))
            columns["evidence"].append(EVIDENCES.index(chain.evidence))
            columns["role"].append(ROLES.index(chain.role))
            columns["in_request"].append(int(chain.in_request))
            columns["us"].append(round(chain.cpu_ns / 1e3))
        tree["depth"].append(depth)
        tree["function"].append(function)
        pending += [(depth + 1, child, *children[child]) for child in reversed(children)]
    strings: dict[str, int] = {}
    names = [strings.setdefault(name, len(strings)) for name, _ in functions.names]
    libraries = [strings.setdefault(library, len(strings)) for _, library in functions.names]
    return {
        "kinds": [kind.value for kind in KINDS],
        "categories": [kind.category.value for kind in KINDS],
        "evidences": [evidence.value for evidence in EVIDENCES],
        "roles": [role.value for role in ROLES],
        "functions": {"name": names, "library": libraries},
        "tree": tree,
        "spent": columns,
        "strings": list(strings),
    }
