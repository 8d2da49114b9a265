# SPDX-License-Identifier: MIT
"""The handlers that come with mote, through the emulator, on the events that lie beside them."""

import base64
import json

import pytest
from conftest import EVENTS
from otlp_sink import Export

HTTP = ["apigw-http-api", "apigw-rest", "alb", "alb-multi-value", "function-url"]
ALL = sorted(p.stem for p in EVENTS.glob("*.json"))


def event(name):
    return (EVENTS / f"{name}.json").read_bytes()


def answers(report):
    assert report.violations == [] and report.status == 0, report.log
    return report.answers()


# ---- hello, echo ----


def test_the_same_event_gets_the_same_bytes(emulate):
    greeting = b'{"message":"Hello, mote!"}'
    for name in "hello", "hello-minimal":
        assert answers(emulate(name, events=[event("apigw-http-api")] * 3)) == [greeting] * 3


@pytest.mark.parametrize(
    "name,shown",
    [
        ("", "world"),
        ("mote", "mote"),
        ('"\\\n\t\0', '"\\\n\t\0'),
        ("caf\u00e9 \U0001f600", "caf\u00e9 \U0001f600"),
        ("n" * 64, "n" * 64),
        ("<script>", "<script>"),
    ],
)
def test_any_name_is_greeted_in_valid_json(emulate, name, shown):
    event = json.dumps({"queryStringParameters": {"name": name}}).encode()
    for handler in "hello", "hello-minimal":
        (answer,) = answers(emulate(handler, events=[event]))
        assert json.loads(answer) == {"message": f"Hello, {shown}!"}


@pytest.mark.parametrize("handler", ["hello", "hello-minimal"])
def test_a_name_that_is_too_long_is_a_failure_with_a_type(emulate, handler):
    report = emulate(handler, events=[b'{"queryStringParameters":{"name":"%s"}}' % (b"n" * 65), b"{}"])
    assert report.violations == [] and report.outcomes() == ["failed", "answered"]
    assert json.loads(report.answers()[0])["errorType"] == "NameTooLong"


def test_every_event_is_echoed(emulate):
    events = [event(name) for name in ALL]
    assert answers(emulate("echo", events=events)) == events


@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream", "image/png"])
def test_an_echo_has_the_type_of_its_event(emulate, content_type):
    report = emulate("echo", "--content-type", content_type, events=[b"\x89PNG"])
    assert answers(report) == [b"\x89PNG"] and report.invocations[0]["content_type"] == content_type


def test_an_echo_of_an_event_without_type_is_json(emulate):
    report = emulate("echo", "--fault", "next@* without=Content-Type", events=[b"{}"])
    assert answers(report) == [b"{}"] and report.invocations[0]["content_type"] == "application/json"


# ---- httpapi: one function, four shapes of event ----


def shape(name, method="GET", path="/hello", query=(), headers=(), cookies=(), body=None, binary=False):
    """An event of this shape for this request: a real one with its request put in."""
    e = json.loads(event(name))
    headers, text = dict(headers), body
    if body is not None and binary:
        text = base64.b64encode(body).decode()
    elif body is not None:
        text = body.decode()
    raw_query = "&".join(f"{k}={v}" for k, v in query)
    if name in ("apigw-http-api", "function-url"):
        e["rawPath"], e["rawQueryString"], e["cookies"] = path, raw_query, list(cookies)
        e["requestContext"]["http"].update(method=method, path=path)
        e["queryStringParameters"] = {k: v for k, v in query}
        e["headers"] = headers
        e["routeKey"] = e["requestContext"]["routeKey"] = "$default"
        e["requestContext"]["stage"] = "$default"
    else:
        if cookies:
            headers["cookie"] = "; ".join(cookies)
        e["path"], e["httpMethod"] = path, method
        multi = name in ("apigw-rest", "alb-multi-value")
        single = name != "alb-multi-value"
        for key in "headers", "queryStringParameters", "multiValueHeaders", "multiValueQueryStringParameters":
            e.pop(key, None)
        if single:
            e["headers"], e["queryStringParameters"] = headers, {k: v for k, v in query} or None
        if multi:
            e["multiValueHeaders"] = {k: [v] for k, v in headers.items()}
            e["multiValueQueryStringParameters"] = {k: [w for j, w in query if j == k] for k, _ in query} or None
    e["body"], e["isBase64Encoded"] = text, binary
    return json.dumps(e).encode()


