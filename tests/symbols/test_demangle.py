from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.symbols.demangle import LONGEST, bare_function, demangle


@pytest.mark.parametrize(
    ("mangled", "expected"),
    [
        ("_ZN2ns4PoolIiE3runEv", "ns::Pool<int>::run"),
        ("_ZZN3ort4PoolIdE4stepEdiENKUldE_clEd", "ort::Pool<double>::step::{lambda(double)#1}::operator()"),
        ("_ZN12_GLOBAL__N_16hiddenEi", "(anonymous namespace)::hidden"),
        ("_Z3fooIiET_S0_", "foo<int>"),
        ("_ZNKSt8functionIFvvEEcvbEv", "std::function<void ()>::operator bool"),
        ("plain_c", "plain_c"),
        ("_Zno", "_Zno"),
        ("_Z" + "1a" * LONGEST, "_Z" + "1a" * LONGEST),
    ],
)
def test_names_read_as_perf_shows_them(mangled: str, expected: str) -> None:
    assert demangle(mangled) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(int)", "f"),
        ("a::(anonymous namespace)::b(void*)", "a::(anonymous namespace)::b"),
        ("std::function<void (int)>::operator()(int) const", "std::function<void (int)>::operator()"),
        ("g<void (*)(int)>(int)", "g<void (*)(int)>"),
        ("finish_task_switch.isra.0", "finish_task_switch"),
        ("h.constprop.0.cold", "h"),
        ("h(int) [clone .cold]", "h"),
        ("f(int)::{lambda(int)#1}::operator()(int) const", "f::{lambda(int)#1}::operator()"),
        ("f(int) const::{lambda()#2}::operator()()", "f::{lambda()#2}::operator()"),
        ("void ns::f<int>(int)", "ns::f<int>"),
        ("bool ns::operator< <int>(int, int)", "ns::operator< <int>"),
        ("a::operator->() const", "a::operator->"),
        ("operator new(unsigned long)", "operator new"),
        ("operators(int)", "operators"),
        ("f[abi:cxx11](int)", "f[abi:cxx11]"),
        ("", ""),
        ("(", "("),
    ],
)
def test_a_bare_name_has_neither_arguments_nor_return_type(text: str, expected: str) -> None:
    assert bare_function(text) == expected


@given(st.text(alphabet="ab:<>(){}[]&* operator,~", max_size=40))
def test_any_text_has_a_bare_name(text: str) -> None:
    bare = bare_function(text)
    assert bool(bare) == bool(text)
    assert bare_function(bare) != "" or not text
