"""A site of a local government on this machine, with sixty documents and the faults that sites have."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from folders import document

PDF, PNG = b"%%PDF-1.7 %d\n" + b"x" * 400, b"\x89PNG\r\n\x1a\n" + b"y" * 400
COUNTY, DIVISION = "沁县", "140430"


def page(body: str, code: str = "utf-8", title: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><meta charset='{code}'><title>{title}</title></head><body>{body}</body></html>".encode(code)


def report(year: int, code: str = "utf-8") -> bytes:
    """Return a report as a page; no two years have the same bytes."""
    return page(
        "".join(f"<p>{line}</p>" for line in document(COUNTY, year).splitlines()), code, f"{COUNTY}{year}年政府信息公开工作年度报告"
    )


class Site:
    """What the site holds: bytes by path, headers beside them, and paths that do something else; and what was asked for."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.acts: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.robots = b"User-agent: *\nDisallow: /private/\n"
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent: Counter[str] = Counter()
        self.marks = True  # whether it says by ETag that nothing has changed
        self.before_body: Callable[[str, int], None] = lambda path, n: None
        self.origin = ""

    @property
    def host(self) -> str:
        return self.origin.removeprefix("http://")

    def fill(self, own: int = 40) -> list[str]:
        """Put sixty documents there, in the ways in which sites offer them, and return the addresses of a list."""
        for n in range(own):  # pages that are the report itself
            self.documents[f"/zfxxgk/t{n}.html"] = report(1960 + n)
        for n in range(5):  # a page with the report as attachment: ten documents
            name = f"{COUNTY}{2010 + n}年政府信息公开工作年度报告"
            self.documents[f"/fj/{n}/page.html"] = page(
                f"<p>附件：<a href='report{n}.pdf'>{name}.pdf</a></p><a href='/nb/'>年度报告</a>", title=name
            )
            self.documents[f"/fj/{n}/report{n}.pdf"] = PDF % n
        embed = ("<iframe src='a%d.pdf'></iframe>", "<embed src='a%d.pdf'>", "<iframe src='/pdfjs/viewer.html?file=/qr/a%d.pdf'></iframe>")
        for n, tag in enumerate(embed):  # a page that shows it: six
            self.documents[f"/qr/{n}.html"] = page(tag % n)
            self.documents[f"/qr/a{n}.pdf"] = PDF % (10 + n)
        pictures = (
            "<img src='p1.png'><img src='p2.png'><img src='p3.png'><img src='logo.png' width='40'><img src='data:image/png;base64,AA=='>"
        )
        self.documents["/tp/1.html"] = page(pictures)  # pages of paper as pictures: four
        self.documents |= {f"/tp/p{n}.png": PNG + bytes([n]) for n in (1, 2, 3)}
        pages = [path for path in self.documents if path.endswith(".html")]
        return [self.origin + path for path in pages]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        site, path = self.site, self.path.partition("?")[0]
        site.asked.append((self.path, dict(self.headers)))
        with suppress(ConnectionError):
            if path in site.acts:
                return site.acts[path](self)
            if path == "/robots.txt":
                return self.answer(site.robots) if site.robots else self.answer(b"none", 404)
            if path not in site.documents:
                return self.answer("没有".encode(), 404)
            body = site.documents[path]
            mark = f'"{hashlib.sha256(body).hexdigest()}"'
            marked = {"ETag": mark} if site.marks else {}
            if site.marks and self.headers.get("If-None-Match") == mark:
                return self.answer(b"", 304, marked)
            site.sent[path] += 1
            site.before_body(path, sum(site.sent.values()))
            self.answer(body, 200, {"Content-Type": "text/html", **marked, **site.headers.get(path, {})})

    def answer(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(site: Site) -> Iterator[Site]:
    """Serve a site as long as it is needed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": site}))
    server.daemon_threads = True
    site.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def sends(location: str, status: int = 302) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return what sends the visitor elsewhere."""
    return lambda handler: handler.answer(b"", status, {"Location": location})  # type: ignore[attr-defined]


def fails(status: int, headers: dict[str, str] | None = None) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: handler.answer(b"<html>sorry</html>", status, headers)  # type: ignore[attr-defined]


def drips(head: bool) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return what sends a byte now and then, of the head or of the body, and never ends."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"X-Slow: " if head else b"\r\n<html>"))
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.05)

    return act


def floods(handler: BaseHTTPRequestHandler) -> None:
    """Send without end, and without saying how much it will be."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while True:
        handler.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def swells(handler: BaseHTTPRequestHandler) -> None:
    """Send little that is much when it is unpacked."""
    handler.answer(gzip.compress(bytes(50_000_000)), 200, {"Content-Encoding": "gzip"})  # type: ignore[attr-defined]


def breaks(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    handler.answer(b"<html>half", 200, {"Content-Length": "5000", "Connection": "close"})  # type: ignore[attr-defined]
    handler.close_connection = True


def packed(body: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: handler.answer(gzip.compress(body, mtime=0), 200, {"Content-Encoding": "gzip"})  # type: ignore[attr-defined]


def chunked(body: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for start in range(0, len(body), 1000):
            piece = body[start : start + 1000]
            handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    return act
