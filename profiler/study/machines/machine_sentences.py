"""What is best on which machine type, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.formats import ms, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.study.machines.across import Across, OnMachine


def machine_sentences(
    compared: Across, machines: Sequence[OnMachine], target_ms: float | None = None
) -> list[str]:
    """Return what a reader should know of one model, limit and load on all machine types."""
    met = "" if target_ms is None else f" surely meets a p95 of {ms(target_ms)} and"
    words = {machine.name: machine.words for machine in machines}
    said = []
    missing = [
        words[name] for name in dict.fromkeys(name for _, name in compared.rows) if name not in compared.best
    ]
    if target_ms is not None and missing:
        said.append(f"Nothing surely meets a p95 of {ms(target_ms)} on {' and '.join(missing)}.")
    if not compared.best:
        return said
    if not compared.differs and not missing:
        label = next(iter(compared.best.values())).key.configuration
        where = "on all machine types" if len(compared.best) > 1 else f"on {words[next(iter(compared.best))]}"
        return [*said, f"{label}{met} takes the least CPU time a request {where}."]
    choices = ", ".join(
        f"{row.key.configuration} on {words[name]} ({ms(None if row.cpu_ms is None else row.cpu_ms.value)})"
        for name, row in compared.best.items()
    )
    said.append(
        f"The best choice differs: {choices}." if compared.differs else f"The best choice: {choices}."
    )
    if compared.common is None:
        said.append("No configuration can be chosen on all of them: each wants settings of its own.")
    else:
        said.append(f"One for all: {compared.common}, whose CPU time is the nearest to the best of each.")
        for name, gain in compared.gains.items():
            chance = "" if gain.sure else ", which may be chance"
            own = compared.best[name].key.configuration
            said.append(f"{words[name]} would save {percent(gain.share)} of it by {own}{chance}.")
    return said
