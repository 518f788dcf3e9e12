from __future__ import annotations

from profiler.record.perf import wait_event_term
from profiler.record.stack_size import (
    SMALL_BUFFERS_BYTES,
    SWITCH_STACK_BYTES,
    UNOPTIMISED_BYTES,
    WHOLE_BYTES,
    sample_stack_bytes,
)
from profiler.trace.model import SWITCH_OUT

LARGEST = 65_528
"""What the kernel takes: a record's size has 16 bits, the copy's is a multiple of 8 (perf_event_open(2))."""


def test_a_sample_copies_what_its_build_and_the_buffers_need() -> None:
    assert sample_stack_bytes("none", 2048) == sample_stack_bytes("symtab", 2048) == WHOLE_BYTES
    assert sample_stack_bytes("none", None) == SMALL_BUFFERS_BYTES
    assert sample_stack_bytes("dwarf", 2048) == sample_stack_bytes("dwarf", None) == UNOPTIMISED_BYTES


def test_a_switch_copies_less_than_any_sample() -> None:
    sizes = (SMALL_BUFFERS_BYTES, WHOLE_BYTES, UNOPTIMISED_BYTES)
    assert all(SWITCH_STACK_BYTES < size <= LARGEST and size % 8 == 0 for size in sizes)
    assert f"stack-size={SWITCH_STACK_BYTES}/" in wait_event_term(SWITCH_OUT, WHOLE_BYTES)
