"""One report of a corpus, read again from its document with all that the corpus knows of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from gongkai.core.errors import UsageError
from gongkai.core.model import Finding
from gongkai.core.report_ids import as_report_id, known_as
from gongkai.corpus.held import Held
from gongkai.corpus.manifest import ManifestEntry, read_entry
from gongkai.corpus.store import STORE, connect_to_read, is_noted_soundly, told
from gongkai.corpus.watched import read_watched
from gongkai.extract.corrections import read_corrections

if TYPE_CHECKING:
    from gongkai.report import Report

_NOTED = (
    "SELECT path, sha256, wanted, entry, files.seal FROM files JOIN readings USING (path) "
    "WHERE failure IS NULL AND substr(sha256, 1, 12) = ? ORDER BY path LIMIT 1"
)


def read(corpus: Held, report_id: str) -> Report:
    """Read one report of a corpus again; see ``Corpus.read``."""
    noted = _noted(corpus, report_id := as_report_id(report_id))
    site = noted.pop("site")
    entry = ManifestEntry(**noted)
    if not entry.path.is_file():
        raise UsageError.of("dataset.gone", entry.path)
    corrections = read_corrections(corpus.curation).get(report_id, ())
    report = read_watched(read_entry, entry.path, entry, corrections, site)
    if report.report_id != report_id:
        raise UsageError.of("dataset.changed", entry.path, report_id=report_id, found=report.report_id)
    return report.with_findings(_between(corpus, report))


def noted_words(corpus: Held) -> Mapping[str, Mapping[str, Any]]:
    """Return what the manifests said of each document when the corpus was built; nothing where its tables were passed on alone."""
    known = corpus.folder / STORE
    if not known.is_file():
        return {}
    with told(corpus.folder), closing(connect_to_read(known)) as db:
        return {path: json.loads(entry) for path, entry in db.execute("SELECT path, entry FROM files")}


def _noted(corpus: Held, report_id: str) -> dict[str, Any]:
    """Return what was noted of a report's document when the corpus was built."""
    known = corpus.folder / STORE
    rows: list[Any] = []
    if known.is_file():
        with told(corpus.folder), closing(connect_to_read(known)) as db:
            rows = db.execute(_NOTED, known_as(report_id)[1:]).fetchall()
    if not rows:
        raise UsageError.of("dataset.no_report", corpus.folder, report_id=report_id)
    if not is_noted_soundly(*rows[0]):
        raise UsageError.of("store.altered", known, n=1)
    noted: dict[str, Any] = json.loads(rows[0][3])
    return {"folder": corpus.at(corpus.record["folders"][noted.pop("root")]), **noted}


def _between(corpus: Held, report: Report) -> list[Finding]:
    """Return the findings of checks between reports, with the messages that the corpus holds."""
    known = {(f[1], f[8]) for f in report.rows("findings")}
    rows = corpus.findings_of(report)
    texts = rows.astype("object").where(rows.notna(), None).to_dict("records")
    return [
        Finding(r["code"], r["table"], r["item"], r["measure"], r["expected"], r["observed"], r["where"],
                {"said_zh": r["message_zh"], "said_en": r["message"]})
        for r in texts if (r["code"], r["message"]) not in known
    ]  # fmt: skip
