from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from profiler.listing.marks import mark
from profiler.symbols.library import open_library

if TYPE_CHECKING:
    from profiler.symbols.disassemble import Instruction
    from profiler.symbols.image import Image

PROGRAM = """
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
extern "C" __attribute__((noinline, visibility("hidden"))) void helper(volatile int* a) { *a = 1; }
extern "C" void waits(pthread_cond_t* wake, pthread_mutex_t* lock, volatile int* done) {
  helper(done);
  while (!*done) pthread_cond_wait(wake, lock);
  helper(done);
}
#if defined(__x86_64__)
extern "C" long raw(int* word) {
  long result;
  asm volatile("mov $202, %%eax\\n syscall" : "=a"(result) : "D"(word) : "rcx", "r11", "memory");
  return result;
}
extern "C" long other(int* word) {
  long result;
  asm volatile("mov $39, %%eax\\n syscall" : "=a"(result) : "D"(word) : "rcx", "r11", "memory");
  return result;
}
#endif
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    folder = tmp_path_factory.mktemp("marks")
    (folder / "waits.cpp").write_text(PROGRAM)
    command = ("g++", "-O2", "-shared", "-fPIC", "-Wl,--build-id=none", "-o", "waits.so", "waits.cpp")
    subprocess.run(command, cwd=folder, check=True)
    return open_library(folder / "waits.so").image


def code_of(image: Image, name: str) -> list[Instruction]:
    return next(
        image.disassemble(index)
        for index in range(len(image.functions))
        if image.functions.name(index) == name
    )


def test_calls_are_named_and_those_that_wait_are_marked(image: Image) -> None:
    code = code_of(image, "waits")
    marks = mark(image, code, {})
    assert sorted(marks.calls.values()).count("pthread_cond_wait") == 1
    assert "helper" in marks.calls.values()
    assert [marks.calls[index] for index in marks.waits] == ["pthread_cond_wait"]


def test_the_loop_around_the_hottest_instruction_is_marked(image: Image) -> None:
    code = code_of(image, "waits")
    (wait,) = mark(image, code, {}).waits
    hot = mark(image, code, {code[0].address: 1.0, code[wait].address: 2.0})
    assert wait in hot.loop
    assert 0 not in hot.loop
    assert mark(image, code, {code[0].address: 1.0}).loop == frozenset()
    assert mark(image, code, {}).loop == frozenset()


@pytest.mark.parametrize(("function", "count"), [("raw", 1), ("other", 0)])
def test_the_futex_call_itself_is_marked(image: Image, function: str, count: int) -> None:
    if image.elf.machine != "x86-64":
        pytest.skip("the program's system calls are x86-64's")
    assert len(mark(image, code_of(image, function), {}).waits) == count
