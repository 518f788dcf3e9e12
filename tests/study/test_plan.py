from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.models.model_cache import PreparedModel
from profiler.spec.catalogue import load
from profiler.spec.study_file import make_study
from profiler.spec.workload import Arrivals, Companion
from profiler.study.cells import Group, cell_key
from profiler.study.plan import (
    ANALYSIS_SECONDS,
    estimate_seconds,
    make_schedule,
    of_round,
    refuse,
    seconds_left,
)
from profiler.study.planned_cells import make_cells
from profiler.study.study_record import ScheduledRun, Startup, State, StudyCell
from tests.study.made import Made, make_results

if TYPE_CHECKING:
    from profiler.spec.study import Study


def study(**values: Any) -> Study:
    return make_study("mine.toml", {"name": "mine", "configs": ["spin-on"], **values})


def cells(wanted: Study, **paths: str) -> list[StudyCell]:
    models = {
        name: PreparedModel(Path(paths.get(name, f"{name}.onnx")), Path(name).stem, "synthetic", None)
        for name in wanted.model_keys
    }
    return make_cells(wanted, load(Path("/nonexistent")), models)


def labels(wanted: Study) -> list[str]:
    return [cell_key(cell).words for cell in cells(wanted)]


def test_the_matrix_is_every_combination_in_the_order_of_the_definition() -> None:
    wanted = study(configs=["spin-on", "spin-off"], cpu_limits=["none", 0.5], rates=[1, 10], models=["tiny"])
    assert labels(wanted) == [
        f"{configuration} on tiny, {limit}, {rate}"
        for limit in ("no limit", "0.5 CPU")
        for rate in ("1 request/s", "10 requests/s")
        for configuration in ("spin-on", "spin-off")
    ]


def test_threads_are_given_to_each_configuration_but_one_that_means_a_single_thread() -> None:
    wanted = study(configs=["spin-on", "single-thread"], threads=[1, 4])
    assert [cell.configuration.label for cell in cells(wanted)] == [
        "spin-on+t1",
        "spin-on+t4",
        "single-thread",
    ]


def test_closed_arrivals_have_no_rate_so_they_come_once() -> None:
    wanted = study(rates=[1, 10], arrivals=["fixed", "closed", "poisson"])
    assert [(cell_key(cell).arrivals.value, cell_key(cell).rate) for cell in cells(wanted)] == [
        ("fixed", 1.0),
        ("fixed", 10.0),
        ("closed", None),
        ("poisson", 1.0),
        ("poisson", 10.0),
    ]
    assert labels(wanted)[2:4] == [
        "spin-on on minilm, no limit, back to back",
        "spin-on on minilm, no limit, 1 request/s, poisson",
    ]


def test_a_model_has_its_own_loads_and_lengths() -> None:
    wanted = study(
        models=["tiny", "minilm"], rates=[5], per_model={"minilm": {"rates": [0.5], "measure_seconds": 60}}
    )
    assert [(c.workload.rate, c.workload.measure_seconds) for c in cells(wanted)] == [
        (5.0, 20.0),
        (0.5, 60.0),
    ]


def test_the_studys_own_configurations_go_before_the_catalogues() -> None:
    wanted = study(configs=["spin-on"], configurations={"spin-on": {"threads": 3}})
    assert cells(wanted)[0].configuration.threads == 3


def test_what_is_listed_twice_runs_once() -> None:
    assert len(cells(study(configs=["spin-on", "spin-on"], rates=[1, 1.0]))) == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"configs": ["spin-of"]}, "configs: there is no session configuration 'spin-of'"),
        (
            {"cpu_limits": [0.001]},
            "cpu_limits: --cpu-limit 0.001 is 0.1 ms in each 100 ms",
        ),
        (
            {"cpu_limits": [0.1], "cpu_burst_ms": 20},
            "cpu_limits: --cpu-burst 20 is more than the quota",
        ),
        ({"models": ["a/m.onnx", "b/m.onnx"]}, "two different cells of the study are called spin-on on m"),
    ],
)
def test_what_could_not_be_run_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        cells(study(**values), **{"a/m.onnx": "a/m.onnx", "b/m.onnx": "b/m.onnx"})
    assert caught.value.message.startswith(message)


