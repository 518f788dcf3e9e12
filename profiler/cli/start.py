"""Where the program begins, before it is imported."""

from __future__ import annotations

import signal

from profiler import own_threads


def main() -> None:
    """Run the command line. Ctrl+C until that has handlers of its own ends us as it does any program."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # which would print a traceback
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    own_threads.forbid()
    from profiler.cli.main import main as run_command_line

    run_command_line()
