"""The installed ONNX Runtime, whichever version it is: a release wheel without symbols."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from profiler.symbols.library import LibraryIndex, open_library


@pytest.fixture(scope="module", params=["onnxruntime_pybind11_state*.so", "libonnxruntime.so.1.*"])
def onnxruntime(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LibraryIndex:
    package = find_spec("onnxruntime")
    assert package is not None
    assert package.origin is not None
    (library,) = (Path(package.origin).parent / "capi").glob(request.param)
    return open_library(library, cache_folder=tmp_path_factory.mktemp("cache"))


def test_it_is_stripped_and_its_functions_are_found(onnxruntime: LibraryIndex) -> None:
    assert onnxruntime.symbol_level == "none"
    assert len(onnxruntime.functions) > 10_000
    text = onnxruntime.elf.section(".text")
    assert text is not None
    covered = int(np.sum(onnxruntime.functions.end - onnxruntime.functions.start))
    assert covered > 0.9 * text.size


def test_the_worker_loop_is_found_by_what_it_does(onnxruntime: LibraryIndex) -> None:
    """It dispatches, is larger than a lambda, and waits for a condition when it has polled enough."""
    polling, stubs = onnxruntime.polling, onnxruntime.image.stubs
    workers = [
        int(function)
        for function in polling.functions[polling.dispatches]
        if onnxruntime.functions.size(int(function)) > 1000
    ]
    assert len(workers) == 1
    code = onnxruntime.image.disassemble(workers[0])
    called = {stubs.name(one.target) for one in code if one.is_call and one.target is not None}
    assert "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE" in called


def test_where_the_worker_pauses_it_polls(onnxruntime: LibraryIndex) -> None:
    """Compilers lay the same loop out in other ways: where its rounds begin makes no difference."""
    polling, functions = onnxruntime.polling, onnxruntime.functions
    (worker,) = (int(one) for one in polling.functions[polling.dispatches] if functions.size(int(one)) > 1000)
    wrappers = {int(functions.start[wrapper]) for wrapper in polling.wrappers}
    pauses = {one.address for one in onnxruntime.image.disassemble(worker) if one.target in wrappers}
    assert pauses
    assert pauses <= set(polling.sites.tolist())


def test_joins_do_not_dispatch(onnxruntime: LibraryIndex) -> None:
    polling = onnxruntime.polling
    assert np.sum(~polling.dispatches) >= 3
