"""Runs the county study once as a function, on a report of zeros, so that later forks find imports and caches ready."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from gongkai.core.files import find_notebook, scratch_folder
from gongkai.core.messages import LANGUAGES
from gongkai.core.model import Form
from gongkai.forms import load_form
from gongkai.studies.canvas import use_font
from gongkai.studies.languages import together, twice
from gongkai.studies.notebooks import read
from gongkai.synthetic import writers as render

# What studies import. Nothing here may show a figure, start a thread pool or open a socket.
MODULES = (
    "gongkai.studies.study", "gongkai.studies.plots", "gongkai.indicators", "gongkai.inference", "gongkai.report.view",
    "gongkai.corpus.export", "gongkai.corpus", "gongkai.studies.units", "gongkai.readers.html", "gongkai.readers.pdf",
    "gongkai.readers.plain", "gongkai.readers.docx", "gongkai.readers.sheets", "cn2an", "opencc", "lxml.etree", "xlrd", "encodings.cp437",
    "PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "PIL.PpmImagePlugin", "matplotlib.pyplot",
    "matplotlib.backends.backend_agg", "seaborn", "pandas.io.formats.html", "pandas.io.formats.style", "pandas.core.reshape.reshape",
    "pyarrow.dataset", "pyarrow.pandas_compat", "pyarrow.parquet", "scipy.stats", "statsmodels.api", "statsmodels.formula.api",
)  # fmt: skip
STUDY = "studies/county_study.ipynb"
PROSE = "{year}年，本机关收到政府信息公开申请5件，其中自然人3件，办结5件，予以公开2件；主动公开信息约1,200条，占60%，同比增长3.5%。"


def prepare() -> None:
    """Import what studies need, and rehearse one: what the fork server does before its first fork."""
    for name in MODULES:
        import_module(name)
    rehearse()
    use_font()


def rehearse() -> None:
    """Run the study of a report of each edition in both languages, and discard the results."""
    run = as_function(find_notebook(STUDY))
    with scratch_folder() as folder:
        for year in (2020, 2021):
            form = load_form("2019" if year < 2021 else "2021")
            sheets = render.layout(form, {field.path: 0 for field in form.fields})
            page = folder / f"{year}.html"
            page.write_text(render.to_html(form, sheets, _story(form, year)), encoding="utf-8")
            run({"source": str(page), "language": LANGUAGES[0]})


def _story(form: Form, year: int) -> render.Story:
    return render.Story(year=year, prose={code: (PROSE.format(year=year),) for code, _ in form.sections})


def as_function(notebook: Path, after: Callable[[str, list[Any]], None] | None = None) -> Callable[[Mapping[str, Any]], list[Any]]:
    """Return a function that runs a notebook's cells in this process, and returns the tables and pictures that a kernel would show.

    A notebook whose words may be set twice is run for both languages; ``after`` each cell it is told its id and all that was shown so far.
    """
    whole = read(notebook)
    cells = [cell for cell in (twice(whole) if together(whole) else whole).cells if cell.cell_type == "code"]
    codes = [_showing(cell.source) for cell in cells]

    def run(parameters: Mapping[str, Any]) -> list[Any]:
        import IPython.display
        from IPython.core.formatters import DisplayFormatter

        formatter: Any = DisplayFormatter()
        shown, usual = list[Any](), IPython.display.display

        def show(*things: Any, raw: bool = False, **_: Any) -> None:
            shown.extend(thing if raw else formatter.format(thing) for thing in things if thing is not None)

        IPython.display.display = show
        try:
            names: dict[str, Any] = {"show": show}
            for cell, code in zip(cells, codes, strict=True):
                exec(code, names)
                if code is codes[0]:
                    names.update(parameters)
                if after:
                    after(cell.id, shown)
        finally:
            IPython.display.display = usual
        return shown

    return run


def _showing(source: str) -> Any:
    """Compile a cell so that the value of its last line is displayed, as in Jupyter."""
    tree = ast.parse(source)
    if tree.body and isinstance(last := tree.body[-1], ast.Expr):
        last.value = ast.Call(ast.Name("show", ast.Load()), [last.value], [])
    return compile(ast.fix_missing_locations(tree), "<cell>", "exec")
