from __future__ import annotations

import pytest

from profiler.pages.base.page import prose


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        (
            "who runs (`top`), or `a <b>`",
            "who runs (<code>top</code>), or <code>a &lt;b&gt;</code>",
        ),
        ("`top`", "<code>top</code>"),
        ("a name with ` in it, <i>", "a name with ` in it, &lt;i&gt;"),
        ("12 % of it", "12\N{NO-BREAK SPACE}% of it"),
        ("", ""),
    ],
)
def test_what_is_to_be_typed_is_code(text: str, shown: str) -> None:
    assert str(prose(text)) == shown
