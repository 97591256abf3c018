"""Why nothing was got from an address: one error, whose reasons stand in the catalogue."""

from __future__ import annotations

from typing import Any

from gongkai.core.errors import ReportError
from gongkai.core.messages import both, texts
from gongkai.readers.decoding import Unreadable
from gongkai.readers.limits import most, passed, variable

GONE, DENIED = (404, 410), (401, 403, 451)


class Unfetched(ReportError):
    """An address from which nothing was got: ``code`` says why, ``status`` what its server answered, where it did."""

    code, status = "", ""

    @classmethod
    def because(cls, code: str, where: str, **values: Any) -> Unfetched:
        """Return the error with the words of the catalogue's entry of that name.

        Examples
        --------
        >>> print(Unfetched.because("gone", "http://www.qinxian.gov.cn/1.html", status=404).in_language("en"))  # doctest: +ELLIPSIS
        http://www.qinxian.gov.cn/1.html: expected a document that can be fetched; found nothing there any more (HTTP 404); ...
        """
        advice = both(f"unfetched_advice.{texts()['unfetched'][code]['advice']}")
        return cls._coded(code, where, str(values.get("status", "")), found=both(f"unfetched.{code}", **values), advice=advice)

    @classmethod
    def limited(cls, name: str, where: str) -> Unfetched:
        """Return the error of an address that passes a limit."""
        advice = both("unfetched_advice.limit", variable=variable(name), n=most(name))
        return cls._coded("limit", where, "", found=passed(name).found, advice=advice)

    @classmethod
    def of_limit(cls, refused: Unreadable, where: str) -> Unfetched:
        """Return the error of an address that passes the limit that an error of the readers names."""
        return cls._coded("limit", where, "", found=refused.found, advice=refused.advice)

    @classmethod
    def of_status(cls, status: int, where: str) -> Unfetched:
        """Return the error of an answer that is none."""
        return cls.because("gone" if status in GONE else "denied" if status in DENIED else "answer", where, status=status)

    @classmethod
    def _coded(cls, code: str, where: str, status: str, **words: Any) -> Unfetched:
        refused = cls.of("fetch.refused", where, **words)
        refused.code, refused.status = code, status
        return refused

    def at(self, where: str) -> Unfetched:
        """Return the same error of another address, from which one was sent here."""
        refused = type(self)(where, self.expected, self.found, self.advice)
        refused.code, refused.status = self.code, self.status
        return refused
