from __future__ import annotations

import pytest

from profiler.findings.finding import Finding
from profiler.findings.verdict import verdict
from profiler.run.cut_short import CLIENT
from profiler.run.doubt import Doubt
from profiler.run.kinds import Kind, Meanwhile, Part
from profiler.run.parts import PoolFigures, SessionFigures
from profiler.run.processes import PoolRole
from profiler.run.sections.load_section import LatencyFigures, StoppedInRequests
from profiler.run.sections.request_section import RequestFigures, RequestSplit
from profiler.run.sections.unavailable import Unavailable
from profiler.spec.configuration import ExecutionMode
from profiler.spec.limit import Limit
from tests.summaries import cpu_time, edited, made_summary, throttled


def test_idle_spin_is_said_with_its_share_and_what_it_costs() -> None:
    said = verdict(made_summary(cpu=cpu_time(spin_idle=731.6, compute=448.4)))
    assert said.finding is Finding.IDLE_SPIN
    assert said.headline == (
        "Of 1,180 ms CPU, 62 % was worker threads spinning while no request was in flight."
    )
    assert "the 11.8 ms of a profiled request would be 4.48 ms." in said.text
    inside = verdict(made_summary(cpu=cpu_time(spin_idle=731.6, spin_busy=100, compute=348.4)))
    assert "would be 4.48 ms, 1.00 ms of them spinning within requests." in inside.text
    assert "spin-off" in said.advice[0]
    assert "spin-1ms" in said.advice[0]


@pytest.mark.parametrize(("version", "offered"), [("1.11.0", set()), ("1.20.1", {"spin-stop"}), ("?", set())])
def test_only_what_this_onnxruntime_honours_is_advised(version: str, offered: set[str]) -> None:
    made = made_summary(cpu=cpu_time(spin_idle=1), ort__version=version)
    assert {name for name in ("spin-stop", "spin-1ms") if name in verdict(made).advice[0]} == offered


def test_idle_spin_with_spinning_off_is_not_answered_with_spin_off() -> None:
    entries = {"session.intra_op.allow_spinning": "0"}
    made = made_summary(cpu=cpu_time(spin_idle=1), config__entries=entries)
    assert "spin-off" not in verdict(made).text


@pytest.mark.parametrize(
    ("config", "advised"),
    [
        (
            "spin-on",
            "intra-op bert, of the session of bert (spin-on). Set session.intra_op.allow_spinning to 0",
        ),
        ("", "of the session of bert (settings not known). Set session.intra_op.allow_spinning"),
        ("spin-off+t4", "those of intra-op bert. See below, and set the number of its threads."),
    ],
)
def test_the_pool_that_spins_beside_a_session_that_does_not_is_named(config: str, advised: str) -> None:
    pools = [
        PoolFigures(
            id=f"intra-op {model}",
            process=1,
            role=PoolRole.INTRA_OP,
            threads=1,
            callers=1,
            by_kind={Kind.SPIN_IDLE: idle},
        )
        for model, idle in (("tiny", 1.0), ("bert", 900.0))
    ]
    sessions = [SessionFigures(id="2", model="bert", config=config, callers=1, pools=["intra-op bert"])]
    made = made_summary(
        cpu=cpu_time(spin_idle=1),
        config__entries={"session.intra_op.allow_spinning": "0"},
        config__label="spin-off+t4",
        pools=pools,
        sessions=sessions,
    )
    assert advised in verdict(made).text


@pytest.mark.parametrize(
    ("kinds", "finding"),
    [
        ({"spin_join": 15, "spin_busy": 15, "compute": 70}, Finding.BUSY_SPIN),
        ({"futex": 40, "compute": 60}, Finding.FUTEX),
        ({"unknown": 40, "compute": 60}, Finding.UNKNOWN),
        ({"compute": 95, "app": 5}, Finding.COMPUTE),
        ({"compute": 40, "app": 40, "kernel": 20}, Finding.MIXED),
        ({"spin_idle": 25, "futex": 75}, Finding.IDLE_SPIN),
    ],
)
def test_each_kind_of_finding(kinds: dict[str, float], finding: Finding) -> None:
    said = verdict(made_summary(cpu=cpu_time(**kinds)))
    assert said.finding is finding
    assert said.headline.endswith(".")
    assert said.advice


def test_throttling_comes_before_where_the_cpu_went() -> None:
    stopped = throttled(throttled_periods=40, per_request_ms=StoppedInRequests(None, None, None))
    said = verdict(made_summary(cpu=cpu_time(spin_idle=100), measured__throttled=stopped))
    assert said.finding is Finding.THROTTLED
    assert said.headline == "40 % of 100 periods throttled."
    assert "100 % was idle spinning" in said.text


def test_few_samples_are_no_verdict() -> None:
    made = made_summary(cpu=cpu_time(spin_idle=12), perf__samples=12)
    assert verdict(made).headline == "12 samples in 12.0 ms of CPU time are too few to say where it went."