@given(st.lists(st.integers(0, 6), max_size=12), st.integers())
def test_a_round_has_each_cell_that_has_repeats_left_once(repeats: list[int], seed: int) -> None:
    schedule = make_schedule(repeats, seed)
    assert [run.round for run in schedule] == sorted(run.round for run in schedule)
    for number in range(max(repeats, default=0)):
        mine = Counter(run.cell for run in schedule if run.round == number)
        assert mine == Counter(cell for cell, repeat in enumerate(repeats) if repeat > number)
    assert Counter(run.cell for run in schedule) == Counter(dict(enumerate(repeats))) + Counter()


@given(st.integers())
def test_the_seed_decides_the_order(seed: int) -> None:
    assert make_schedule([5] * 8, seed) == make_schedule([5] * 8, seed)


def test_rounds_are_shuffled_anew() -> None:
    schedule = make_schedule([4] * 8, 0)
    orders = [tuple(run.cell for run in schedule if run.round == number) for number in range(4)]
    assert len(set(orders)) == 4
    assert make_schedule([4] * 8, 1) != schedule


def test_under_a_limit_a_start_takes_its_cpu_time_over_the_limit() -> None:
    free, limited = Made().study_cell(), Made(cpus=0.1).study_cell()
    phases = free.workload.warmup_seconds + free.workload.measure_seconds + ANALYSIS_SECONDS
    assert estimate_seconds(free, Startup(3, 2), profiles=False) == pytest.approx(phases + 3)
    assert estimate_seconds(limited, Startup(3, 2), profiles=False) == pytest.approx(phases + 20)
    assert estimate_seconds(free, None, profiles=True) > phases + free.workload.profile_seconds


def test_the_time_left_follows_what_runs_took() -> None:
    record = make_results([Made(repeats=4)], state=State.PLANNED).record
    planned = seconds_left(record)
    first = ScheduledRun(cell=0, round=0, state=State.DONE, run_id="r", profiled=True)
    took = estimate_seconds(record.cells[0], None, profiles=True)
    as_thought = record.replaced(0, msgspec.structs.replace(first, seconds=took))
    twice = record.replaced(0, msgspec.structs.replace(first, seconds=2 * took))
    assert seconds_left(as_thought) == pytest.approx(planned - took)
    assert seconds_left(twice) == pytest.approx(2 * (planned - took))
    assert seconds_left(make_results([Made()]).record) == 0


def test_refused_cells_are_marked_in_every_round() -> None:
    schedule = refuse(make_schedule([2, 2], 0), {1: "too old"})
    assert {(run.cell, run.state, run.why) for run in schedule} == {
        (0, State.PLANNED, ""),
        (1, State.REFUSED, "too old"),
    }


def test_arrivals_are_words() -> None:
    assert cell_key(Made(arrivals=Arrivals.CLOSED, cpus=0.1).study_cell()).words == (
        "spin-on on minilm, 0.1 CPU, back to back"
    )


def test_a_study_says_how_its_service_is_called_and_fed() -> None:
    wanted = study(
        models=["tiny"],
        configs=["spin-on", "single-thread"],
        concurrency=4,
        processes=2,
        provider="openvino",
        inter_op=3,
        tokens="8..128",
        input={"ids": "uniform(0,30522)", "mask": "mask.npy"},
    )
    parallel, single = cells(wanted)
    assert (parallel.configuration.label, single.configuration.label) == ("spin-on+inter3", "single-thread")
    workload = parallel.workload
    assert (workload.concurrency, workload.processes, workload.most_tokens) == (4, 2, 128)
    assert workload.provider == "OpenVINOExecutionProvider"
    assert workload.inputs.named["ids"].words == "uniform(0,30522)"
    assert Path(workload.inputs.named["mask"].file).is_absolute()


