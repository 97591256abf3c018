"""Fetching: every fault of a site is a row with its reason, what was got is got once, and what came is kept as it came."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from warcio.archiveiterator import ArchiveIterator
from websites import DIVISION, PDF, Site, breaks, chunked, drips, fails, floods, packed, page, report, sends, served, swells

from gongkai import read_corpus
from gongkai.cli import main
from gongkai.core.errors import Interrupted, UsageError
from gongkai.core.tables import rows_of
from gongkai.corpus.fetch import Fetched, fetch
from gongkai.corpus.fetch.guard import Guard
from gongkai.corpus.fetch.offers import offers
from gongkai.corpus.fetch.unfetched import Unfetched
from gongkai.corpus.manifest import read_manifest
from gongkai.corpus.outputs import is_table

CONTACT = "tester@example.org"
SECONDS = 60  # the machine that runs the tests may be busy with others


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("GONGKAI_MOST_BYTES", "200000")
    with served(Site()) as one:
        yield one


def listed(path: Path, rows: list[str], head: str = "source_url", code: str = "utf-8") -> Path:
    path.write_bytes("\r\n".join([head, *rows, ""]).encode(code))
    return path


def run(site: Site, folder: Path, addresses: list[str] | Path, **how: Any) -> Fetched:
    source = addresses if isinstance(addresses, Path) else listed(folder / "list.csv", addresses)
    return fetch(source, folder / "out", contact=CONTACT, **{"pause": 0, "allow": [site.host], "quiet": True, **how})


def ledger(folder: Path) -> list[dict[str, str]]:
    return [row for _, row in rows_of(folder / "out" / "fetched.csv")]


def records(folder: Path) -> list[tuple[str, str, str, bytes, bytes]]:
    """Read an archive back: kind, address, status, body as it came, and unpacked."""
    found = []
    for raw in (True, False):
        with (folder / "out" / "fetched.warc.gz").open("rb") as file:
            for n, record in enumerate(ArchiveIterator(file)):
                body = (record.raw_stream if raw else record.content_stream()).read()
                if raw:
                    status = record.http_headers.get_statuscode() if record.rec_type == "response" else ""
                    found.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), status, body))
                else:
                    found[n] = (*found[n], body)
    return found


def test_sixty_documents_come_as_they_are_and_their_manifest_is_read_by_a_corpus(site: Site, tmp_path: Path) -> None:
    addresses = site.fill()
    rows = [f"{url},沁县,{1960 + n},政府" if n < 40 else f"{url},,," for n, url in enumerate(addresses)]
    done = run(site, tmp_path, listed(tmp_path / "list.csv", rows, "网址,区划,年度,类别", "gb18030"))
    assert len(site.documents) == 60
    assert Counter(row["outcome"] for row in done.rows) == {"fetched": 60}
    out = tmp_path / "out"
    kept = {row["source_url"].removeprefix(site.origin): (out / row["path"]).read_bytes() for row in done.rows}
    assert kept == site.documents
    entries = {e.source_url: e for e in read_manifest(out)}
    pictures = {url for url in kept if url.endswith(".png")}
    assert {url.removeprefix(site.origin) for url in entries} == kept.keys() - pictures
    assert all(e.sha256 == hashlib.sha256(e.path.read_bytes()).hexdigest() for e in entries.values())
    first = entries[addresses[0]]
    assert (first.division_code, first.year, first.body, first.retrieved_at is not None) == (DIVISION, 1960, "government", True)
    assert {row["status"] for _, row in rows_of(out / "manifest.csv")} == {"200"}
    corpus = read_corpus(out)
    assert sorted(corpus.reports["year"]) == list(range(1960, 2000)) and set(corpus.reports["division_code"]) == {DIVISION}
    assert not any(path.startswith("fetched.") for path in corpus.failures["path"])


def test_every_exchange_reads_back_from_the_archive_byte_for_byte(site: Site, tmp_path: Path) -> None:
    text = report(2020)
    site.acts |= {"/packed": packed(text), "/chunked": chunked(text)}
    site.documents |= {"/gbk": report(2021, "gb18030"), "/plain": report(2022)}
    paths = ("/packed", "/chunked", "/gbk", "/plain", "/none")
    run(site, tmp_path, [site.origin + path for path in paths])
    found = {
        url.removeprefix(site.origin): (status, raw, whole) for kind, url, status, raw, whole in records(tmp_path) if kind == "response"
    }
    assert {path: status for path, (status, _, _) in found.items()} == dict.fromkeys(("/robots.txt", *paths[:-1]), "200") | {"/none": "404"}
    assert found["/packed"][1][:2] == b"\x1f\x8b"  # as the server packed it
    assert found["/packed"][2] == found["/chunked"][2] == text
    assert found["/gbk"][1] == site.documents["/gbk"]
    kept = {row["source_url"].removeprefix(site.origin): row for row in ledger(tmp_path)}
    assert {kept[path]["sha256"] for path in ("/packed", "/chunked")} == {hashlib.sha256(text).hexdigest()}
    asked = [kind for kind, *_ in records(tmp_path)]
    assert asked[0] == "warcinfo" and asked.count("request") == asked.count("response") == len(site.asked)


FAULTS = {
    "/500": (fails(500), "answer", "500"), "/403": (fails(403), "denied", "403"), "/410": (fails(410), "gone", "410"),
    "/round": (sends("/round"), "limit", ""), "/away": (sends("file:///etc/passwd"), "scheme", ""),
    "/inside": (sends("http://169.254.169.254/latest/meta-data/"), "internal", ""),
    "/named": (sends("http://localhost:1/"), "internal", ""),
    "/six": (sends("http://[::1]/"), "internal", ""), "/crooked": (sends("http://[1/"), "address", ""),
    "/forbidden": (sends("/private/x"), "robots", ""), "/private/x": (fails(200), "robots", ""),
    "/head": (drips(head=True), "limit", ""), "/body": (drips(head=False), "limit", ""), "/flood": (floods, "limit", ""),
    "/swells": (swells, "limit", ""), "/breaks": (breaks, "broken", ""), "/empty": (lambda h: h.answer(b""), "empty", "200"),
    "/brotli": (fails(200, {"Content-Encoding": "br"}), "packed", "200"),
    "/lies": (lambda h: h.answer(b"", 200, {"Content-Length": "99999999999"}), "limit", ""),
}  # fmt: skip
ELSEWHERE = {
    "file:///etc/passwd": "scheme", "ftp://www.qinxian.gov.cn/1.pdf": "scheme",
    "www.qinxian.gov.cn/1.html": "address", "http://": "address",
    "http://10.0.0.1/1.html": "internal", "http://2130706433/": "internal", "http://[::ffff:127.0.0.1]/": "internal",
    "http://0.0.0.0/": "internal", "http://nobody.invalid/": "no_host", "http://www.qinxian.gov.cn:port/": "address",
}  # fmt: skip


def test_every_fault_is_a_row_with_its_reason_and_costs_no_other_its_document(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGKAI_MOST_FETCH_SECONDS", "2")
    site.acts |= {path: act for path, (act, _, _) in FAULTS.items()}
    site.documents["/good"] = report(2019)
    addresses = [*(site.origin + path for path in FAULTS), *ELSEWHERE, site.origin + "/good"]
    began = time.monotonic()
    done = run(site, tmp_path, addresses)
    assert time.monotonic() - began < SECONDS
    told = {row["source_url"]: row for row in done.rows}
    assert [url for url in addresses if url not in told] == []
    assert told[site.origin + "/good"]["outcome"] == "fetched"
    failed = {url: (row["why"], row["status"]) for url, row in told.items() if row["outcome"] == "failed"}
    assert failed == {site.origin + path: (why, status) for path, (_, why, status) in FAULTS.items()} | {
        url: (why, "") for url, why in ELSEWHERE.items()
    }
    assert all(row["reason"].startswith(url) and row["reason_zh"].startswith(url) for url, row in told.items() if url in failed)
    assert [entry.source_url for entry in read_manifest(tmp_path / "out")] == [site.origin + "/good"]
    assert not any(path.startswith("/private/") for path, _ in site.asked)
    assert records(tmp_path)


def test_a_server_that_stumbles_is_asked_again(site: Site, tmp_path: Path) -> None:
    site.documents["/later"] = report(2019)
    times = Counter[str]()

    def stumbles(handler: Any) -> None:
        times["asked"] += 1
        handler.answer(*((b"busy", 503) if times["asked"] == 1 else (report(2019), 200)))

    site.acts["/later"] = stumbles
    assert run(site, tmp_path, [site.origin + "/later"]).rows[0]["outcome"] == "fetched" and times["asked"] == 2


@pytest.mark.parametrize(
    ("robots", "why"), [("User-agent: gongkai\nDisallow: /\n", "robots"), ("User-agent: *\nCrawl-delay: 9999\n", "limit")]
)
def test_what_a_site_asks_of_programs_holds(site: Site, tmp_path: Path, robots: str, why: str) -> None:
    site.robots, site.documents["/a"] = robots.encode(), report(2019)
    assert run(site, tmp_path, [site.origin + "/a"]).rows[0]["why"] == why
    assert [path for path, _ in site.asked] == ["/robots.txt"]


def test_where_nobody_can_tell_what_a_site_allows_nothing_is_asked(site: Site, tmp_path: Path) -> None:
    site.acts["/robots.txt"], site.documents["/a"] = fails(503), report(2019)
    assert run(site, tmp_path, [site.origin + "/a"]).rows[0]["why"] == "no_robots"
    assert {path for path, _ in site.asked} == {"/robots.txt"}
    del site.acts["/robots.txt"]
    assert run(site, tmp_path, [site.origin + "/a"]).rows[0]["outcome"] == "fetched"


@pytest.mark.parametrize("robots", ["", "User-agent: *\nCrawl-delay: 0.4\n"])
def test_a_host_is_asked_slowly_one_request_at_a_time_by_a_name_that_can_be_reached(site: Site, tmp_path: Path, robots: str) -> None:
    site.robots = robots.encode()
    times = list[tuple[float, float]]()

    def timed(handler: Any) -> None:
        began = time.monotonic()
        handler.answer(report(2019))
        times.append((began, time.monotonic()))

    site.acts |= {"/1": timed, "/2": timed, "/3": timed}
    run(site, tmp_path, [site.origin + f"/{n}" for n in (1, 2, 3)], pause=0.2)
    assert all(later[0] - earlier[1] > (0.35 if robots else 0.15) for earlier, later in pairwise(times))
    assert all(headers["User-Agent"].startswith("gongkai/") and CONTACT in headers["User-Agent"] for _, headers in site.asked)


CHILD = """
import sys
from gongkai.corpus.fetch import fetch
fetch(sys.argv[1], sys.argv[2], contact="tester@example.org", pause=0, allow=[sys.argv[3]], quiet=True)
"""


@pytest.mark.parametrize("moment", [2, 25, 47, 59])
def test_a_killed_run_goes_on_and_no_body_is_sent_again(site: Site, tmp_path: Path, moment: int) -> None:
    source = listed(tmp_path / "list.csv", site.fill())
    killed = list[str]()

    def kill(path: str, n: int) -> None:
        if n == moment and not killed:
            killed.append(path)
            child.kill()
            child.wait()

    site.before_body = kill
    child = subprocess.Popen([sys.executable, "-c", CHILD, source, tmp_path / "out", site.host])
    assert child.wait(SECONDS) == -signal.SIGKILL
    for _ in range(100):
        if killed:
            break
        time.sleep(0.05)
    sent = Counter(site.sent)
    assert sum(sent.values()) == moment
    done = run(site, tmp_path, source)
    assert {row["outcome"] for row in done.rows} == {"fetched"} | ({"unchanged"} if moment == 59 else set())
    assert site.sent == Counter(site.documents.keys()) + Counter(killed)  # each once, and again what was under way
    second = run(site, tmp_path, source)
    assert {row["outcome"] for row in second.rows} == {"unchanged"} and len(second.rows) == 60
    assert sum(site.sent.values()) == 61
    got = [body for kind, _, status, body, _ in records(tmp_path) if kind == "response" and status == "200" and body != site.robots]
    assert Counter(got) == Counter(site.documents.values())
    held = [entry.path.read_bytes() for entry in read_manifest(tmp_path / "out")]
    assert Counter(held) == Counter(body for path, body in site.documents.items() if not path.endswith(".png"))


def test_what_a_killed_run_left_half_written_is_cut_off(site: Site, tmp_path: Path) -> None:
    site.documents |= {"/1": report(2019), "/2": report(2020)}
    run(site, tmp_path, [site.origin + "/1"])
    for name in ("fetched.warc.gz", "fetched.csv"):
        path = tmp_path / "out" / name
        path.write_bytes(path.read_bytes() + path.read_bytes()[:100].rstrip(b"\r\n"))
    run(site, tmp_path, [site.origin + "/1", site.origin + "/2"])
    assert [row["source_url"].removeprefix(site.origin) for row in ledger(tmp_path)] == ["/1", "/2"]
    assert len([kind for kind, *_ in records(tmp_path) if kind == "response"]) == 4  # two rules, two documents


@pytest.mark.filterwarnings("ignore::gongkai.core.errors.SetAsideWarning")
def test_a_changed_document_is_kept_beside_the_old_and_what_a_person_wrote_stays(site: Site, tmp_path: Path) -> None:
    source = listed(tmp_path / "list.csv", [f"{site.origin}/1.html,沁县,2019,政府"], "source_url,division_code,year,body")
    site.documents["/1.html"] = report(2019)
    run(site, tmp_path, source)
    path = tmp_path / "out" / "manifest.csv"
    (before,) = (row["path"] for _, row in rows_of(path))
    path.write_bytes(
        path.read_text(encoding="utf-8-sig").replace("path,", "备注,path,").replace("\n" + before, "\n看过," + before).encode("gb18030")
    )
    site.documents["/1.html"] = report(2019).replace(b"</body>", "<p>更正</p></body>".encode())
    time.sleep(1.1)  # the day of retrieval has seconds
    assert [row["outcome"] for row in run(site, tmp_path, source).rows] == ["changed"]
    rows = [row for _, row in rows_of(path)]
    assert [(row["备注"], row["source_url"]) for row in rows] == [("看过", f"{site.origin}/1.html"), ("", f"{site.origin}/1.html")]
    assert rows[0]["path"] == before != rows[1]["path"] and len({row["sha256"] for row in rows}) == 2
    corpus = read_corpus(tmp_path / "out")
    assert corpus.panel()["report_id"].tolist() == ["r" + rows[1]["sha256"][:12]]
    assert corpus.set_aside[["path", "why", "instead"]].values.tolist() == [[before, "superseded", rows[1]["path"]]]


def test_of_what_gives_no_mark_nothing_is_asked_again_unless_it_is_told(site: Site, tmp_path: Path) -> None:
    site.marks, site.documents["/1"] = False, report(2019)
    assert [[row["outcome"] for row in run(site, tmp_path, [site.origin + "/1"], **how).rows] for how in ({}, {}, {"again": True})] == [
        ["fetched"], ["not_asked"], ["unchanged"]]  # fmt: skip
    site.documents["/1"] = report(2020)
    assert [row["outcome"] for row in run(site, tmp_path, [site.origin + "/1"], again=True).rows] == ["changed"]
    assert site.sent["/1"] == 3


def test_a_document_that_was_removed_here_is_fetched_again_to_its_place(site: Site, tmp_path: Path) -> None:
    site.documents["/1"] = report(2019)
    (row,) = run(site, tmp_path, [site.origin + "/1"]).rows
    (tmp_path / "out" / row["path"]).unlink()
    (again,) = run(site, tmp_path, [site.origin + "/1"]).rows
    assert (again["outcome"], again["path"]) == ("fetched", row["path"]) and len(read_manifest(tmp_path / "out")) == 1


def test_links_to_other_sites_and_schemes_are_rows_and_not_followed(site: Site, tmp_path: Path) -> None:
    links = "".join(f"<a href='{url}'>2019年政府信息公开工作年度报告.pdf</a>" for url in ("http://example.com/1.pdf", "file:///etc/passwd"))
    site.documents["/1.html"] = page(links)
    done = run(site, tmp_path, [site.origin + "/1.html"])
    assert [(row["source_url"], row["why"]) for row in done.of("failed")] == [
        ("http://example.com/1.pdf", "outside"),
        ("file:///etc/passwd", "scheme"),
    ]


def test_what_the_bytes_are_counts_and_not_what_server_or_name_say(site: Site, tmp_path: Path) -> None:
    site.documents |= {"/1.pdf": report(2019), "/down": PDF % 1, "/2.html": PDF % 2}
    site.headers |= {"/1.pdf": {"Content-Type": "application/pdf"}, "/down": {"Content-Type": "text/html"}, "/2.html": {"Content-Type": ""}}
    done = run(site, tmp_path, [site.origin + path for path in site.documents])
    assert [Path(row["path"]).suffix for row in done.rows] == [".html", ".pdf", ".pdf"]


NAME = "沁县2019年政府信息公开工作年度报告"
OFFERED = [
    (f"<a href='1.pdf'>{NAME}</a>", ["1.pdf"]), (f"<a href='1.html'>{NAME}</a>", ["1.html"]),
    ("<a href='nb/'>政府信息公开年度报告</a>", []),
    (f"<a href='down?id=3' title='{NAME}.docx'>下载</a>", ["down?id=3"]), ("<a href='1.pdf'>2019年年报</a>", ["1.pdf"]),
    (f"<a href='1.pdf'>{NAME}</a><a href='0.html'>沁县2018年政府信息公开工作年度报告</a>", ["1.pdf"]),
    ("<a href='1.pdf'>沁县2019年预算</a>", []), ("<iframe src='/v.html?file=%2Fa%2F1.pdf&x=1'></iframe>", ["/a/1.pdf"]),
    ("<object data='1.pdf'></object>", ["1.pdf"]), ("<iframe src='map.html'></iframe>", []), ("<img src='1.jpg'>", ["1.jpg"]),
    ("<header><img src='1.jpg'></header><a href='/'><img src='2.jpg'></a><img src='3.jpg' width=16>", []),
    ("<img src='1.jpg'><table><tr><td>1</td></tr></table>", []), (f"<img src='1.jpg'><a href='1.pdf'>{NAME}</a>", ["1.pdf"]),
    (f"<base href='/b/'><a href='1.pdf'>{NAME}</a>", ["/b/1.pdf"]), (f"<a href='javascript:void(0)'>{NAME}.pdf</a>", []),
    (f"<a href='#top'>{NAME}</a>", []),
]  # fmt: skip


@pytest.mark.parametrize(("body", "wanted"), OFFERED)
@pytest.mark.parametrize("code", ["utf-8", "gb18030"])
def test_a_page_offers_what_is_named_as_the_report_of_the_year(body: str, wanted: list[str], code: str) -> None:
    base = "http://www.qinxian.gov.cn/a/"
    found = [offer.url for offer in offers(page(body, code), base + "page.html", "2019")]
    assert found == [url if ":" in url else f"http://www.qinxian.gov.cn{url}" if url.startswith("/") else base + url for url in wanted]


def test_what_is_known_of_a_page_is_said_of_its_one_report_and_not_of_others(site: Site, tmp_path: Path) -> None:
    links = {"/one.html": [NAME + ".pdf", NAME + ".docx"], "/two.html": [NAME, "沁县教育局2019年政府信息公开工作年度报告"]}
    for start, names in links.items():
        site.documents[start] = page("".join(f"<a href='{start[1:4]}{n}.pdf'>{name}</a>" for n, name in enumerate(names)))
        site.documents |= {f"/{start[1:4]}{n}.pdf": PDF % n + start.encode() for n in range(2)}
    run(site, tmp_path, listed(tmp_path / "list.csv", [f"{site.origin}{path},沁县,2019,政府" for path in links], "网址,区划,年度,类别"))
    known = {entry.source_url.removeprefix(site.origin): entry.division_code for entry in read_manifest(tmp_path / "out")}
    assert known == {
        "/one.html": DIVISION,
        "/one0.pdf": DIVISION,
        "/one1.pdf": DIVISION,
        "/two.html": DIVISION,
        "/two0.pdf": None,
        "/two1.pdf": None,
    }


def test_a_name_is_looked_up_once_and_that_address_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a name could lead to the open internet when it is vetted, and inside when it is connected to."""
    entry = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: entry)
    with pytest.raises(Unfetched, match=r"10\.0\.0\.1"):
        Guard([]).public("www.qinxian.gov.cn", 80)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: entry[:1])
    assert Guard([]).public("www.qinxian.gov.cn", 80) == ["93.184.216.34"]


