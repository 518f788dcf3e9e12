"""`ortprof annotate`: a function's source lines and instructions with their shares, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.shared_options import (
    REPORTS,
    Json,
    NoSource,
    Reports,
    Run,
    SourceRoot,
    source_options,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from profiler.listing.listing import InstructionLine, Listing, SourceLine

WARM, HOT = 0.05, 0.2
"""Shares from which a line is coloured."""

EXAMPLES = """\
ortprof annotate spin-on
ortprof annotate spin-on 'worker loop'"""


def annotate(
    run: Run,
    function: Annotated[
        str | None,
        typer.Argument(
            metavar="FUNCTION",
            help="Its name, or a part that no other hot function's has.",
            show_default="the hottest",
        ),
    ] = None,
    *,
    source_root: SourceRoot = None,
    no_source: NoSource = False,
    reports: Reports = REPORTS,
    json_output: Json = False,
) -> None:
    """Print a function's source lines and instructions with their shares of its CPU time.

    Source needs a library with debug information; without it there are the instructions alone.
    """
    import msgspec

    from profiler.attribution.analyse import profile_of
    from profiler.cli.terminal.console import monitoring, out, print_json
    from profiler.listing.code import Code, with_kept
    from profiler.listing.function_lookup import find_function
    from profiler.listing.kept import read_kept
    from profiler.run import runs

    options = source_options(source_root, include=not no_source)
    directory = runs.find(run, reports)
    with monitoring() as monitor:
        profile = profile_of(directory, monitor.step)
        row = find_function(profile.functions, function)
        monitor.step("reading the function's code")
        whole = Code(profile, options).listing(profile.functions.names[row.function], most=None)
        (listing,) = with_kept(read_kept(directory), [whole], options)
    whole_ns = sum(chain.cpu_ns for chain in profile.functions.chains) or 1.0
    share, total = row.self_ns / whole_ns, row.total_ns / whole_ns
    if json_output:
        figures = {"self_share": share, "total_share": total, "kind": row.kind.value}
        print_json({"run_id": directory.run_id} | figures | msgspec.to_builtins(listing))
        return
    console = out()
    about = (
        f"{share:.1%} of all CPU time is its own, {total:.1%} with what it called; mostly {row.kind.value}"
    )
    for line in _shown(listing, about):
        console.print(line, soft_wrap=True)


def _shown(listing: Listing, about: str) -> Iterator[Text]:
    from rich.text import Text

    yield Text.assemble((listing.function, "bold"), f"  {listing.library}")
    yield Text(about)
    if listing.source:
        yield Text(f"\n{listing.file}", style="underline")
        yield Text(f"{'own':>7} {'total':>7} {'line':>6}", style="dim")
        for source in listing.source:
            if source.gap:
                yield Text(f"{'':16}{'⋮':>6}", style="dim")
            yield _source_line(source)
    if listing.source_why:
        yield Text(f"no text: {listing.source_why}", style="dim")
    if listing.inlined:
        yield Text("\nInlined here, part of the lines above that call it", style="underline")
        for inlined in listing.inlined:
            yield Text.assemble(
                f"{inlined.share:>7.1%}  {inlined.function}  ",
                (f"{inlined.file}:{inlined.line}", "dim"),
                style=_heat(inlined.share),
            )
    if listing.lines:
        yield Text("\nInstructions", style="underline")
        yield from _instructions(listing)
    else:
        yield Text(f"no instructions: {listing.why}", style="dim")


def _instructions(listing: Listing) -> Iterator[Text]:
    """Yield the instructions, each run of one line's behind that line, as perf annotate has it."""
    from rich.text import Text

    texts = {line.number: line.text for line in listing.source}
    before = 0
    for line in listing.lines:
        if line.gap:
            yield Text(f"{'':8}{'⋮':>6}", style="dim")
        if line.source not in (0, before):
            yield Text(f"{'':8}{line.source:>6}  {texts.get(line.source) or ''}".rstrip(), style="cyan")
        before = line.source
        yield _instruction(line)


def _source_line(line: SourceLine) -> Text:
    from rich.text import Text

    share, total = (f"{part:.1%}" if part else "" for part in (line.share, line.total))
    bar = "│" if line.loop else " "
    return Text.assemble(
        f"{share:>7} ",
        (f"{total:>7} {line.number:>6} ", "dim"),
        (f"{bar} ", "red"),
        line.text or "",
        style=_heat(line.total or line.share),
    )


def _instruction(line: InstructionLine) -> Text:
    from rich.text import Text

    share = f"{line.share:.1%}" if line.share else ""
    marks = "  ← pause" * line.spins + "  ← futex" * line.waits
    return Text.assemble(
        f"{share:>7} ",
        (f"{line.address:>10x} ", "dim"),
        ("│ " if line.loop else "  ", "red"),
        line.text,
        (f"  {line.calls}" if line.calls else "", "dim"),
        (marks, "bold magenta"),
        style=_heat(line.share),
    )


def _heat(share: float) -> str:
    return "bold red" if share >= HOT else "yellow" if share >= WARM else ""
