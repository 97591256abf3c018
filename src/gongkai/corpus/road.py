"""What is still between a corpus and its panel: how many documents stand aside, by reason, and what helps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gongkai.core.codes import Aside, Body, Status
from gongkai.core.messages import Words, both, say
from gongkai.corpus.held import Held, records
from gongkai.extract.corrections import UNTOLD

_EXAMPLES = 3
# What helps, by reason; the others need nothing.
_MANIFEST = (Aside.NO_DIVISION, Aside.NO_YEAR, Aside.NO_BODY, Aside.NO_AUTHORITY)
_HELP = {**dict.fromkeys(_MANIFEST, "manifest"), Aside.DUPLICATE: "use", Aside.OTHER_BODY: "body", Aside.UNREAD: "unread"}


def road_ahead(corpus: Held, folder: str, out: str) -> Iterator[Words]:
    """Say how many reports are in the panel, how many documents are not, by reason with three examples, and the command that helps.

    Parameters
    ----------
    corpus : Corpus
        The corpus.
    folder, out : str
        Where its documents and its tables are, as a command line names them.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> print(next(road_ahead(read_corpus("data/raw"), "data/raw", "data/tidy")).en)
    panel: 11 reports of governments, of 5 units, 2014 to 2024; every document stands in it.
    """
    aside = corpus.set_aside
    kept = corpus.reports[~corpus.reports["path"].isin(aside["path"])]
    of_kind = "whole" if aside.empty else "some"
    years = kept["year"].dropna()
    span = {"first": years.min(), "last": years.max()} if len(years) else {"first": "—", "last": "—"}
    yield both(f"road.{of_kind}", n=len(kept), units=kept["unit_id"].nunique(), aside=len(aside), **span)
    rows = records(aside)
    by_reason = {reason: [row["path"] for row in rows if row["why"] == reason] for reason in Aside}
    for reason, paths in sorted(by_reason.items(), key=lambda held: -len(held[1])):
        if paths:
            help_ = both(f"road.{_HELP.get(reason, 'nothing')}", folder=folder, out=out)
            yield both("road.reason", why=both(f"why.{reason}"), n=len(paths), paths=_few(paths), help=help_)
    yield from _bodies(corpus)
    open_cells = sum(int(corpus.reports[f"cells_{status}"].sum()) for status in (Status.UNCERTAIN, Status.UNREADABLE))
    findings = corpus.findings
    doubts = open_cells - int(((findings["code"] == "corrected") & (findings["observed"] == UNTOLD)).sum())
    if doubts:
        yield both("road.doubts", n=doubts, out=out)


def _bodies(corpus: Held) -> Iterator[Words]:
    """Say how many reports the panels of departments and of towns hold."""
    from gongkai.corpus.settling import settle

    for body in (Body.DEPARTMENT, Body.STREET_OR_TOWN):
        kept, aside = settle(corpus.reports, body, "set_aside", corpus.cells_of)
        without = int(((aside["body"] == body) & (aside["why"] != Aside.NOT_USED)).sum())
        if len(kept) or without:
            yield both("road.panel_of", body=both(f"body.{body}"), n=len(kept), aside=without, code=str(body))


def _few(paths: Sequence[str]) -> Words:
    shown = [say("explain.comma", language).join(paths[:_EXAMPLES]) for language in ("zh", "en")]
    more = [say("explain.more", language, n=len(paths)) if len(paths) > _EXAMPLES else "" for language in ("zh", "en")]
    return Words(*(text + end for text, end in zip(shown, more, strict=True)))
