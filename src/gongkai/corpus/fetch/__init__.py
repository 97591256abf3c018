"""A list of addresses -> a folder of documents with its manifest, which ``gongkai corpus`` reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gongkai.core.errors import Interrupted, UsageError
from gongkai.core.files import refuse_unwritable, write
from gongkai.core.isolation import Stopped
from gongkai.core.messages import both, say
from gongkai.corpus.fetch.addresses import FACTS, Address, read_addresses
from gongkai.corpus.fetch.ledger import CHANGED, FAILED, FETCHED, LEDGER, LISTED, NOT_ASKED, UNCHANGED, WARC, Ledger, Row
from gongkai.corpus.fetch.offers import PICTURE, Offer, alike, offers
from gongkai.corpus.fetch.unfetched import Unfetched
from gongkai.corpus.manifest import entries, manifest_of
from gongkai.corpus.outputs import kind_of
from gongkai.corpus.redraft import Redrafted, read_words, write_to
from gongkai.corpus.said import columns
from gongkai.corpus.watched import watched
from gongkai.places import body_of
from gongkai.readers.limits import most

if TYPE_CHECKING:
    from gongkai.corpus.fetch.archive import Archive
    from gongkai.corpus.fetch.line import Answer, Line

__all__ = ["FAILED", "LEDGER", "NOT_ASKED", "WARC", "Fetched", "fetch"]
PAUSE = 2.0
# An address of mail or of a page, in characters that a header can carry.
_CONTACT = re.compile(r"[!-~]+@[!-~]+\.[!-~]+|https?://[!-~]+")
_STATUS = "status"
# Names under which a country registers those of its provinces, firms and offices: their own comes before these.
_SECOND = ("gov", "com", "org", "net", "edu", "ac")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a run did: the ``rows`` that it has added to ``fetched.csv``, and how many ``addresses`` the list has."""

    folder: Path
    addresses: int
    rows: tuple[Mapping[str, str], ...]

    def of(self, *outcomes: str) -> list[Mapping[str, str]]:
        """Return the rows of some outcomes: ``fetched``, ``changed``, ``unchanged``, ``not_asked``, ``failed``."""
        return [row for row in self.rows if row["outcome"] in outcomes]


def fetch(
    source: str | Path, out: str | Path, *, contact: str, pause: float = PAUSE, again: bool = False, allow: Collection[str] = (),
    language: str = "zh", quiet: bool = False,
) -> Fetched:  # fmt: skip
    """Fetch the documents of a list of addresses, one at a time, with the manifest that ``gongkai corpus`` reads.

    Of each address the page is kept as it came, and the documents that it offers as the report; each exchange is kept in
    ``fetched.warc.gz``, what came of each address in ``fetched.csv``. A run that was interrupted or killed goes on where it stopped; once
    all addresses were asked, another run asks which documents have changed: a changed one is kept beside the old.

    Parameters
    ----------
    source : path
        The list, as :func:`gongkai.corpus.fetch.addresses.read_addresses` reads it.
    out : path
        The folder of documents; it may hold others, whose rows of the manifest stay as they are.
    contact : str
        An address of mail or of a page under which whoever runs a site can reach who asks: it goes to every server.
    pause : float
        Seconds between two requests to a host; more where its robots.txt asks for more.
    again : bool
        Also fetch anew what its server gives without a mark (ETag, Last-Modified) by which it could tell that nothing has changed.
    allow : collection of str
        Hosts (``127.0.0.1:8000``) that may be asked though they are of an internal network, such as the server of a test.
    language : {"zh", "en"}
        The language of the progress bar, which ``quiet`` leaves out.

    Raises
    ------
    UsageError
        If nothing can start: no contact, a faulty list or manifest, the extra ``fetch`` not installed, another process at work there.
    Interrupted
        If it is interrupted: what was fetched so far is kept, and stands in the manifest.

    Examples
    --------
    >>> fetch("list.csv", "报告", contact="nobody")
    Traceback (most recent call last):
    gongkai.core.errors.UsageError: ...
    """
    _refuse_contact(contact)
    line_kind, archive_kind = _extra()
    addresses = read_addresses(source)
    folder = _folder_for(Path(source), out)
    with ExitStack() as kept:
        archive = kept.enter_context(archive_kind(folder))
        ledger = Ledger(folder)
        line = line_kind(contact.strip(), pause, allow, archive.keep)
        archive.begin(line.agent, ledger.warc_bytes)
        before, work = len(ledger.rows), _Work(folder, ledger, line, archive, again, _run(ledger, addresses))
        kept.callback(_write_manifest, folder, ledger)
        try:
            work.visit_all(addresses, language, quiet)
        except KeyboardInterrupt as stopped:
            raise Interrupted.told_as("fetch.interrupted", n=len(addresses), done=sum(work.is_done(a.url) for a in addresses)) from stopped
    return Fetched(folder, len(addresses), tuple(ledger.rows[before:]))


