"""One family of errors: where, what was expected, what was found, what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from functools import cache

from gongkai.core.data import packaged

Words = tuple[str, str]


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

    def in_language(self, language: str) -> str:
        """Return the message in one language, ``zh`` or ``en``."""
        if language == "zh":
            return f"{self.where}: 应为{self.expected[0]}；实为{self.found[0]}；建议：{self.advice[0]}。"
        return f"{self.where}: expected {self.expected[1]}; found {self.found[1]}; what to do: {self.advice[1]}."

    def advised(self, advice: Words) -> ReportError:
        """Return the same error with other advice, such as the options of the command that failed."""
        return type(self)(self.where, self.expected, self.found, advice)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.where, self.expected, self.found, self.advice)


class UnreadableSource(ReportError):
    """The bytes are no document that gongkai can open: empty, a picture, another format, too large."""


class NotAReport(ReportError):
    """The document opens, and nothing of an annual report is recognisable in it."""


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


class ReportWarning(UserWarning):
    """What a result leaves out, told in both languages; it can be filtered by its kind."""

    def __init__(self, zh: str, en: str) -> None:
        self.told = {"zh": zh, "en": en}
        super().__init__(f"{zh}\n{en}")

    def in_language(self, language: str) -> str:
        """Return the message in one language, ``zh`` or ``en``."""
        return self.told[language]


class SetAsideWarning(ReportWarning):
    """Reports of the corpus that are not in the panel, counted by reason."""


class NothingSelectedWarning(ReportWarning):
    """A selection that means something, and holds no report."""


class NothingToStudy(ReportError):
    """A county of which no report can be studied, with the reason as message."""

    def __init__(self, zh: str, en: str) -> None:
        self.told = {"zh": zh, "en": en}
        Exception.__init__(self, f"{zh}\n{en}")

    def in_language(self, language: str) -> str:
        return self.told[language]

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.told["zh"], self.told["en"])


def of_system(error: OSError, expected: Words, where: object = None, kind: type[ReportError] = UsageError) -> ReportError:
    """Turn an ``OSError`` about a file or folder into an error of this family.

    Examples
    --------
    >>> print(of_system(PermissionError(13, "Permission denied", "a.csv"), ("可写入的文件", "a file that can be written")))
    a.csv: 应为可写入的文件；实为没有权限；建议：检查权限。
    a.csv: expected a file that can be written; found permission denied; what to do: check its permissions.
    """
    found, advice = system_words(error)
    return kind(str(where or error.filename or "—"), expected, found, advice)


def system_words(error: OSError) -> tuple[Words, Words]:
    """Say in both languages why the system refused a file or folder and what helps; unknown reasons are told in the system's words.

    Examples
    --------
    >>> system_words(OSError(28, "No space left on device"))[0]
    ('磁盘已满', 'a full disk')
    """
    said = error.strerror or str(error) or type(error).__name__
    known = _system().get(errno.errorcode.get(error.errno or 0, ""))
    told = known or {key: text.format(said=said) for key, text in _system()["otherwise"].items()}
    # Python itself gives some errors words of their own, which say more than the number.
    more = f"（{said}）" if known and error.filename is None and error.errno and said != os.strerror(error.errno) else ""
    return (told["zh"] + more, told["en"] + more), (told["do_zh"], told["do_en"])


@cache
def _system() -> Mapping[str, Mapping[str, str]]:
    return packaged(__package__, "errors.toml")


class Interrupted(KeyboardInterrupt):
    """Work that the user has interrupted (Ctrl-C): how much of it is done, and how to go on, in both languages.

    Examples
    --------
    >>> print(Interrupted("完成一半", "half is done").in_language("en"))
    half is done
    """

    def __init__(self, zh: str, en: str) -> None:
        self.told = {"zh": zh, "en": en}
        super().__init__(f"{zh}\n{en}")

    def in_language(self, language: str) -> str:
        return self.told[language]
