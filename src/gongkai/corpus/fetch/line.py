"""One address -> what its server answers: limited, paced, robots obeyed; each exchange is handed on as it came."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from io import BytesIO
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from protego import Protego
from urllib3.exceptions import DecodeError, HTTPError, NameResolutionError
from urllib3.util.retry import Retry

from gongkai import __version__
from gongkai.corpus.fetch.guard import Guard
from gongkai.corpus.fetch.unfetched import Unfetched
from gongkai.readers.decoding import Unreadable, decode
from gongkai.readers.limits import most, passed, within

NAME = "gongkai"  # by which robots.txt may address it
NOT_MODIFIED = 304
# A server that says nothing for so many seconds is given up; how often it is asked again, and where it answers with one of these.
_SILENCE, _TIMES, _LATER = 30, 2, (429, 500, 502, 503, 504)
_MOST_RETRY_AFTER, _PIECE = 60, 1 << 16
_UNPACKED = ("", "identity", "gzip", "x-gzip", "deflate")
# Each exchange has a connection of its own, so that each is vetted; bytes are asked for as they are.
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}


class Exchange(NamedTuple):
    """One request and its answer; the body as it came over the line, without the framing of its transfer."""

    url: str
    request: Mapping[str, str]
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    peer: str


class Answer(NamedTuple):
    """What an address gave in the end: where from, and the bytes of the document."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes


class Line:
    """A patient client: one request at a time, to public addresses only, at the pace and within the rules of each host."""

    def __init__(self, contact: str, pause: float, allow: Collection[str], record: Callable[[Exchange], None]) -> None:
        self.agent = f"{NAME}/{__version__} ({contact})"
        self._pause, self._record, self._guard = pause, record, Guard(allow)
        self._last: dict[str, float] = {}
        self._rules: dict[str, Protego | Unfetched] = {}
        retries = Retry(_TIMES, status_forcelist=_LATER, allowed_methods={"GET"}, backoff_factor=pause, raise_on_status=False,
                        retry_after_max=_MOST_RETRY_AFTER)  # fmt: skip
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, which would look names up itself, and no passwords from ~/.netrc
        self._session.headers.update({**_HEADERS, "User-Agent": self.agent})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, self._guard.adapter(max_retries=retries))

    def get(self, url: str, marks: Mapping[str, str] | None = None) -> Answer:
        """Follow an address to its end.

        Parameters
        ----------
        url : str
            ``http`` or ``https``.
        marks : mapping, optional
            Headers by which the server can tell that nothing has changed (status 304).

        Raises
        ------
        Unfetched
            If it may not be followed, or gives no document.
        """
        try:
            answer = self._follow(url, marks or {}, obeys=True)
        except Unfetched as error:
            raise error.at(url) from error
        if answer.status != NOT_MODIFIED and not 200 <= answer.status < 300:
            raise Unfetched.of_status(answer.status, url)
        if answer.status != NOT_MODIFIED and not answer.content.strip():
            raise Unfetched.because("empty", url, status=answer.status)
        return answer

    def _follow(self, url: str, marks: Mapping[str, str], obeys: bool) -> Answer:
        for _ in range(most("fetch_redirects") + 1):
            pause = max(self._pause, self._asked_pause(url) if obeys else 0.0)
            self._wait(url, pause)
            answer, target = self._exchange(url, marks)
            if target is None:
                return answer
            url = urljoin(url, target)
        raise Unfetched.limited("fetch_redirects", url)

    def _asked_pause(self, url: str) -> float:
        """Return the pause that a host asks for, whose rules allow the address."""
        origin = f"{_scheme(url)}://{urlsplit(url).netloc}"
        if origin not in self._rules:
            self._rules[origin] = self._robots(origin)
        rules = self._rules[origin]
        if isinstance(rules, Unfetched):
            raise rules
        if not rules.can_fetch(url, NAME):
            raise Unfetched.because("robots", url)
        asked = float(rules.crawl_delay(NAME) or 0)
        if asked > most("fetch_pause"):
            raise Unfetched.limited("fetch_pause", url)
        return asked

    def _robots(self, origin: str) -> Protego | Unfetched:
        """Fetch the rules of a host: none where it has none; where its server fails, nobody knows them (RFC 9309, 2.3.1)."""
        try:
            answer = self._follow(f"{origin}/robots.txt", {}, obeys=False)
        except Unfetched as error:
            return error
        if answer.status in _LATER or answer.status >= 500:
            return Unfetched.because("no_robots", origin, status=answer.status)
        return Protego.parse(decode(answer.content)[0] if answer.status == 200 else "")

    def _wait(self, url: str, pause: float) -> None:
        host = urlsplit(url).netloc
        if host in self._last:
            time.sleep(max(0.0, self._last[host] + pause - time.monotonic()))

    def _exchange(self, url: str, marks: Mapping[str, str]) -> tuple[Answer, str | None]:
        """Ask one server once; the second is where it sends us."""
        response, body = self._asked(url, marks)
        self._record(_recorded(url, response, body, self._guard.peer))
        target = self._session.get_redirect_target(response)
        return Answer(url, response.status_code, response.headers, b"" if target else _unpacked(url, response, body)), target

    def _asked(self, url: str, marks: Mapping[str, str]) -> tuple[requests.Response, bytes]:
        _scheme(url)
        try:
            with self._guard.within(most("fetch_seconds")), self._session.get(
                url, headers=dict(marks), stream=True, allow_redirects=False, timeout=min(_SILENCE, most("fetch_seconds"))
            ) as response:  # fmt: skip
                body = _body(response)
        except Unreadable as error:
            raise Unfetched.of_limit(error, url) from error
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise (Unfetched.limited("fetch_seconds", url) if self._guard.is_over else _why(error, url)) from error
        finally:
            self._last[urlsplit(url).netloc] = time.monotonic()
        if self._guard.is_over:  # what came may be but a part
            raise Unfetched.limited("fetch_seconds", url)
        return response, body