def test_a_run_without_profile_says_why_and_gives_the_measured_figures() -> None:
    nothing = Unavailable("nothing was profiled")
    said = verdict(made_summary(cpu=nothing, perf=nothing))
    assert said.finding is Finding.NO_PROFILE
    assert "nothing was profiled" in said.headline
    assert "11.8 % of one core" in said.text


def test_a_run_without_anything() -> None:
    missing = dict.fromkeys(("measured", "profiled", "cpu", "perf"), Unavailable("it did not run"))
    said = verdict(made_summary(**missing, complete=False))
    assert said.finding is Finding.NO_FIGURES
    assert "stopped early" in said.text


@pytest.mark.parametrize(
    ("requests", "missing", "said"),
    [
        (3, ("p95", "p99"), "3 requests are too few for p95 and p99, which need 20 and 100."),
        (20, ("p99",), "20 requests are too few for p99, which needs 100."),
        (1, ("p50", "p95", "p99"), "1 request is too few for p95 and p99, which need 20 and 100."),
    ],
)
def test_percentiles_that_are_not_given_are_explained(
    requests: int, missing: tuple[str, ...], said: str
) -> None:
    lacking = {f"measured__latency_ms__{name}": None for name in missing}
    made = made_summary(cpu=cpu_time(compute=1), measured__requests=requests, **lacking)
    assert said in verdict(made).doubts


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cpu_ms_per_request": 18.0}, "a request cost 53 % more CPU time: "),
        ({"cpu_ms_per_request": 5.9}, "a request cost 50 % less CPU time: "),
        ({"latency_ms__p50": 5.0}, "the median latency was 25 % longer: "),
        (
            {"cpu_ms_per_request": 18.0, "latency_ms__p50": 3.0, "requests": 19},
            (
                "a request cost 53 % more CPU time and the median latency was 25 % shorter "
                "(with 19 requests this may be chance): "
            ),
        ),
    ],
)
@pytest.mark.parametrize(
    "kinds", [{"spin_idle": 62, "compute": 38}, {"futex": 40, "app": 60}, {"compute": 1}]
)
def test_that_perf_disturbed_is_said_before_what_it_shows(
    kinds: dict[str, float], changed: dict[str, object], said: str
) -> None:
    calm = made_summary(cpu=cpu_time(**kinds))
    told = verdict(edited(calm, **{f"profiled__{name}": value for name, value in changed.items()}))
    assert told.headline.startswith("Measured without perf, a request cost 11.8 ms of CPU time")
    assert told.details[0] == f"Under perf {said}shares are those of the disturbed workload."
    assert told.details[1] == verdict(calm).headline
    assert told.finding is verdict(calm).finding


@pytest.mark.parametrize("factor", [0.92, 1.08])
def test_less_than_a_tenth_is_no_disturbance(factor: float) -> None:
    calm = made_summary(cpu=cpu_time(compute=1))
    other = edited(calm, profiled__cpu_ms_per_request=11.8 * factor, profiled__latency_ms__p50=4.0 * factor)
    assert verdict(other).headline == verdict(calm).headline
    assert "disturbed" not in verdict(other).text


@pytest.mark.parametrize(("profiled", "said"), [(156.0, True), (108.0, False)])
def test_without_known_requests_the_use_of_a_core_tells_of_a_disturbance(profiled: float, said: bool) -> None:
    unknown = {
        f"{phase}__{figure}": None
        for phase in ("measured", "profiled")
        for figure in ("cpu_ms_per_request", "latency_ms__p50")
    }
    made = edited(
        made_summary(cpu=cpu_time(compute=1)),
        measured__cpu_percent=106.0,
        profiled__cpu_percent=profiled,
        **unknown,
    )
    expected = "Under perf it used 156 % of one core, measured 106 %: perf's doing or other work to do"
    assert (expected in verdict(made).text) is said


def test_a_throttled_headline_leaves_out_what_a_disturbed_profile_shows() -> None:
    stopped = throttled(per_request_ms=StoppedInRequests(None, None, None))
    limit = Limit(cpus=0.1, period_us=100_000)
    calm = made_summary(
        cpu=cpu_time(spin_idle=100), limit=limit, measured__throttled=stopped, profiled__throttled=stopped
    )
    assert "spent spinning" in verdict(calm).headline
    told = verdict(edited(calm, profiled__cpu_ms_per_request=18.0))
    assert told.finding is Finding.THROTTLED
    assert "84 % of 100 periods throttled" in told.headline
    assert "spinning" not in told.headline
    disturbed, spun = (
        next(at for at, sentence in enumerate(told.details) if words in sentence)
        for words in ("Under perf", "of the quota was spent spinning")
    )
    assert disturbed < spun


