"""The kinds of time as pages draw them: a colour of `kinds.css`, a texture of `_patterns.html.j2`."""

from __future__ import annotations

from profiler.run.kinds import Kind, Part, Wait

DRAWN = tuple(
    dict.fromkeys(
        [*(kind.value for kind in Kind), Part.LATE.value, Part.BLOCKED.value, *(wait.value for wait in Wait)]
    )
)
"""Names that have a look of their own, each once: kinds of CPU time, parts of a request, waits."""


def rules() -> str:
    """Return the rules of all: `k-NAME` fills with colour and texture, `f-NAME` with the colour alone."""
    return "".join(f".k-{name}{{fill:url(#p-{name})}}.f-{name}{{fill:var(--{name})}}" for name in DRAWN)
