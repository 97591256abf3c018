"""What cannot be read, written or meant: one sentence, advice that fits its cause, exit status 2, before any work."""

from __future__ import annotations

import argparse
import errno
import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from folders import SAMPLE, document, folder
from pdfs import LOCKED, bare_pdf
from rights import bound_by_rights

import gongkai
from gongkai.cli import command_line as cli
from gongkai.cli import main
from gongkai.core.errors import UsageError, system_words
from gongkai.core.files import refuse_unwritable, write
from gongkai.core.messages import texts
from gongkai.corpus.build import build
from gongkai.corpus.export import write_csv, write_excel
from gongkai.report import read_report
from gongkai.studies.execute import types

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500
LOCKED_OFFICE = OLE + "EncryptedPackage".encode("utf-16-le")
KEY = "140430/government/2019#applications/granted/total"


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """Stand in a folder that holds two reports in data/raw, a file, and an empty folder."""
    monkeypatch.chdir(folder(tmp_path, {"data/raw/沁县-2019.txt": document(), "data/raw/沁县-2018.txt": document(year=2018), "file": "x"}))
    (tmp_path / "空").mkdir()
    return tmp_path


def told(capsys, *arguments: str | Path) -> tuple[int, str, str]:
    status = main([str(a) for a in arguments])
    return (status, *capsys.readouterr())


def tree(path: Path) -> set[str]:
    return {p.relative_to(path).as_posix() for p in path.rglob("*")}