def test_no_requests_at_all() -> None:
    made = made_summary(cpu=cpu_time(app=1))
    none = LatencyFigures(mean=None, p50=None, p95=None, p99=None, max=None)
    phase = edited(made.measured, requests=0, cpu_ms_per_request=None, latency_ms=none)
    made = edited(made, measured=phase, profiled=phase)
    assert "No request ran in the measured phase" in verdict(made).text


def test_a_share_that_rests_on_few_samples_says_how_far_it_may_be_off() -> None:
    made = made_summary(cpu=cpu_time(spin_idle=80, compute=20), perf__samples=96)
    assert "The shares rest on 96 samples: they may be off by up to 10 points." in verdict(made).doubts
    assert verdict(edited(made, perf__samples=400)).doubts == ()


def crowded(runnable_ms: float) -> RequestFigures:
    parts = dict.fromkeys(Part, 0.0) | {Part.RUNNABLE: runnable_ms, Part.COMPUTE: 4.0 - runnable_ms}
    split = RequestSplit(
        wall_ms=4.0,
        by_kind=parts,
        meanwhile=dict.fromkeys(Meanwhile, 0.0),
        runnable_own_ms=0.0,
        samples=10,
        explained=True,
    )
    return RequestFigures(
        requests=100,
        unexplained=0,
        tolerance=0.01,
        wall_ms=LatencyFigures(mean=4.0, p50=4.0, p95=4.0, p99=4.0, max=4.0),
        by_kind=parts,
        meanwhile=split.meanwhile,
        runnable_own_ms=0.0,
        meanwhile_traced=True,
        samples=1000,
        p50=split,
        p95=split,
        slowest=split,
    )


def test_another_program_on_the_cpus_is_named_instead_of_the_model() -> None:
    said = verdict(made_summary(cpu=cpu_time(compute=100), request=crowded(2.0)))
    assert said.finding is Finding.CROWDED_OUT
    assert said.headline.startswith("For 50 % of their time in service requests waited for a CPU")
    assert "model" not in " ".join(said.advice)


def test_waste_stands_out_whoever_else_is_on_the_cpus() -> None:
    said = verdict(made_summary(cpu=cpu_time(spin_idle=80, compute=20), request=crowded(2.0)))
    assert said.finding is Finding.IDLE_SPIN
    assert "requests waited for a CPU that other programs had" in " ".join(said.details)
    assert [step.partition(" ")[0] for step in said.advice] == ["Try", "Find"]


def test_what_waits_in_a_queue_first_is_crowded_out_by_its_time_in_service() -> None:
    queued = crowded(2.0)
    late = {**queued.by_kind, Part.LATE: 96.0}
    wall = edited(queued.wall_ms, mean=100.0)
    said = verdict(
        made_summary(cpu=cpu_time(compute=100), request=edited(queued, by_kind=late, wall_ms=wall))
    )
    assert said.finding is Finding.CROWDED_OUT
    assert said.headline.startswith("For 50 % of their time in service")


def test_requests_that_never_started_are_said_before_what_they_weaken() -> None:
    few = verdict(made_summary(cpu=cpu_time(compute=100), measured__unserved=1))
    assert not few.headline.startswith("1 of")
    assert "1 of the 101 requests measured never started" in " ".join(few.details)
    many = verdict(made_summary(cpu=cpu_time(compute=100), measured__unserved=1525, profiled__unserved=30))
    assert many.headline == (
        "1,525 of the 1,625 requests measured and 30 of the 130 requests profiled never started: more come "
        "than are served here, and latencies are those of a queue that grows."
    )


@pytest.mark.parametrize(("runnable_ms", "cpu_percent"), [(0.2, 11.8), (2.0, 150.0)])
def test_a_little_waiting_or_a_process_in_its_own_way_is_not_crowded_out(
    runnable_ms: float, cpu_percent: float
) -> None:
    made = made_summary(
        cpu=cpu_time(compute=100), request=crowded(runnable_ms), profiled__cpu_percent=cpu_percent
    )
    assert verdict(made).finding is Finding.COMPUTE


def test_parallel_execution_is_advised_about_its_inter_op_pool() -> None:
    entries = {"session.intra_op.allow_spinning": "0"}
    parallel = {"config__execution_mode": ExecutionMode.PARALLEL}
    idle = made_summary(cpu=cpu_time(spin_idle=1), config__entries=entries, **parallel)
    assert "session.inter_op.allow_spinning=0" in verdict(idle).advice[0]
    inside = made_summary(cpu=cpu_time(spin_join=50, compute=50), **parallel)
    assert "inter-op" in verdict(inside).text
    assert "inter-op" not in verdict(made_summary(cpu=cpu_time(spin_join=50, compute=50))).text


def test_what_cut_a_run_short_is_said_before_the_figures_that_it_weakens() -> None:
    cut = Doubt(CLIENT, "the client ended early: 6.0 s of --measure is missing")
    said = verdict(made_summary(unavailable=[cut]))
    assert said.headline == "The client ended early: 6.0 s of --measure is missing."
    assert said.details[0] == verdict(made_summary()).headline
