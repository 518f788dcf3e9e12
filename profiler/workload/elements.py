"""Element types by ONNX Runtime's names, as far as they need care; what of them can't be had is an error."""

from __future__ import annotations

BFLOAT16 = "tensor(bfloat16)"
"""NumPy has no such type: its values are held as the `uint16` of their bits."""
STRING = "tensor(string)"


class InputError(Exception):
    """An input that can't be made; the message names it."""
