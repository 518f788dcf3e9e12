from __future__ import annotations

import pytest

from profiler.errors import MachineError, UsageError
from profiler.live.metrics import Collector, parse_address, serve
from tests.live.made_moments import moment

pytest.importorskip("prometheus_client")


def families(collector: Collector) -> dict[str, dict[tuple[str, ...], float]]:
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in collector.collect()
    }


def test_what_is_counted() -> None:
    found = families(Collector(lambda: moment(requests=1.0), lambda: 3))
    where = ("7", "python serve.py")
    assert found["ortprof_cpu_seconds"][(*where, "pool A", "spin-idle", "true")] == 7.5
    assert found["ortprof_cpu_seconds"][(*where, "", "app", "false")] == 1.0
    assert found["ortprof_context_switches"][(*where, "pool A")] == 1200
    assert found["ortprof_up"][()] == 1
    assert found["ortprof_targets_begun"][()] == 3
    assert found["ortprof_requests"][()] == 20


def test_between_two_targets() -> None:
    found = families(Collector(lambda: None, lambda: 1))
    assert found["ortprof_up"][()] == 0
    assert "ortprof_cpu_seconds" not in found
    assert found["ortprof_own_resident_bytes"][()] > 0


def test_addresses() -> None:
    assert parse_address("127.0.0.1:9464") == ("127.0.0.1", 9464)
    assert parse_address("[::1]:80") == ("::1", 80)


@pytest.mark.parametrize("text", ["9464", "127.0.0.1", ":9464", "x:0", "x:65536", "x:-1", "x:1e3"])
def test_no_address(text: str) -> None:
    with pytest.raises(UsageError, match="an address and a port"):
        parse_address(text)


def test_an_address_that_is_taken() -> None:
    collector = Collector(lambda: None, lambda: 1)
    with pytest.raises(MachineError, match="can't be listened on") as caught:
        serve("192.0.2.1:9464", collector)
    assert "--metrics" in (caught.value.hint or "")
