"""One family of errors: where, what was expected, what was found, what to do."""

from __future__ import annotations

import errno
import os
import warnings
from typing import Any, Self

from gongkai.core.messages import LANGUAGES, Words, both, say, texts


class ReportError(Exception):
    """A document that cannot be read as an annual report, and why.

    Parameters
    ----------
    where : str
        The file, and the place in it where one is known.
    expected, found, advice : tuple of (str, str)
        What was expected there, what was found, and what the user can do, each in Chinese and in English.

    Examples
    --------
    >>> print(ReportError("a.txt", ("年度报告", "an annual report"), ("空文件", "an empty file"), ("重新下载", "download it again")))
    a.txt: 应为年度报告；实为空文件；建议：重新下载。
    a.txt: expected an annual report; found an empty file; what to do: download it again.
    """

    def __init__(self, where: str, expected: tuple[str, str], found: tuple[str, str], advice: tuple[str, str]) -> None:
        self.where, self.expected, self.found, self.advice = where, expected, found, advice
        super().__init__(f"{self.in_language('zh')}\n{self.in_language('en')}")

    @classmethod
    def of(cls, key: str, where: object, /, **values: Any) -> Self:
        """Return the error that the catalogue holds under a key, such as ``selection.no_cell``, with its values filled in.

        Examples
        --------
        >>> print(UsageError.of("core.language", "fr").in_language("en"))
        fr: expected zh or en; found another language; what to do: give zh or en.
        """
        return cls(str(where), *(both(f"{key}.{part}", **values) for part in ("expected", "found", "advice")))

    def in_language(self, language: str) -> str:
        """Return the message in one language, ``zh`` or ``en``."""
        n = LANGUAGES.index(language)
        return say("core.error", language, where=self.where, expected=self.expected[n], found=self.found[n], advice=self.advice[n])

    @property
    def words(self) -> Words:
        """The message in both languages."""
        return Words(*map(self.in_language, LANGUAGES))

    def advised(self, advice: Words) -> ReportError:
        """Return the same error with other advice, such as the options of the command that failed."""
        return type(self)(self.where, self.expected, self.found, advice)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.where, self.expected, self.found, self.advice)


class UnreadableSource(ReportError):
    """The bytes are no document that gongkai can open: empty, a picture, another format, too large."""


class NotAReport(ReportError):
    """The document opens, and nothing of an annual report is recognisable in it."""


class SeveralReports(ReportError):
    """One file with several reports: each is named, and none is read, since nothing says whose a number is."""


class FormError(ReportError):
    """A file that describes an official form contradicts itself."""


class UsageError(ReportError):
    """A call that cannot mean anything: an unknown cell, parameter, language or folder."""


class NoDocuments(UsageError):
    """Where documents or a corpus should be, there is no folder, or nothing to read in it."""


class TableError(ReportError):
    """A table that breaks its own schema: a column, type, code or key that is not as ``schema.toml`` says."""


class StaleCorrection(ReportError):
    """A correction made by hand that no longer fits what is printed: it may not be applied, and not be dropped either."""


class _Told(BaseException):
    """Something raised or warned of that is one sentence of the catalogue."""

    def __init__(self, zh: str, en: str) -> None:
        self.told = Words(zh, en)
        BaseException.__init__(self, f"{zh}\n{en}")

    @classmethod
    def told_as(cls, key: str, /, **values: Any) -> Self:
        """Return what the catalogue holds under a key, with its values filled in."""
        return cls(*both(key, **values))

    def in_language(self, language: str) -> str:
        """Return the message in one language, ``zh`` or ``en``."""
        return self.told.in_language(language)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), tuple(self.told)


class ReportWarning(_Told, UserWarning):
    """What a result leaves out, told in both languages; it can be filtered by its kind."""


class SetAsideWarning(ReportWarning):
    """Reports of the corpus that are not in the panel, counted by reason."""


class NothingSelectedWarning(ReportWarning):
    """A selection that means something, and holds no report."""


class MendedWarning(ReportWarning):
    """Something that gongkai had written was damaged, and what was done about it."""

    @classmethod
    def tell(cls, key: str, **values: Any) -> None:
        """Warn of what the catalogue holds under a key of ``mended``."""
        warnings.warn(cls.told_as(f"mended.{key}", **values), stacklevel=3)


class NothingToStudy(_Told, ReportError):
    """A county of which no report can be studied, with the reason as message."""


class Interrupted(_Told, KeyboardInterrupt):
    """Work that the user has interrupted (Ctrl-C): how much of it is done, and how to go on, in both languages.

    Examples
    --------
    >>> print(Interrupted("完成一半", "half is done").in_language("en"))
    half is done
    """


def refuse_language(language: str) -> None:
    """Raise a :class:`UsageError` unless the language is ``zh`` or ``en``.

    Examples
    --------
    >>> refuse_language("en")
    """
    if language not in LANGUAGES:
        raise UsageError.of("core.language", language)


def of_system(error: OSError, expected: str, where: object = None, kind: type[ReportError] = UsageError) -> ReportError:
    """Turn an ``OSError`` about a file or folder into an error of this family; ``expected`` is the key of a text.

    Examples
    --------
    >>> print(of_system(PermissionError(13, "Permission denied", "a.csv"), "file.writable"))
    a.csv: 应为可写入的文件；实为没有权限；建议：检查权限。
    a.csv: expected a file that can be written; found permission denied; what to do: check its permissions.
    """
    found, advice = system_words(error)
    return kind(str(where or error.filename or "—"), both(expected), found, advice)


def system_words(error: OSError) -> tuple[Words, Words]:
    """Say in both languages why the system refused a file or folder and what helps; unknown reasons are told in the system's words.

    Examples
    --------
    >>> system_words(OSError(28, "No space left on device"))[0]
    Words(zh='磁盘已满', en='a full disk')
    """
    said = error.strerror or str(error) or type(error).__name__
    name = errno.errorcode.get(error.errno or 0, "")
    key = f"system.{name if name in texts()['system'] else 'otherwise'}"
    found, advice = both(f"{key}.found", said=said), both(f"{key}.advice")
    # Python itself gives some errors words of their own, which say more than the number.
    if name in texts()["system"] and error.filename is None and error.errno and said != os.strerror(error.errno):
        found = both("core.more", what=found, said=said)
    return found, advice
