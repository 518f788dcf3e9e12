"""What --input and --tokens may say."""

from __future__ import annotations

import pytest

from profiler.errors import UsageError
from profiler.spec.inputs import Distribution, Lengths, Source, parse_input, parse_lengths


@pytest.mark.parametrize(
    ("text", "name", "source"),
    [
        ("ids=uniform(0,30522)", "ids", Source(distribution=Distribution.UNIFORM, numbers=(0, 30522))),
        ("x:0=normal(-1, 2.5)", "x:0", Source(distribution=Distribution.NORMAL, numbers=(-1, 2.5))),
        ("n=constant(7)", "n", Source(distribution=Distribution.CONSTANT, numbers=(7,))),
        ("ids=a=b.npy", "ids", Source(file="a=b.npy")),
    ],
)
def test_inputs_are_files_or_distributions(text: str, name: str, source: Source) -> None:
    assert parse_input(text) == (name, source)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ids", "is not NAME=VALUES"),
        ("=uniform(0,1)", "is not NAME=VALUES"),
        ("ids=ids.txt", r"neither a \.npy file nor a distribution"),
        ("ids=gauss(0,1)", "no distribution is called gauss"),
        ("ids=uniform(1)", "uniform takes two numbers"),
        ("ids=constant(1,2)", "constant takes one number"),
        ("ids=uniform(0,nan)", "uniform takes two numbers"),
        ("ids=uniform(0,1e99)", "uniform takes two numbers"),
        ("ids=uniform(5,5)", "the second number is excluded"),
        ("ids=normal(0,-1)", "a standard deviation is 0 or more"),
    ],
)
def test_what_is_no_input_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        parse_input(text)


def test_lengths_are_one_or_a_range() -> None:
    assert parse_lengths("128") == Lengths(128)
    assert parse_lengths("8..128") == Lengths(8, 128)
    assert str(parse_lengths("8..128")) == "8..128"
    assert parse_lengths(Lengths(7)) == Lengths(7)


@pytest.mark.parametrize("text", ["", "0", "9..8", "1..", "..3", "1...3", "1..99999999", "-1", "x"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"a whole number from 1 to 10000000, or a range of them as 8\.\.128"
    ):
        parse_lengths(text)
