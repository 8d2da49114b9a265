# SPDX-License-Identifier: MIT
"""`emulator serve`: the Invoke API as the AWS CLI and curl use it, the function URL, rebuilding, and the end of it all."""

import base64
import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import threading
import time

import pytest
from conftest import ARCH, BUILD, ROOT, bootstrap, built, from_venv, until
from serving import Served, start_serving, write_bootstrap
from test_run import EVERY_SIGNAL, has_every_signal

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
LIMIT = 6291556


@pytest.fixture
def serve(start, tmp_path):
    def run(*options, program=None, **more):
        path = write_bootstrap(tmp_path / "fn/bootstrap", **({"program": program} if program else {}))
        return start_serving(start, path, *options, **more)

    return run


@pytest.fixture(scope="module")
def served(start_once, tmp_path_factory):
    """One for all tests that only ask it something."""
    return start_serving(start_once, write_bootstrap(tmp_path_factory.mktemp("fn") / "bootstrap"))


# ---- the Invoke API ----


class Aws:
    def __init__(self, served, folder):
        self.served, self.folder = served, folder
        self.env = {"PATH": os.environ["PATH"], "HOME": str(folder), "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_MAX_ATTEMPTS": "1",
                    "AWS_SECRET_ACCESS_KEY": "none", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}

    def invoke(self, payload, *options, name=None):
        out = self.folder / "out.json"
        done = subprocess.run([from_venv("aws"), "lambda", "invoke", "--endpoint-url", f"http://127.0.0.1:{self.served.port}",
                               "--function-name", name or self.served.name, "--payload", json.dumps(payload), *options, out],
                              env=self.env, capture_output=True, text=True, timeout=60)
        if done.returncode:
            return done.stderr, None
        return json.loads(done.stdout), out.read_bytes()


@pytest.fixture
def aws(served, tmp_path):
    return Aws(served, tmp_path)


