"""Folders of documents for the tests of what runs over them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "data" / "raw" / "qinxian-2019.txt"


def document(name: str = "沁县", year: int = 2019) -> str:
    """Return the sample as if another county, or the county in another year, had published it."""
    text = SAMPLE.read_text(encoding="utf-8")
    return text.replace("2020", str(year + 1)).replace("2019", str(year)).replace("沁县", name)


def folder(path: Path, documents: Mapping[str, str], manifest: str = "") -> Path:
    """Write documents, and a manifest where there is one."""
    path.mkdir(parents=True, exist_ok=True)
    for name, text in documents.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8", newline="")
    if manifest:
        (path / "manifest.csv").write_text(manifest, encoding="utf-8", newline="")
    return path
