"""What the library warns of, said as the command line says things."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from gongkai.core.errors import ReportWarning
from gongkai.core.messages import tell


@contextmanager
def warning_text(language: str) -> Iterator[None]:
    """Say what the library warns of as the command line says things: one sentence, in one language."""
    with warnings.catch_warnings():
        shown = warnings.showwarning
        warnings.simplefilter("always", ReportWarning)

        def show(
            message: Warning | str, category: type[Warning], filename: str, lineno: int, file: TextIO | None = None,
            line: str | None = None,
        ) -> None:  # fmt: skip
            if isinstance(message, ReportWarning):
                tell(message.in_language(language), file=sys.stderr)
            else:
                shown(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield
