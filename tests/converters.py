"""A page in every other form in which a collector may have kept it, made by the programs that collectors use."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from gongkai.core.text import is_value
from gongkai.readers.decoding import decode

COPY = '<script>addEventListener("load", () => {const text = document.body.innerText; document.body.innerHTML = "<pre id=copy></pre>"; ' \
       'document.getElementById("copy").textContent = text;});</script>'  # fmt: skip


def tool(name: str) -> str:
    return shutil.which(name) or pytest.skip(f"no {name} here")


def browser(folder: Path, *options: str) -> bytes:
    """Run a browser without a window, with a profile of its own."""
    command = [tool("chromium"), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", *options]
    return subprocess.run(command, check=True, capture_output=True, timeout=120).stdout


def source(page: Path) -> str:
    return decode(page.read_bytes())[0]


def saved_otherwise(page: Path, folder: Path) -> bytes:
    """Save a page in the encoding of older Chinese sites, whatever it says of itself."""
    return source(page).encode("gb18030")


def emptied(page: Path, share: float, seed: int) -> str:
    """Leave a share of the cells of a page empty that print numbers."""
    tree, chance = LexborHTMLParser(source(page)), random.Random(seed)
    for cell in tree.css("td"):
        if len(cell.css("td")) == 1 and is_value(text := cell.text(strip=True)) and text and chance.random() < share:
            for leaf in [node for node in cell.traverse(include_text=True) if node.tag == "-text"]:
                leaf.decompose()
    return tree.html or ""


def copied(page: Path, folder: Path) -> bytes:
    """Select all of a page in a browser, and copy it as text."""
    (folder / "page.html").write_text(source(page) + COPY, encoding="utf-8")
    dumped = browser(folder, "--dump-dom", (folder / "page.html").as_uri()).decode()
    copy = LexborHTMLParser(dumped).css_first("#copy")
    assert copy is not None
    return copy.text().encode()


def browsed(columns: int) -> Callable[[Path, Path], bytes]:
    """Look at a page with a browser of the terminal."""

    def dumped(page: Path, folder: Path) -> bytes:
        (folder / "page.html").write_text(source(page), encoding="utf-8")
        command = [tool("w3m"), "-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", str(columns)]
        return subprocess.run([*command, str(folder / "page.html")], check=True, capture_output=True, timeout=60).stdout

    return dumped


def flattened(page: Path, folder: Path) -> bytes:
    """Flatten a page with a library that keeps its columns."""
    inscriptis = pytest.importorskip("inscriptis")
    text: str = inscriptis.get_text(source(page))
    return text.encode()


def printed(page: Path, folder: Path) -> bytes:
    """Print a page as a browser does."""
    browser(folder, f"--print-to-pdf={folder / 'page.pdf'}", str(page))
    return (folder / "page.pdf").read_bytes()


def converted(reader: str, kind: str) -> Callable[[Path, Path], bytes]:
    """Convert a page as an office suite does."""

    def by_office(page: Path, folder: Path) -> bytes:
        command = [tool("soffice"), "--headless", f"-env:UserInstallation={(folder / 'office').as_uri()}", f"--infilter={reader}"]
        options = ["--convert-to", kind, "--outdir", str(folder), str(page)]
        subprocess.run([*command, *options], check=True, capture_output=True, timeout=240)
        return (folder / f"{page.stem}.{kind.partition(':')[0]}").read_bytes()

    return by_office
