# SPDX-License-Identifier: MIT
"""cargo-lambda's local server drives the functions: another Runtime API, under a path, with a function URL in front."""

import http.client
import json
import os
import socket

import pytest
from conftest import PATIENCE, bootstrap, free_port, from_venv, lambda_env, until


def cargo_metadata(folder):
    """The tool asks cargo what there is to build. Nothing is: one program that nobody compiles is answer enough."""
    target = {
        "kind": ["bin"],
        "crate_types": ["bin"],
        "name": "x",
        "src_path": f"{folder}/src/main.rs",
        "edition": "2021",
        "doc": True,
        "doctest": False,
        "test": True,
    }
    package = {
        "name": "x",
        "version": "0.1.0",
        "id": f"x 0.1.0 (path+file://{folder})",
        "dependencies": [],
        "targets": [target],
        "features": {},
        "manifest_path": f"{folder}/Cargo.toml",
        "authors": [],
        "edition": "2021",
    }
    return json.dumps(
        {
            "packages": [package],
            "workspace_members": [package["id"]],
            "workspace_default_members": [package["id"]],
            "resolve": None,
            "target_directory": f"{folder}/target",
            "version": 1,
            "workspace_root": f"{folder}",
            "metadata": None,
        }
    )


class CargoLambda:
    def __init__(self, start, folder):
        project, tools = folder / "project", folder / "tools"
        (project / "src").mkdir(parents=True)
        tools.mkdir()
        (project / "Cargo.toml").write_text('[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n')
        (project / "src/main.rs").write_text("fn main() {}\n")
        (tools / "cargo").write_text(f"#!/bin/sh\ncat <<'JSON'\n{cargo_metadata(project)}\nJSON\n")
        (tools / "cargo").chmod(0o755)
        self.start, self.port = start, free_port()
        env = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(folder)}
        self.process = start(
            [from_venv("cargo-lambda"), "lambda", "watch", "--only-lambda-apis", "-A", "127.0.0.1", "-P", self.port],
            env,
            cwd=project,
        ).ready(self.port)

    def function(self, program, *args, form="127.0.0.1:{port}/.rt", **env):
        return self.start([program, *args], lambda_env(form.format(port=self.port), **env))

    def request(self, method, path, body=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, r.headers, r.read()
        finally:
            c.close()

    def invoke(self, event):
        status, _, body = self.request("POST", "/2015-03-31/functions/_/invocations", event)
        return status, body


@pytest.fixture
def cargo(start, tmp_path):
    return CargoLambda(start, tmp_path)


@pytest.mark.parametrize(
    "form", ["127.0.0.1:{port}/.rt", "http://127.0.0.1:{port}/.rt", "http://localhost:{port}/.rt/"]
)
def test_the_runtime_api_may_lie_under_a_path(cargo, form):
    cargo.function(bootstrap("hello"), form=form)
    for name in "mote", "dust":
        event = json.dumps({"queryStringParameters": {"name": name}})
        assert cargo.invoke(event) == (200, b'{"message":"Hello, %s!"}' % name.encode())


def test_lower_case_headers_and_a_deadline_of_1970(cargo):
    cargo.function(bootstrap("table"), "describe")
    status, body = cargo.invoke(b"{}")
    assert status == 200
    call = json.loads(body)
    assert call["deadline_ms"] == 600000 and call["remaining_ms"] < -1_000_000_000
    assert call["invoked_function_arn"] == "function-arn"
    assert call["request_id"] and call["content_type"] == ""
    assert "Root=1-" in call["trace_header"] and call["trace_value"] == call["trace_header"]


def test_an_error_is_status_500_for_the_caller_and_the_function_goes_on(cargo):
    cargo.function(bootstrap("hello"))
    status, body = cargo.invoke(json.dumps({"queryStringParameters": {"name": "n" * 65}}))
    assert (status, json.loads(body)["errorType"]) == (500, "NameTooLong")
    assert cargo.invoke(b"{}") == (200, b'{"message":"Hello, world!"}')


def test_an_answer_that_nobody_waits_for_is_logged_and_the_next_one_arrives(cargo, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    function = cargo.function(bootstrap("table"), "wait")
    body = json.dumps({"path": str(fifo)}).encode()
    head = f"POST /2015-03-31/functions/_/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", cargo.port), PATIENCE) as caller:
        caller.sendall(head.encode() + body)
        release = _opened(fifo)
    until("the server has seen its caller leave", lambda: _connections_to(cargo.port) <= 1)
    os.write(release, b"x")
    os.close(release)
    until("the refusal is logged", lambda: b"status 500" in function.out)
    status, answer = cargo.invoke(b"{}")
    assert (status, json.loads(answer)["errorType"]) == (500, "NoPath")
    assert function.alive()


def _opened(fifo):
    """The writing end, once the function has the reading end open."""

    def attempt():
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return None

    return until("the function waits", attempt)


def _connections_to(port):
    with open("/proc/net/tcp") as f:
        rows = [line.split() for line in f][1:]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


# ---- the function URL ----

GIF = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1D\0;"


@pytest.fixture
def url(cargo):
    cargo.function(bootstrap("httpapi"))
    return cargo.request


@pytest.mark.parametrize("path", ["/hello", "/lambda-url/_/hello"])
def test_a_query_arrives_decoded_and_the_answer_with_its_headers(url, path):
    status, headers, body = url("GET", path + "?name=caf%C3%A9+%26%20%22mote%22")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body) == {"hello": 'caf\u00e9 & "mote"'}


def test_statuses_are_those_of_the_function(url):
    assert url("GET", "/nowhere")[0] == 404
    status, headers, _ = url("DELETE", "/hello")
    assert (status, headers["allow"]) == (405, "GET")
    assert url("GET", "/hello?name=" + "n" * 4000)[0] == 400


def test_cookies_go_both_ways_one_by_one(url):
    status, headers, body = url("GET", "/cookies", headers={"Cookie": "theme=light; session=0ff1ce"})
    assert (status, body) == (200, b"0ff1ce")
    assert headers.get_all("set-cookie") == [
        "session=7d1f; HttpOnly; Secure; SameSite=Lax",
        "theme=dark; Max-Age=31536000",
    ]


def test_bytes_come_as_bytes(url):
    status, headers, body = url("GET", "/pixel")
    assert (status, headers["content-type"], body) == (200, "image/gif", GIF)


@pytest.mark.parametrize(
    "body,content_type",
    [
        (b"plain text", "text/plain"),
        ("caf\u00e9 \U0001f600".encode(), "text/plain; charset=utf-8"),
        (bytes(range(256)), "application/octet-stream"),
        (GIF, "image/gif"),
        (b'{"a":"\\u0000"}', "application/json"),
        (b"x" * 100_000, "application/octet-stream"),
    ],
)
def test_a_body_goes_there_and_back(url, body, content_type):
    status, headers, got = url("POST", "/echo", body, {"Content-Type": content_type})
    assert (status, headers["content-type"]) == (200, content_type)
    assert got == body


def test_several_invocations_use_one_process(url):
    for n in range(20):
        assert json.loads(url("GET", f"/hello?name={n}")[2]) == {"hello": str(n)}
