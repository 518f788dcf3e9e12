"""The queries that are shipped, as views: `SELECT * FROM best_configuration`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """One query."""

    answers: str
    sql: str
    reads: frozenset[str] = frozenset({"runs"})
    """The tables that it is made of."""


CELLS = frozenset({"cells"})
CLIENTS = "CASE arrivals WHEN 'closed' THEN callers * processes END AS clients"
"""Requests that closed arrivals have on the way at once; an open loop has as many as come."""
LOAD = f"model, limit_cpus, rate, arrivals, tokens, most_tokens, {CLIENTS}"
GROUP = f"study, machine, {LOAD}"
"""What the cells of a study that may be compared have in common."""

VIEWS = {
    "latest_runs": View(
        "runs, the latest first",
        "SELECT * FROM runs ORDER BY created DESC, run_id DESC",
    ),
    "machines": View(
        "machine types, with how many runs and studies each has",
        "SELECT machine, any_value(cpu) AS cpu, any_value(cpus) AS cpus, any_value(kernel) AS kernel, "
        "count(*) AS runs, count(DISTINCT study) AS studies, max(created) AS latest "
        "FROM runs GROUP BY machine ORDER BY machine",
    ),
    "studies": View(
        "studies, with their runs, machine types and when they were run",
        "SELECT study, count(*) AS runs, count(DISTINCT machine) AS machines, min(created) AS first, "
        "max(created) AS last FROM runs WHERE study <> 'none' GROUP BY study ORDER BY last DESC",
    ),
    "best_configuration": View(
        "the configuration with the least CPU time a request, by study, machine type, model, limit, length "
        "of requests and load",
        f"SELECT {GROUP}, arg_min(configuration, cpu_ms) AS configuration, min(cpu_ms) AS cpu_ms, "  # noqa: S608  our own text
        f"arg_min(p95_ms, cpu_ms) AS p95_ms FROM cells WHERE unserved = 0 GROUP BY ALL ORDER BY ALL",
        CELLS,
    ),
    "fastest_configuration": View(
        "the configuration with the least p95, likewise",
        f"SELECT {GROUP}, arg_min(configuration, p95_ms) AS configuration, min(p95_ms) AS p95_ms, "  # noqa: S608  our own text
        f"arg_min(cpu_ms, p95_ms) AS cpu_ms FROM cells WHERE unserved = 0 GROUP BY ALL ORDER BY ALL",
        CELLS,
    ),
    "spin_windows": View(
        "how long pools poll after a request, by machine type and configuration, in milliseconds",
        "SELECT machine, configuration, model, median(spin_window_ms) AS spin_window_ms, count(*) AS runs "
        "FROM runs WHERE spin_window_ms IS NOT NULL GROUP BY ALL ORDER BY machine, configuration, model",
    ),
    "wasted_cpu": View(
        "CPU time in each profile that was spent polling, the worst first",
        "SELECT run_id, any_value(runs.machine) AS machine, any_value(configuration) AS configuration, "
        "any_value(model) AS model, "
        "sum(ms) FILTER (starts_with(name, 'spin')) AS spin_ms, sum(ms) AS cpu_ms, "
        "sum(ms) FILTER (starts_with(name, 'spin')) / nullif(sum(ms), 0) AS spin_share "
        "FROM figures JOIN runs USING (run_id) WHERE section = 'cpu' GROUP BY run_id ORDER BY spin_ms DESC",
        frozenset({"figures", "runs"}),
    ),
    "throttled_runs": View(
        "runs whose CPU limit stopped them, by the share of its periods",
        "SELECT run_id, study, machine, configuration, model, limit_cpus, throttled_share, p95_ms FROM runs "
        "WHERE throttled_share > 0 ORDER BY throttled_share DESC",
    ),
    "slowest_requests": View(
        "measured requests, the slowest first",
        "SELECT run_id, requests.machine, configuration, model, number, latency_ms, service_ms, "
        "requests.cpu_ms FROM requests JOIN runs USING (run_id) "
        "WHERE phase = 'measure' ORDER BY latency_ms DESC",
        frozenset({"requests", "runs"}),
    ),
    "machine_spread": View(
        "how far machine types are apart in one configuration: least and most CPU time a request",
        f"SELECT configuration, {LOAD}, count(DISTINCT machine) AS machines, "  # noqa: S608  our own text
        "min(cpu_ms) AS least_cpu_ms, max(cpu_ms) AS most_cpu_ms, max(cpu_ms) / min(cpu_ms) AS ratio "
        "FROM cells GROUP BY ALL HAVING count(DISTINCT machine) > 1 ORDER BY ratio DESC",
        CELLS,
    ),
}
