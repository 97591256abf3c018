"""Notebooks -> pages with figures as files, and the page that lists them; their Content-Security-Policy forbids requests to other hosts."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Any

from markupsafe import Markup

from gongkai import __version__
from gongkai.core.errors import refuse_language
from gongkai.core.messages import say, unturned
from gongkai.report.templates import fill, script, style
from gongkai.studies.fragments import CONCLUDED
from gongkai.studies.languages import in_language, tags

ASSETS, FONT = "assets", "GongkaiSansSC-Regular.otf"
# Variants of the shared font: quotation marks are wide in Chinese and narrow in English.
RANGES = {"zh": "U+80-10FFFF", "en": "U+2070-10FFFF"}
FIGURES = {"image/png": ".png", "image/jpeg": ".jpg", "image/svg+xml": ".svg"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'"
GROUPS = ("failed", "unread", "errors", "doubt")
_CODE = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_STANDS = re.compile(r"<(img|svg|table|video|audio|hr|input|meter|progress)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


@dataclass(frozen=True, slots=True)
class Output:
    """One thing that a cell shows: ``html``, ``prose``, ``image``, ``file``, ``text``, ``stderr``, ``error``.

    The ``body`` of an image and of a file is its name.
    """

    kind: str
    body: str
    alt: str = ""
    width: int | None = None


@dataclass(frozen=True, slots=True)
class PageCell:
    """One cell of a notebook as a page shows it; ``opens`` says that a section begins with it, which is left out if it shows nothing."""

    outputs: tuple[Output, ...]
    code: str = ""
    opens: bool = False


@dataclass(frozen=True, slots=True)
class StudyPage:
    """A page, and by their file names the figures that stand beside it."""

    html: str
    figures: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One study of the list: where its name leads, if anywhere, and of each further cell its text and what it sorts by, None if nothing.

    A column that sorts by numbers is set as one, its largest first. ``groups`` are those of ``GROUPS`` by which the study is found;
    ``failure`` and ``links`` stand in its last cell.
    """

    name: str
    target: str
    cells: tuple[tuple[str, float | str | None], ...]
    groups: tuple[str, ...] = ()
    failure: str = ""
    links: tuple[tuple[str, str], ...] = ()


class _Figures(dict[str, bytes]):
    """The figures of one page, numbered as they come."""

    def __init__(self, stem: str) -> None:
        super().__init__()
        self.stem = stem

    def add(self, data: bytes, suffix: str) -> str:
        name = f"{self.stem}-{len(self) + 1}{suffix}"
        self[name] = data
        return name


def study_page(
    notebook: Mapping[str, Any], title: str, language: str = "zh", links: Sequence[tuple[str, str]] = (), stem: str = "study"
) -> StudyPage:
    """Turn an executed notebook into a page.

    Parameters
    ----------
    notebook : mapping
        A notebook of format 4, such as ``nbformat.read`` returns.
    title : str
        The page's title.
    language : {"zh", "en"}
        The language of what the page itself says.
    links : sequence of (str, str)
        Text and target of the links above the page.
    stem : str
        What the names of its figures begin with.

    Returns
    -------
    Page
        Prose, code and plain outputs are escaped; the HTML that cells put out is taken as it is, since the library that makes it escapes
        what documents print, and no script runs in the page. A figure's alternative text is the ``alt`` of its metadata. The font is that
        of :func:`assets`, one folder up.

    Examples
    --------
    >>> page = study_page({"cells": [{"cell_type": "markdown", "source": "# 沁县 <script>"}]}, "沁县")
    >>> "<h1>沁县 &lt;script&gt;</h1>" in page.html, "default-src 'none'" in page.html, page.figures
    (True, True, {})
    """
    refuse_language(language)
    figures = _Figures(stem)
    cells = _with_silent_code(
        _without_empty_sections([_page_cell(cell, figures, language) for cell in in_language(notebook["cells"], language)])
    )
    return StudyPage(_page("study.html.j2", title, language, links, "../", cells=cells), figures)


