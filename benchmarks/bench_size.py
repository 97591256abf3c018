"""How the time to read a document grows with its size, over four decades, for text and HTML of each kind that could grow without end.

    make bench-size

Prints the processor's seconds for each size, and two slopes of their logarithms: over all sizes, and over the last decade, where nothing
fixed hides what grows faster than the document. Fails where the first is above 1.2 or the second above 1.5: what no longer fits into the
caches of words costs up to 1.35 in one decade, what compares all lines with each other costs 2.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count, islice, takewhile

import gongkai

SIZES = (300, 3_000, 30_000, 300_000, 3_000_000)
STEEPEST, STEEPEST_LAST = 1.2, 1.5
ROUNDS, LONG = 3, 0.5
TITLE = "青石县2019年政府信息公开工作年度报告"
LIST, TABLE = "统计指标\t单位\t统计数", "信息内容\t本年新制作数量\t本年新公开数量\t对外公开总数量"

Line = Callable[[int], str]
KINDS: Mapping[str, tuple[str, Line]] = {
    "prose": (TITLE, lambda i: f"全县各单位全年公开政府信息{i}条，其中网站公开{i // 2}条，比上年增长3.5%。"),
    "headings": (TITLE, lambda i: "三、收到和处理政府信息公开申请情况"),
    "rows of a list": (f"{TITLE}\n{LIST}", lambda i: f"{i}.主动公开政府信息数\t条\t{i}"),
    "rows of a list, spaced": (f"{TITLE}\n统计指标  单位  统计数", lambda i: f"（一）主动公开政府信息数  条  {i}"),
    "lists": (TITLE, lambda i: f"政府信息公开情况统计表{i}\n{LIST}\n收到申请数\t件\t{i}\n当面申请数\t件\t1\n"),
    "rows of the form": (f"{TITLE}\n三、收到和处理政府信息公开申请情况", lambda i: f"（一）予以公开 {i} 0 0 0 0 0 {i}"),
    "rows of totals": (f"{TITLE}\n三、收到和处理政府信息公开申请情况", lambda i: "总计 0 0 0 0 0 0 0"),
    "rows of no form": (f"{TITLE}\n{TABLE}", lambda i: f"其他文件{i}\t{i}\t2\t3"),
    "labels": (TITLE, lambda i: "行政许可"),
    "numbers": (f"{TITLE}\n行政许可 5\n行政处罚 6", lambda i: "1"),
    "empty cells": (f"{TITLE}\n行政许可 5\n行政处罚 6", lambda i: "|"),
}  # fmt: skip


def lines(kind: str, size: int) -> list[str]:
    """Write a document of one kind, of about as many bytes."""
    head, line = KINDS[kind]
    step = len(line(100).encode()) + 1
    return [head, *islice(map(line, count(1)), max(1, size // step))]


def text(kind: str, size: int) -> bytes:
    return "\n".join(lines(kind, size)).encode()


def glued(kind: str, size: int) -> bytes:
    return "".join(lines(kind, size)).encode()


def html(kind: str, size: int) -> bytes:
    """Write the same lines as one table where they have cells, and as paragraphs where they have none."""
    rows = [line.split("\t") for one in lines(kind, size) for line in one.split("\n")]
    body = ("".join(f"<td>{c}</td>" for c in row) if len(row) > 1 else f"<td colspan=3>{row[0]}</td>" for row in rows)
    table = any(len(row) > 1 for row in rows)
    parts = "".join(f"<tr>{row}</tr>" for row in body) if table else "".join(f"<p>{row[0]}</p>" for row in rows)
    return f"<html><body>{f'<table>{parts}</table>' if table else parts}</body></html>".encode()


def seconds(data: bytes) -> float:
    """Return the least seconds of a few readings, or those of one that is long."""
    times: list[float] = []
    for _ in takewhile(lambda _: not times or times[-1] < LONG, range(ROUNDS)):
        start = time.process_time()
        with suppress(gongkai.ReportError):
            gongkai.read_report(data)
        times.append(time.process_time() - start)
    return min(times)


def slope(sizes: list[int], times: list[float]) -> float:
    """Return the slope of a straight line through the logarithms, by least squares.

    Examples
    --------
    >>> round(slope([1, 10, 100], [2, 20, 200]), 6)
    1.0
    """
    xs, ys = ([math.log10(v) for v in values] for values in (sizes, times))
    x0, y0 = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - x0) * (y - y0) for x, y in zip(xs, ys, strict=True)) / sum((x - x0) ** 2 for x in xs)


def main() -> int:
    only, steep = sys.argv[1:], 0
    seconds(text("rows of a list", 300))
    print(f"{'':32}{''.join(f'{size / 1000:>8g}k' for size in SIZES)}{'slope':>8}{'last':>8}")
    for write in (text, html, glued):
        for kind in KINDS:
            name = f"{write.__name__}, {kind}"
            if only and not any(part in name for part in only):
                continue
            documents = [write(kind, size) for size in SIZES]
            sizes, times = [len(d) for d in documents], [seconds(d) for d in documents]
            slopes = slope(sizes, times), slope(sizes[-2:], times[-2:])
            steep += slopes[0] > STEEPEST or slopes[1] > STEEPEST_LAST
            print(f"{name:32}{''.join(f'{t:9.3f}' for t in times)}{slopes[0]:8.2f}{slopes[1]:8.2f}", flush=True)
    return int(steep > 0)


if __name__ == "__main__":
    sys.exit(main())
