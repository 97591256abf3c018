"""Debian's chromium without a window, spoken to over a pipe: what a page does in it, says to its console and asks for."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe")
SECONDS = 60
COMPLAINTS = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening")


class Tab:
    """One page in the browser; ``events`` is all that it was heard to do."""

    def __init__(self, to: int, come_from: int) -> None:
        self._to, self._from, self._left, self._number = to, come_from, b"", 0
        self.events: list[dict[str, Any]] = []
        self._session: dict[str, str] = {}
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = {"sessionId": self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}
        for part in ("Page", "Runtime", "Log", "Network"):
            self.tell(f"{part}.enable")

    def tell(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command, and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **self._session}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._heard()).get("id") != self._number:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def _heard(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            if not select.select([self._from], [], [], SECONDS)[0]:
                raise TimeoutError("the browser is silent")
            self._left += os.read(self._from, 1 << 20) or pytest.fail("the browser is gone")
        message, _, self._left = self._left.partition(b"\0")
        return json.loads(message)

    def open(self, page: Path, width: int = 1280, height: int = 900) -> Tab:
        """Open a file as a double click does, and wait until everything in it is there."""
        self.events.clear()
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.tell("Page.navigate", url=page.as_uri())
        while not any(e["method"] == "Page.loadEventFired" for e in self.events):
            self.events.append(self._heard())
        self.run("document.fonts.ready.then(() => 0)")
        return self

    def run(self, script: str) -> Any:
        """Return what an expression is worth in the page."""
        result = self.tell("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def picture(self, whole: bool = True) -> bytes:
        """Return the page as a PNG."""
        return base64.b64decode(self.tell("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    @property
    def complaints(self) -> list[dict[str, Any]]:
        """What stands in the console, and every dialog."""
        return [e for e in self.events if e["method"] in COMPLAINTS]

    @property
    def asked_for(self) -> list[str]:
        """The address of everything that the page asked for."""
        return [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]


@contextmanager
def chromium(profile: Path) -> Iterator[Tab]:
    """Run the browser with a profile of its own."""
    program = shutil.which("chromium") or pytest.skip("no chromium here")
    (its_in, to), (come_from, its_out) = os.pipe(), os.pipe()
    # The browser listens on 3 and answers on 4; moved up first, so that neither is overwritten before it is copied.
    high = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (its_in, its_out)]

    def wire() -> None:
        os.dup2(high[0], 3)
        os.dup2(high[1], 4)

    process = subprocess.Popen(
        [program, *OPTIONS, f"--user-data-dir={profile}"], close_fds=False, preexec_fn=wire,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for end in (its_in, its_out, *high):
        os.close(end)
    try:
        yield Tab(to, come_from)
    finally:
        os.close(to)
        process.kill()
        process.wait()
        os.close(come_from)
