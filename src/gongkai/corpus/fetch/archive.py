"""Exchanges -> one WARC file, which only grows; what a killed run has left half written is cut off."""

from __future__ import annotations

import os
import zlib
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from gongkai.core.errors import UsageError
from gongkai.corpus.fetch.ledger import WARC
from gongkai.corpus.fetch.line import Exchange

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_PIECE, _GZIP = 1 << 20, 31
# Bodies are kept without the framing of their transfer: under its own name the header would promise it.
_FRAMING, _KEPT_AS = "transfer-encoding", "X-Archive-Orig-Transfer-Encoding"


class Archive:
    """The WARC file of a folder, written by one process at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / WARC
        self._file: BinaryIO = self._path.open("ab")
        _refuse_busy(self._file, folder)

    def begin(self, agent: str, whole: int) -> None:
        """Go on behind the last whole record; up to ``whole`` bytes are known to be such."""
        self._file.truncate(_end_of_records(self._path, whole))
        if not self.size:
            made = BytesIO()
            writer = WARCWriter(made, gzip=True)
            about = {"software": agent, "format": "WARC File Format 1.0", "robots": "obey"}
            writer.write_record(writer.create_warcinfo_record(WARC, about))
            self._append(made)

    @property
    def size(self) -> int:
        """How many bytes are there, all of whole records."""
        return os.fstat(self._file.fileno()).st_size

    def keep(self, exchange: Exchange) -> None:
        """Add a request and its answer."""
        made = BytesIO()
        writer = WARCWriter(made, gzip=True)
        parts = urlsplit(exchange.url)
        headers = [(_KEPT_AS if name.lower() == _FRAMING else name, value) for name, value in exchange.headers]
        answer = StatusAndHeaders(f"{exchange.status} {exchange.reason}", headers, protocol="HTTP/1.1")
        line = f"GET {parts.path or '/'}{'?' if parts.query else ''}{parts.query} HTTP/1.1"
        asked = StatusAndHeaders(line, [("Host", parts.netloc), *exchange.request.items()], is_http_request=True)
        more = {"WARC-IP-Address": exchange.peer} if exchange.peer else {}
        response = writer.create_warc_record(
            exchange.url, "response", payload=BytesIO(exchange.body), http_headers=answer, warc_headers_dict=more
        )
        request = writer.create_warc_record(exchange.url, "request", http_headers=asked)
        writer.write_request_response_pair(request, response)
        self._append(made)

    def _append(self, made: BytesIO) -> None:
        self._file.write(made.getvalue())
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()


def _refuse_busy(file: BinaryIO, folder: Path) -> None:
    """Lock the file as long as it is open, or say that another process has."""
    if not fcntl:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise UsageError.of("fetch.busy", folder) from error
    except OSError:  # a disk that knows no locks
        return


def _end_of_records(path: Path, start: int) -> int:
    """Return where the last whole record ends; each is a member of the gzip file, and those up to ``start`` are known to be whole."""
    size = path.stat().st_size
    end = start if start <= size else 0
    with path.open("rb") as file:
        file.seek(end)
        member, used, rest = zlib.decompressobj(_GZIP), 0, b""
        while piece := rest or file.read(_PIECE):
            try:
                member.decompress(piece)
            except zlib.error:
                break
            used, rest = used + len(piece) - len(member.unused_data), member.unused_data
            if member.eof:
                end, used, member = end + used, 0, zlib.decompressobj(_GZIP)
    return end
