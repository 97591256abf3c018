"""One family of errors: where, what was expected, what was found, what to do."""

from __future__ import annotations


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


class TableError(ReportError):
    """A table that breaks its own schema: a column, type, code or key that is not as ``schema.toml`` says."""


class StaleCorrection(ReportError):
    """A correction made by hand that no longer fits what is printed: it may not be applied, and not be dropped either."""


class NothingToStudy(ReportError):
    """A county of which no report can be studied, told in the words of what stands in the way."""

    def __init__(self, zh: str, en: str) -> None:
        self.told = {"zh": zh, "en": en}
        Exception.__init__(self, f"{zh}\n{en}")

    def in_language(self, language: str) -> str:
        return self.told[language]

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.told["zh"], self.told["en"])
