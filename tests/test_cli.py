"""The command line as its user sees it: words in two languages, exit statuses, never a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from folders import SAMPLE, document, folder

from gongkai.cli import main
from gongkai.cli.as_json import READ
from gongkai.corpus.outputs import mark
from gongkai.report import read_report

ROOT = SAMPLE.parents[2]
BROKEN = document().replace(
    "一、本年新收政府信息公开申请数量\t\t0\t1\t0\t0\t0\t0\t1", "一、本年新收政府信息公开申请数量\t\t0\t1\t0\t0\t0\t0\t3"
)


def told(capsys, *arguments: str | Path) -> tuple[int, str, str]:
    status = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_read_shows_the_official_tables_the_counts_and_the_next_step(capsys):
    status, out, err = told(capsys, "read", SAMPLE)
    assert (status, err) == (0, "")
    for words in ("沁县 2019 年政府信息公开年度报告", "第二十条第（一）项", "14725700 元", "空白", "↔", "单元格 198 个", "gongkai check"):
        assert words in out


def test_read_speaks_english_on_request_wherever_the_option_stands(capsys):
    for arguments in (("read", SAMPLE, "--lang", "en"), ("--lang", "en", "read", SAMPLE)):
        status, out, _ = told(capsys, *arguments)
        assert status == 0 and "Applications received and processed" in out and "198 cells:" in out and "核查" not in out


def test_columns_are_aligned_for_chinese_widths(capsys):
    _, out, _ = told(capsys, "read", SAMPLE)
    rows = [line for line in out.splitlines() if re.match(r"\s*(一、|二、|（[一二]）|1\.属于|2\.其他法律)", line)]
    assert len({sum(2 if ord(c) > 0x2E7F else 1 for c in row) for row in rows}) == 1 and len(rows) == 6


def test_read_saves_what_is_asked_for(capsys, tmp_path):
    for name in ("a.csv", "a.xlsx", "a"):
        status, out, _ = told(capsys, "read", SAMPLE, "-o", tmp_path / name)
        assert status == 0 and str(tmp_path / name) in out
    assert (tmp_path / "a" / "findings.csv").is_file() and (tmp_path / "a.csv").read_text(encoding="utf-8-sig").count("\n") == 199
    assert "cells" in openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames


def test_read_check_and_trace_print_json(capsys):
    """What programs get is what the library returns, one JSON object and nothing beside it."""
    report = read_report(SAMPLE)
    status, out, err = told(capsys, "read", SAMPLE, "--json")
    read = json.loads(out)
    assert (status, err) == (0, "") and read["report"]["report_id"] == report.report_id and read["report"]["year"] == 2019
    assert [row["value"] for row in read["cells"]] == [r.value for r in report.readings]
    assert {table: len(read[table]) for table in READ} == {table: len(getattr(report, table)) for table in READ}

    status, out, _ = told(capsys, "check", SAMPLE, "--json", "--lang", "en")
    checked = json.loads(out)
    assert status == 0 and [row["code"] for row in checked["findings"]] == list(report.findings["code"])
    assert "please look at each" in checked["verdict"] and "applications/processed_total/total" in checked["unguarded"]

    status, out, _ = told(capsys, "trace", f"{report.report_id}#applications/granted/total", "data/raw", "--json")
    traced = json.loads(out)
    assert status == 0 and traced["cell"]["value"] == 1 and traced["report"]["sha256"] == report.document.sha256
    assert {row["code"] for row in traced["checks"]} == {"balance", "results", "applicants"} and len(traced["explanation"]) > 5


def test_json_of_a_strangers_document_is_json_and_obeyed_by_no_terminal(capsys, tmp_path):
    text = document().replace("政府信息公开", "政府\x1b[31m\u202e信息公开\x9b", 1)
    path = folder(tmp_path, {"a.txt": text}) / "a.txt"
    _, out, _ = told(capsys, "read", path, "--json")
    assert json.loads(out)["sections"] is not None and not {"\x1b", "\u202e", "\x9b"} & {*out}


def test_check_lists_findings_with_their_places(capsys):
    status, out, _ = told(capsys, "check", SAMPLE)
    assert status == 0 and "警告" in out and re.search(r"（第 \d+ 行", out) and "请逐条看过" in out
    status, out, _ = told(capsys, "check", SAMPLE, "--lang", "en")
    assert status == 0 and "please look at each" in out


@pytest.mark.parametrize("language, verdict", [("zh", "请核对原始数据后再公布"), ("en", "before publication")])
def test_check_ends_with_1_where_numbers_contradict_each_other(capsys, tmp_path, language, verdict):
    path = folder(tmp_path, {"a.txt": BROKEN}) / "a.txt"
    status, out, _ = told(capsys, "check", path, "--lang", language)
    assert status == 1 and verdict in out


@pytest.mark.parametrize("command", ["read", "check", "study"])
@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(200), "没有表格的一页".encode(), None])
def test_a_file_that_cannot_be_read_ends_with_2_and_one_message(capsys, tmp_path, command, content):
    path = tmp_path / "a.txt"
    if content is not None:
        path.write_bytes(content)
    status, out, err = told(capsys, command, path)
    assert (status, out) == (2, "") and "建议：" in err and "Traceback" not in err
    assert "what to do:" in told(capsys, command, path, "--lang", "en")[2]


@pytest.mark.parametrize(
    "arguments, zh, en",
    [
        (["read"], "缺少 FILE", "FILE is missing"),
        (["frob"], "没有 'frob' 这一选择", "'frob' is no choice"),
        (["read", "a", "b"], "不认识 b", "b is unknown"),
        (["studies", "--jobs", "0"], "'0' 不是可用的数", "'0' is no usable number"),
        (["studies", "-o"], "-o/--out 后缺少一个值", "-o/--out needs a value"),
        (["studies", "-p", "first_year"], "NAME=VALUE", "NAME=VALUE"),
        (["studies", "-p", "division_code=1"], "由批处理逐县设定", "the batch sets these"),
        (["studies", "-p", "frist_year=2019"], "声明过的参数", "its declared parameters"),
        (["studies", "--rerun", "most"], "没有 'most' 这一选择", "'most' is no choice"),
        (["studies", "--only", "99"], "其中之一的开头", "how one of these begins"),
        (["studies", "nowhere"], "没有这个文件夹", "no such folder"),
        (["study", "data/raw/a.txt", "--only", "14"], "不认识 --only", "--only 14 is unknown"),
        (["studies", "a", "b"], "不认识 b", "b is unknown"),
    ],
)
def test_a_wrong_command_says_what_is_wrong_in_both_languages(capsys, monkeypatch, tmp_path, arguments, zh, en):
    monkeypatch.chdir(folder(tmp_path, {"data/raw/a.txt": document()}))
    status, out, err = told(capsys, *arguments)
    assert (status, out) == (2, "") and zh in err and "Traceback" not in err
    status, _, err = told(capsys, *arguments, "--lang", "en")
    assert status == 2 and (en in err or arguments[-1] == "-o")
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("command", [[], ["read"], ["check"], ["study"], ["studies"], ["batch"]])
def test_help_is_told_in_both_languages(capsys, command):
    status, out, _ = told(capsys, *command, "--help")
    assert status == 0 and "用法：gongkai" in out and not re.search(r"usage|options|positional|show this", out)
    status, out, _ = told(capsys, *command, "--help", "--lang", "en")
    assert status == 0 and out.startswith("usage: gongkai") and not re.search(r"[\u4e00-\u9fff]", out)


def test_a_terminal_without_chinese_shows_question_marks_and_does_not_fail():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    ended = subprocess.run([sys.executable, "-m", "gongkai", "check", str(SAMPLE)], capture_output=True, env=environment, timeout=120)
    assert ended.returncode == 0 and b"Traceback" not in ended.stderr and b"198" in ended.stdout


def test_version(capsys):
    assert told(capsys, "--version")[1].startswith("gongkai ")


@pytest.mark.parametrize("is_there, why", [(False, "not made yet"), (True, "always made anew")])
def test_a_dry_run_of_one_file_says_what_would_be_made_and_makes_nothing(capsys, tmp_path, is_there, why):
    out = tmp_path / "out"
    if is_there:
        (out / "140430-沁县").mkdir(parents=True)
        mark(out, "run", [])
    before = sorted(tmp_path.rglob("*"))
    status, said, _ = told(capsys, "study", SAMPLE, "-o", out, "--dry-run", "--lang", "en")
    assert status == 0 and why in said and "1 of 1 study would be made; nothing was run." in said
    assert sorted(tmp_path.rglob("*")) == before


INTERRUPTED = """
import os, signal, sys

class Presses:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Presses())
from gongkai.cli import main
status = main(sys.argv[2:])
assert not any(isinstance(finder, Presses) for finder in sys.meta_path), "it was not interrupted"
sys.exit(status)
"""


@pytest.mark.parametrize("language, said", [("zh", "已中断。"), ("en", "interrupted.")])
@pytest.mark.parametrize(
    "module", ["gongkai.cli.command_line", "argparse", "gongkai.core.messages", "gongkai.core.errors", "rapidfuzz", "gongkai.readers.plain"]
)
def test_an_interrupt_while_modules_are_still_imported_is_told_in_one_sentence(module, language, said):
    command = [sys.executable, "-c", INTERRUPTED, module, "check", str(SAMPLE), "--lang", language]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", f"{said}\n")
