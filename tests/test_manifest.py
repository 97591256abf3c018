"""What a folder holds: what its manifest says, and what is refused."""

from __future__ import annotations

import os

import pytest
from folders import document, folder

from gongkai.core.errors import ReportError, UsageError
from gongkai.corpus.manifest import read_entry, read_manifest

TWO_YEARS = {"a.txt": document(), "b.txt": document(year=2020)}


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_manifest_says_what_is_known_and_only_that(tmp_path, start):
    manifest = start + "path,division_code,body,year,source_url\r\na.txt,140430,government,2019,http://x.cn/1\r\nb.txt,140430,,,\r\n"
    first, second = read_manifest(folder(tmp_path, TWO_YEARS, manifest))
    assert first.row == {"division_code": "140430", "body": "government", "year": "2019", "source_url": "http://x.cn/1"}
    assert second.row == {"division_code": "140430"}


def test_a_manifest_saved_by_a_chinese_spreadsheet_is_read(tmp_path):
    folder(tmp_path, {"沁县.txt": document()})
    (tmp_path / "manifest.csv").write_bytes("path,division_code\n沁县.txt,140430\n".encode("gb18030"))
    assert read_manifest(tmp_path)[0].division_code == "140430"


def test_documents_that_are_not_listed_are_read_too_and_other_files_are_not(tmp_path):
    folder(tmp_path, {**TWO_YEARS, "sub/c.txt": "x", "README.md": "x", ".DS_Store": "x", "Thumbs.db": "x"}, "path\na.txt\n")
    assert [e.path.relative_to(tmp_path).as_posix() for e in read_manifest(tmp_path)] == ["a.txt", "b.txt", "sub/c.txt"]


@pytest.mark.parametrize(
    "manifest, words",
    [
        ("path,divison_code\na.txt,x\n", ("divison_code", "division_code?")),
        ("file\na.txt\n", ("file", "path")),
        ("path\n../a.txt\n", ("第 2 行", "line 2", "../a.txt")),
        ("path,year\na.txt,2019.0\n", ("year", "2019.0")),
        ("path,division_code,body\na.txt,14043,mayor\n", ("14043", "mayor")),
        ("path\na.txt\na.txt\n", ("不止一次", "more than once")),
    ],
)
def test_a_faulty_manifest_is_refused_and_every_fault_named(tmp_path, manifest, words):
    with pytest.raises(UsageError) as refused:
        read_manifest(folder(tmp_path, TWO_YEARS, manifest))
    assert all(word in str(refused.value) for word in words)


def test_bytes_that_have_changed_are_refused_with_both_hashes(tmp_path):
    folder(tmp_path, {"a.txt": document()}, f"path,division_code,sha256\na.txt,140430,{'0' * 64}\n")
    with pytest.raises(UsageError, match=f"{'0' * 64}[^\n]*实为[0-9a-f]{{64}}"):
        read_entry(read_manifest(tmp_path)[0])


def test_no_folder_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"no such folder.*check the path"):
        read_manifest(tmp_path / "nowhere")


@pytest.mark.parametrize("page, beside", [("2019年.html", "2019年_files"), ("a.HTM", "a.files"), ("甲.htm", "甲_文件")])
def test_a_page_saved_by_a_browser_is_one_document_with_the_folder_beside_it(tmp_path, page, beside):
    """Point 2. A folder of such a name without its page is a folder like any other."""
    folder(tmp_path, {page: document(), **{f"{beside}/{name}": "x" for name in ("a.png", "b.js", "saved_resource.html")}})
    folder(tmp_path, {"其他_files/2020年.html": "x"})
    assert sorted(e.name for e in read_manifest(tmp_path)) == sorted([page, "其他_files/2020年.html"])


def test_a_folder_that_cannot_be_opened_is_not_lost(tmp_path, monkeypatch):
    folder(tmp_path, {"a.txt": document(), "shut/b.txt": document()})
    opened = os.scandir

    def shut(path):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path)

    monkeypatch.setattr(os, "scandir", shut)
    assert [e.name for e in read_manifest(tmp_path)] == ["a.txt", "shut"]
    with pytest.raises(ReportError):
        read_entry(read_manifest(tmp_path)[1])