def index_page(
    title: str, summary: Sequence[str], heads: Sequence[str], rows: Iterable[IndexRow], language: str = "zh",
    links: Sequence[tuple[str, str]] = (), legend: Sequence[tuple[str, str]] = (), unread: Sequence[str] = (),
    compared: Sequence[tuple[str, str]] = (),
) -> str:  # fmt: skip
    """Make the page that lists all studies; its own small script, without which it is read too, searches and sorts.

    Parameters
    ----------
    title : str
        The page's title.
    summary : sequence of str
        What is said above the list.
    heads : sequence of str
        The heads of the columns, that of the names first.
    rows : iterable of IndexRow
        The studies.
    language : {"zh", "en"}
        The language of the page.
    links : sequence of (str, str)
        Text and target of the links above the page.
    legend : sequence of (str, str)
        Words of the last column, each with what it means.
    unread : sequence of str
        What is said below the list, each of a file that cannot be read and of which nobody knows whose it is.
    compared : sequence of (str, str)
        Text and target of the comparisons.

    Returns
    -------
    str
        The page; the font is that of :func:`assets`, beside it.

    Examples
    --------
    >>> page = index_page("各县", [], ["县", "新收"], [IndexRow("<b>", "a/study.html", (("1", 1.0),))])
    >>> '<a href="a/study.html">&lt;b&gt;</a>' in page
    True
    """
    refuse_language(language)
    rows = list(rows)
    groups = [group for group in GROUPS if any(group in row.groups for row in rows)]
    counts = {n for row in rows for n, (_, key) in enumerate(row.cells, 1) if isinstance(key, float)}
    told = {"summary": summary, "heads": heads, "rows": rows, "groups": groups, "counts": counts, "legend": legend, "unread": unread}
    told["compared"] = compared
    return _page("index.html.j2", title, language, links, "", script("index.js"), **told)


def assets() -> dict[str, bytes]:
    """Return what all pages of a run share, by its path from the index.

    Examples
    --------
    >>> list(assets())
    ['assets/GongkaiSansSC-Regular.otf']
    """
    return {f"{ASSETS}/{FONT}": resources.files(__package__).joinpath("fonts", FONT).read_bytes()}


def _page_cell(cell: Mapping[str, Any], figures: _Figures, language: str) -> PageCell:
    """Turn one cell of a notebook into what a page shows of it."""
    source = _one_string(cell["source"])
    if cell["cell_type"] == "markdown":
        return PageCell((Output("prose", prose(source)),) if source.strip() else (), opens="section" in tags(cell))
    if cell["cell_type"] == "code":
        return PageCell(tuple(_outputs(cell.get("outputs", ()), figures, language)), source)
    return PageCell((Output("text", source),))


def _without_empty_sections(cells: Sequence[PageCell]) -> list[PageCell]:
    """Leave out each section in which no code shows more than a sentence on what may be concluded, with its heading."""
    starts = [0, *(n for n, cell in enumerate(cells) if cell.opens)]
    sections = [cells[start:end] for start, end in zip(starts, [*starts[1:], len(cells)], strict=True)]
    return [cell for own in sections if not (own and own[0].opens) or any(map(_shows, own)) for cell in own]


def _shows(cell: PageCell) -> bool:
    return bool(cell.code) and any(output.kind != "html" or CONCLUDED not in output.body for output in cell.outputs)


def _with_silent_code(cells: Iterable[PageCell]) -> list[PageCell]:
    """Join the code of cells without output with the code of the next cell that has output."""
    kept: list[PageCell] = []
    waiting: list[str] = []
    for cell in cells:
        if cell.outputs and (cell.code or not waiting):
            kept.append(PageCell(cell.outputs, "\n\n".join([*waiting, cell.code]).strip("\n")))
            waiting = []
        elif cell.outputs:
            kept.append(cell)
        elif cell.code.strip():
            waiting.append(cell.code)
    return [*kept, PageCell((), "\n\n".join(waiting))] if waiting else kept


