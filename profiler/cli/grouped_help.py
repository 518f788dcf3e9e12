"""Help whose options stand in groups, the everyday ones first. Plain text: rich doubles what --help takes."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

WORKLOAD = "Workload"
SESSION = "Session"
PHASES = "Phases"
PERF = "What perf records"
PLACE = "Where it runs"
OUTPUT = "Output"


class GroupedCommand(TyperCommand):
    """A command that lists its options by their `rich_help_panel`, in the order in which these come."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write a section a group; typer keeps the types of the two to itself."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                groups.setdefault(getattr(parameter, "rich_help_panel", None) or "Options", []).append(record)
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records)
