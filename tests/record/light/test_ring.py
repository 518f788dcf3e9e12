"""Records as the kernel lays them out, in a file in memory that stands for its ring."""

from __future__ import annotations

import mmap
import os
import struct
from typing import TYPE_CHECKING

import pytest

from profiler.record.light.ring import Ring, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = 1
SAMPLE, LOST, THROTTLE = 9, 2, 5
KERNEL, USER = 1, 2


class Writer:
    """What the kernel does: records go around, the head goes on."""

    def __init__(self) -> None:
        self.descriptor = os.memfd_create("ring")
        os.ftruncate(self.descriptor, mmap.PAGESIZE * (1 + PAGES))
        self._memory = mmap.mmap(self.descriptor, mmap.PAGESIZE * (1 + PAGES))
        self._head = 0

    def write(self, kind: int, mode: int, body: bytes) -> None:
        for byte in struct.pack("<IHH", kind, mode, 8 + len(body)) + body:
            self._memory[mmap.PAGESIZE + self._head % (mmap.PAGESIZE * PAGES)] = byte
            self._head += 1
        struct.pack_into("<Q", self._memory, 1024, self._head)

    def sample(self, address: int, tid: int, mode: int = USER) -> None:
        self.write(SAMPLE, mode, struct.pack("<QIIQII", address, 7, tid, 100 + tid, 3, 0))

    @property
    def tail(self) -> int:
        return int(struct.unpack_from("<Q", self._memory, 1032)[0])

    @property
    def head(self) -> int:
        return self._head


@pytest.fixture
def writer() -> Writer:
    return Writer()


@pytest.fixture
def ring(writer: Writer) -> Iterator[Ring]:
    ring = Ring(os.dup(writer.descriptor), PAGES)
    yield ring
    ring.close()


def test_samples_are_read_once(writer: Writer, ring: Ring) -> None:
    writer.sample(0x1000, 8)
    writer.sample(0xFFFF_8000_0000_0000, 9, KERNEL)
    assert list(ring.read()) == [
        Sample(0x1000, 7, 8, 108, 3, in_kernel=False),
        Sample(0xFFFF_8000_0000_0000, 7, 9, 109, 3, in_kernel=True),
    ]
    assert list(ring.read()) == []
    assert writer.tail == writer.head


def test_records_go_around_the_end(writer: Writer, ring: Ring) -> None:
    """40 bytes a record do not divide a page: the 103rd lies across the end."""
    for number in range(250):
        writer.sample(number, number)
        assert [sample.address for sample in ring.read()] == [number]


def test_losses_are_counted_and_other_records_are_passed_over(writer: Writer, ring: Ring) -> None:
    writer.write(THROTTLE, 0, bytes(24))
    writer.write(LOST, 0, struct.pack("<QQ", 1, 17))
    writer.sample(5, 6)
    writer.write(LOST, 0, struct.pack("<QQ", 1, 3))
    assert [sample.address for sample in ring.read()] == [5]
    assert ring.lost == 20


def test_a_descriptor_that_can_not_be_mapped_is_closed() -> None:
    reading, writing = os.pipe()
    with pytest.raises((OSError, ValueError)):
        Ring(reading, PAGES)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(reading)
    os.close(writing)