def prose(source: str) -> Markup:
    """Turn Markdown into HTML; HTML inside it stays text.

    Examples
    --------
    >>> print(prose("**沁县** <b>"))
    <p><strong>沁县</strong> &lt;b&gt;</p>
    """
    return Markup(str(_markdown()(source)).strip())


@cache
def _markdown() -> Any:
    import mistune

    return mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])


def _outputs(outputs: Iterable[Mapping[str, Any]], figures: _Figures, language: str) -> Iterator[Output]:
    for output in outputs:
        if output["output_type"] in ("display_data", "execute_result") and output["data"].get("text/html") == "" == output["data"].get(
            "text/plain"
        ):
            continue
        if output["output_type"] == "stream":
            yield Output("stderr" if output["name"] == "stderr" else "text", _without_colour_codes(output["text"]))
        elif output["output_type"] == "error":
            yield Output("error", _without_colour_codes("\n".join(output["traceback"]) or f"{output['ename']}: {output['evalue']}"))
        else:
            yield _displayed(output["data"], output.get("metadata", {}), figures, language)


def _displayed(data: Mapping[str, Any], about: Mapping[str, Any], figures: _Figures, language: str) -> Output:
    """Choose the richest form of an output that a page without scripts can show."""
    if kind := next((kind for kind in FIGURES if kind in data), ""):
        return _image(kind, data, about.get(kind, {}), figures, language)
    if "text/csv" in data:
        name = figures.add(("\ufeff" + _one_string(data["text/csv"])).encode(), ".csv")
        return Output("file", name, _one_string(data.get("text/plain", name)))
    if "text/html" in data and _shows_something(_one_string(data["text/html"])):
        return Output("html", Markup(_one_string(data["text/html"])))
    if "text/html" in data or any(kind.startswith(_INTERACTIVE) for kind in data):
        return Output(
            "html", Markup('<p class="interactive"><a href="{}">{}</a></p>').format("study.ipynb", say("page.interactive", language))
        )
    if "text/markdown" in data:
        return Output("prose", prose(_one_string(data["text/markdown"])))
    return Output("text", _without_colour_codes(data.get("text/plain", "")))


_INTERACTIVE = ("application/vnd.", "application/javascript")


def _shows_something(html: str) -> bool:
    """Say whether HTML shows anything where no script runs.

    Examples
    --------
    >>> _shows_something("<div id='plot'></div><script>draw()</script>"), _shows_something("<b>1</b>")
    (False, True)
    """
    still = _CODE.sub("", html)
    return bool(_STANDS.search(still) or _TAG.sub("", still).strip())


def _image(kind: str, data: Mapping[str, Any], about: Mapping[str, Any], figures: _Figures, language: str) -> Output:
    """Save a figure as a file beside the page; a figure without alternative text gets one that says so, not Python's repr."""
    raw = _one_string(data[kind])
    name = figures.add(raw.encode() if kind == "image/svg+xml" else base64.b64decode(raw), FIGURES[kind])
    plain = _one_string(data.get("text/plain", ""))
    alt = about.get("alt") or ("" if plain.startswith("<") else plain) or say("page.no_alt", language, n=len(figures))
    width = about.get("width")
    return Output("image", name, str(alt), width if isinstance(width, int) else None)


def _one_string(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _without_colour_codes(text: str | Sequence[str]) -> str:
    return _ANSI.sub("", _one_string(text)).rstrip("\n")


def _page(template: str, title: str, language: str, links: Sequence[tuple[str, str]], root: str, code: str = "", **values: Any) -> str:
    """Fill a template whose shared files stand below ``root``; the policy allows the one script that the page has, by its hash."""
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    page = fill(
        template, title=title, language=language, links=links, css=Markup(style("page.css")), font=f"{root}{ASSETS}/{FONT}",
        characters=RANGES[language], policy=Markup(POLICY + (f"; script-src 'sha256-{digest}'" if code else "")), script=Markup(code),
        footer=say("page.footer", language, version=__version__), say=partial(say, language=language), **values,
    )  # fmt: skip
    return unturned(page)
