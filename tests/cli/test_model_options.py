"""`--model NAME@KEY=VALUE,...`, and what a global pool can't have."""

from __future__ import annotations

import pytest

from profiler.cli.options.model_options import ModelAsked, parse_model, parse_models
from profiler.errors import UsageError
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.global_pool import refuse_unfit
from profiler.spec.inputs import Lengths
from profiler.spec.workload import Arrivals, make_workload


def test_a_model_may_have_options_of_its_own() -> None:
    assert parse_models(None) == [ModelAsked(name="minilm")]
    assert parse_model("a@b/model.onnx") == ModelAsked(name="a@b/model.onnx")
    text = (
        "tiny@rate=5,arrivals=poisson,config=spin-off,threads=2,inter-op=3,concurrency=4,tokens=8..16,batch=2"
    )
    assert parse_model(text) == ModelAsked(
        name="tiny", rate=5, arrivals=Arrivals.POISSON, config="spin-off", threads=2, inter_op=3,
        concurrency=4, tokens=Lengths(8, 16), batch=2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tiny@speed=5", "'speed' is no key"),
        ("tiny@rate=0", "tiny@rate=0: a number from 0.000001 to 1000000"),
        ("tiny@arrivals=soon", "soon: one of fixed, poisson, closed"),
        ("tiny@rate=5,", "'' is no key"),
    ],
)
def test_what_makes_no_model_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        parse_model(text)


MODEL = {"model": "a", "model_path": "a.onnx", "weights": "file"}


def test_a_global_pool_obeys_no_session() -> None:
    shared = make_workload(**MODEL, global_pool=True)
    refuse_unfit(SessionConfiguration(entries={"session.intra_op.allow_spinning": "1"}), shared)
    unfit = SessionConfiguration(name="off", entries={"session.intra_op.allow_spinning": "0"})
    with pytest.raises(UsageError, match=r"off sets session\.intra_op\.allow_spinning, which that pool"):
        refuse_unfit(unfit, shared)
    refuse_unfit(unfit, make_workload(**MODEL))
    beside = make_workload(**MODEL, global_pool=True, beside=[{**MODEL, "configuration": {}}])
    with pytest.raises(UsageError, match="a can't have a configuration of its own"):
        refuse_unfit(SessionConfiguration(), beside)