CALLERS = "a whole number from 1 to 1024, or a list of one or more"
SPAN = "a whole number from 1 to 10000000, or a range of them as 8..128"
LENGTHS = 'a whole number, 1 or more, or a range of them such as "8..128", or a list of one or more'


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"tokens": 0}, f"mine.toml: tokens: {LENGTHS}"),
        (
            {"input": {"ids": "often"}},
            "mine.toml: input.ids: ids=often: neither a .npy file nor a distribution",
        ),
        (
            {"provider": "cuda"},
            (
                "mine.toml: provider cuda: it does not compute on this machine's CPUs, which are all that "
                "ortprof sees"
            ),
        ),
        (
            {"concurrency": 0},
            "mine.toml: concurrency: a whole number from 1 to 1024, or a list of one or more",
        ),
        (
            {"models": ["tiny"], "per_model": {"tiny": {"tokens": "64..32"}}},
            f"mine.toml: per_model.tiny.tokens 64..32: {SPAN}",
        ),
    ],
)
def test_what_a_service_can_not_be_is_named(values: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        study(**values)
    assert caught.value.message == said


def test_callers_processes_and_lengths_are_axes() -> None:
    wanted = study(
        configs=["spin-on", "single-thread"],
        concurrency=[1, 4],
        processes=[1, 2],
        tokens=[10, "8..128"],
        per_config={"single-thread": {"concurrency": 4}},
    )
    assert labels(wanted)[:6] == [
        "spin-on on minilm, no limit, 1 request/s",
        "spin-on with 4 callers on minilm, no limit, 1 request/s",
        "spin-on in 2 processes on minilm, no limit, 1 request/s",
        "spin-on with 4 callers in 2 processes on minilm, no limit, 1 request/s",
        "single-thread with 4 callers on minilm, no limit, 1 request/s",
        "single-thread with 4 callers in 2 processes on minilm, no limit, 1 request/s",
    ]
    longer = cells(wanted)[6]
    assert (longer.workload.tokens, longer.workload.most_tokens) == (8, 128)
    assert cell_key(longer).words == "spin-on on minilm, 8..128 tokens, no limit, 1 request/s"


def test_who_calls_is_a_choice_in_an_open_loop_and_a_load_in_a_closed_one() -> None:
    def groups(arrivals: str) -> set[Group]:
        return {cell_key(cell).group for cell in cells(study(arrivals=[arrivals], concurrency=[1, 4]))}

    assert len(groups("poisson")) == 1
    assert {group.load for group in groups("closed")} == {"back to back", "back to back by 4 clients"}


def test_sessions_of_one_process_have_what_is_theirs_and_else_the_studys() -> None:
    sessions = [
        {"model": "tiny", "tokens": 3},
        {"model": "minilm", "rate": 5, "config": "spin-off", "threads": 2, "concurrency": 3},
        {"model": "minilm", "threads": 2},
    ]
    found = cells(study(workload=sessions, rates=[10, 20], batch=2, seed=7))
    assert [cell_key(cell).words for cell in found] == [
        f"spin-on on tiny, 3 tokens, no limit, {rate} requests/s" for rate in (10, 20)
    ]
    first, second, third = found[1].workload.loads
    assert (first.tokens, first.rate, first.batch, first.seed) == (3, 20, 2, 7)
    assert isinstance(second, Companion)
    assert isinstance(third, Companion)
    assert (second.tokens, second.rate, second.concurrency, second.seed) == (10, 5, 3, 8)
    assert second.configuration is not None
    assert second.configuration.label == "spin-off+t2"
    assert (third.rate, third.configuration and third.configuration.label) == (20, "spin-on+t2")


def test_each_round_feeds_each_session_otherwise() -> None:
    (cell,) = cells(study(workload=[{"model": "tiny"}, {"model": "minilm"}]))
    later = of_round(cell.workload, 3, profiles=False)
    assert [load.seed for load in later.loads] == [3, 4]
    assert later.profile_seconds == 0


def test_what_a_name_means_is_refused_by_its_key() -> None:
    with pytest.raises(UsageError, match=r"configs: there is no session configuration 'spin-of'"):
        cells(study(configs=["spin-of"]))
    with pytest.raises(UsageError, match=r"workload\[1\].config: there is no session configuration"):
        cells(study(workload=[{"model": "tiny"}, {"model": "tiny", "config": "spin-of"}]))
    with pytest.raises(UsageError, match=r"global_pool: spin-off sets session.intra_op.allow_spinning"):
        cells(study(configs=["spin-off"], global_pool=True))


def test_lists_that_multiply_to_more_than_anybody_runs_are_refused_at_once() -> None:
    many = list(range(1, 129))
    wanted = study(rates=many, threads=many, cpu_limits=many, processes=many[:64], concurrency=many[:64])
    with pytest.raises(UsageError, match="more than 100,000 runs"):
        cells(wanted)
    with pytest.raises(UsageError, match="more than 100,000 runs"):
        make_schedule([1000] * 1000, seed=0)
