"""The command line."""

from __future__ import annotations

TYPE_CHECKING = False  # as in gongkai itself
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status, as :func:`gongkai.cli.command_line.main` does, of which nothing is imported yet.

    Importing it takes a moment, in which the user may already interrupt.
    """
    try:
        from gongkai.cli.command_line import main as run

        return run(argv)
    except KeyboardInterrupt:
        from gongkai.cli.interrupt import say_interrupted

        return say_interrupted(argv)