def archive(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        for name in names:
            written.writestr(name, "x")
    return made.getvalue()


def locked_archive() -> bytes:
    """Mark every part of a Word document as encrypted."""
    data = bytearray(archive("word/document.xml"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


# Situation: the bytes of the file, what is found, and what helps, in Chinese and in English.
FILES = {
    "nothing in it": (b"", ("空文件", "重新下载"), ("an empty file", "download it again")),
    "white space": (b" \n\t ", ("空文件", "重新下载"), ("an empty file", "download it again")),
    "a ZIP": (archive("2019.txt"), ("ZIP", "解压后"), ("a ZIP archive", "unpack it")),
    "an empty ZIP": (archive(), ("ZIP", "重新下载"), ("a damaged ZIP", "download it again")),
    "half a DOCX": (archive("word/document.xml")[:60], ("损坏", "重新下载"), ("damaged", "download it again")),
    "a RAR": (b"Rar!\x1a\x07\x01\0" + bytes(50), ("RAR", "解压后"), ("a RAR archive", "unpack it")),
    "a 7z": (b"7z\xbc\xaf\x27\x1c" + bytes(50), ("7z", "解压后"), ("a 7z archive", "unpack it")),
    "an OFD": (archive("OFD.xml"), ("OFD", "打印为 PDF"), ("an OFD document", "print it as PDF")),
    "slides": (archive("ppt/presentation.xml"), ("pptx", "导出为 PDF"), ("pptx", "export it as PDF")),
    "an ODT": (archive("META-INF/manifest.xml"), ("ODF", "另存为 .docx"), ("an OpenDocument file", "save it as .docx")),
    "an old DOC": (OLE + "WordDocument".encode("utf-16-le"), (".doc", "另存为 .docx"), ("a Word 97-2003 document", "save it as .docx")),
    "an RTF": (b"{\\rtf1 x}", ("RTF", "另存为 .docx"), ("RTF", "save it as .docx")),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(200), ("PNG", "文字识别"), ("a PNG picture", "have its text recognised")),
    "a scan": (bare_pdf(b"0 0 1 rg 10 10 200 200 re f"), ("扫描件", "文字识别"), ("a scan", "have its text recognised")),
    "a locked PDF": (bare_pdf(b"", LOCKED), ("加密的 PDF", "打印为 PDF"), ("an encrypted PDF", "open it with its password")),
    "a damaged PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", ("损坏的 PDF", "重新下载"), ("a damaged PDF", "download it again")),
    "a locked Office file": (LOCKED_OFFICE, ("加密的 Office", "去掉密码"), ("encrypted", "remove the password")),
    "a locked archive": (locked_archive(), ("加密的压缩文件", "去掉密码"), ("an encrypted archive", "remove the password")),
    "a damaged XLS": (OLE + "Workbook".encode("utf-16-le"), ("XLS", "另存为 XLSX"), ("XLS", "save it as XLSX")),
    "bytes of nothing known": (bytes(range(1, 32)) * 40, ("未知格式", "能打开它的程序"), ("no known format", "the program that made it")),
    "no report": ("没有表格的一页".encode(), ("没有官方表格", "年度报告正文"), ("without any row", "the report itself")),
}  # fmt: skip


@pytest.mark.parametrize("command", ["read", "check", "study"])
@pytest.mark.parametrize("name", FILES)
def test_advice_on_a_file_fits_what_stands_in_the_way(here, capsys, name, command):
    data, zh, en = FILES[name]
    (here / "报告").write_bytes(data)
    before = tree(here)
    for language, words in (("zh", zh), ("en", en)):
        status, out, err = told(capsys, command, "报告", "--lang", language)
        assert (status, out) == (2, "") and all(word in err for word in words) and err.count("\n") == 1
        assert "save the report again as a web page" not in err and "换用网页或文本版本" not in err
        assert language == "zh" or name == "no report" or not re.search("[\u4e00-\u9fff]", err.replace("报告", ""))
    assert tree(here) == before


@pytest.mark.parametrize("command", ["read", "check", "study"])
def test_a_folder_a_missing_file_and_one_without_rights_are_told_apart(here, capsys, command):
    closed = folder(here, {"closed.txt": document()}) / "closed.txt"
    closed.chmod(0)
    situations = {
        "data/raw": (("一个文件夹", "gongkai corpus"), ("a folder", "gongkai studies DIR")),
        "nowhere/报告.txt": (("没有这个文件", "检查路径"), ("no such file", "check the path")),
        "data/raw/沁县-2091.txt": (("没有这个文件", "沁县-2019.txt"), ("no such file", "沁县-2019.txt")),
        "file/x.txt": (("是文件，不是文件夹",), ("a file where a folder should be",)),
        "closed.txt": (("没有权限", "检查权限"), ("permission denied", "check its permissions")),
        "长" * 200: (("过长的文件名",), ("a name that is too long",)),
    }
    for path, words in situations.items():
        for language, said in zip(("zh", "en"), words, strict=True):
            with bound_by_rights():
                status, out, err = told(capsys, command, path, "--lang", language)
            assert (status, out) == (2, "") and all(word in err for word in said), (path, err)
            assert err.count("\n") == 1 and "Errno" not in err


def outputs(out: str) -> dict[str, list[str]]:
    """Return each command that writes, writing to one place."""
    sample = "data/raw/沁县-2019.txt"
    return {
        "read csv": ["read", sample, "-o", out + ".csv"], "read folder": ["read", sample, "-o", out],
        "read excel": ["read", sample, "-o", out + ".xlsx"], "corpus": ["corpus", "data/raw", "-o", out],
        "study": ["study", sample, "-o", out], "studies": ["studies", "--corpus", out],
        "batch": ["batch", "own.ipynb", "table.csv", "-o", out], "simulate": ["simulate", "--counties", "1", "--years", "2019", "-o", out],
        "audit": ["audit", "data/raw", "-o", out + ".xlsx"], "diff": ["diff", "data/raw", "空", "-o", out + ".csv"],
        "export csv": ["export", "data/raw", "--to", "csv", "-o", out],
        "export excel": ["export", "data/raw", "--to", "excel", "-o", out + ".xlsx"],
        "export stata": ["export", "data/raw", "--to", "stata", "-o", out + ".dta"],
        "export parquet": ["export", "data/raw", "--to", "parquet", "-o", out],
    }  # fmt: skip


def no_room(number: int):  # type: ignore[no-untyped-def]
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


# Situation: where the output is to stand, and what is said of it.
PLACES = {
    "below a file": ("file/out", ("是文件，不是文件夹", "a file where a folder should be")),
    "below a folder without rights": ("closed/out", ("没有权限", "permission denied")),
    "far below a folder without rights": ("closed/a/b/out", ("没有权限", "permission denied")),
    "under too long a name": ("长" * 100, ("过长的文件名", "a name that is too long")),
    "on a full disk": ("new/out", ("磁盘已满", "a full disk")),
    "on a read-only disk": ("new/out", ("只读的磁盘", "a read-only disk")),
    "where the other kind stands": ("taken", ("是文件，不是文件夹", "a file where a folder should be")),
}
DISKS = {"on a full disk": errno.ENOSPC, "on a read-only disk": errno.EROFS}


@pytest.mark.parametrize("command", outputs(""))
@pytest.mark.parametrize("place", PLACES)
def test_an_output_that_cannot_be_written_is_told_before_the_work_starts(here, capsys, monkeypatch, command, place):
    out, words = PLACES[place]
    arguments = outputs(out)[command]
    if out == "taken" and not any(a == "taken" for a in arguments):
        words = ("一个文件夹", "found a folder")
    (here / "closed").mkdir(mode=0o555)
    (here / "taken").write_text("x", encoding="utf-8")
    for name in ("taken.csv", "taken.xlsx", "taken.dta"):
        (here / name).mkdir()
    own_notebook(here)
    before = tree(here)
    with monkeypatch.context() as patched:
        for work in ("corpus.ingest.read_entry", "studies.units.read_entry", "report.report.read_document", "synthetic._write_county"):
            patched.setattr(f"gongkai.{work}", None)
        if place in DISKS:
            patched.setattr("gongkai.core.files.tempfile.TemporaryFile", no_room(DISKS[place]))
        for language, said in zip(("zh", "en"), words, strict=True):
            with bound_by_rights():
                status, printed, err = told(capsys, *arguments, "--lang", language)
            assert (status, printed) == (2, "") and said in err and err.count("\n") == 1, err
            option = next(flag for flag, value in pairwise(arguments) if value.startswith(out))
            assert option in err or err.startswith("reports/study")
            assert err.startswith((out[:9], "reports/study")) and ("建议" in err) == (language == "zh")
    assert tree(here) == before


def test_a_run_whose_folder_cannot_be_written_is_told_before_anything_is_read(here, capsys):
    (here / "reports").write_text("x", encoding="utf-8")
    status, out, err = told(capsys, "studies")
    assert (status, out) == (2, "") and err.startswith("reports/study: ") and "是文件，不是文件夹" in err
    assert not (here / "data" / "tidy").exists()


def test_what_can_be_written_leaves_nothing_of_the_attempt(tmp_path):
    (tmp_path / "there.csv").write_text("x", encoding="utf-8")
    before = tree(tmp_path)
    assert refuse_unwritable(tmp_path / "there.csv") == tmp_path / "there.csv"
    for path, is_folder in (("a/b/c.csv", False), ("a/b", True), (".", True), ("沁县.csv", False)):
        assert refuse_unwritable(tmp_path / path, is_folder=is_folder) == tmp_path / path
    assert tree(tmp_path) == before and (tmp_path / "there.csv").read_text(encoding="utf-8") == "x"
    (tmp_path / "there.csv").chmod(0o444)
    with bound_by_rights(), pytest.raises(UsageError, match=r"Excel.*--csv"):
        refuse_unwritable(tmp_path / "there.csv", option="--csv")


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no such limit")
@pytest.mark.parametrize("command", ["read csv", "read folder", "read excel", "corpus", "simulate", "study", "audit", "export csv"])
def test_a_disk_that_fills_up_on_the_way_ends_in_one_sentence_and_leaves_no_half_file(here, command):
    arguments = outputs("out")[command]
    limited = "import resource, signal, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)); from gongkai.cli import main; "
    ended = subprocess.run(
        [sys.executable, "-c", limited + "sys.exit(main())", *arguments, "--lang", "en"], capture_output=True, text=True, timeout=120
    )
    assert ended.returncode in (1, 2) and "Traceback" not in ended.stderr and "Exception" not in ended.stderr
    assert re.search(r"a file larger than the system allows|an error of the disk", ended.stdout + ended.stderr)
    assert not [p for p in here.rglob("out*") if p.is_file()] and not list(here.rglob(".*.csv.*"))


PARAMETERS = "word = ''\nnumber = 0\nyear = None  # type: int\nrate = 0.5\nfails = False\nfree = None"


def own_notebook(here: Path, parameters: str = PARAMETERS) -> None:
    cells = [nbformat.v4.new_code_cell(parameters, id="a", metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell("1 / 0", id="b")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), here / "own.ipynb")
    (here / "table.csv").write_text("name,number\na,1\n", encoding="utf-8")


def test_types_are_what_the_notebook_says_and_else_those_of_its_defaults(here):
    own_notebook(here)
    known = {"word": str, "number": float, "year": int, "rate": float, "fails": bool}
    assert {name: kind.of for name, kind in types(here / "own.ipynb").items()} == known


# A parameter as it is given, and what is said of it; None: it is taken.
GIVEN = {
    "year=2019": None, "year=None": None, "year=abc": "a whole number", "year=2019.5": "a whole number", "year=": "a whole number",
    "year=True": "a whole number", "year=２０１９": "a whole number", "number=2": None, "number=2.5": None, "number=x": "a number",
    "rate=1": None, "rate=.": "a number", "rate=False": "a number", "word=123": None, "word=abc": None, "fails=True": None,
    "fails=yes": "True or False", "fails=1": "True or False", "free=1": None, "free=x": None, "yaer=2019": "its declared parameters",
    "year": "NAME=VALUE", "=1": "NAME=VALUE",
}  # fmt: skip


@pytest.mark.parametrize("given", GIVEN)
def test_a_parameter_of_the_wrong_name_or_type_is_refused_before_anything_runs(here, capsys, given):
    own_notebook(here)
    said = GIVEN[given]
    status, out, err = told(capsys, "batch", "own.ipynb", "table.csv", "-o", "run", "--dry-run", "-p", given, "--lang", "en")
    assert (status == 0) == (said is None) and (said or "") in err, err
    assert (said is None or (status, out) == (2, "")) and not (here / "run").exists()


@pytest.mark.parametrize("arguments", [["studies"], ["study", "data/raw/沁县-2019.txt"]], ids=" ".join)
@pytest.mark.parametrize("given", ["first_year=abc", "last_year=2019.5"])
def test_a_year_that_is_none_stops_the_county_studies_before_they_start(here, capsys, arguments, given):
    before = tree(here)
    for language, said in (("zh", "整数"), ("en", "a whole number")):
        status, out, err = told(capsys, *arguments, "-p", given, "--lang", language)
        assert (status, out) == (2, "") and said in err and given.partition("=")[2] in err and err.count("\n") == 1
    assert tree(here) == before


def test_a_cell_of_a_table_of_the_wrong_type_is_named_before_anything_runs(here, capsys):
    own_notebook(here)
    (here / "table.csv").write_text("name,year,word\na,2019.0,1\nb,abc,2\n", encoding="utf-8")
    status, out, err = told(capsys, "batch", "own.ipynb", "table.csv", "-o", "run")
    assert (status, out) == (2, "") and "table.csv: b:" in err and "year='abc'" in err and not (here / "run").exists()


# Situation, command, what is said in Chinese and in English: there is nothing to read.
NOTHING = {
    "corpus": ["corpus", "{place}", "-o", "out"], "studies": ["studies", "{place}"],
    "export": ["export", "{place}", "--to", "csv", "-o", "out"], "audit": ["audit", "{place}", "-o", "out.xlsx"],
    "trace": ["trace", KEY, "{place}"], "diff": ["diff", "{place}", "data/raw"],
}  # fmt: skip
FOLDERS = {
    "nowhere": ("没有这个文件夹", "no such folder"), "file": ("一个文件", "a file"), "空": ("没有文件", "no file"),
    "closed": ("没有权限", "permission denied"),
}  # fmt: skip


@pytest.mark.parametrize("command", NOTHING)
@pytest.mark.parametrize("place", FOLDERS)
def test_where_there_is_nothing_to_read_the_advice_names_what_the_command_has(here, capsys, command, place):
    (here / "closed").mkdir(mode=0)
    arguments = [argument.format(place=place) for argument in NOTHING[command]]
    before = tree(here)
    for language, found in zip(("zh", "en"), FOLDERS[place], strict=True):
        with bound_by_rights():
            status, out, err = told(capsys, *arguments, "--lang", language)
        assert (status, out) == (2, "") and found in err and err.startswith(f"{place}: ") and err.count("\n") == 1, err
        advice = err.split("建议：" if language == "zh" else "what to do: ")[1]
        flags = {flag for name in cli.COMMANDS[command] for flag in cli.ARGUMENTS[name][0]}
        own = advice if "gongkai" not in advice else advice[: advice.index("gongkai")]
        assert set(re.findall(r"(?<!\w)--?[a-z]+", own)) <= flags
        if place == "closed":
            assert ("检查权限" in advice) == (language == "zh")
        else:
            out = "nowhere" if place == "nowhere" and command != "corpus" else "data/tidy"
            assert command == "studies" or f"gongkai corpus data/raw -o {out}" in advice
    assert tree(here) == before


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_command_that_an_advice_names_is_one(language):
    advice = [entry[language] for entry in texts()["advice"].values()]
    commands = [m for text in advice for m in re.findall(r"gongkai [ -~]+?(?=[;,，；]|$)", text.format(out="data/tidy"))]
    parser = cli._parser(language)
    assert len(commands) > 5
    for command in commands:
        assert callable(parser.parse_args(command.split()[1:], argparse.Namespace(lang=language)).command)


def test_an_emptied_folder_leaves_what_was_built_of_it(here, capsys):
    build(["data/raw"], "tidy", quiet=True)
    for path in (here / "data" / "raw").iterdir():
        path.unlink()
    assert told(capsys, "corpus", "data/raw", "-o", "tidy")[0] == 2
    folder(here, {"data/raw/沁县-2019.txt": document(), "data/raw/沁县-2018.txt": document(year=2018)})
    assert build(["data/raw"], "tidy", quiet=True).read == 0


def test_a_folder_inside_that_does_not_open_is_a_failure_and_costs_the_others_nothing(here, capsys):
    folder(here / "data" / "raw" / "closed", {"a.txt": document(year=2017)})
    (here / "data" / "raw" / "closed").chmod(0)
    with bound_by_rights():
        status, out, err = told(capsys, "corpus", "data/raw", "-o", "tidy")
    assert status == 1 and "closed" in err and "没有权限" in err and "2 份报告" in out
    (here / "data" / "raw" / "closed").chmod(0o755)


def test_a_corpus_on_a_disk_that_cannot_be_written_is_read(here, capsys):
    build(["data/raw"], "tidy", quiet=True)
    folders = [here / "tidy", *(p for p in (here / "tidy").rglob("*") if p.is_dir())]
    for path in folders:
        path.chmod(0o555)
    key = f"{gongkai.read_corpus('tidy').reports['report_id'][0]}#applications/granted/total"
    with bound_by_rights():
        status, out, _ = told(capsys, "trace", key, "tidy")
    for path in folders:
        path.chmod(0o755)
    assert status == 0 and "SHA-256" in out


@pytest.mark.parametrize("name", ["readings.sqlite", "failures.parquet", "corpus.json"])
def test_a_damaged_corpus_is_told_and_not_a_traceback(here, capsys, name):
    # Built by a process of its own: what one keeps open mends the file when it is closed.
    subprocess.run([sys.executable, "-m", "gongkai", "corpus", "data/raw", "-o", "tidy"], check=True, capture_output=True, timeout=120)
    (here / "tidy" / name).write_bytes(b"{" * 5000)
    audit, export = ("audit", "tidy", "-o", "a.xlsx"), ("export", "tidy", "--to", "csv", "-o", "out")
    status, _, err = told(capsys, *(export if name == "failures.parquet" else audit))
    if name == "failures.parquet":  # made again from the store
        assert status == 0 and "（failures.parquet），已据 readings.sqlite 重写" in err.splitlines()[0]
    else:
        assert status == 2 and "损坏的文件" in err and "gongkai corpus" in err


def test_corrections_that_were_named_and_are_not_there_are_not_left_out_in_silence(here, capsys):
    status, out, err = told(capsys, "corpus", "data/raw", "-o", "tidy", "--curation", "nowhere")
    assert (status, out) == (2, "") and "corrections.csv" in err and "--curation" in err and not (here / "tidy").exists()


CHOICES = {
    ("frob",): ("可选：read、check、study", "choose from read, check, study"),
    ("read", "a", "--lang", "fr"): ("可选：zh、en", "可选：zh、en"),
    ("export", "--to", "xls", "-o", "a"): ("可选：csv、parquet、stata、excel", "choose from csv, parquet, stata, excel"),
    ("studies", "--rerun", "most"): ("可选：failed、all", "choose from failed, all"),
    ("read", "a", "--uot", "b.xlsx"): ("是否为 --out？", "did you mean --out?"),
    ("read", "--jsn", "a"): ("是否为 --json？", "did you mean --json?"),
    ("read", "a", "-x"): ("可用：--help、--lang、--out、--json", "known are --help, --lang, --out, --json"),
    ("--lnag", "en", "read", "a"): ("是否为 --lang？", "did you mean --lang?"),
    ("audit", "--corpus", "d"): ("可用：--help、--lang、--seed、--out、--sheet", "known are --help, --lang, --seed, --out, --sheet"),
    ("read", "a", "b"): ("不认识 b", "b is unknown"),
    ("simulate", "--counties", "1", "--years", "2019到2020", "-o", "a"): ("应如 2019-2024", "write 2019-2024"),
}  # fmt: skip


@pytest.mark.parametrize("arguments", CHOICES, ids=" ".join)
def test_a_wrong_choice_lists_the_choices(capsys, arguments):
    for language, said in zip(("zh", "en"), CHOICES[arguments], strict=True):
        status, out, err = told(capsys, *arguments, *(() if "--lang" in arguments else ("--lang", language)))
        assert (status, out) == (2, "") and said in err


def test_a_key_that_no_report_has_is_told_with_those_that_there_are(here, capsys):
    key = KEY.replace("2019", "2011")
    for language, said in (("zh", "没有这样的报告"), ("en", "no such report")):
        status, out, err = told(capsys, "trace", key, "data/raw", "--lang", language)
        assert (
            (status, out) == (2, "") and said in err and "/government/2019" in err and {"zh": "在键后", "en": "behind it"}[language] in err
        )


def test_each_word_of_the_system_is_known_by_its_number_in_both_languages():
    assert all(hasattr(errno, name) for name in texts()["system"] if name != "otherwise")
    for name in ("EACCES", "ENOENT", "ENOSPC", "ENOTDIR", "EISDIR", "EROFS", "ENAMETOOLONG", "EIO", "EMFILE"):
        (zh, en), (do_zh, do_en) = system_words(OSError(getattr(errno, name), os.strerror(getattr(errno, name)), "x"))
        assert re.search("[\u4e00-\u9fff]", zh) and re.search("[\u4e00-\u9fff]", do_zh) and en.isascii() and do_en.isascii()
    assert "Frobnicated" in system_words(OSError(9999, "Frobnicated"))[0][1]
    assert "own words" in system_words(FileNotFoundError(errno.ENOENT, "own words"))[0][1]


def test_a_file_that_cannot_be_written_to_its_end_leaves_the_earlier_one(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    write(path, "before")
    monkeypatch.setattr("gongkai.core.files.os.replace", no_room(errno.ENOSPC))
    with pytest.raises(OSError):
        write(path, "after")
    for save, name in ((write_csv, "a.csv"), (write_excel, "a.xlsx")):
        with pytest.raises(UsageError, match="a full disk"):
            save(read_report(SAMPLE), tmp_path / name)
    assert tree(tmp_path) == {"a.csv"} and path.read_text(encoding="utf-8") == "before"


def piped(*arguments: str, both: bool = False) -> Iterator[object]:
    """Run a command whose output nobody reads, and return its status and what it says besides."""
    into = subprocess.STDOUT if both else subprocess.PIPE
    with subprocess.Popen([sys.executable, "-m", "gongkai", *arguments], stdout=subprocess.PIPE, stderr=into, text=True) as process:
        assert process.stdout
        process.stdout.close()
        said = process.stderr.read() if process.stderr else ""
        yield from (process.wait(120), said)


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe is closed otherwise there")
def test_a_reader_who_stops_reading_is_no_fault(here):
    sample = "data/raw/沁县-2019.txt"
    for arguments in (["read", sample], ["check", sample], ["corpus", "data/raw", "-o", "tidy"]):
        assert tuple(piped(*arguments)) == (cli.CUT_OFF, "")
        assert tuple(piped(*arguments, both=True)) == (cli.CUT_OFF, "")
    assert tuple(piped("frob", both=True)) == (cli.CUT_OFF, "") and tuple(piped("--help"))[1] == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_full_disk_behind_the_output_is_told(here):
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "gongkai", "read", "data/raw/沁县-2019.txt"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
    assert ended.returncode == 2 and "磁盘已满" in ended.stderr and ended.stderr.count("\n") == 1
