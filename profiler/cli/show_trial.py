"""What `ortprof trial` and `ortprof show TRIAL` print."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from rich.console import Console

    from profiler.spec.configuration import Setting
    from profiler.study.intervals import Interval
    from profiler.study.trial.trial_directory import TrialDirectory
    from profiler.study.trial.trial_record import Trial
    from profiler.study.trial.verdict import TrialVerdict

SCHEMA = "ortprof.trial-verdict/1"


def show_trial(directory: TrialDirectory, *, json_output: bool) -> TrialVerdict | None:
    """Print a trial as far as it has gone, and where its page is; return its verdict, None without a run."""
    from profiler.cli.terminal.console import out, print_json
    from profiler.findings.formats import count
    from profiler.spec.catalogue import load
    from profiler.study.trial.trial_record import read_trial
    from profiler.study.trial.verdict import judge

    trial, known = read_trial(directory.path), load().settings
    verdict = judge(trial) if trial.runs else None
    if json_output:
        print_json(_document(verdict or judge(trial), known, trial))
        return verdict
    console = out()
    if verdict is not None:
        _print(console, verdict, known)
    if left := trial.left():
        are_left = f"{count(left, 'run')} {'is' if left == 1 else 'are'} left"
        console.print(f"\n{are_left}: the same command line goes on with it.", markup=False)
    console.print(f"\nRuns: {directory.runs}", soft_wrap=True, markup=False)
    if directory.page.is_file():
        console.print(f"Report: {directory.page}", soft_wrap=True, markup=False)
    return verdict


def _text(value: Interval | None, single: float | None) -> str:
    from profiler.findings.formats import ms
    from profiler.study.interval_words import with_interval

    if value is not None:
        return with_interval(value)
    return "too few requests" if single is None else ms(single)


def _print(console: Console, verdict: TrialVerdict, known: Mapping[str, Setting]) -> None:
    from rich.text import Text

    from profiler.study.trial.pasted import to_paste

    console.print(Text(verdict.headline, style="bold"))
    for sentence in verdict.sentences:
        console.print(Text(sentence))
    console.print()
    _table(console, verdict)
    for title, text in to_paste(verdict, known):
        console.print(Text(f"\n# {title}\n", style="bold"))
        console.print(Text(text), end="", soft_wrap=True)


def _table(console: Console, verdict: TrialVerdict) -> None:
    from profiler.cli.terminal.fitted_table import FittedTable, figure, name, word

    titles = ("CPU, of one core", "CPU time a request", "p95", "requests", "rounds")
    ranks = {"requests": 1, "rounds": 3}
    figures = [figure(title, ranks.get(title, 0)) for title in titles]
    table = FittedTable([name("configuration"), *figures, word("requests known by", rank=2)])
    for candidate in verdict.tried:
        table.add(
            candidate.label + (" (void)" if candidate.void else ""),
            f"{candidate.cpu_percent:.2f} %",
            _text(candidate.cpu_ms, candidate.mean_cpu_ms),
            _text(candidate.p95_ms, candidate.pooled_p95_ms),
            f"{candidate.requests:,}",
            str(len(candidate.runs)),
            candidate.known_by,
        )
    console.print(table)


def _document(verdict: TrialVerdict, known: Mapping[str, Setting], trial: Trial) -> dict[str, Any]:
    import msgspec

    from profiler.study.trial.pasted import to_paste

    def interval(value: Interval | None) -> dict[str, float] | None:
        return None if value is None else {"estimate": value.estimate, "low": value.low, "high": value.high}

    return {
        "schema": SCHEMA,
        "trial": trial.trial_id,
        "left": trial.left(),
        "chosen": None if verdict.chosen is None else verdict.chosen.label,
        "headline": verdict.headline,
        "sentences": list(verdict.sentences),
        "configurations": [
            {
                "label": candidate.label,
                "void": candidate.void,
                "cpu_percent": candidate.cpu_percent,
                "cpu_ms_per_request": interval(candidate.cpu_ms),
                "p95_ms": interval(candidate.p95_ms),
                "requests": candidate.requests,
                "runs": [msgspec.to_builtins(run) for run in candidate.runs],
            }
            for candidate in verdict.tried
        ],
        "settings": dict(to_paste(verdict, known)),
    }
