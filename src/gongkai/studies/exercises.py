"""The exercises of the lessons: an answer is checked where the notebook stands, and shown only to those who ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from gongkai.core.data import packaged
from gongkai.core.errors import UsageError
from gongkai.core.messages import number_text
from gongkai.studies.study import nearest, verdict

DATA = "data/raw"


class Exercises:
    """The exercises of one lesson, in the notebook that it is called from.

    Parameters
    ----------
    lesson : str
        Its number, such as ``"02"``.
    notebook : mapping
        The names that the notebook knows: ``globals()``. Their ``language`` is that of the verdicts.

    Examples
    --------
    >>> check = Exercises("01", {"language": "en", "wilson": __import__("gongkai").inference.wilson})
    >>> check(3, None)
    No answer yet: put yours in place of None above.
    >>> check(3, 4)
    Right.
    >>> check.answer(3)
    Answer 4 (within 0); computed as: next(n for n in range(1, 100) if wilson(n, n).low > 0.5)
    """

    def __init__(self, lesson: str, notebook: Mapping[str, Any]) -> None:
        self.exercises, self.notebook = _known()[lesson], notebook

    def __call__(self, number: int, answer: float | None) -> None:
        """Say whether an answer is right, and not what would be."""
        asked = self.exercises[str(number)]
        print(verdict(answer, self.right(number), self._language, asked.get("within", 1e-9)))

    def answer(self, number: int) -> None:
        """Show the right answer, and how it is computed."""
        asked = self.exercises[str(number)]
        told = {"answer": _rounded(self.right(number)), "within": number_text(asked.get("within", 0)), "code": asked["code"]}
        print(_known()["words"]["shown"][self._language].format(**told))

    def right(self, number: int) -> float:
        """Return the right answer, computed from what the notebook has drawn and read."""
        return float(eval(self.exercises[str(number)]["code"], dict(self.notebook)))

    def all(self) -> dict[int, float]:
        """Return all right answers by their numbers, for an instructor."""
        return {int(number): self.right(int(number)) for number in self.exercises}

    @property
    def _language(self) -> str:
        return str(self.notebook.get("language", "zh"))


def _known() -> Mapping[str, Any]:
    return packaged(__package__, "exercises.toml")


def _rounded(value: float) -> str:
    return number_text(round(value, 4))


def sample(name: str = "") -> Path:
    """Return a document that the lessons read, or the folder of all: the copy beside the lessons, else the package's own.

    Examples
    --------
    >>> sample("qinxian-2019.txt").name
    'qinxian-2019.txt'
    """
    try:
        return nearest(Path(DATA, name) if name else DATA)
    except UsageError:
        return samples() / name


def samples() -> Path:
    """Return the folder of the documents that travel with the package."""
    package = Path(str(resources.files("gongkai")))
    return next(place for place in (package / DATA, package.parents[1] / DATA) if place.is_dir())
