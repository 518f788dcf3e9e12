"""Listings in the run directory (instructions.json): for when libraries are gone, and not to be made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler import files
from profiler.listing.instructions import HOTTEST
from profiler.listing.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiler.listing.spent import Spent
    from profiler.run.directory import RunDirectory

KEPT = "instructions.json"
LARGEST_KEPT = 4 << 20
"""Bytes of instructions.json that are read: it may come from a stranger."""
RULE = 1
"""Raise it when other instructions are chosen, or marked otherwise: older listings are then made anew."""

Function = tuple[str, str]
"""(function, library), as tables show them."""


class KeptListing(Listing, frozen=True):
    """A listing, and by which rule its instructions were chosen and marked."""

    rule: int = 0


def read_kept(run: RunDirectory) -> dict[Function, KeptListing]:
    """Return what a run keeps; nothing where that is not what we wrote."""
    try:
        kept = msgspec.json.decode(files.read(run.path / KEPT, LARGEST_KEPT), type=list[KeptListing])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return {(listing.function, listing.library): listing for listing in kept}


def keep(run: RunDirectory, listings: Iterable[Listing]) -> None:
    """Keep listings made by today's rule."""
    documents = [{**msgspec.to_builtins(listing), "rule": RULE} for listing in listings]
    files.write_json(run.path / KEPT, documents)


def made_of_the_same(kept: KeptListing, spent: Spent) -> bool:
    """Whether instructions would be made anew just as they are: by today's rule, of the same shares.

    They are the recording's, whatever has become of the library; source text may have come or gone.
    """
    if kept.rule != RULE or not kept.lines or kept.file != spent.file:
        return False
    by_address = spent.by_address
    total = sum(by_address.values())
    hottest = sorted(by_address, key=lambda address: (-by_address[address], address))[:HOTTEST]
    shares = {address: by_address[address] / total for address in hottest if by_address[address] > 0}
    return shares == {line.address: line.share for line in kept.lines if line.share}
