# SPDX-License-Identifier: MIT
"""A headless Chromium, driven by the pipe that it offers for that: JSON messages, each ended by a zero byte."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAM = "chromium-headless-shell"
FLAGS = [
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
]


class Chromium:
    """One program, one page at a time. Everything that the page complains about is in `complaints`."""

    def __init__(self, seconds=60):
        self.home = tempfile.mkdtemp(prefix="chromium-")
        self.until = time.monotonic() + seconds
        to_it, self.write_end = os.pipe()
        self.read_end, from_it = os.pipe()
        command = [shutil.which(PROGRAM) or PROGRAM, *FLAGS, f"--user-data-dir={self.home}", "about:blank"]
        # It reads from 3 and writes to 4, which may be numbers of our own: a shell puts them there. Not sh, which knows no number above 9.
        shell = f'exec "$@" 3<&{to_it} 4>&{from_it}'
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", shell, "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(to_it, from_it),
            env={**os.environ, "HOME": self.home},
        )
        os.close(to_it)
        os.close(from_it)
        self.number, self.unread, self.session, self.events, self.complaints = 0, b"", None, [], []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Log", "Network":
            self.ask(f"{domain}.enable")

    def close(self):
        os.close(self.write_end)  # it ends when the pipe does
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.read_end)
        shutil.rmtree(self.home, ignore_errors=True)

    def _message(self):
        while b"\0" not in self.unread:
            left = self.until - time.monotonic()
            if left <= 0 or not select.select([self.read_end], [], [], left)[0]:
                raise TimeoutError("chromium does not answer")
            more = os.read(self.read_end, 1 << 20)
            if not more:
                raise EOFError(f"chromium has ended with status {self.process.wait(10)}")
            self.unread += more
        message, _, self.unread = self.unread.partition(b"\0")
        return json.loads(message)

    def _note(self, event):
        self.events.append(event)
        kind, said = event.get("method"), event.get("params", {})
        if kind == "Runtime.exceptionThrown":
            self.complaints.append(said["exceptionDetails"]["text"])
        elif kind == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
            self.complaints.append(said["entry"]["text"])
        elif kind == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
            self.complaints.append(str(said["args"]))

    def ask(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_end, data) :]
        while True:
            answer = self._message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self._note(answer)

    def open(self, path, width, height=900, dark=False):
        """The file at this size of a window; returns when it is laid out."""
        self.events, self.complaints = [], []
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.ask("Page.navigate", url=path.resolve().as_uri())
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self._note(self._message())

    def value(self, script):
        """What this expression is in the page, as JSON can carry it."""
        result = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(
                result["exceptionDetails"].get("exception", {}).get("description") or result["exceptionDetails"]["text"]
            )
        return result["result"].get("value")

    def requests(self):
        """Addresses that the page has asked for, itself included."""
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]

    def picture(self, path, **clip):
        """The whole page as PNG, or the part of it given by x, y, width, height."""
        more = {"clip": {**clip, "scale": 1}} if clip else {}
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=True, **more)["data"]))
