"""Keys of session entries, looked for in a library's bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.record.session_keys import unread

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = ("session.intra_op.spin_duration_us", "session.intra_op.allow_spinning")


def test_a_key_that_the_library_does_not_hold_is_said_with_the_nearest_that_it_does(tmp_path: Path) -> None:
    library = tmp_path / "library.so"
    library.write_bytes(b"\x7fELF\0" + "\0".join(KNOWN).encode() + b"\0session.rare\0")
    (doubt,) = unread(["session.intra_op.spin_duration", "session.rare"], library, "1.26.0", KNOWN)
    assert doubt.why == "ONNX Runtime 1.26.0 reads no session.intra_op.spin_duration and ignores it"
    assert doubt.hint == "did you mean session.intra_op.spin_duration_us?"


def test_without_entries_that_are_unknown_no_library_is_read(tmp_path: Path) -> None:
    assert not unread([], tmp_path / "none.so", "1.26.0", KNOWN)
