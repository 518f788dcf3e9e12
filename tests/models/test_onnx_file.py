from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from profiler.models.graph import Parameter
from profiler.models.onnx_file import write
from profiler.models.progress import SILENT
from profiler.models.weights import SyntheticWeights

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from onnx import ModelProto

    from .support import RecordingProgress

NAMES = st.lists(st.text(min_size=1, max_size=200), unique=True, max_size=4)
SHAPE = st.lists(st.integers(1, 40), max_size=3).map(tuple)


def empty_model() -> ModelProto:
    output = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1])
    return helper.make_model(helper.make_graph([], "g", [], [output]), producer_name="test")


@given(NAMES.flatmap(lambda names: st.tuples(*(st.tuples(st.just(name), SHAPE) for name in names))))
def test_the_file_is_what_onnx_would_have_written(
    named_shapes: tuple[tuple[str, tuple[int, ...]], ...],
) -> None:
    parameters = [Parameter(name, shape, "normal") for name, shape in named_shapes]
    weights = SyntheticWeights("seed", 0.5)
    file = io.BytesIO()
    written = write(file, empty_model(), parameters, weights, progress=SILENT, label="test")

    expected = empty_model()
    for parameter in parameters:
        expected.graph.initializer.append(numpy_helper.from_array(weights.read(parameter), parameter.name))
    data = file.getvalue()
    assert onnx.load_from_string(data) == expected
    assert (written.size, written.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_progress_adds_up(progress: RecordingProgress) -> None:
    parameters = [Parameter("a", (300, 7), "normal"), Parameter("b", (5,), "zeros")]
    write(io.BytesIO(), empty_model(), parameters, SyntheticWeights("x", 1.0), progress=progress, label="it")
    assert progress.started == [(progress.advanced, "it")]
    assert progress.finished == 1


def test_progress_ends_when_reading_fails(progress: RecordingProgress) -> None:
    class Failing:
        def read(self, parameter: Parameter) -> npt.NDArray[np.float32]:
            raise RuntimeError(parameter.name)

    with pytest.raises(RuntimeError, match="a"):
        write(
            io.BytesIO(),
            empty_model(),
            [Parameter("a", (1,), "ones")],
            Failing(),
            progress=progress,
            label="it",
        )
    assert progress.finished == 1