def test_an_interrupt_keeps_what_is_there_and_says_how_to_go_on(site: Site, tmp_path: Path) -> None:
    source = listed(tmp_path / "list.csv", site.fill())

    def interrupt(path: str, n: int) -> None:
        if n == 10:
            signal.raise_signal(signal.SIGINT)

    site.before_body = interrupt
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(Interrupted, match=r"9 of 49|10 of 49"):
            run(site, tmp_path, source)
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(read_manifest(tmp_path / "out")) in (9, 10)
    site.before_body = lambda path, n: None
    run(site, tmp_path, source)
    assert max(site.sent.values()) <= 2 and len(site.sent) == 60


WRONG = [
    ("source_url,year\n,2019\nhttp://a.cn/1,19\nhttp://a.cn/1,2019\n", r"line 2 has no address; line 3: year is '19'"),
    ("http://a.cn/1\nhttp://a.cn/2\n", "http://a.cn/1.*names of the columns"), ("source_url\n", "not a single one"),
    ("网址,区划\nhttp://a.cn/1,鼓楼区\n", "may be 320106"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_a_list_that_cannot_be_meant_is_refused_before_anything_is_asked(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=f"(?s){told}"):
        fetch(tmp_path / "list.csv", tmp_path / "out", contact=CONTACT)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("contact", ["", "nobody", "a@b", "me@example.org\r\nX: 1", "张三@例子.中国"])
def test_a_contact_is_asked_for_and_never_invented(tmp_path: Path, contact: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.delenv("GONGKAI_CONTACT", raising=False)
    source = listed(tmp_path / "list.csv", ["http://a.cn/1"])
    assert main(["fetch", str(source), "-o", str(tmp_path / "out"), "--contact", contact, "--lang", "en"]) == 2
    assert "--contact you@example.org" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_missing_extra_is_said_with_the_command_that_installs_it(tmp_path: Path) -> None:
    code = "import sys; sys.modules['protego'] = None; from gongkai.cli import main; sys.exit(main(sys.argv[1:]))"
    source = listed(tmp_path / "list.csv", ["http://a.cn/1"])
    command = ["fetch", source, "-o", tmp_path / "out", "--contact", CONTACT, "--lang", "en"]
    ran = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, env=os.environ)
    assert ran.returncode == 2 and 'pip install "gongkai[fetch]"' in ran.stderr and "protego" in ran.stderr


def test_importing_the_package_and_its_commands_imports_no_library_of_an_extra() -> None:
    rooms = "import gongkai, gongkai.cli.command_line, gongkai.corpus, gongkai.corpus.fetch, sys"
    code = f"{rooms}; print([m for m in ('requests', 'warcio', 'protego', 'distributed') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_says_what_came_and_what_to_do_next(site: Site, tmp_path: Path, language: str, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("GONGKAI_CONTACT", CONTACT)
    book = openpyxl.Workbook()
    for row in (["网址", "备注"], ["file:///etc/passwd", "甲"], ["http://127.0.0.1/1.html", "乙"]):
        book.active.append(row)
    book.save(tmp_path / "清单.xlsx")
    status = main(["fetch", str(tmp_path / "清单.xlsx"), "-o", str(tmp_path / "报告"), "--lang", language])
    said = capsys.readouterr()
    assert status == 1 and "127.0.0.1" in said.err and "file" in said.err
    assert "gongkai manifest" not in said.out and ("2 addresses" if language == "en" else "网址 2 个") in said.out
    done = Fetched(tmp_path / "报告", 1, ({"outcome": "fetched"}, {"outcome": "not_asked"}))
    monkeypatch.setattr("gongkai.corpus.fetch.fetch", lambda *_, **__: done)
    assert main(["fetch", "list.csv", "-o", "out", "--lang", language]) == 0
    said = capsys.readouterr()
    assert f"gongkai manifest '{tmp_path / '报告'}'" in said.out and "--again" in said.out and not said.err


def test_a_full_disk_is_no_fault_of_the_site(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    site.documents["/1"] = report(2019)
    monkeypatch.setattr("gongkai.corpus.fetch.archive.Archive.keep", full)
    with pytest.raises(OSError, match="No space"):
        run(site, tmp_path, [site.origin + "/1"])
    assert not ledger(tmp_path)


def test_two_runs_do_not_write_one_folder(site: Site, tmp_path: Path) -> None:
    told = list[str]()

    def during(path: str, n: int) -> None:
        ran = subprocess.run(
            [sys.executable, "-c", CHILD, tmp_path / "list.csv", tmp_path / "out", site.host], capture_output=True, text=True
        )
        told.append(ran.stderr)

    site.documents["/1"], site.before_body = report(2019), during
    run(site, tmp_path, [site.origin + "/1"])
    assert "another gongkai fetch" in told[0]


def test_a_list_among_the_documents_is_refused_unless_it_is_the_roster(site: Site, tmp_path: Path) -> None:
    site.documents["/1"] = report(2019)
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match=r"frame\.csv"):
        run(site, tmp_path, listed(tmp_path / "out" / "网址.csv", [site.origin + "/1"]))
    (tmp_path / "out" / "网址.csv").rename(tmp_path / "out" / "frame.csv")
    assert run(site, tmp_path, tmp_path / "out" / "frame.csv").of("fetched")
    assert len(read_manifest(tmp_path / "out")) == 1


def test_what_is_fetched_later_joins_a_drafted_manifest(site: Site, tmp_path: Path) -> None:
    site.documents |= {"/1": report(2019), "/2": report(2020)}
    out = str(tmp_path / "out")
    for paths in (["/1"], ["/1", "/2"]):
        run(site, tmp_path, [site.origin + path for path in paths])
        assert main(["manifest", out, "--corpus", str(tmp_path / "tidy")]) == 0
    rows = [row for _, row in rows_of(tmp_path / "out" / "manifest.csv")]
    assert [(row["status"], row["read_year"], row["document"]) for row in rows] == [("200", "2019", ""), ("200", "2020", "")]


def test_the_record_of_a_fetch_is_no_document(tmp_path: Path, site: Site) -> None:
    site.documents["/1"] = report(2019)
    run(site, tmp_path, [site.origin + "/1"])
    (tmp_path / "out" / "旧结果.csv").write_bytes((tmp_path / "out" / "fetched.csv").read_bytes())
    assert is_table(tmp_path / "out" / "旧结果.csv")


def test_what_was_not_to_be_had_is_an_outcome_of_the_roster(site: Site, tmp_path: Path) -> None:
    """The list of addresses is the roster too: one file for both."""
    site.documents["/1.html"], site.acts["/3.html"] = report(2019), fails(500)
    head, rows = "区划,年度,网址", [f"沁县,2019,{site.origin}/1.html", f"沁县,2020,{site.origin}/2.html", f"平潭,2020,{site.origin}/3.html"]
    run(site, tmp_path, listed(tmp_path / "frame.csv", rows, head))
    roster = read_corpus(tmp_path / "out").roster(tmp_path / "frame.csv", "2024-01-01")
    assert roster[["state", "outcome"]].fillna("").values.tolist() == [
        ["in_time", ""], ["missing", "not_fetched: gone 404"], ["missing", "not_fetched: answer 500"]]  # fmt: skip
    site.documents["/2.html"] = report(2020)
    run(site, tmp_path, tmp_path / "frame.csv")
    again = read_corpus(tmp_path / "out").roster(tmp_path / "frame.csv", "2024-01-01")
    assert again["outcome"].fillna("").tolist() == ["", "", "not_fetched: answer 500"]
