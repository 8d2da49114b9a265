# SPDX-License-Identifier: MIT
"""What the integration tests share: where built things are, programs that never outlive a test, servers that play a
part.

MOTE_BUILD is the build folder (default build/), MOTE_ORACLES what tests/oracles fetched (default build/oracles),
MOTE_ARCH the architecture (default this machine's). Whatever is missing is a failure that names the command to run,
never a skip.
"""

import base64
import errno
import hashlib
import json
import os
import platform
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import pytest

from otlp_sink import Sink
from runtime_api import RuntimeApi
from tls_peers import Pki

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MOTE_BUILD", ROOT / "build")).resolve()
ORACLES = Path(os.environ.get("MOTE_ORACLES", BUILD / "oracles")).resolve()
ARCH = os.environ.get("MOTE_ARCH") or {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
EVENTS = ROOT / "tests/data/events"

INIT_SPANS = 4  # of the first invocation, beside its own: what the process did before
PATIENCE = 20  # seconds until a wait counts as failed: a limit, never a measure


def built(path):
    """A path below build/ARCH that has to be there."""
    full = BUILD / ARCH / path
    if not full.exists():
        pytest.fail(f"{full} is missing: make build/{ARCH}/{path}", pytrace=False)
    return full


def bootstrap(name):
    """Of a handler, or of one that only tests run (tests/integration/handlers)."""
    if (ROOT / f"tests/integration/handlers/{name}.c").exists():
        name = f"tests/{name}"
    return built(f"{name}/bootstrap")


def oracle(name):
    full = ORACLES / name
    if not full.exists():
        pytest.fail(f"{full} is missing: tests/oracles {ORACLES} PIP", pytrace=False)
    return full


def from_venv(name):
    """A program that tests/requirements.txt brought."""
    full = Path(sys.executable).parent / name
    if not full.exists():
        pytest.fail(f"{full} is missing: install tests/requirements.txt", pytrace=False)
    return full


def until(what, condition, patience=PATIENCE):
    """Polls until condition() is true, and returns what it gave."""
    end = time.monotonic() + patience
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > end:
            pytest.fail(f"after {patience} s still not so: {what}")
        time.sleep(0.002)


# Below those that Linux gives to who connects (net.ipv4.ip_local_port_range): such a one could be taken until its program listens.
_ports = iter(random.sample(range(10_000, 32_000), 22_000))


def free_port(family=socket.AF_INET):
    """A port nobody listens on; never the same one twice."""
    for port in _ports:
        with socket.socket(family) as s:
            try:
                s.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", port))
            except OSError as e:
                if e.errno != errno.EADDRINUSE:
                    raise
                continue
            return port
    pytest.fail("no port is free")


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def lambda_env(api=None, **more):
    """What Lambda sets for a function. None takes a variable out."""
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_SESSION_TOKEN": "not-a-token",
        "AWS_LAMBDA_FUNCTION_NAME": "greeter",
        "AWS_LAMBDA_FUNCTION_VERSION": "7",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/greeter",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/21/[7]0123456789abcdef0123456789abcdef",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    }
    if api:
        env["AWS_LAMBDA_RUNTIME_API"] = api
    env.update(more)
    return {k: str(v) for k, v in env.items() if v is not None}


class Process:
    """A program under test or beside it. Output goes to files, so that it never blocks on a full pipe."""

    def __init__(self, argv, env, folder, cwd=None):
        self.name = Path(argv[0]).name
        self._out, self._err = (folder / f"{self.name}-{time.monotonic_ns()}.{end}" for end in ("out", "err"))
        with open(self._out, "wb") as out, open(self._err, "wb") as err:
            self.popen = subprocess.Popen(
                [str(a) for a in argv],
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        self.pid = self.popen.pid

    @property
    def out(self):
        return self._out.read_bytes()

    @property
    def err(self):
        return self._err.read_bytes()

    @property
    def log(self):
        return (self.out + self.err).decode("utf-8", "replace")

    def alive(self):
        return self.popen.poll() is None

    def wait(self, patience=PATIENCE):
        """The exit status; a signal is negative."""
        try:
            return self.popen.wait(patience)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self.name} still runs after {patience} s:\n{self.log[-4000:]}")

    def ready(self, port):
        def listening():
            if not self.alive():
                pytest.fail(f"{self.name} ended with {self.popen.returncode}:\n{self.log[-4000:]}")
            return answers(port)

        until(f"{self.name} listens on port {port}", listening)
        return self

    def freeze(self):
        os.kill(self.pid, signal.SIGSTOP)
        until("the process is stopped", lambda: self.state() == "T")

    def thaw(self):
        os.kill(self.pid, signal.SIGCONT)

    def state(self):
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]

    def stop(self):
        """The whole session: what was started may have started others."""
        for sig in signal.SIGTERM, signal.SIGKILL:
            try:
                os.killpg(self.pid, signal.SIGCONT)
                os.killpg(self.pid, sig)
            except OSError as e:
                if e.errno != errno.ESRCH:
                    raise
            try:
                self.popen.wait(2)
            except subprocess.TimeoutExpired:
                continue
        assert self.popen.returncode is not None