def _refuse_contact(contact: str) -> None:
    if not _CONTACT.fullmatch(contact.strip()):
        raise UsageError.of("fetch.contact", contact or "--contact")


def _folder_for(source: Path, out: str | Path) -> Path:
    """Return the folder of documents, once all that could hinder its manifest at the end is looked at."""
    folder = refuse_unwritable(out, is_folder=True, option="-o")
    if held := kind_of(folder) if folder.is_dir() else None:
        told = {"target": both("file.folder_of_documents"), "elsewhere": both("own.elsewhere", option="-o")}
        raise UsageError.of("own.taken", folder, found=both(f"own.{held}"), **told)
    _refuse_among(source, folder)
    read_words(manifest_of(folder))  # a faulty one is told before anything is asked
    return folder


def _refuse_among(source: Path, folder: Path) -> None:
    """Refuse a list that stands where ``gongkai corpus`` would take it for a report."""
    if source.resolve().is_relative_to(folder.resolve()) and any(entry.path.resolve() == source.resolve() for entry in entries(folder)):
        raise UsageError.of("fetch.among", source)


def _extra() -> tuple[Any, Any]:
    """Import what needs the libraries of the extra."""
    try:
        from gongkai.corpus.fetch.archive import Archive
        from gongkai.corpus.fetch.line import Line
    except ImportError as error:
        raise UsageError.of("core.extra", "gongkai fetch", extra="fetch", name=error.name or error) from error
    return Line, Archive


def _run(ledger: Ledger, addresses: list[Address]) -> int:
    """Return the number of the run: the last one's where addresses of the list are still to be asked, else the next."""
    asked = {row["source_url"] for row in ledger.rows if row["run"] == str(ledger.run)}
    return ledger.run + all(address.url in asked for address in addresses)


