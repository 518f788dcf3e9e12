"""What `ortprof record` promises, with the real model, the real runtime and the real perf."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from profiler.attribution.analyse import analyse
from profiler.export.columns.exported import exported
from profiler.export.exporters import exporter_of, folder_exporter_of
from profiler.export.formats import Format
from profiler.record.capabilities import event_records
from profiler.run import runs
from profiler.trace.model import SWITCH_OUT, WAIT_EVENTS
from tests.e2e.program import run
from tests.export.read_back import cpu_ns

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATIONS = ("spin-on", "spin-off", "single-thread")
QUICK = ("--warmup", "1", "--measure", "8", "--profile", "5")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def summaries(reports: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for configuration in CONFIGURATIONS:
        threads = () if configuration == "single-thread" else ("--threads", "4")
        # `auto` finds that too dear where threads wait so often.
        waits = ("--waits", "trace") if configuration == "spin-off" else ()
        done = run("record", "--config", configuration, *threads, *waits, *QUICK, "--json", reports=reports)
        assert done.returncode == 0, done.stderr
        found[configuration] = json.loads(done.stdout)
    return found


def test_spinning_costs_at_least_three_times_the_cpu(summaries: dict[str, dict[str, Any]]) -> None:
    cost = {name: summaries[name]["measured"]["cpu_ms_per_request"] for name in CONFIGURATIONS}
    assert cost["spin-on"] >= 3 * cost["spin-off"]
    assert cost["spin-on"] >= 3 * cost["single-thread"]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_kinds_sum_to_the_total(summaries: dict[str, dict[str, Any]], name: str) -> None:
    cpu = summaries[name]["cpu"]
    assert sum(cpu["by_kind"].values()) == pytest.approx(cpu["total_ms"], rel=0.01)
    assert sum(cpu["by_category"].values()) == pytest.approx(cpu["total_ms"], rel=0.01)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_total_is_the_kernels_cpu_time_of_the_process(
    reports: Path, summaries: dict[str, dict[str, Any]], name: str
) -> None:
    counters = json.loads(runs.find(name, reports).counters.read_bytes())["profile"]
    kernel_ns = counters["end"]["process_cpu_ns"] - counters["begin"]["process_cpu_ns"]
    threads_ns = sum(
        thread["cpu_ns"] - counters["begin"]["threads"].get(tid, {"cpu_ns": 0})["cpu_ns"]
        for tid, thread in counters["end"]["threads"].items()
    )
    total_ms = summaries[name]["cpu"]["total_ms"]
    assert total_ms == pytest.approx(kernel_ns / 1e6, rel=0.02)
    assert total_ms == pytest.approx(threads_ns / 1e6, rel=0.02)


def test_the_spin_loop_of_the_stripped_wheel_is_found(summaries: dict[str, dict[str, Any]]) -> None:
    summary = summaries["spin-on"]
    cpu = summary["cpu"]
    assert summary["ort"]["symbols"] == "none"
    assert cpu["by_category"]["spin"] > cpu["total_ms"] / 2
    assert cpu["by_kind"]["unknown"] < 0.03 * cpu["total_ms"]
    assert cpu["evidence"]["instruction"] > 1 / 2
    assert summary["hot"][0]["kind"] == "spin-idle"
    assert any(row["symbol"].startswith("[worker loop]") for row in summary["hot"][:3])


def test_without_spinning_idle_polling_is_gone(summaries: dict[str, dict[str, Any]]) -> None:
    cpu = summaries["spin-off"]["cpu"]
    assert cpu["by_kind"]["spin-idle"] < 0.01 * cpu["total_ms"]
    assert cpu["by_kind"]["futex"] > 0


def test_a_single_thread_neither_spins_nor_waits(summaries: dict[str, dict[str, Any]]) -> None:
    cpu = summaries["single-thread"]["cpu"]
    assert cpu["by_category"]["spin"] == 0
    assert cpu["by_category"]["effective"] > cpu["total_ms"] / 2


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_shares_agree_with_perf_report(summaries: dict[str, dict[str, Any]], name: str) -> None:
    check = summaries[name]["cross_check"]
    assert check["symbols"] > 0
    assert check["largest_deviation_points"] < 0.1


def test_a_run_is_analysed_anew_without_perf_and_its_recording(
    reports: Path, summaries: dict[str, dict[str, Any]]
) -> None:
    found = runs.find("spin-on", reports)
    pruned = run("runs", "prune", reports=reports)
    assert pruned.returncode == 0, pruned.stderr
    assert not found.perf_data.exists()
    again = run("report", found.run_id, "--json", reports=reports, PATH="/nonexistent")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == summaries["spin-on"]
    assert found.report.stat().st_size > 0


def test_each_export_says_what_the_summary_says(
    reports: Path, summaries: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    content = exported(analyse(runs.find("spin-off", reports)))
    spent = {kind: round(ms * 1e6) for kind, ms in summaries["spin-off"]["cpu"]["by_kind"].items()}
    for form in Format:
        path = tmp_path / form.value
        if form.is_folder:
            path.mkdir()
            folder_exporter_of(form).write_folder(content, path)
        else:
            with path.open("wb") as file:
                exporter_of(form).write(content, file)
        assert cpu_ns(path, form) == {kind: ns for kind, ns in spent.items() if ns}, form


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_requests_are_explained(summaries: dict[str, dict[str, Any]], name: str) -> None:
    request = summaries[name]["request"]
    assert (request["requests"], request["unexplained"]) == (summaries[name]["profiled"]["requests"], 0)
    mean = request["wall_ms"]["mean"]
    assert mean == pytest.approx(summaries[name]["profiled"]["latency_ms"]["mean"])
    assert sum(request["by_kind"].values()) == pytest.approx(mean, rel=0.02)
    waited = request["by_kind"]["spin-join"] + request["by_kind"]["blocked"]
    assert sum(request["meanwhile"].values()) == pytest.approx(waited, abs=0.01)


def test_without_spinning_every_request_pays_for_futexes(summaries: dict[str, dict[str, Any]]) -> None:
    on, off = (summaries[name]["waits"] for name in ("spin-on", "spin-off"))
    assert off["futex"]["switches"] > 5 * on["futex"]["switches"]
    assert summaries["spin-on"]["spin_window_ms"]["p50"] > 1
    assert summaries["spin-off"]["spin_window_ms"]["p50"] < summaries["spin-on"]["spin_window_ms"]["p50"]
    assert "unavailable" in summaries["single-thread"]["spin_window_ms"]


@pytest.mark.skipif(not event_records(SWITCH_OUT), reason="perf may not see the kernel here")
def test_few_waits_are_recorded_with_all_there_is(summaries: dict[str, dict[str, Any]]) -> None:
    perf = summaries["spin-on"]["perf"]
    assert perf["wait_events"] == [event for event in WAIT_EVENTS if event_records(event)]
    assert "context switches a second make perf add about" in perf["waits_reason"]
    assert summaries["spin-off"]["perf"]["waits_reason"] == "as asked for"


@pytest.mark.skipif(not event_records(SWITCH_OUT), reason="perf may not see the kernel here")
def test_the_chain_of_a_futex_wait_reaches_the_worker_loop(summaries: dict[str, dict[str, Any]]) -> None:
    chains = [
        chain["functions"]
        for chain in summaries["spin-off"]["waits"]["chains"]
        if (chain["kind"], chain["role"], chain["in_request"]) == ("futex", "pool", True)
    ]
    assert any("futex" in function for function in chains[0][:5])
    assert any(function.startswith("[worker loop]") for function in chains[0])
    assert chains[0][-1] in {"clone3", "clone", "__clone", "thread_start"}


def test_show_prints_the_verdict(reports: Path, summaries: dict[str, dict[str, Any]]) -> None:
    done = run("show", "spin-on", reports=reports)
    assert done.returncode == 0, done.stderr
    assert "worker threads spinning while no request was in flight" in done.stdout
    assert summaries["spin-on"]["run_id"] in done.stdout


def test_without_capabilities_the_kernels_part_is_still_counted(small_model: Path, tmp_path: Path) -> None:
    done = run(
        *("record", "--model", str(small_model), "--threads", "2", "--warmup", "0", "--measure", "1"),
        *("--profile", "3", "--json"),
        reports=tmp_path,
        wrapper=("setpriv", "--bounding-set=-all", "--inh-caps=-all"),
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["perf"]["event"].endswith(":u")
    assert summary["waits"]["recorded"] == "switches"
    assert summary["request"]["unexplained"] == 0
    missing = [doubt for doubt in summary["unavailable"] if "perf may not record" in doubt["why"]]
    assert len(missing) == len(WAIT_EVENTS)
    assert all("as root" in doubt["hint"] for doubt in missing)
    assert summary["cpu"]["by_category"]["spin"] > summary["cpu"]["total_ms"] / 2