def proxied(answer):
    """(status, headers, cookies, body) of a proxy response of any shape."""
    a = json.loads(answer)
    headers = {k.lower(): v for k, v in a.get("headers", {}).items()}
    cookies = list(a.get("cookies", []))
    for k, values in a.get("multiValueHeaders", {}).items():
        assert isinstance(values, list)
        if k.lower() == "set-cookie":
            cookies += values
        else:
            headers[k.lower()] = ", ".join(values)
    if "set-cookie" in headers:
        cookies.append(headers.pop("set-cookie"))
    body = a.get("body", "")
    return a["statusCode"], headers, cookies, base64.b64decode(body) if a.get("isBase64Encoded") else body.encode()


@pytest.fixture
def ask(emulate):
    def run(name, *args, **request):
        (answer,) = answers(emulate("httpapi", events=[shape(name, *args, **request)]))
        return proxied(answer)

    return run


@pytest.mark.parametrize("name", HTTP)
def test_a_route_is_found_by_method_and_path(ask, name):
    status, headers, _, body = ask(name, query=[("name", "mote")])
    assert (status, headers["content-type"], json.loads(body)) == (200, "application/json", {"hello": "mote"})
    assert ask(name, path="/")[0] == 404
    status, headers, _, _ = ask(name, "PUT")
    assert (status, headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("name", HTTP)
@pytest.mark.parametrize("binary", [False, True])
def test_a_body_comes_back(ask, name, binary):
    body = bytes(range(256)) if binary else 'text with "quotes" and caf\u00e9'.encode()
    status, headers, _, got = ask(name, "POST", "/echo", headers=[("Content-Type", "text/x")], body=body, binary=binary)
    assert (status, headers["content-type"], got) == (200, "text/x", body)


@pytest.mark.parametrize("name", HTTP)
def test_cookies_in_and_out(ask, name):
    status, _, cookies, body = ask(name, path="/cookies", cookies=["theme=light", "session=0ff1ce"])
    assert (status, body) == (200, b"0ff1ce")
    expected = ["session=7d1f; HttpOnly; Secure; SameSite=Lax", "theme=dark; Max-Age=31536000"]
    assert cookies == (
        expected[-1:] if name == "alb" else expected
    )  # a load balancer without multi-value headers has room for one


@pytest.mark.parametrize("name", HTTP)
def test_bytes_are_base64(ask, name):
    status, headers, _, body = ask(name, path="/pixel")
    assert (status, headers["content-type"]) == (200, "image/gif") and body.startswith(b"GIF89a\1\0")


@pytest.mark.parametrize("name", sorted(set(ALL) - set(HTTP)))
def test_an_event_that_is_no_request_is_a_failure(emulate, name):
    report = emulate("httpapi", events=[event(name)])
    assert report.violations == [] and report.outcomes() == ["failed"]
    assert json.loads(report.answers()[0])["errorType"] == "NotHttp"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b'{"version":"2.0"}',
        b'{"requestContext":{"http":{"method":7}}}',
        b'{"httpMethod":"GET"}',
        b'{"httpMethod":"GET","path":7}',
        b'{"requestContext":{"elb":{}}}',
        b"{" * 1000,
    ],
)
def test_an_absurd_event_never_ends_the_process(emulate, text):
    report = emulate("httpapi", events=[text, event("apigw-http-api")])
    assert report.violations == [] and report.exits() == [None]
    assert proxied(report.answers()[1])[0] == 200


# ---- traces ----


def exported(report):
    return [Export("/v1/traces", {}, base64.b64decode(e["body"]), e["connection"]) for e in report.otlp
            if e["head"].startswith("POST /v1/traces ")]


INIT = ["init", "init.exec", "init.function", "init.next"]


@pytest.mark.parametrize("handler,names", [("hello", ["GET /hello", "compose greeting"]), ("echo", ["GET /hello"]), ("httpapi", ["GET /hello"])])
def test_each_invocation_is_one_trace(emulate, handler, names):
    report = emulate(handler, "--name", handler, events=[event("apigw-http-api")] * 3)
    answers(report)
    exports = exported(report)
    assert [sorted(s.name for s in e.spans()) for e in exports] == [sorted(names + INIT)] + [names] * 2
    assert all(len({s.trace_id for s in e.spans()}) == 1 for e in exports)


def test_without_telemetry_nothing_leaves_but_answers(emulate):
    report = emulate("hello-minimal", events=[event("apigw-http-api")] * 3)
    answers(report)
    assert report.otlp == [] and "otel" not in report.logs()


@pytest.mark.parametrize("value", ["true", "TRUE", "True"])
def test_a_disabled_sdk_exports_nothing(emulate, value):
    report = emulate("hello", "--env", f"OTEL_SDK_DISABLED={value}", events=[event("apigw-http-api")] * 3)
    answers(report)
    assert report.otlp == [] and "otel" not in report.logs()