def _scheme(url: str) -> str:
    """Return the scheme of an address, which is one that is followed."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises where it is no number
    except ValueError as error:
        raise Unfetched.because("address", url) from error
    if parts.scheme not in ("http", "https"):
        raise Unfetched.because("scheme" if parts.scheme else "address", url, scheme=parts.scheme)
    if not parts.hostname:
        raise Unfetched.because("address", url)
    return parts.scheme


def _body(response: requests.Response) -> bytes:
    """Return the body of an answer as it came, no more than is allowed."""
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal():
        within("bytes", int(declared))
    held = bytearray()
    while piece := response.raw.read1(_PIECE, decode_content=False):
        held += piece
        within("bytes", len(held))
    return bytes(held)


def _unpacked(url: str, response: requests.Response, body: bytes) -> bytes:
    """Return the document in a body: servers pack it, asked or not."""
    packing = response.headers.get("Content-Encoding", "").strip().lower()
    if packing not in _UNPACKED:
        raise Unfetched.because("packed", url, packing=packing, status=response.status_code)
    if packing in ("", "identity") or not body:
        return body
    packed = urllib3.HTTPResponse(BytesIO(body), headers={"Content-Encoding": packing}, preload_content=False)
    try:
        content = packed.read(most("bytes") + 1, decode_content=True)
    except DecodeError as error:
        raise Unfetched.because("packed", url, packing=packing, status=response.status_code) from error
    if len(content) > most("bytes"):
        raise Unfetched.of_limit(passed("bytes"), url)
    return content


def _recorded(url: str, response: requests.Response, body: bytes, peer: str) -> Exchange:
    headers = list(response.raw.headers.iteritems())
    asked = {name: str(value) for name, value in response.request.headers.items()}
    return Exchange(url, asked, response.status_code, response.reason or "", headers, body, peer)


def _why(error: Exception, url: str) -> Unfetched:
    """Say why a server could not be asked, or did not answer to the end."""
    said = str(error)
    if isinstance(error, requests.exceptions.InvalidURL | ValueError) and not isinstance(error, requests.exceptions.ConnectionError):
        return Unfetched.because("address", url)
    if NameResolutionError.__name__ in said or "resolve" in said:
        return Unfetched.because("no_host", url, host=urlsplit(url).hostname)
    if isinstance(error, requests.exceptions.SSLError):
        return Unfetched.because("tls", url, said=_cause(error))
    if isinstance(error, requests.exceptions.Timeout | TimeoutError) or "timed out" in said:
        return Unfetched.because("silent", url, seconds=_SILENCE)
    return Unfetched.because("broken", url, said=_cause(error))


def _cause(error: BaseException) -> str:
    """Return the words of what lies at the bottom of an error of several libraries."""
    inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error.__cause__ or error.__context__
    reason = getattr(error, "reason", None)
    inner = reason if isinstance(reason, BaseException) else inner
    return _cause(inner) if inner is not None and inner is not error else str(error)[:200]
