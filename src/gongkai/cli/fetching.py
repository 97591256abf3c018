"""The command that fetches what a list of addresses names."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections import Counter

from gongkai.core.messages import say, tell

OK, QUESTIONED = 0, 1
_CONTACT = "GONGKAI_CONTACT"
_MOST_TOLD = 20


def fetch(chosen: argparse.Namespace) -> int:
    """Fetch the documents of a list of addresses, and say what came of them."""
    from gongkai.corpus.fetch import FAILED, LEDGER, NOT_ASKED, WARC
    from gongkai.corpus.fetch import fetch as run

    language, contact = chosen.lang, chosen.contact or os.environ.get(_CONTACT, "")
    done = run(chosen.list, chosen.out, contact=contact, pause=chosen.pause, again=chosen.again, language=language)
    n = Counter(row["outcome"] for row in done.rows)
    counts = {outcome: n[outcome] for outcome in ("fetched", "changed", "unchanged", "failed")}
    tell(say("fetch.counted", language, n=done.addresses, **counts))
    if n[NOT_ASKED]:
        tell(say("fetch.not_asked", language, n=n[NOT_ASKED]))
    failed = done.of(FAILED)
    for row in failed[:_MOST_TOLD]:
        tell(say("fetch.failure", language, said=row["reason_zh" if language == "zh" else "reason"]), file=sys.stderr)
    if len(failed) > _MOST_TOLD:
        tell(say("fetch.more_failures", language, n=len(failed) - _MOST_TOLD, path=done.folder / LEDGER), file=sys.stderr)
    tell(say("fetch.places", language, path=done.folder, ledger=LEDGER, warc=WARC))
    if len(failed) < len(done.rows):
        tell(say("fetch.next", language, folder=shlex.quote(str(done.folder))))
    return QUESTIONED if failed else OK
