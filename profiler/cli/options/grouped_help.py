"""Help whose options stand in groups, the everyday ones first, and that ends with examples.

Plain text: rich doubles what --help takes. typer keeps the types of contexts and formatters to itself.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

WORKLOAD = "Workload"
SESSION = "Session"
MATRIX = "Matrix"
GOAL = "Goal"
BOUNDS = "Bounds"
PHASES = "Phases"
COURSE = "How it goes"
PERF = "What perf records"
PLACE = "Where it runs"
OUTPUT = "Output"


class _WithExamples:
    """Ends its help with its epilog's lines as they are: each is a command to paste."""

    epilog: str | None

    def format_epilog(self, _ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        if self.epilog:
            with formatter.section("Examples"):
                for line in self.epilog.splitlines():
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")


class GroupedCommand(_WithExamples, TyperCommand):
    """A command that lists its options by their `rich_help_panel`, in the order in which these come."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write a section a group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            plain = "Arguments" if parameter.param_type_name == "argument" else "Options"
            if record is not None:
                groups.setdefault(getattr(parameter, "rich_help_panel", None) or plain, []).append(record)
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records)


class CommandGroup(_WithExamples, TyperGroup):
    """A group of commands."""
