"""How fast documents are read, beside what the HTML parser alone and pandas.read_html alone take on the same bytes, in one run.

    make bench

Times are medians over interleaved rounds on the machine at hand; only their ratios travel.
"""

from __future__ import annotations

import io
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from selectolax.lexbor import LexborHTMLParser

import gongkai
from gongkai.forms import load_form
from gongkai.synthetic import writers as render

PDF_ROUNDS = 3
ROOT = Path(__file__).resolve().parents[1]


def documents() -> dict[str, list[bytes]]:
    """Return pages and texts of the same reports: the sample's figures printed in each layout, and real pages where they are at hand."""
    sample = gongkai.read_report(ROOT / "data" / "raw" / "qinxian-2019.txt")
    form = load_form(sample.form)
    sheets = render.layout(form, {r.field.path: r.value for r in sample.readings})
    printed = {layout: [render.to_text(form, sheets, layout=layout).encode()] for layout in render.LAYOUTS}
    real = sorted((ROOT.parent / "shared" / "reports").glob("pingtan-20*/report.html"))
    pages = [p.read_bytes() for p in real if gongkai_reads(p.read_bytes())]
    page = render.to_html(form, sheets).encode()
    formats = {"html": page, "docx": render.to_docx(form, sheets), "xlsx": render.to_xlsx(form, sheets)}
    real_pdfs = [p.read_bytes() for p in sorted((ROOT.parent / "shared" / "reports").glob("*/report.pdf"))]
    return {
        "html": [page, *pages], **{f"{name} of the sample": [data] for name, data in formats.items()}, **printed,
        "the sample": [sample_bytes()], **({"pdf": real_pdfs} if real_pdfs else {}),
    }  # fmt: skip


def sample_bytes() -> bytes:
    return (ROOT / "data" / "raw" / "qinxian-2019.txt").read_bytes()


def gongkai_reads(data: bytes) -> bool:
    try:
        gongkai.read_report(data)
    except gongkai.ReportError:
        return False
    return True


def seconds(action: Callable[[bytes], object], data: list[bytes]) -> float:
    """Return the seconds that an action takes for each document."""
    start = time.perf_counter()
    for one in data:
        action(one)
    return (time.perf_counter() - start) / len(data)


def medians(actions: Mapping[str, tuple[Callable[[bytes], object], list[bytes]]], rounds: int = 15) -> dict[str, float]:
    """Run all actions in turn, round after round, so that a slow moment of the machine falls on all of them."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, (action, data) in actions.items():
            times[name].append(seconds(action, data))
    return {name: statistics.median(t) for name, t in times.items()}


def import_seconds(module: str) -> float:
    """Return the median seconds of a fresh interpreter that imports one module, over those of one that imports nothing."""

    def run(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    return statistics.median(run(f"import {module}") - run("pass") for _ in range(5))


def compare_with_pdfplumber() -> None:
    """Time the whole reading of real PDFs beside pdfplumber's table extraction alone, where real PDFs are at hand."""
    import pdfplumber

    logging.getLogger("pdfminer").setLevel(logging.ERROR)

    def tables(data: bytes) -> object:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            return [page.dedupe_chars().extract_tables() for page in pdf.pages]

    files = [p.read_bytes() for p in sorted((ROOT.parent / "shared" / "reports").glob("*/report.pdf"))]
    if files:
        found = medians({"gongkai": (gongkai.read_report, files), "pdfplumber": (tables, files)}, PDF_ROUNDS)
        ours, theirs = (found[name] * 1000 for name in ("gongkai", "pdfplumber"))
        print(f"\nPDF: gongkai {ours:.0f} ms, pdfplumber's tables alone {theirs:.0f} ms a document, ratio {ours / theirs:.2f}")


def main() -> None:
    groups = documents()
    pages = groups["html"]
    actions: dict[str, tuple[Callable[[bytes], object], list[bytes]]] = {
        "HTML parser alone": (lambda d: LexborHTMLParser(d.decode("utf-8", "replace")), pages),
        "pandas.read_html alone": (lambda d: pd.read_html(io.BytesIO(d), encoding="utf-8"), pages),
        **{f"gongkai, {name}": (gongkai.read_report, data) for name, data in groups.items()},
        "gongkai, html, with cells": (lambda d: gongkai.read_report(d).cells, pages),
    }
    found = medians(actions)
    base = found["pandas.read_html alone"]
    print(f"{'':28}{'ms a document':>15}{'documents/s':>13}{'of read_html':>14}")
    for name, value in found.items():
        print(f"{name:28}{value * 1000:15.2f}{1 / value:13.0f}{value / base:14.2f}")
    compare_with_pdfplumber()
    imports = {m: import_seconds(m) for m in ("pandas", "gongkai")}
    print(f"\nimport gongkai: {imports['gongkai']:.3f} s, import pandas: {imports['pandas']:.3f} s")


if __name__ == "__main__":
    main()