@pytest.fixture
def start(tmp_path):
    """start(argv, env) runs a program for the length of this test."""
    running = []

    def run(argv, env, cwd=None):
        running.append(Process(argv, env, tmp_path, cwd or tmp_path))
        return running[-1]

    yield run
    for process in reversed(running):
        process.stop()


@pytest.fixture(scope="module")
def start_once(tmp_path_factory):
    """The same for the length of a module."""
    running = []

    def run(argv, env, cwd=None):
        folder = tmp_path_factory.mktemp("run")
        running.append(Process(argv, env, folder, cwd or folder))
        return running[-1]

    yield run
    for process in reversed(running):
        process.stop()


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    """Certificates, and who signs them."""
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def api():
    """A Runtime API whose every byte the test decides."""
    with RuntimeApi() as a:
        yield a


@pytest.fixture
def sink():
    """An OTLP receiver that keeps what it gets and answers as it is told."""
    with Sink() as s:
        yield s


@pytest.fixture
def function(start, api):
    """function("hello", OTEL_SDK_DISABLED="true") runs a bootstrap under api: it, and its connection."""

    def run(name, *args, **env):
        process = start([bootstrap(name), *args], lambda_env(api.address, **env))
        return process, api.first()

    return run


# ---- the sample events of AWS services that `sam local generate-event` prints ----

_ENCODERS = {"url": urllib.parse.quote, "base64": lambda s: base64.b64encode(s.encode()).decode()}
_HASHES = {"md5": lambda s: hashlib.md5(s.encode()).hexdigest()}


def sample_event(service, event):
    """One of them as bytes, its mustache placeholders filled with their defaults."""
    folder = oracle("sample-events")
    described = json.loads((folder / "event-mapping.json").read_text())[service][event]
    values = {}

    def fill(name, about, value):
        value = _ENCODERS.get(about.get("encoding"), str)(value)
        values[name.replace("-", "_")] = _HASHES.get(about.get("hashing"), str)(value)

    for name, about in described["tags"].items():
        fill(name, about, about.get("default", ""))
        for child, child_about in about.get("children", {}).items():
            fill(child, child_about, about.get("default", ""))
    tree = json.loads((folder / "events" / service / (described["filename"] + ".json")).read_text())
    return json.dumps(_filled(tree, values), indent=2).encode()


def _filled(node, values):
    if isinstance(node, dict):
        return {_filled(k, values): _filled(v, values) for k, v in node.items()}
    if isinstance(node, list):
        return [_filled(v, values) for v in node]
    if not isinstance(node, str):
        return node
    whole = re.fullmatch(r"\{\{\{?(querystringparameters)\}\}\}?", node)
    if whole:  # the only value that is not text
        return json.loads(values[whole[1]])
    # a name that nobody describes is empty, as mustache has it: one template spells its own name wrong
    return re.sub(r"\{\{\{?\s*(\w+)\s*\}?\}\}", lambda m: values.get(m[1], ""), node)


# ---- the emulator ----


class Report:
    """What `emulator run` saw."""

    def __init__(self, status, report, log):
        self.status, self.log = status, log
        self.invocations, self.environments, self.otlp = report["invocations"], report["environments"], report["otlp"]
        self.violations = report["violations"] + [v for i in self.invocations for v in i["violations"]]

    def answers(self):
        return [base64.b64decode(i["response_base64"]) for i in self.invocations]

    def outcomes(self):
        return [i["outcome"] for i in self.invocations]

    def exits(self):
        """How each process ended, None for one that had to be killed."""
        return [None if e["exit"]["stopped_by_us"] else e["exit"]["fate"] for e in self.environments]

    def logs(self):
        lines = [line for e in self.environments for line in e["logs"]] + [
            line for i in self.invocations for line in i["logs"]
        ]
        return "\n".join(line["text"] for line in lines)


def emulating(folder):
    numbers = iter(range(1_000_000))

    def run(name, *options, events=(), n=None, args=(), patience=60):
        number = next(numbers)
        report = folder / f"report-{number}.json"
        argv = [built("emulator"), "run", "--bootstrap", bootstrap(name), "--json", report, "--quiet"]
        for i, event in enumerate(events):
            file = folder / f"event-{number}-{i}"
            file.write_bytes(event)
            argv += ["--event", file]
        argv += ["-n", n or len(events) or 1, *options, *(["--", *args] if args else [])]
        done = subprocess.run(
            [str(a) for a in argv], stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False
        )
        log = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert done.returncode in (0, 1), log
        found = Report(done.returncode, json.loads(report.read_text()), log)
        report.unlink()
        return found

    return run


@pytest.fixture
def emulate(tmp_path):
    """emulate("echo", "--fault", "next drop", events=[b"..."]) runs a bootstrap under the emulator, to its end."""
    return emulating(tmp_path)


@pytest.fixture(scope="module")
def emulate_once(tmp_path_factory):
    """The same for the length of a module."""
    return emulating(tmp_path_factory.mktemp("emulate"))
