"""Where session configurations come from: the package's presets and the user's ortprof.toml."""

from __future__ import annotations

import difflib
import functools
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import platformdirs

from profiler.errors import UsageError
from profiler.files import read_text
from profiler.spec.configuration import SETTING_KEY, SessionConfiguration, Setting
from profiler.spec.in_words import convert, read_toml

USER_FILE = "ortprof.toml"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
Table = TypeVar("Table", bound=msgspec.Struct)


class Catalogue(msgspec.Struct, frozen=True):
    """Every configuration by name, where each was read from, and what is known of settings."""

    configurations: dict[str, SessionConfiguration]
    origins: dict[str, str]
    settings: dict[str, Setting]

    def find(self, name: str) -> SessionConfiguration:
        """Return a configuration by name; `UsageError` with the nearest name where there is none."""
        if name in self.configurations:
            return self.configurations[name]
        near = difflib.get_close_matches(name, self.configurations, n=1, cutoff=0.5)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(
            f"there is no session configuration {name!r}",
            hint=f"{meant}known: {', '.join(self.configurations)} (see `ortprof configs`)",
        )


def parse(text: str, origin: str) -> Catalogue:
    """Decode one configuration file; errors name `origin`, the key and what is allowed there."""
    return from_tables(read_toml(text, origin), origin)


def from_tables(tables: dict[str, Any], origin: str) -> Catalogue:
    """Decode a configuration file's tables, as TOML has them; errors as in `parse`."""
    for key in tables.keys() - {"configurations", "settings"}:
        raise UsageError(f"{origin}: {key}: unknown table", hint="known: configurations, settings")
    for kind, named in tables.items():
        _require_table(named, f"{origin}: {kind}")
        for name, table in named.items():
            _require_table(table, f"{origin}: {kind}.{name}")
    decoded = Catalogue({}, {}, {})
    for name, table in tables.get("configurations", {}).items():
        where = f"{origin}: configurations.{name}"
        if not NAME.fullmatch(name):
            raise UsageError(f"{where}: a name is lower-case letters, digits, '.', '_' and '-'")
        for reserved in table.keys() & {"name", "adjustments"}:
            raise UsageError(f"{where}.{reserved}: not a key that a file can set")
        decoded.configurations[name] = msgspec.structs.replace(
            _convert(table, SessionConfiguration, origin, f"configurations.{name}"), name=name
        )
        decoded.origins[name] = origin
    for key, table in tables.get("settings", {}).items():
        decoded.settings[key] = _convert(table, Setting, origin, f"settings.{key}")
    return decoded


def _require_table(value: object, where: str) -> None:
    if not isinstance(value, dict):
        raise UsageError(
            f"{where}: a table, not {value!r}",
            hint='the file holds [configurations.NAME] and [settings."KEY"] tables',
        )


def _convert(table: dict[str, Any], kind: type[Table], origin: str, name: str) -> Table:
    """Convert one table; `UsageError` names the key that is wrong and what may stand there."""
    entries = table.get("entries")
    where = f"{origin}: {name}.entries"
    for key, value in entries.items() if isinstance(entries, dict) else ():
        if not SETTING_KEY.fullmatch(key):
            raise UsageError(f"{where}: {key!r} is not a key: printable ASCII without spaces")
        if not isinstance(value, str):
            raise UsageError(
                f"{where}.{key}: a text, not {value!r}",
                hint=f'ONNX Runtime takes strings: "{key}" = "{value}"',
            )
    return convert(table, kind, origin, name, hidden=("name", "adjustments"))


def user_files(folder: Path) -> list[Path]:
    """Return the user's files that exist, the first to win: the project's folder, then the XDG one."""
    candidates = (folder / USER_FILE, Path(platformdirs.user_config_dir("ortprof")) / USER_FILE)
    return [path for path in candidates if os.path.lexists(path)]


@functools.cache
def presets() -> Catalogue:
    """Return what ortprof ships: the presets, and what is known of ONNX Runtime's settings."""
    return parse(files("profiler.spec").joinpath("presets.toml").read_text("utf-8"), "built in")


def load(folder: Path | None = None) -> Catalogue:
    """Read the presets and the user's files; a user's configuration replaces a preset of its name."""
    merged = Catalogue({}, {}, {})
    for decoded in (presets(), *map(_read, reversed(user_files(folder or Path.cwd())))):
        merged.configurations.update(decoded.configurations)
        merged.origins.update(decoded.origins)
        merged.settings.update(decoded.settings)
    return merged


def _read(path: Path) -> Catalogue:
    return parse(read_text(path), str(path))
