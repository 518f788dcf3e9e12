"""Text as strangers may write it: names of functions, files, threads and runs, lines of source.

What becomes an element where it is not escaped sets the page's title to `OWNED`, or makes an `img`.
"""

from __future__ import annotations

OWNED = "owned"

MARKUP = f"</script><img src=x onerror=\"document.title='{OWNED}'\">"
ATTRIBUTE = 'x" onclick="alert(1) #?'
QUOTES = "\"quoted\" 'twice' <b>&amp;"
BACKWARDS = "\u202eright-to-left\u202c"
MIXED = MARKUP + QUOTES + BACKWARDS
LONG = "operator<< <std::string, (anonymous namespace)::x>(" + "A" * 10_000 + ")"
CONTROL = "\u0007bell"
TEMPLATE = "{{ 7 * 7 }} {% raw %}"
SURROGATE = "\ud800 lone surrogate"
SCRIPT = f'// <script>document.title = "{OWNED}"</script>'
"""A comment in somebody's source."""

NAMES = (MARKUP, QUOTES, BACKWARDS, LONG)
"""Names that a browser can be asked to show back."""
PAGE_NAMES = (*NAMES, CONTROL, TEMPLATE, SURROGATE)
"""Those, and what a page's writer may stumble over."""
MARKDOWN = (
    "</failure>&<x>",
    "a|b`c`*d*_e_[f](javascript:g)",
    "line\nbreak\r\n## heading",
    "\x00\x1b[31m\ufffe\ud800",
    "<img src=x onerror=alert(1)> https://evil.example www.evil.example @someone #1 $x$ ~~y~~",
    "]]>",
)
"""What XML and Markdown may take for their own."""
