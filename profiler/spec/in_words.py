"""What a TOML file's values may be, in words: types made of them, and errors that say what fits.

msgspec says what is wrong in its own terms (a type's name, a regular expression). What may stand at a place
is read from the type instead, so that one sentence gives all of it: `repeat: a whole number from 1 to 1000`.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from profiler.errors import UsageError
from profiler.spec.ranges import plain

Made = TypeVar("Made")
STEP = re.compile(r"\.([^.\[]+)|\[[^\]]*\]")
"""A step of msgspec's paths: `.name`, `[0]`, or `[...]` for any key of a table."""
HOLDERS = (inspect.StructType, inspect.ListType, inspect.VarTupleType, inspect.DictType)
"""Types with others inside."""
NAMED = re.compile(r"field `(.*)`")


def convert(
    values: object, kind: type[Made], origin: str, table: str = "", hidden: tuple[str, ...] = ()
) -> Made:
    """Return values of a TOML document as a type.

    `UsageError` names the file (`origin`), the key below `table`, and what may stand there. `hidden` are
    fields of the type that a file can't set.
    """
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        path = path.rstrip("`")
        place = _inside(inspect.type_info(kind), path)
        named = NAMED.search(what)
        if named is None:
            raise UsageError(f"{_key(origin, table, path)}: {in_words(place)}") from error
        key = _key(origin, table, f"{path}.{named[1]}")
        if "missing" in what:
            raise UsageError(f"{key} is missing: {in_words(_inside(place, f'.{named[1]}'))}") from error
        known = [name for name in _fields(place) if name not in hidden]
        raise UsageError(f"{key}: unknown key", hint=f"known keys: {', '.join(known)}") from error


def in_words(kind: inspect.Type) -> str:
    """Return what a value of a type may be, as a phrase."""
    match kind:
        case inspect.Metadata(type=inner, extra_json_schema=schema):
            words = (schema or {}).get("description") or in_words(inner)
        case inspect.UnionType(types=types):
            words = ", or ".join(
                in_words(choice) for choice in types if not isinstance(choice, inspect.NoneType)
            )
        case inspect.EnumType(cls=cls):
            words = f"one of {', '.join(str(member.value) for member in cls)}"
        case inspect.LiteralType(values=values):
            words = " or ".join(f'"{value}"' for value in values)
        case inspect.IntType():
            words = f"a whole number{_bounds(kind)}"
        case inspect.FloatType():
            words = f"a number{_bounds(kind)}"
        case inspect.ListType(min_length=least) | inspect.VarTupleType(min_length=least):
            words = "a list of one or more" if least else "a list"
        case inspect.StrType():
            words = "a text"
        case inspect.BoolType():
            words = "true or false"
        case _:
            words = "a table"
    return words


def _bounds(kind: inspect.IntType | inspect.FloatType) -> str:
    if kind.ge is not None and kind.le is not None:
        return f" from {plain(kind.ge)} to {plain(kind.le)}"
    least = "" if kind.ge is None else f", {plain(kind.ge)} or more"
    above = "" if kind.gt is None else f" above {plain(kind.gt)}"
    most = "" if kind.le is None else f", at most {plain(kind.le)}"
    return f"{least}{above}{most}"


def _inside(kind: inspect.Type, path: str) -> inspect.Type:
    """Return the type at a path below a type, as far as there is one."""
    for step in STEP.finditer(path):
        outer = _container(kind)
        if isinstance(outer, inspect.StructType):
            kind = next((field.type for field in outer.fields if field.encode_name == step[1]), outer)
        elif isinstance(outer, (inspect.ListType, inspect.VarTupleType)):
            kind = outer.item_type
        elif isinstance(outer, inspect.DictType):
            kind = outer.value_type
    return kind


def _container(kind: inspect.Type) -> inspect.Type:
    """Return what of a type holds others: of `X | None` that is X."""
    if isinstance(kind, inspect.Metadata):
        return _container(kind.type)
    if isinstance(kind, inspect.UnionType):
        members = [_container(member) for member in kind.types if not isinstance(member, inspect.NoneType)]
        return next((member for member in members if isinstance(member, HOLDERS)), kind)
    return kind


def _fields(kind: inspect.Type) -> list[str]:
    outer = _container(kind)
    return [field.encode_name for field in outer.fields] if isinstance(outer, inspect.StructType) else []


def _key(origin: str, table: str, path: str) -> str:
    key = f"{table}{path}".removeprefix(".")
    return f"{origin}: {key}" if key else origin


def read_toml(text: str, origin: str) -> dict[str, Any]:
    """Return a TOML document's values; `UsageError` where it is none, with the line."""
    try:
        values: dict[str, Any] = msgspec.toml.decode(text.encode("utf-8", "replace"), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(f"{origin}: not valid TOML: {error}") from error
    return values
