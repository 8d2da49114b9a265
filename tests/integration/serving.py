# SPDX-License-Identifier: MIT
"""`emulator serve` as a fixture for tests: started on a port of its own, spoken to with curl and http.client."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from conftest import Process, built, until

HERE = Path(__file__).parent

# What the served function does is in the event: its own `do`, or that of an HTTP request's body.
OBLIGING = r'''
import json, os, time
version = "VERSION"
say("starting")
a = Api()
def do(order, e, event):
    if "wait_for" in order:
        open(order["here"], "w").close()
        for _ in range(4000):
            if all(os.path.exists(p) for p in order["wait_for"]):
                break
            time.sleep(.005)
    if "say" in order:
        say(order["say"])
    if "exit" in order:
        os._exit(order["exit"])
    if "fail" in order:
        return a.fail(e, json.dumps({"errorType": order["fail"], "errorMessage": "as ordered"}), "Function.AsOrdered")
    if "raw" in order:
        return a.respond(e, order["raw"])
    if "reply" in order:
        return a.respond(e, json.dumps(order["reply"]))
    if "headers" in order:
        return a.respond(e, json.dumps({k.lower(): v for k, v in e.headers.items()}))
    a.respond(e, json.dumps({"event": event, "pid": os.getpid(), "version": version}))
while True:
    e = a.next()
    event = json.loads(e.body)
    order = event.get("do", {}) if isinstance(event, dict) else {}
    if isinstance(event, dict) and not order and event.get("version") == "2.0":
        try:
            order = json.loads(event["body"])["do"]
        except (KeyError, TypeError, ValueError):
            pass
    do(order, e, event)
'''


def write_bootstrap(path, program=OBLIGING, version="1"):
    """A bootstrap of these lines of Python, which find rogue.py's names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    program = textwrap.dedent(program).replace("VERSION", version)
    temporary = path.with_suffix(".writing")
    temporary.write_text(f"#!{sys.executable} -SE\nimport sys\nsys.path.insert(0, {str(HERE)!r})\nimport rogue\nrogue.main({program!r})\n")
    temporary.chmod(0o755)
    temporary.replace(path)
    return path


class Answer:
    def __init__(self, reply):
        self.status, self.headers, self.body = reply.status, reply.headers, reply.read()

    @property
    def json(self):
        return json.loads(self.body)


class Served:
    """A running `emulator serve`."""

    def __init__(self, process):
        self.process = process
        greeting = until("serve says where it is", lambda: re.search(r"(\S+) is served on http://\S+:(\d+)\n", self.out)
                         or not process.alive())
        assert process.alive(), process.log
        self.name, self.port = greeting[1], int(greeting[2])

    @property
    def out(self):
        return self.process.out.decode()

    def shows(self, pattern):
        """What it has printed, once that matches."""
        return until(f"serve prints {pattern}\n{self.out[-3000:]}", lambda: re.search(pattern, self.out))

    def request(self, method, path, body=None, headers={}, connection=None):
        c = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        c.request(method, path, body, headers)
        answer = Answer(c.getresponse())
        if not connection:
            c.close()
        return answer

    def invoke(self, event, name=None, headers={}):
        body = event if isinstance(event, (bytes, str)) else json.dumps(event)
        return self.request("POST", f"/2015-03-31/functions/{name or self.name}/invocations", body, headers)

    def curl(self, *args, status=0):
        *options, path = args
        done = subprocess.run(["curl", "-sS", "-m", "20", *options, f"http://127.0.0.1:{self.port}{path}"], capture_output=True,
                              timeout=30)
        assert done.returncode == status, done.stderr
        return done.stdout

    def interrupt(self, sig=signal.SIGINT):
        os.kill(self.process.pid, sig)
        return self.process.wait()


def start_serving(start, bootstrap, *options, name="obliging", env=None):
    argv = [built("emulator"), "serve", "--bootstrap", bootstrap, "--handler", name, "--port", "0", *options]
    return Served(start(argv, env or dict(os.environ, COLUMNS="100")))


__all__ = ["OBLIGING", "Process", "Served", "start_serving", "write_bootstrap"]
