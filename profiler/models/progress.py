"""How long work tells that it goes on, so that no console has to be imported here."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a caller may show of a long piece of work. One piece at a time: start, advance..., finish."""

    def start(self, total: int, label: str) -> None:
        """Begin a piece of work of `total` bytes."""

    def advance(self, amount: int) -> None:
        """`amount` more bytes of it are done."""

    def finish(self) -> None:
        """End the piece of work, whether it was completed or failed."""

    def say(self, message: str) -> None:
        """Tell something the user should know: one line, no error."""


class _Silent:
    """Shows nothing."""

    def start(self, total: int, label: str) -> None:
        pass

    def advance(self, amount: int) -> None:
        pass

    def finish(self) -> None:
        pass

    def say(self, message: str) -> None:
        pass


SILENT: Progress = _Silent()
