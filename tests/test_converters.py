"""Rendered reports as other programs turn them into text: no cell is another number, and nearly all are read."""

from __future__ import annotations

import io
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import mutations
import pytest
from converters import browsed, flattened, printed, tool
from mutations import Original
from test_mutations import wrong

from gongkai import ReportError, read_report

pytestmark = pytest.mark.long
LEAST, MANY = 0.97, 6
Converter = Callable[[Path, Path], bytes]


def by_pandas(page: Path, folder: Path) -> bytes:
    """Take the tables of a page out with pandas, and print them as pandas does; the prose is lost."""
    import pandas as pd

    tables = pd.read_html(io.StringIO(page.read_text(encoding="utf-8")))
    return "\n\n".join(table.to_csv(index=False, header=False, sep="\t") for table in tables).encode()


def by_pandoc(page: Path, folder: Path) -> bytes:
    command = [tool("pandoc"), "-f", "html", "-t", "gfm-raw_html", "--columns=10000", str(page)]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def by_lynx(page: Path, folder: Path) -> bytes:
    command = [tool("lynx"), "-dump", "-nolist", "-width=200", "-display_charset=utf-8", str(page)]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def by_html2text(page: Path, folder: Path) -> bytes:
    made: str = pytest.importorskip("html2text").html2text(page.read_text(encoding="utf-8"))
    return made.encode()


def by_markitdown(page: Path, folder: Path) -> bytes:
    made: str = pytest.importorskip("markitdown").MarkItDown().convert(str(page)).text_content
    return made.encode()


def by_pdfium(page: Path, folder: Path) -> bytes:
    """Print a page, and take the text of the PDF out with pypdfium2."""
    import pypdfium2

    document = pypdfium2.PdfDocument(printed(page, folder))
    return "\n".join(one.get_textpage().get_text_bounded() for one in document).encode()


def by_pdfminer(page: Path, folder: Path) -> bytes:
    """Print a page, and take the text of the PDF out with pdfminer, which puts labels and numbers in blocks of their own."""
    high_level = pytest.importorskip("pdfminer.high_level")
    made: str = high_level.extract_text(io.BytesIO(printed(page, folder)))
    return made.encode()


# Each program, and the share of the cells that are to be read; pdfminer tears labels from numbers, and little can be known then.
CONVERTERS: Mapping[str, tuple[Converter, float]] = {
    "pandas": (by_pandas, LEAST), "pandoc": (by_pandoc, LEAST), "inscriptis": (flattened, LEAST), "w3m": (browsed(200), LEAST),
    "lynx": (by_lynx, LEAST), "html2text": (by_html2text, LEAST), "markitdown": (by_markitdown, LEAST),
    "pypdfium2": (by_pdfium, LEAST), "pdfminer": (by_pdfminer, 0.0),
}  # fmt: skip


def rendered(seed: int) -> Original:
    """Return a report as a page."""
    chance = random.Random(seed)
    return next(of for _ in range(1000) if (of := mutations.original(chance)).writer == "html" and "merged" not in of.name)


@pytest.mark.parametrize("name", CONVERTERS)
def test_what_other_programs_make_of_a_page_is_read_right_or_not_at_all(name: str, tmp_path: Path) -> None:
    convert, least = CONVERTERS[name]
    counts: Counter[bool] = Counter()
    for seed in range(MANY):
        of = rendered(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        (folder / "page.html").write_bytes(of.document())
        data = convert(folder / "page.html", folder)
        try:
            report = read_report(data)
        except ReportError:
            counts[False] += len(of.truth)
            continue
        assert wrong(mutations.Mutant(of.name, data, of.allowed), report) == {}, of.name
        read = {r.field.path: r.value for r in report.readings}
        counts.update(read[path] == value for path, value in of.truth.items())
    assert counts[True] >= least * counts.total()
