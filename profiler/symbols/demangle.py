"""C++ names as perf shows them: demangled, without arguments and return type.

Debug information holds mangled names (Itanium C++ ABI, section 5.1). The C++ runtime library, which ONNX
Runtime needs anyway, knows how to read them: `abi::__cxa_demangle`.
"""

from __future__ import annotations

import ctypes
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 65536
"""Bytes of a mangled name that is handed to the library; the longest of ONNX Runtime have some 4,000."""
_CLONES = re.compile(r"(\s*\[clone [^\]]*\]|\.(isra|constprop|part|cold|lto_priv)(\.\d+)?)+$")
_QUALIFIERS = re.compile(r"(?: const| volatile| noexcept|&)*(?=::|$)")
_OPERATOR = r"operator(?!\w)(?:\(\)|\[\]|->\*?|[-+*/%^&|~!=<>,]{0,3})"
_MARKS = re.compile(rf"{_OPERATOR}|\(anonymous namespace\)|[<>(){{}}\[\] ]")
_PARENTHESIS = re.compile(r"[()]")
_BRACKETS = frozenset("<>{}[])")
_OPENING, _CLOSING = frozenset("<({["), frozenset(">)}]")


@lru_cache(maxsize=65536)
def demangle(name: str) -> str:
    """Return a function's name: `ns::Pool<int>::run` for `_ZN2ns4PoolIiE3runEv`.

    A name that is not mangled, or that can't be demangled, stays as it is.
    """
    if not name.startswith("_Z") or len(name) > LONGEST:
        return name
    demangled = _demangler()(name.encode())
    return name if demangled is None else bare_function(demangled.decode("utf-8", "replace"))


def bare_function(text: str) -> str:
    """Return a demangled function without clone suffixes, arguments, qualifiers and return type.

    perf prints arguments for local clones and leaves them out elsewhere. Those of enclosing functions go too:
    `f::{lambda(int)#1}::operator()`. Parentheses inside template arguments, of `operator()` and of
    `(anonymous namespace)` belong to the name.
    """
    name = _CLONES.sub("", text)
    kept: list[str] = []
    begin = depth = 0
    converts = False
    position = 0
    while (marked := _MARKS.search(name, position)) is not None:
        mark, at, position = marked[0], marked.start(), marked.end()
        if depth or mark in _BRACKETS:
            depth += (mark in _OPENING) - (mark in _CLOSING)
        elif mark == "(":
            kept.append(name[begin:at])
            begin = position = _after_arguments(name, at)
        elif mark == " " and not converts:
            kept.clear()  # what stood before is the return type
            begin = position
        elif mark.startswith("operator"):
            converts = True
    kept.append(name[begin:])
    return "".join(kept).rstrip() or text


def _after_arguments(name: str, position: int) -> int:
    """Return what follows the arguments that open at a position, and the qualifiers behind them."""
    depth = 0
    for parenthesis in _PARENTHESIS.finditer(name, position):
        depth += 1 if parenthesis[0] == "(" else -1
        position = parenthesis.end()
        if depth == 0:
            break
    else:
        return len(name)
    qualifiers = _QUALIFIERS.match(name, position)
    return position if qualifiers is None else qualifiers.end()


@cache
def _demangler() -> Callable[[bytes], bytes | None]:
    """Bind the library's function; without the library names stay mangled."""
    try:
        function = getattr(ctypes.CDLL("libstdc++.so.6"), "__cxa_demangle")
        free = ctypes.CDLL(None).free
    except (OSError, AttributeError):
        return lambda _: None
    function.restype = ctypes.c_void_p
    function.argtypes = [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    free.argtypes = [ctypes.c_void_p]

    def demangled(name: bytes) -> bytes | None:
        text = function(name, None, None, None)
        if not text:
            return None
        try:
            return ctypes.string_at(text)
        finally:
            free(text)

    return demangled
