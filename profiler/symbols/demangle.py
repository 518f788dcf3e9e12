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
_QUALIFIERS = re.compile(r"(?: const| volatile| noexcept|&)+$")
_OPERATOR = re.compile(r"(?:^|::| )operator(?!\w)")
_OPENING, _CLOSING = "<({[", ">)}]"


@lru_cache(maxsize=65536)
def demangle(name: str) -> str:
    """Return a function's name: `ns::Pool<int>::run` for `_ZN2ns4PoolIiE3runEv`.

    A name that is not mangled, or that can't be demangled, stays as it is.
    """
    if not name.startswith("_Z") or len(name) > LONGEST:
        return name
    found = _demangler()(name.encode())
    return name if found is None else bare_function(found.decode("utf-8", "replace"))


def bare_function(text: str) -> str:
    """Return a demangled function without its arguments, qualifiers and return type.

    Arguments inside belong to the name: `f(int)::{lambda()#1}::operator()`.
    """
    plain = _QUALIFIERS.sub("", text)
    if plain.endswith(")"):
        depth = 0
        for position in range(len(plain) - 1, -1, -1):
            depth += (plain[position] == ")") - (plain[position] == "(")
            if depth == 0:
                plain = plain[:position].rstrip() or plain
                break
    return plain[_name_start(plain) :]


def _name_start(text: str) -> int:
    """Return where the name begins behind a return type: after the last space outside all brackets.

    Behind "operator" spaces and angle brackets belong to the name.
    """
    operator = _OPERATOR.search(text)
    start = depth = 0
    for position, character in enumerate(text[: operator.start() + 1] if operator else text):
        depth += (character in _OPENING) - (character in _CLOSING)
        if character == " " and depth == 0:
            start = position + 1
    return start


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