@dataclass(frozen=True)
class _Work:
    """One run: how each address is asked, and where its document goes."""

    folder: Path
    ledger: Ledger
    line: Line
    archive: Archive
    again: bool
    run: int

    def is_done(self, url: str) -> bool:
        """Say whether an address was asked in this run; a failure is tried once more by whoever goes on."""
        last = self.ledger.last.get(url)
        return bool(last and last["run"] == str(self.run) and last["outcome"] != FAILED)

    def visit_all(self, addresses: list[Address], language: str, quiet: bool) -> None:
        from tqdm import tqdm

        listed, failures = {address.url for address in addresses}, 0
        with tqdm(total=len(addresses), desc=say("fetch.progress", language), unit="", disable=True if quiet else None, leave=False) as bar:
            for address in addresses:
                for row in self._visit_with_offers(address, listed):
                    failures += row["outcome"] == FAILED
                    bar.set_postfix_str(f"✗ {failures}" if failures else "")
                bar.update()

    def _visit_with_offers(self, address: Address, listed: set[str]) -> Iterator[Row]:
        """Ask one address of the list, then those of the documents that its page offers, and yield their rows."""
        yield self._visit(address.url, {**address.facts, "found_by": LISTED})
        page = self.ledger.document(address.url)
        if page is None or not page["path"].endswith(".html"):
            return
        found = [offer for offer in self._offers(page, address) if offer.url not in listed]
        shared = _shared(found, address.facts)
        for n, offer in enumerate(found):
            known = {**shared, "found_by": offer.how, "page": address.url, "name": offer.name}
            if n >= most("fetch_documents"):
                yield self._failed(offer.url, known, Unfetched.limited("fetch_documents", address.url))
                return
            if _site(offer.url) not in ("", _site(page["final_url"]), _site(address.url)):
                yield self._failed(offer.url, known, Unfetched.because("outside", offer.url, host=urlsplit(offer.url).hostname))
                continue
            yield self._visit(offer.url, known, page["path"] if offer.how == PICTURE else "")

    def _offers(self, page: Row, address: Address) -> list[Offer]:
        """Look into a page in a process where it can do no harm; of one that does harm nothing is followed."""
        try:
            return watched(offers, (self.folder / page["path"]).read_bytes(), page["final_url"], address.facts.get("year", ""))
        except (Stopped, MemoryError):
            return []

    def _visit(self, url: str, known: Mapping[str, str], page: str = "") -> Row:
        """Ask an address, unless this run has, and keep what it gives."""
        if self.is_done(url):
            return self.ledger.last[url]
        before = self.ledger.document(url)
        marks = _marks(before) if before else {}
        if before and not marks and not self.again:
            return self._noted(url, {**before, **known, "outcome": NOT_ASKED, "status": ""})
        try:
            answer = self.line.get(url, marks)
        except Unfetched as error:
            return self._failed(url, known, error)
        return self._kept(url, known, answer, before, page)

    def _kept(self, url: str, known: Mapping[str, str], answer: Answer, before: Row | None, page: str) -> Row:
        told = {**known, "status": str(answer.status), "final_url": answer.url, "retrieved_at": _now()}
        told |= {name: answer.headers.get(header, "") for name, header in _HEADERS.items()}
        digest = hashlib.sha256(answer.content).hexdigest()
        if before and (answer.status == 304 or digest == before["sha256"]):
            same = {name: before[name] for name in ("path", "sha256", "bytes")}
            marked = {name: told[name] or before[name] for name in _HEADERS}
            return self._noted(url, {**told, **same, **marked, "outcome": UNCHANGED})
        path = self.ledger.place(url, answer.content, page)
        write(self.folder / path, answer.content)
        outcome = CHANGED if self.ledger.versions(url) - {path} else FETCHED
        told |= {"path": path, "sha256": digest, "bytes": str(len(answer.content)), "outcome": outcome}
        return self._noted(url, told)

    def _failed(self, url: str, known: Mapping[str, str], error: Unfetched) -> Row:
        told = {"outcome": FAILED, "status": error.status, "why": error.code, "retrieved_at": _now()}
        return self._noted(url, {**known, **told, "reason": error.in_language("en"), "reason_zh": error.in_language("zh")})

    def _noted(self, url: str, row: Mapping[str, str]) -> Row:
        return self.ledger.add({**row, "source_url": url, "run": str(self.run), "warc_bytes": str(self.archive.size)})


_HEADERS = {"etag": "ETag", "last_modified": "Last-Modified", "content_type": "Content-Type"}


def _marks(before: Row) -> dict[str, str]:
    """Return what a server is told of the document that is here."""
    told = {"If-None-Match": before["etag"], "If-Modified-Since": before["last_modified"]}
    return {name: value for name, value in told.items() if value}


def _shared(found: list[Offer], facts: Mapping[str, str]) -> Mapping[str, str]:
    """Return what is known of the page's report, where the page offers one report, in however many formats; else nothing is."""
    names = {alike(offer.name) for offer in found if offer.how != PICTURE}
    told = next((body for offer in found if (body := body_of(None, offer.name))), None)
    is_one = len(names) <= 1 and (not told or facts.get("body") in (None, "", told))
    return {name: facts.get(name, "") for name in FACTS} if is_one else {}


def _site(url: str) -> str:
    """Return the name under which a site is registered; empty of what is no address.

    Examples
    --------
    >>> _site("http://file.pingtan.gov.cn/1.pdf"), _site("http://10.0.0.1:8000/"), _site("file:///etc/passwd")
    ('pingtan.gov.cn', '10.0.0.1', '')
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    with suppress(ValueError):
        return str(ip_address(host))
    parts = host.split(".")
    return ".".join(parts[-3 if len(parts) > 2 and parts[-2] in _SECOND else -2 :])


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _write_manifest(folder: Path, ledger: Ledger) -> None:
    """Add what was fetched to the manifest of the folder; what stands there stays as it is."""
    path = manifest_of(folder)
    words = read_words(path)
    kept = [row for row in ledger.rows if row["outcome"] in (FETCHED, CHANGED) and row["found_by"] != PICTURE]
    new = [_line(row) for row in kept if row["path"] not in words.rows]
    if new:
        own = (*words.own, *([_STATUS] if _STATUS not in words.own else []))
        order = (*columns("person"), *(columns("drafted") if words.drafted else ()), *own)
        write(path, write_to(path, Redrafted(order, (*words.rows.values(), *new), ())))


def _line(row: Row) -> Row:
    return {name: row[name] for name in ("path", *FACTS, "source_url", "retrieved_at", "sha256", _STATUS)}
