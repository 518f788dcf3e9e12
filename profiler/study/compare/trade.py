"""What one side gains and pays against the other, in sentences with figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.run.kinds import Kind, Meanwhile, Part
from profiler.study.compare.compared import CPU, OF_ONE_CORE, UNDER_PERF, ComparedFigure, basis, told
from profiler.study.intervals import Basis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.study.compare.tables import PairedTime
    from profiler.study.intervals import Ratio

WORTH_SAYING = 0.03
"""A part of the whole change below which a sentence leaves it out."""
MOST_PARTS = 3
FACTOR = 3.0
"""Growth beyond which people think in factors, not in percent."""

CPU_WORDS = {
    Kind.COMPUTE: "computing",
    Kind.APP: "application code",
    Kind.SPIN_IDLE: "idle spinning",
    Kind.SPIN_BUSY: "spinning inside requests",
    Kind.SPIN_JOIN: "polling for workers",
    Kind.FUTEX: "futex calls",
    Kind.KERNEL: "the rest of the kernel",
    Kind.UNKNOWN: "code of unknown purpose",
}
LATENCY_WORDS = {
    Part.LATE: "before it started",
    Part.COMPUTE: "computing",
    Part.FUTEX: "in the futex path",
    Part.RUNNABLE: "ready to run without a CPU",
    Part.THROTTLED: "throttled",
    Part.OTHER: "in the kernel and elsewhere",
    Part.UNACCOUNTED: "unaccounted for",
}
"""A request's time but for `Part.JOIN` and `Part.BLOCKED`: what it waited for its workers."""
MEANWHILE_WORDS = {
    Meanwhile.COMPUTING: "waiting for workers that computed",
    Meanwhile.THROTTLED: "waiting for throttled workers",
    Meanwhile.WAKING: "waiting for workers to be woken",
    Meanwhile.PREEMPTED: "waiting for workers without a CPU",
    Meanwhile.IDLE: "waiting for workers without work",
}
"""That is told by what they did. In a table of its own: `throttled` is a value of either."""


def headline(label: str, against: str, figures: Sequence[ComparedFigure]) -> str:
    """Say in one sentence what `label` saves and costs against `against`."""
    tells = told(figures)
    if not tells:
        return f"{label} and {against} have no measured figure in common."
    said = [_said(figure) for figure in tells]
    verbs = [verb for verb, _ in said]
    if len(set(verbs)) < len(verbs):
        said[1:] = [("", what) for _, what in said[1:]]
    sentence = f"gainst {against}, {label} {' and '.join(' '.join(filter(None, part)) for part in said)}."
    single = basis(tells) in (Basis.MACHINE, Basis.REQUESTS)
    if single and not any(figure.significant for figure in tells):
        return f"Not enough to tell, with one run each: a{sentence}"
    return f"A{sentence}"


def _said(figure: ComparedFigure) -> tuple[str, str]:
    """Return a verb and what it is about: `costs`, `2.1 ms of p95 latency (+20 %)`."""
    name, *under = figure.name.split(UNDER_PERF)
    latency = f"{name.removeprefix('Latency, ')} latency"
    what = {CPU: "CPU time a request", OF_ONE_CORE: "one core"}.get(name, latency)
    what += UNDER_PERF if under else ""
    difference = figure.difference or 0.0
    size = f"{abs(difference):.1f} %" if name == OF_ONE_CORE else formats.ms(abs(difference))
    amount = f"{size} {{}}of {what}"
    if figure.ratio is None:
        more = "more " if difference > 0 else "less "
        return "shows", f"{amount.format(more)} (how surely is not known)"
    if not figure.significant:
        return "shows no difference beyond chance in", f"{what} ({interval(figure.ratio)})"
    return "costs" if difference > 0 else "saves", f"{amount.format('')} ({change(figure.ratio.estimate)})"


def change(ratio: float) -> str:
    """Return a ratio as a change in percent, such as `+20 %`; growth above threefold as a factor."""
    if ratio > FACTOR:
        return f"{formats.number(ratio)} times"
    return formats.signed_percent(ratio - 1)


def interval(ratio: Ratio) -> str:
    """Return an interval as changes, such as `+2.0 % to +9.1 %`."""
    bounds = (ratio.low, ratio.high)
    if ratio.low > FACTOR:
        return " to ".join(map(change, bounds))
    return " to ".join(formats.signed_percent(bound - 1) for bound in bounds)


def cpu_sentence(kinds: Sequence[PairedTime]) -> str:
    """Say which kinds of CPU time changed most; empty where nothing is sure enough to be said."""
    parts = {CPU_WORDS[Kind(line.key)]: line.difference for line in kinds if not line.chance}
    said = _largest(parts)
    return f"In the profile phase, a request's CPU time held {said}." if said else ""


def latency_sentence(parts: Sequence[PairedTime], meanwhile: Sequence[PairedTime]) -> str:
    """Say what the mean request's time changed by, and where; empty where that is not known."""
    if not parts:
        return ""
    total = sum(line.difference for line in parts)
    split: Mapping[str, float] = {
        **{
            LATENCY_WORDS[Part(line.key)]: line.difference
            for line in parts
            if Part(line.key) in LATENCY_WORDS
        },
        **{MEANWHILE_WORDS[Meanwhile(line.key)]: line.difference for line in meanwhile},
    }
    said = _largest(split)
    more = "longer" if total > 0 else "shorter"
    return f"The mean profiled request was {formats.ms(abs(total))} {more}: {said}." if said else ""


def _largest(parts: Mapping[str, float]) -> str:
    """Return the largest changes, such as `70 ms less idle spinning and 3.8 ms more futex calls`."""
    ordered = sorted(parts.items(), key=lambda item: -abs(item[1]))
    whole = sum(abs(by) for _, by in ordered)
    worth = [(name, by) for name, by in ordered if abs(by) > WORTH_SAYING * whole][:MOST_PARTS]
    said = [f"{formats.ms(abs(by))} {'more' if by > 0 else 'less'} {name}" for name, by in worth]
    return formats.listed(said)