def test_the_aws_cli_invokes(aws):
    said, payload = aws.invoke({"a": [1, "é"]})
    assert said == {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
    assert json.loads(payload)["event"] == {"a": [1, "é"]}


@pytest.mark.parametrize("name", ["obliging:$LATEST", "obliging:live", "123456789012:function:obliging",
                                  "arn:aws:lambda:eu-west-1:123456789012:function:obliging:7"])
def test_the_aws_cli_invokes_by_every_form_of_the_name(aws, name):
    said, _ = aws.invoke({}, name=name)
    assert said["StatusCode"] == 200


def test_the_aws_cli_gets_the_tail_of_the_log(aws):
    said, _ = aws.invoke({"do": {"say": "one word"}}, "--log-type", "Tail")
    tail = base64.b64decode(said["LogResult"]).decode()
    id = re.search(rf"START RequestId: ({UUID}) Version: \$LATEST\n", tail)[1]
    assert re.search(rf"START RequestId: {id} .*\none word\nEND RequestId: {id}\nREPORT RequestId: {id}\tDuration: [\d.]+ ms\t"
                     r"Billed Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\t", tail)


def test_the_log_tail_is_4_kib_and_init_is_in_it(serve):
    s = serve()
    tail = base64.b64decode(s.invoke({}, headers={"X-Amz-Log-Type": "Tail"}).headers["X-Amz-Log-Result"]).decode()
    assert tail.startswith("starting\nSTART ") and re.search(r"Init Duration: [\d.]+ ms", tail)
    tail = base64.b64decode(s.invoke({"do": {"say": "x" * 6000}}, headers={"X-Amz-Log-Type": "Tail"}).headers["X-Amz-Log-Result"])
    assert len(tail) == 4096 and tail.startswith(b"xxx") and b"\nREPORT " in tail and b"Init Duration" not in tail


def test_the_aws_cli_learns_of_a_function_error(aws):
    said, payload = aws.invoke({"do": {"fail": "OutOfCheese"}})
    assert (said["StatusCode"], said["FunctionError"]) == (200, "Unhandled")
    assert json.loads(payload) == {"errorType": "OutOfCheese", "errorMessage": "as ordered"}


def test_the_aws_cli_learns_of_a_crash_and_the_next_one_works(aws):
    said, payload = aws.invoke({"do": {"exit": 3}})
    assert (said["StatusCode"], said["FunctionError"]) == (200, "Unhandled")
    assert json.loads(payload)["errorType"] == "Runtime.ExitError" and "exit status 3" in json.loads(payload)["errorMessage"]
    assert aws.invoke({})[0]["StatusCode"] == 200


def test_the_aws_cli_passes_a_client_context(aws):
    context = {"custom": {"k": "v"}, "client": {"app_title": "ä"}}
    encoded = base64.b64encode(json.dumps(context, ensure_ascii=True).encode()).decode()
    _, payload = aws.invoke({"do": {"headers": 1}}, "--client-context", encoded)
    assert json.loads(json.loads(payload)["lambda-runtime-client-context"]) == context


def test_an_event_is_accepted_and_run_later(aws, served, tmp_path):
    said, payload = aws.invoke({"do": {"here": str(tmp_path / "here"), "wait_for": []}}, "--invocation-type", "Event")
    assert said == {"StatusCode": 202, "ExecutedVersion": "$LATEST"} and payload == b""
    until("the event was handled", (tmp_path / "here").exists)
    served.shows(r"invoke later obliging  202 ok")


def test_a_dry_run_runs_nothing(aws, served, tmp_path):
    said, payload = aws.invoke({"do": {"here": str(tmp_path / "here"), "wait_for": []}}, "--invocation-type", "DryRun")
    assert said["StatusCode"] == 204 and payload == b""
    assert served.invoke({}).status == 200
    assert not (tmp_path / "here").exists()


def test_an_unknown_function_is_not_found(aws):
    said, _ = aws.invoke({}, name="other")
    assert "ResourceNotFoundException" in said and "Function not found: arn:aws:lambda:us-east-1:123456789012:function:other" in said


def test_a_payload_above_the_limit_is_refused_and_one_at_it_is_not(served):
    fits = b'{"a":"' + b"x" * (LIMIT - 8) + b'"}'
    assert len(fits) == LIMIT
    assert served.invoke(fits).headers["X-Amz-Function-Error"] == "Unhandled"  # its reply says more than that, and is too large
    a = served.invoke(b'{"do":{"reply":1},"a":"' + b"x" * (LIMIT - 25) + b'"}')
    assert (a.status, a.body, a.headers["X-Amz-Function-Error"]) == (200, b"1", None)
    a = served.invoke(fits + b" ")
    assert (a.status, a.headers["x-amzn-ErrorType"]) == (413, "RequestTooLargeException")
    assert a.json == {"Type": "User", "Message": "Request must be smaller than 6291556 bytes for the InvokeFunction operation"}


def test_an_event_above_its_own_limit_is_refused(served):
    a = served.invoke(b'"' + b"x" * (1 << 20) + b'"', headers={"X-Amz-Invocation-Type": "Event"})
    assert (a.status, a.headers["x-amzn-ErrorType"]) == (413, "RequestTooLargeException")


@pytest.mark.parametrize("body, headers, error", [
    ('{"a":', {}, "InvalidRequestContentException"),
    ("{}", {"X-Amz-Client-Context": "%%%"}, "InvalidRequestContentException"),
    ("{}", {"X-Amz-Client-Context": base64.b64encode(b"[1]").decode()}, "InvalidRequestContentException"),
    ("{}", {"X-Amz-Client-Context": base64.b64encode(b'{"a":"' + b"x" * 3000 + b'"}').decode()}, "InvalidRequestContentException"),
    ("{}", {"X-Amz-Invocation-Type": "Later"}, "InvalidParameterValueException"),
    ("{}", {"X-Amz-Log-Type": "Head"}, "InvalidParameterValueException"),
])
def test_what_lambda_refuses_is_refused(served, body, headers, error):
    a = served.invoke(body, headers=headers)
    assert (a.status, a.headers["x-amzn-ErrorType"]) == (400, error) and a.json["Type"] == "User"


def test_other_calls_of_the_api_are_not_mistaken_for_the_function_url(served):
    assert served.request("GET", "/2015-03-31/functions/obliging").headers["x-amzn-ErrorType"] == "UnknownOperationException"
    assert served.request("GET", "/2015-03-31/functions/obliging/invocations").status == 405
    assert served.request("GET", "/2015-03-31/other").json["event"]["rawPath"] == "/2015-03-31/other"


def test_what_the_caller_says_reaches_the_function(served):
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    a = served.invoke({"do": {"headers": 1}}, headers={"X-Amzn-Trace-Id": trace, "X-Amz-Tenant-Id": "blue"})
    assert a.json["lambda-runtime-trace-id"] == trace and a.headers["X-Amzn-Trace-Id"] == trace
    assert a.json["lambda-runtime-aws-tenant-id"] == "blue"
    assert a.json["lambda-runtime-aws-request-id"] == a.headers["x-amzn-RequestId"]
    assert re.fullmatch(UUID, a.headers["x-amzn-RequestId"])
    assert "lambda-runtime-client-context" not in a.json


def test_no_payload_is_an_empty_object(served):
    assert served.invoke(b"").json["event"] == {}


# ---- the function URL ----


def test_a_url_request_becomes_an_event_of_format_2(served):
    before = time.time()
    e = json.loads(served.curl("-X", "PATCH", "-H", "X-One: a", "-H", "x-one: b", "-H", "Cookie: k=v; l=w", "-H", "Accept:",
                               "-A", "tester/1", "-H", "Content-Type: text/plain; charset=utf-8", "--data-binary", "héllo\n",
                               "/a%20b/c;d?x=1&y=%C3%A9+z&x=2&flag&e="))["event"]
    assert (e["version"], e["routeKey"]) == ("2.0", "$default")
    assert (e["rawPath"], e["rawQueryString"]) == ("/a%20b/c;d", "x=1&y=%C3%A9+z&x=2&flag&e=")
    assert e["queryStringParameters"] == {"x": "1,2", "y": "é z", "flag": "", "e": ""}
    assert e["cookies"] == ["k=v", "l=w"]
    assert (e["body"], e["isBase64Encoded"]) == ("héllo\n", False)
    h, c = e["headers"], e["requestContext"]
    assert h["x-one"] == "a,b" and h["host"] == f"127.0.0.1:{served.port}" and h["user-agent"] == "tester/1"
    assert h["x-forwarded-for"] == "127.0.0.1" and h["x-forwarded-proto"] == "http" and h["x-forwarded-port"] == str(served.port)
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1", h["x-amzn-trace-id"])
    assert all(k == k.lower() for k in h) and "cookie" not in h and "accept" not in h
    assert c["http"] == {"method": "PATCH", "path": "/a%20b/c;d", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "tester/1"}
    assert (c["accountId"], c["routeKey"], c["stage"]) == ("anonymous", "$default", "$default")
    assert c["domainName"] == h["host"] and c["apiId"] == c["domainPrefix"] == "obliging" and re.fullmatch(UUID, c["requestId"])
    assert before - 1 < c["timeEpoch"] / 1000 < time.time() + 1
    assert c["time"] == time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(c["timeEpoch"] // 1000))


def test_a_url_request_without_anything_has_only_what_must_be(served):
    e = json.loads(served.curl("/"))["event"]
    assert set(e) == {"version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext", "isBase64Encoded"}
    assert (e["rawPath"], e["rawQueryString"], e["isBase64Encoded"]) == ("/", "", False)


@pytest.mark.parametrize("type, body, text", [
    ("application/json", b'{"a":1}', True),
    ("application/problem+json; charset=utf-8", b"{}", True),
    ("image/svg+xml", b"<svg/>", True),
    ("application/xml", b"<a/>", True),
    ("TEXT/CSV", b"a,b\n", True),
    ("text/plain", b"\xff\xfe", False),
    ("application/octet-stream", b"\x00\x01\xff", False),
    ("application/x-www-form-urlencoded", b"a=b", False),
    ("image/png", b"\x89PNG\r\n", False),
])
def test_the_content_type_decides_whether_a_body_is_text(served, type, body, text):
    e = served.request("POST", "/", body, {"Content-Type": type}).json["event"]
    assert e["isBase64Encoded"] is not text
    assert (e["body"].encode() if text else base64.b64decode(e["body"])) == body


def test_a_compressed_body_is_not_text(served):
    e = served.request("POST", "/", b"abc", {"Content-Type": "text/plain", "Content-Encoding": "gzip"}).json["event"]
    assert e["isBase64Encoded"] and base64.b64decode(e["body"]) == b"abc"


def order(served, reply, path="/", method="POST"):
    """A function URL's answer to a function that replies so."""
    body = {"raw": reply} if isinstance(reply, str) else {"reply": reply}
    return served.request(method, path, json.dumps({"do": body}), {"Content-Type": "application/json"})


def test_a_reply_with_a_status_code_is_an_http_answer(served):
    a = order(served, {"statusCode": 418, "headers": {"X-Number": 7, "content-type": "text/html", "x-yes": True},
                       "cookies": ["a=1; Secure", "b=2"], "body": "<p>é"})
    assert (a.status, a.body.decode()) == (418, "<p>é")
    assert (a.headers["X-Number"], a.headers["X-Yes"], a.headers["Content-Type"]) == ("7", "true", "text/html")
    assert a.headers.get_all("Set-Cookie") == ["a=1; Secure", "b=2"]
    assert re.fullmatch(UUID, a.headers["x-amzn-RequestId"])


def test_a_reply_may_be_base64(served):
    a = order(served, {"statusCode": 200, "body": base64.b64encode(b"\x00\xff\n").decode(), "isBase64Encoded": True})
    assert (a.body, a.headers["Content-Type"]) == (b"\x00\xff\n", "application/json")


@pytest.mark.parametrize("reply", [{"no": "status"}, "text", [1, 2], 7, None, True])
def test_any_other_json_is_the_body_of_a_200(served, reply):
    a = order(served, json.dumps(reply))
    assert (a.status, a.headers["Content-Type"], a.json) == (200, "application/json", reply)


def test_what_a_function_says_of_the_connection_is_not_believed(served):
    headers = {"Content-Length": "999", "Connection": "close", "Transfer-Encoding": "chunked"}
    a = order(served, {"statusCode": 200, "headers": headers, "body": "x"})
    assert (a.body, a.headers["Content-Length"], a.headers["x-amzn-remapped-content-length"]) == (b"x", "1", "999")
    assert a.headers["x-amzn-remapped-connection"] == "close" and "Connection" not in a.headers and "Transfer-Encoding" not in a.headers


@pytest.mark.parametrize("reply, why", [
    ("not json", "the reply is not JSON"),
    ({"statusCode": 99}, "statusCode is not between"),
    ({"statusCode": {}}, "statusCode is not a number"),
    ({"statusCode": 200, "headers": [1]}, "headers is not an object"),
    ({"statusCode": 200, "headers": {"a b": "x"}}, "a name in headers is not a token"),
    ({"statusCode": 200, "headers": {"a": "x\r\nInjected: 1"}}, "has control characters"),
    ({"statusCode": 200, "headers": {"a": ["x"]}}, "a value in headers is an array"),
    ({"statusCode": 200, "cookies": "a=b"}, "cookies is not an array"),
    ({"statusCode": 200, "cookies": ["a=b\nc"]}, "a cookie is not a string, or has control"),
    ({"statusCode": 200, "body": {"a": 1}}, "body is not a string"),
    ({"statusCode": 200, "body": "?", "isBase64Encoded": True}, "body is not base64"),
])
def test_a_reply_that_is_no_answer_is_a_502_and_the_screen_says_why(served, reply, why):
    a = order(served, reply)
    assert (a.status, a.json, a.headers["Injected"]) == (502, {"message": "Internal Server Error"}, None)
    served.shows("502 .*" + re.escape(why))


def test_a_function_error_is_a_502(served):
    a = served.request("POST", "/", json.dumps({"do": {"fail": "Oops"}}), {"Content-Type": "application/json"})
    assert (a.status, a.json) == (502, {"message": "Internal Server Error"})
    served.shows(r"POST /  502 Function\.AsOrdered .*\n  .*\"errorType\": ?\"Oops\"")


def test_an_event_above_the_limit_is_a_413(served):
    a = served.request("POST", "/", b"x" * (LIMIT - 300), {"Content-Type": "text/plain"})
    assert (a.status, a.headers["x-amzn-ErrorType"]) == (413, "RequestTooLargeException")


# ---- HTTP as clients speak it ----


def test_curl_sends_chunks_and_expects_a_100(served, tmp_path):
    file = tmp_path / "body"
    file.write_bytes(b"0123456789abcde\n" * (1 << 17))
    text = "-H", "Content-Type: text/plain", "--data-binary", f"@{file}"
    e = json.loads(served.curl("-H", "Transfer-Encoding: chunked", *text, "/"))["event"]
    assert e["body"].encode() == file.read_bytes()
    done = subprocess.run(["curl", "-sSv", "-m", "20", *text, "-H", "Expect: 100-continue", "--expect100-timeout", "19",
                           f"http://127.0.0.1:{served.port}/"], capture_output=True, timeout=30)
    assert b"< HTTP/1.1 100 Continue" in done.stderr and json.loads(done.stdout)["event"]["body"].encode() == file.read_bytes()


def test_a_connection_is_kept(served):
    out = served.curl("-o", "/dev/null", "-w", "%{num_connects}", f"http://127.0.0.1:{served.port}/a", "-o", "/dev/null", "/b")
    assert out == b"10"


def test_a_connection_is_closed_where_that_is_asked(served):
    for head in b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":
        with socket.create_connection(("127.0.0.1", served.port), timeout=20) as s:
            s.sendall(head)
            reply = b"".join(iter(lambda: s.recv(65536), b""))
        assert b"\r\nConnection: close\r\n" in reply and reply.count(b"HTTP/1.1 200 OK") == 1


def test_requests_may_be_pipelined(served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as s:
        s.sendall(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        reply = b"".join(iter(lambda: s.recv(65536), b""))
    assert re.findall(rb'"rawPath": "(/\d)"', reply) == [b"/1", b"/2"]


def test_head_has_no_body(served):
    a = served.request("HEAD", "/")
    assert a.status == 200 and a.body == b"" and int(a.headers["Content-Length"]) > 100


def test_what_is_not_http_is_a_400(served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as s:
        s.sendall(b"hello there\r\n\r\n")
        assert s.recv(65536).startswith(b"HTTP/1.1 400 ")
    assert served.invoke({}).status == 200


def test_a_caller_may_hang_up(serve, tmp_path):
    s = serve()
    with socket.create_connection(("127.0.0.1", s.port), timeout=20) as c:
        body = json.dumps({"do": {"here": str(tmp_path / "in"), "wait_for": [str(tmp_path / "go")]}}).encode()
        c.sendall(b"POST /gone HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        until("the function has it", (tmp_path / "in").exists)
    (tmp_path / "go").touch()
    s.shows(r"POST /gone  \(caller hung up\) ok")
    assert s.invoke({}).status == 200


# ---- several at once ----


def together(calls):
    results = [None] * len(calls)

    def run(i):
        results[i] = calls[i]()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(calls))]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    return results


def test_callers_are_served_at_the_same_time(serve, tmp_path):
    s = serve()
    here = [str(tmp_path / f"here{i}") for i in range(4)]
    answers = together([lambda i=i: s.invoke({"do": {"here": here[i], "wait_for": here}}) for i in range(4)])  # each waits for all
    assert [a.status for a in answers] == [200] * 4
    assert len({a.json["pid"] for a in answers}) == 4


def test_with_one_environment_callers_wait_their_turn(serve):
    s = serve("--environments", "1")
    answers = together([lambda i=i: s.invoke({"n": i}) for i in range(12)])
    assert sorted(a.json["event"]["n"] for a in answers) == list(range(12))
    assert len({a.json["pid"] for a in answers}) == 1
    until("each has its line", lambda: len(re.findall(r"  warm\n", s.out)) == 11)
    assert len(re.findall(r"  cold\n", s.out)) == 1


def test_one_caller_after_the_other_finds_the_environment_warm(serve):
    s = serve()
    connection = http.client.HTTPConnection("127.0.0.1", s.port, timeout=20)
    assert len({s.request("GET", "/", connection=connection).json["pid"] for _ in range(200)}) == 1


SLOW_TO_COME_BACK = """
import os, json
a = Api()
while True:
    e = a.next()
    a.respond(e, json.dumps({"pid": os.getpid()}))
    sleep(3)
"""


def test_a_caller_does_not_wait_for_an_environment_that_takes_its_time(serve):
    s = serve(program=SLOW_TO_COME_BACK)
    before = time.monotonic()
    assert s.invoke({}).json["pid"] != s.invoke({}).json["pid"]
    assert time.monotonic() - before < 3


# ---- a change of the sources ----


@pytest.fixture
def project(serve, tmp_path):
    """A source file, a build that refuses a bad one, and the function made of it."""
    source, built_one = tmp_path / "src/deep/version", tmp_path / "fn/bootstrap"
    source.parent.mkdir(parents=True)
    source.write_text("one")
    script = tmp_path / "build.py"
    script.write_text(f"""
import sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
from pathlib import Path
from serving import write_bootstrap
version = Path({str(source)!r}).read_text()
if "bad" in version:
    Path({str(built_one)!r}).unlink(missing_ok=True)
    sys.exit("version:1: error: this is bad")
write_bootstrap(Path({str(built_one)!r}), version=version)
""")
    s = serve("--watch", tmp_path / "src", "--build", f"{shlex.quote(str(from_venv('python')))} {shlex.quote(str(script))}")
    s.source = source
    return s


def version(s):
    return s.invoke({}).json["version"]


def test_a_change_rebuilds_and_the_next_caller_gets_the_new_one(project):
    assert version(project) == "1"
    project.source.write_text("two")
    project.shows(r"src/deep/version changed: ")
    project.shows(r"rebuilt in [\d.]+ s; the next invocation is the new function's")
    assert version(project) == "two"
    (project.source.parent / "new").mkdir()
    (project.source.parent / "new/file").write_text("")
    project.shows(r"src/deep/new.* changed: ")
    project.shows(r"rebuilt in [\d.]+ s; the function is the same")


def test_a_build_error_is_shown_and_the_old_one_goes_on(project):
    assert version(project) == "1"
    project.source.write_text("bad")
    project.shows(r"version:1: error: this is bad\nbuild failed after [\d.]+ s; the function before it goes on answering")
    assert version(project) == "1"
    assert project.invoke({"do": {"exit": 1}}).headers["X-Amz-Function-Error"] == "Unhandled"
    assert version(project) == "1"  # also in a new environment, while no bootstrap is there
    project.source.write_text("three")
    project.shows(r"the next invocation is the new function's")
    assert version(project) == "three"


def test_what_runs_finishes_on_the_old_one(project, tmp_path):
    old, event = [], {"do": {"here": str(tmp_path / "in"), "wait_for": [str(tmp_path / "go")]}}
    caller = threading.Thread(target=lambda: old.append(project.invoke(event)))
    caller.start()
    until("the function has it", (tmp_path / "in").exists)
    project.source.write_text("two")
    project.shows(r"the next invocation is the new function's")
    assert version(project) == "two"
    (tmp_path / "go").touch()
    caller.join(20)
    assert old[0].json["version"] == "1"
    assert version(project) == "two"


def test_an_editor_may_save_in_several_steps(project):
    assert version(project) == "1"
    swap = project.source.with_suffix(".swp")
    for text in "bad", "ba", "two":  # written beside and moved over, as vim does
        swap.write_text(text)
        swap.rename(project.source)
    project.shows(r"the next invocation is the new function's")
    assert version(project) == "two"
    assert "build failed" not in project.out and project.out.count(" changed: ") == 1


# ---- the end ----


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_all(serve, tmp_path, sig):
    s = serve()
    pid = s.invoke({}).json["pid"]
    assert os.path.exists(f"/proc/{pid}")
    waiting = []
    body = {"do": {"here": str(tmp_path / "in"), "wait_for": [str(tmp_path / "never")]}}
    caller = threading.Thread(target=lambda: waiting.append(s.invoke(body)))
    caller.start()
    until("the function has it", (tmp_path / "in").exists)
    assert s.interrupt(sig) == 0
    caller.join(20)
    assert waiting[0].status == 503
    assert "\nstopping\n" in s.out and s.process.err == b""
    assert not os.path.exists(f"/proc/{pid}")
    assert os.listdir(tmp_path / "fn") == ["bootstrap"]


def test_a_taken_port_is_said(served, tmp_path):
    path = write_bootstrap(tmp_path / "bootstrap")
    done = subprocess.run([built("emulator"), "serve", "--bootstrap", path, "--port", str(served.port)], capture_output=True, timeout=20)
    assert done.returncode == 1
    assert re.fullmatch(rf"emulator serve: cannot listen on 127\.0\.0\.1 port {served.port}: Address (already )?in use; "
                        r"another port: make serve PORT=9001\n", done.stderr.decode())
    assert os.listdir(tmp_path) == ["bootstrap"]


@pytest.mark.parametrize("options, why", [
    ([], "--bootstrap PATH says what to serve"),
    (["--bootstrap", "b", "--watch", "."], "--watch and --build go together"),
    (["--bootstrap", "b", "--port", "65536"], "a number up to 65535"),
    (["--bootstrap", "b", "--wings", "2"], "--wings is not an option"),
    (["--bootstrap"], "--bootstrap needs a value"),
    (["--bootstrap", "b", "--otlp-fault", "grumpy"], "no such kind"),
])
def test_a_command_line_that_is_wrong_is_said(options, why):
    done = subprocess.run([built("emulator"), "serve", *options], capture_output=True, timeout=20)
    assert done.returncode == 2 and why in done.stderr.decode()


def test_a_bootstrap_that_is_not_there_is_said(tmp_path):
    done = subprocess.run([built("emulator"), "serve", "--bootstrap", tmp_path / "none"], capture_output=True, timeout=20)
    assert done.returncode == 1 and "none: No such file or directory" in done.stderr.decode()


def test_a_folder_that_is_not_there_is_said(tmp_path):
    path = write_bootstrap(tmp_path / "bootstrap")
    done = subprocess.run([built("emulator"), "serve", "--bootstrap", path, "--port", "0", "--watch", tmp_path / "none", "--build", "true"],
                          capture_output=True, timeout=20)
    assert done.returncode == 1 and "cannot watch" in done.stderr.decode() and os.listdir(tmp_path) == ["bootstrap"]


# ---- mote itself ----


def test_hello_is_served_with_its_trace(start):
    s = start_serving(start, bootstrap("hello"), name="hello")
    a = s.request("GET", "/greet?name=you")
    assert a.json == {"message": "Hello, you!"}
    s.request("GET", "/greet?name=you")
    out = until("both were drawn", lambda: s.out if s.out.count("compose greeting") == 2 else None)
    id = a.headers["x-amzn-RequestId"]
    assert re.search(rf"\d\d:\d\d:\d\d\.\d\d\d  {id}  GET /greet\?name=you  200 ok  \d+\.\d\d\d ms  cold\n"
                     r"trace [0-9a-f]{32}  6 spans  [\d.]+ (µs|ms)  COLD START\nresource\n", out)
    assert re.search(rf"\nGET /greet  +server  .*[━╸╺].*\n(│  .*\n)*│  .*faas\.invocation_id={id}  faas\.coldstart=true", out)
    assert re.search(r"\n└─ compose greeting  internal +[\d.]+ (µs|ms) .*\n +greeting\.name=you  greeting\.name\.size=3\n", out)
    assert len(re.findall(r"  warm\ntrace [0-9a-f]{32}  2 spans  [\d.]+ (?:µs|ms)\n", out)) == 1
    assert out.count("\nresource\n") == 1  # it has not changed
    assert "greeted a name of 3 bytes" in out and "breaks the contract" not in out
    trace = re.search(r"Root=1-([0-9a-f]{8})-([0-9a-f]{24})", a.headers["X-Amzn-Trace-Id"])
    assert f"trace {trace[1]}{trace[2]} " in out


def test_metrics_and_logs_are_shown_beside_its_trace(start):
    s = start_serving(start, bootstrap("everything"), *EVERY_SIGNAL, name="everything")
    s.request("GET", "/")
    assert until("all was drawn", lambda: s.out if "shop.order.size" in s.out else None) and has_every_signal(s.out)


@pytest.fixture
def copied(tmp_path):
    """The tree and what was built of it, to be changed at will."""
    if BUILD != ROOT / "build":
        pytest.fail("make serve works on build/, and MOTE_BUILD is elsewhere")
    bootstrap("hello")
    tree = tmp_path / "tree"
    (tree / "build").mkdir(parents=True)
    for name in "Makefile", "runtime", "telemetry", "handlers", "proto", "tests", "layer":
        subprocess.run(["cp", "-a", ROOT / name, tree], check=True, timeout=60)
    for name in ARCH, "proto", "sources":
        subprocess.run(["cp", "-a", BUILD / name, tree / "build"], check=True, timeout=60)
    return tree


def test_make_serve_rebuilds_what_it_serves(start, copied):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    s = Served(start(["make", "serve", "PORT=0"], env, copied))
    hello = copied / "handlers/hello.c"
    text = hello.read_text()
    assert s.request("GET", "/").json == {"message": "Hello, world!"}
    hello.write_text(text.replace("Hello, ", "Good day, "))
    s.shows(r"handlers/hello\.c changed: make .*\nrebuilt in [\d.]+ s; the next invocation is the new function's")
    assert s.request("GET", "/").json == {"message": "Good day, world!"}
    hello.write_text(text.replace("return 0;", "return nil;"))
    s.shows(r"(?s)error: .*nil.*build failed after [\d.]+ s; the function before it goes on answering")
    assert s.request("GET", "/").json == {"message": "Good day, world!"}
    hello.write_text(text)
    until("it is as before", lambda: s.request("GET", "/").json == {"message": "Hello, world!"})
    os.killpg(s.process.pid, signal.SIGINT)  # as a terminal does: make gets it too
    s.process.wait()
    assert "\nstopping\n" in s.out
    assert not [name for name in os.listdir(copied / f"build/{ARCH}/hello") if "serving" in name]


def test_hello_fails_with_its_trace(start):
    s = start_serving(start, bootstrap("hello"), name="hello")
    assert s.request("GET", "/?name=" + "x" * 65).status == 502
    s.shows(r"✗ error: the name has 65 bytes, at most 64 are greeted")
    s.shows(r"exception\.type=NameTooLong")


def test_traces_come_on_stdout_without_a_receiver(start):
    s = start_serving(start, bootstrap("hello"), "--no-otlp", name="hello")
    assert s.invoke({}).json == {"message": "Hello, world!"}
    s.shows(r"└─ compose greeting  internal ")
    assert "__otel_otlp_stdout" not in s.out


def test_a_caller_without_telemetry_gets_one_line(start):
    s = start_serving(start, bootstrap("hello"), "--env", "OTEL_SDK_DISABLED=true", name="hello")
    assert s.invoke({}).status == 200
    s.shows(r"invoke hello  200 ok .* cold\n")
    assert "trace " not in s.out
