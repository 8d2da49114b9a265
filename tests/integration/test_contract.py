# SPDX-License-Identifier: MIT
"""The Runtime API's contract, case by case, against an emulator that misbehaves on purpose and reports each breach.

What holds in every case: the answers are exact to the byte, the emulator has nothing to complain about, and a process
ends only when it should, with a status other than 0.
"""

import base64
import json
import os
import re
import subprocess
import urllib.parse

import pytest
from conftest import INIT_SPANS, bootstrap, free_port, lambda_env
from otlp_sink import Export
from runtime_api import ACCEPTED, event_bytes

PAYLOAD_MAX = 6_291_556

SMALL = [b'{"n":1}', b"", b'"' + b"s" * 2046 + b'"', b"\0\r\n\xff0\r\n\r\n"]
LARGE = [b'"' + b"l" * 2047 + b'"', bytes(range(256)) * 300]
EVENTS = SMALL + LARGE


def faults(*rules):
    return [word for rule in rules for word in ("--fault", rule)]


def exact(report, events):
    assert report.violations == [] and report.status == 0, report.log
    assert report.outcomes() == ["answered"] * len(events)
    assert report.answers() == events
    assert report.exits() == [None], report.logs()


# ---- what must not be noticed at all ----

UNNOTICED = {
    "well-behaved": [],
    "byte by byte": ["next@* split=every gap=0", "response@* split=every gap=0"],
    "in 7 pieces": ["next@* pieces=7 gap=0", "response@* pieces=7 gap=0"],
    "split behind the status line": ["next@* split=17 gap=1"],
    "lower-case names": ["next@* case=lower", "response@* case=lower"],
    "upper-case names": ["next@* case=upper", "response@* case=upper"],
    "odd-case names": ["next@* case=odd", "response@* case=odd"],
    "always chunked": ["next@* chunked", "response@* chunked"],
    "many chunks": ["next@* chunks=50"],
    "tiny chunks": ["next@* chunk-size=3"],
    "chunk extensions and trailers": ["next@* chunks=5 chunk-ext trailers"],
    "chunks in pieces": ["next@* chunks=5 chunk-ext trailers pieces=100 gap=0"],
    "always by length": ["next@* length"],
    "HTTP/1.0": ["next@* http10", "response@* http10"],
    "connection: close": ["next@* close", "response@* close"],
    "a head of 60 kB": ["next@* pad=60000"],
    "a head of 60 kB in pieces": ["next@* pad=60000 pieces=40 gap=0 chunks=3"],
    "200 without a body": ["response@* status=200 body=none"],
    "200 with text": ["response@* status=200 body=text"],
    "201": ["response@* status=201 body=json"],
    "204": ["response@* status=204 body=none"],
    "299": ["response@* status=299 body=text"],
    "no event yet": ["next@* status=204"],
    "no event yet, many times": ["next@1x9 status=204"],
    "slow acknowledgments": ["response@* delay=2"],
    "slow events": ["next@* delay=2"],
    "closed while idle": ["idle@* drop"],
    "reset while idle": ["idle@* rst"],
    "the first connection is closed": ["connect@1 drop"],
    "the first two connections are reset": ["connect@1-2 rst"],
    "closed before the event": ["next@* drop"],
    "reset before the event": ["next@* rst"],
    "closed twice before the event": ["next@*x2 drop"],
    "closed within the head": ["next@* drop=head"],
    "reset within the head": ["next@* drop=head rst"],
    "closed within the body": ["next@* drop=body"],
    "closed within a chunked body": ["next@* drop=body chunks=3"],
    "closed behind the event": ["next@* drop=end"],
    "closed behind the acknowledgment": ["response@* drop=end"],
    "frozen before the event": ["next@* freeze=1"],
    "frozen within the event": ["next@* freeze-mid=1"],
    "frozen behind the event": ["next@* freeze-after=1"],
    "frozen before the acknowledgment": ["response@* freeze=1"],
    "frozen within the acknowledgment": ["response@* freeze-mid=1"],
    "frozen while idle, and closed": ["idle@* freeze=1 drop"],
    "everything at once": [
        "next@* split=17+40 pieces=9 gap=0 chunks=4 chunk-ext trailers case=odd pad=3000",
        "idle@* drop",
        "response@* status=200 body=text case=upper pieces=5 gap=0",
    ],
}


@pytest.mark.parametrize("case", UNNOTICED)
@pytest.mark.parametrize("telemetry", ["otlp", "none"])
def test_an_unkind_platform_is_not_noticed(emulate, case, telemetry):
    options = faults(*UNNOTICED[case]) + ["--env", f"OTEL_TRACES_EXPORTER={telemetry}"]
    exact(emulate("echo", *options, events=EVENTS), EVENTS)


@pytest.mark.parametrize(
    "form",
    [
        "127.0.0.1:%p",
        "http://127.0.0.1:%p",
        "http://127.0.0.1:%p/",
        "localhost:%p",
        "[::1]:%p",
        "http://[::1]:%p/.rt/fn",
        "http://[::1]:%p/.rt/fn/",
    ],
)
def test_the_address_of_the_runtime_api_comes_in_many_forms(emulate, form):
    exact(emulate("echo", "--api", form, events=EVENTS), EVENTS)


@pytest.mark.parametrize("at", range(0, 420, 7))
def test_an_event_may_break_at_any_byte(emulate, at):
    """The head of the emulator's event is some 400 bytes long: every seventh of them, and the body."""
    events = [b"0123456789" * 5] * 3
    exact(emulate("echo", *faults(f"next@2 drop={at}"), events=events), events)


def test_a_full_payload_goes_both_ways_beside_the_others(emulate):
    events = [bytes(range(251)) * 25065 + b"+" * 241, b"{}", b"9" * PAYLOAD_MAX]
    assert len(events[0]) == PAYLOAD_MAX
    exact(emulate("echo", events=events), events)
    exact(emulate("echo", *faults("next@* chunk-size=4096", "idle@* drop"), events=events), events)
    exact(emulate("echo", *faults("next@1 drop=3000000", "next@3 drop=body rst"), events=events), events)


@pytest.mark.parametrize("fault", ["read=100 drop", "read=100 rst", "read=3000000 drop", "read=6000000 rst"])
def test_an_answer_that_breaks_in_the_write_is_sent_again(emulate, fault):
    events = [b"1" * PAYLOAD_MAX, b"2" * PAYLOAD_MAX]
    exact(emulate("echo", *faults(f"response@1 {fault}"), events=events), events)


@pytest.mark.parametrize("fault", ["drop", "rst", "drop=head", "drop=10", "drop=body"])
def test_an_acknowledgment_that_breaks_does_not_cost_the_answer(emulate, fault):
    report = emulate("echo", *faults(f"response@2 {fault}"), events=EVENTS)
    assert report.violations == []
    assert report.answers() == EVENTS and report.exits() == [None]


@pytest.mark.parametrize(
    "protocol,field", [("1.1", "Connection: close\r\n"), ("1.1", "connection: Foo, CLOSE\r\n"), ("1.0", "")]
)
def test_a_connection_that_is_said_to_end_is_not_used_again(function, api, protocol, field):
    """Even though the platform leaves it open: who writes into it would never know whether that was read."""
    _, c = function("hello")
    for _ in range(2):
        c.send(event_bytes().replace(b"HTTP/1.1 200 OK\r\n", f"HTTP/{protocol} 200 OK\r\n{field}".encode()))
        assert c.closed()
        c = api.accept()
        c.answer(accept=False)
        c.send(f"HTTP/{protocol} 202 Accepted\r\n{field}Content-Length: 0\r\n\r\n".encode())
        assert c.closed()
        c = api.accept()
        c.next()


# ---- refusals ----


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_refused_answer_is_logged_and_the_next_event_taken(emulate, status):
    report = emulate("echo", *faults(f"response@2 status={status}"), events=EVENTS)
    assert report.violations == []
    assert report.outcomes() == ["answered", "refused"] + ["answered"] * (len(EVENTS) - 2)
    assert report.exits() == [None]
    assert f"response: status {status}" in report.logs()


@pytest.mark.parametrize("fault", ["status=413", "read=1000 status=413", "read=0 status=413", "status=413 close"])
def test_413_is_logged_and_no_error_is_posted(emulate, fault):
    events = [b"1", b"2" * 6_000_000, b"3"]
    report = emulate("echo", *faults(f"response@2 {fault}"), events=events)
    assert report.violations == []
    assert report.outcomes() == ["answered", "too-large", "answered"]
    assert report.exits() == [None]
    assert "response: status 413" in report.logs()


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("step", ["next", "response"])
def test_5xx_ends_the_process(emulate, step, status):
    report = emulate("echo", *faults(f"{step}@2x* status={status}"), events=EVENTS[:2])
    assert report.violations == []
    assert report.outcomes()[0] == "answered" and report.outcomes()[1] != "answered"
    assert report.exits() == ["exit status 1"]
    assert f"status {status}" in report.logs()


@pytest.mark.parametrize("status", [400, 403, 404])
def test_one_refusal_of_next_is_asked_again_and_two_end_the_process(emulate, status):
    """Lambda documents two 403 only; any other refusal, again and again, would be the same spin."""
    exact(emulate("echo", *faults(f"next@2 status={status}"), events=EVENTS), EVENTS)
    exact(emulate("echo", *faults(f"next@* status={status}"), events=EVENTS), EVENTS)
    report = emulate("echo", *faults(f"next@2x* status={status}"), events=EVENTS[:2])
    assert status != 403 or report.violations == []
    assert report.outcomes()[0] == "answered"
    assert report.exits() == ["exit status 1"]
    assert "giving up" in report.logs()


def test_a_next_that_is_never_answered_is_waited_for(emulate):
    report = emulate("echo", *faults("next@2 never"), "--timeout-ms", "200", events=EVENTS[:2])
    assert report.violations == []
    assert report.outcomes()[0] == "answered" and report.exits() == [None]


def test_a_head_without_end_does_not_become_a_spin(emulate):
    report = emulate("echo", *faults("next@2x* pad=70000"), events=EVENTS[:2])
    assert report.outcomes()[0] == "answered"
    assert report.exits() == ["exit status 1"]
    assert report.environments[0]["requests"] < 20


def test_a_platform_that_is_gone_ends_the_process(start):
    process = start([bootstrap("echo")], lambda_env(f"127.0.0.1:{free_port()}"))
    assert process.wait() == 1
    assert len(process.err.splitlines()) == 1 and b"runtime api: next" in process.err


# ---- events that are odd ----

FIELDS = [
    "Content-Type",
    "Date",
    "Lambda-Runtime-Deadline-Ms",
    "Lambda-Runtime-Invoked-Function-Arn",
    "Lambda-Runtime-Trace-Id",
    "Lambda-Runtime-Invocation-Id",
]


@pytest.mark.parametrize("way", ["without", "empty"])
@pytest.mark.parametrize("field", FIELDS)
def test_a_header_may_be_missing_or_empty(emulate, field, way):
    exact(emulate("echo", *faults(f"next@* {way}={field}"), events=EVENTS), EVENTS)


def test_all_headers_but_the_id_may_be_missing(emulate):
    exact(emulate("echo", *faults("next@* " + " ".join(f"without={f}" for f in FIELDS)), events=EVENTS), EVENTS)


@pytest.mark.parametrize("rule", ["without=Lambda-Runtime-Aws-Request-Id", "empty=Lambda-Runtime-Aws-Request-Id"])
def test_an_event_without_an_id_is_logged_and_twice_ends_the_process(emulate, rule):
    exact(emulate("echo", *faults(f"next@2 {rule}"), events=EVENTS), EVENTS)
    report = emulate("echo", *faults(f"next@2x* {rule}"), events=EVENTS[:2])
    assert report.violations == []
    assert report.exits() == ["exit status 1"]
    assert "without a request id" in report.logs()


@pytest.mark.parametrize("deadline", ["none", "0", "600000", "-5", "soon", "99999999999999999999999", "1.5e12", " "])
def test_a_deadline_may_be_absurd(emulate, deadline):
    report = emulate("table", "--handler", "describe", "--deadline", deadline)
    assert report.violations == [] and report.status == 0
    call = json.loads(report.answers()[0])
    if deadline == "600000":
        assert call["deadline_ms"] == 600000 and call["remaining_ms"] < 0
    else:
        assert call["deadline_ms"] == 0 and call["remaining_ms"] == 2**63 - 1
    assert len(report.otlp) == 1  # what is no bound bounds no export


@pytest.mark.parametrize(
    "option,member",
    [
        ("--client-context", "client_context"),
        ("--cognito", "cognito_identity"),
        ("--tenant", "tenant_id"),
        ("--content-type", "content_type"),
    ],
)
@pytest.mark.parametrize("value", ['{"custom":{"a":[1,2]}}', "not json", "x" * 20000])
def test_what_comes_beside_the_event_reaches_the_handler_as_it_is(emulate, option, member, value):
    report = emulate("table", "--handler", "describe", option, value)
    assert report.violations == [] and report.status == 0
    assert json.loads(report.answers()[0])[member] == value


@pytest.mark.parametrize(
    "request_id", ["1", "not a uuid", "a/b?c#d%41", "../../../init/error", "x" * 60, "x" * 20000, "%" * 20000]
)
def test_a_request_id_may_be_the_callers_own(function, api, request_id):
    _, c = function("hello")
    for _ in range(2):
        c.event(request_id=request_id)
        r = c.request()
        assert r.path == f"/2018-06-01/runtime/invocation/{urllib.parse.quote(request_id, safe='')}/response"
        c.send(ACCEPTED).next()


@pytest.mark.parametrize("status", [400, 403, 404])
def test_an_event_that_comes_again_because_its_answer_was_refused_does_not_become_a_spin(function, api, status):
    process, c = function("hello")
    for request_id in "a", "b", "b":  # once is an accident
        c.event(request_id=request_id)
        c.request()
        c.send(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()).next()
    c.event(request_id="b")
    assert process.wait() == 1
    assert b"came again" in process.err


def test_the_same_answer_may_be_too_large_for_ever(function, api):
    """413 is for the caller; the platform goes on to other events."""
    process, c = function("hello")
    for n in range(10):
        c.event(request_id=f"id-{n}")
        c.request()
        c.send(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n").next()
    assert process.alive()


def test_an_event_larger_than_the_region_fails_alone(emulate):
    report = emulate(
        "echo",
        *faults(f"next@2 event-size={PAYLOAD_MAX + 1}", "next@4 chunked event-size=9000000"),
        events=[b"1", b"2", b"3", b"4", b"5"],
    )
    assert report.violations == []
    assert report.outcomes() == ["answered", "failed", "answered", "failed", "answered"]
    assert report.exits() == [None]
    for n in 1, 3:
        error = json.loads(report.answers()[n])
        assert error["errorType"] == "Runtime.EventTooLarge" and str(PAYLOAD_MAX) in error["errorMessage"]
        assert report.invocations[n]["error_type"] == "Runtime.EventTooLarge"


def test_an_event_of_exactly_the_region_is_fine(emulate):
    report = emulate("table", "--handler", "describe", *faults(f"next@1 event-size={PAYLOAD_MAX}"))
    assert json.loads(report.answers()[0])["event_size"] == PAYLOAD_MAX


# ---- environment ----


def test_a_proxy_is_ignored(emulate):
    """Of the Runtime API and of the receiver of traces."""
    proxies = [f"{name}=http://127.0.0.1:1" for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")]
    report = emulate("echo", *[word for proxy in proxies for word in ("--env", proxy)], events=EVENTS)
    exact(report, EVENTS)
    assert [e["status"] for e in report.otlp] == [200] * len(EVENTS)


def test_nothing_but_the_address_is_enough(emulate):
    exact(emulate("echo", "--bare-env", events=EVENTS), EVENTS)
    report = emulate("table", "--bare-env", args=["describe"])
    call = json.loads(report.answers()[0])
    assert (call["function_name"], call["memory_mb"], call["log_group"]) == ("", 0, "")


@pytest.mark.parametrize("memory", ["", "lots", "-1", "99999999999999999999"])
def test_an_absurd_memory_size_is_unknown(emulate, memory):
    report = emulate("table", "--handler", "describe", "--env", f"AWS_LAMBDA_FUNCTION_MEMORY_SIZE={memory}")
    assert report.status == 0 and json.loads(report.answers()[0])["memory_mb"] == 0


def test_the_trace_variable_follows_the_header(emulate):
    rules = faults("next@2 without=Lambda-Runtime-Trace-Id", "next@4 empty=Lambda-Runtime-Trace-Id")
    report = emulate("table", "--handler", "describe", *rules, n=5)
    assert report.violations == []
    calls = [json.loads(a) for a in report.answers()]
    assert [c["trace_variable"] for c in calls] == [True, False, True, False, True]
    for n in 0, 2, 4:
        assert calls[n]["trace_value"] == calls[n]["trace_header"] == report.invocations[n]["trace"]


def test_an_inherited_trace_variable_does_not_survive(emulate):
    report = emulate("table", "--handler", "describe", "--trace", "none", "--env", "_X_AMZN_TRACE_ID=Root=stale", n=2)
    assert [json.loads(a)["trace_variable"] for a in report.answers()] == [False, False]
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=a87bd80c:1|68fd508a:5"
    report = emulate("table", "--handler", "describe", "--trace", trace, "--env", "_X_AMZN_TRACE_ID=Root=stale")
    assert json.loads(report.answers()[0])["trace_value"] == trace


def test_the_invocation_id_is_echoed_only_where_there_is_one(emulate):
    for option in [], ["--no-invocation-id"]:
        exact(emulate("echo", *option, events=EVENTS), EVENTS)
        assert emulate("table", "--handler", "fail", *option, events=[b'{"type":"T","message":"m"}']).violations == []


@pytest.mark.parametrize(
    "api",
    [
        None,
        "",
        "nonsense here",
        "127.0.0.1:notaport",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "https://127.0.0.1:9001",
        "http://user@127.0.0.1:9001",
        "no-such-host.invalid:9001",
        "[::1:9001",
        "ftp://127.0.0.1",
    ],
)
def test_an_unusable_address_is_one_clear_line(start, api):
    process = start([bootstrap("hello")], lambda_env(AWS_LAMBDA_RUNTIME_API=api))
    assert process.wait() == 1
    (line,) = process.err.decode().splitlines()
    assert "AWS_LAMBDA_RUNTIME_API" in line and (("make run" in line) == (not api))
    assert process.out == b""


# ---- which function ----

NAMES = ["describe", "size", "text", "fail", "wait", "logs", "leave", "spans"]


def test_a_function_is_picked_by_name(emulate):
    assert emulate("table", "--handler", "size", events=[b'{"size":3}']).answers() == [b"xxx"]
    assert emulate("table", "--handler", "spans", events=[b'{"count":0}']).answers() == [b'{"spans":0}']
    assert emulate("table", "--handler", "", events=[b'{"size":3}'], args=["size"]).answers() == [b"xxx"]
    assert emulate("table", "--env", "_HANDLER", events=[b'{"size":3}'], args=["size"]).answers() == [b"xxx"]
    assert emulate("table", "--handler", "size", events=[b'{"size":3}'], args=["spans"]).answers() == [b"xxx"]


@pytest.mark.parametrize(
    "options", [["--handler", "hello"], ["--handler", "bootstrap"], ["--handler", ""], ["--env", "_HANDLER"], []]
)
def test_a_table_of_one_row_needs_no_name(emulate, options):
    assert emulate("hello", *options).answers() == [b'{"message":"Hello, world!"}']


@pytest.mark.parametrize(
    "name,handler,known",
    [
        ("hello", "Hello", ["hello"]),
        ("hello", "hello.handler", ["hello"]),
        ("table", "", NAMES),
        ("table", "bootstrap", NAMES),
        ("table", "nobody", NAMES),
        ("table", 'a "quoted"\\ name', NAMES),
        ("table", "n" * 3000, NAMES),
    ],
)
def test_an_unknown_name_is_an_init_error(emulate, name, handler, known):
    report = emulate(name, "--handler", handler)
    assert report.violations == []
    assert report.outcomes() == ["init-failed"] and report.exits() == ["exit status 1"]
    assert report.environments[0]["init_error"]["type"] == "Runtime.HandlerNotFound"
    error = json.loads(report.environments[0]["init_error"]["text"])
    assert error["errorType"] == "Runtime.HandlerNotFound" and error["stackTrace"] == []
    assert error["errorMessage"] == f'no function is named "{handler[:256]}": set Handler to one of {" ".join(known)}'
    (line,) = report.logs().splitlines()
    assert "FATAL" in line and "set Handler to one of" in line


@pytest.mark.parametrize(
    "how,body,header",
    [
        ("Runtime.NoTable", "Runtime.NoTable", "Runtime.NoTable"),
        ("NoTable", "NoTable", "Function.HandlerError"),
        ("silent", "Runtime.InitError", "Runtime.InitError"),
    ],
)
def test_an_init_that_fails_is_posted(emulate, how, body, header):
    report = emulate("table", "--handler", "describe", "--env", f"MOTE_TEST_INIT={how}")
    assert report.violations == []
    assert report.outcomes() == ["init-failed"] and report.exits() == ["exit status 1"]
    assert report.environments[0]["init_error"]["type"] == header
    assert json.loads(report.environments[0]["init_error"]["text"])["errorType"] == body


@pytest.mark.parametrize("fault", ["status=403", "status=500", "rst", "status=200 body=none"])
def test_an_init_error_that_is_not_taken_well_ends_the_process_all_the_same(emulate, fault):
    report = emulate("hello", "--handler", "nobody", *faults(f"init-error@*x* {fault}"))
    assert report.violations == []
    assert report.outcomes() != ["answered"] and report.exits() == ["exit status 1"]


def test_an_init_error_whose_connection_breaks_is_posted_again(start, api):
    process = start([bootstrap("hello")], lambda_env(api.address, _HANDLER="nobody"))
    for _ in range(2):
        c = api.accept()
        assert c.request().path == "/2018-06-01/runtime/init/error"
        c.close()
    c = api.accept()
    c.request()
    c.send(ACCEPTED)
    assert process.wait() == 1


# ---- failures of a handler ----


@pytest.mark.parametrize(
    "own,header",
    [
        ("NameTooLong", "Function.HandlerError"),
        ("Runtime.BadInput", "Runtime.BadInput"),
        ("Function.OutOfStock", "Function.OutOfStock"),
        ("Runtime.bad", "Function.HandlerError"),
        ("Runtime.A1", "Function.HandlerError"),
        ("a\\r\\nX-Evil: 1", "Function.HandlerError"),
        ("\u00e9rreur", "Function.HandlerError"),
        ("T" * 300, "Function.HandlerError"),
    ],
)
def test_the_type_of_a_failure_is_the_users_in_the_body_and_lambdas_in_the_header(emulate, own, header):
    event = f'{{"type":"{own}","message":"it is\\ngone \\u00e9 \\ud83d\\ude00"}}'.encode()
    report = emulate("table", "--handler", "fail", events=[event, event])
    assert report.violations == []
    assert report.outcomes() == ["failed"] * 2 and report.exits() == [None]
    error = json.loads(report.answers()[0])
    assert error["errorType"] == json.loads(f'"{own}"')[:256]
    assert error["errorMessage"] == "it is\ngone \u00e9 \U0001f600"
    assert report.invocations[0]["error_type"] == header
    cause = report.invocations[0]["error_cause"]
    assert re.fullmatch(r"[ -~]+", cause)
    cause = json.loads(cause)
    assert cause["working_directory"].endswith("/tests/table")
    assert [(e["type"], e["message"]) for e in cause["exceptions"]] == [(error["errorType"], error["errorMessage"])]


def test_a_failure_without_a_word_has_a_type_too(emulate):
    report = emulate("table", "--handler", "fail", events=[b"{}"])
    assert report.violations == [] and report.outcomes() == ["failed"]
    assert json.loads(report.answers()[0])["errorType"] == "Function.HandlerError"


def test_a_long_message_is_cut(emulate):
    report = emulate("table", "--handler", "fail", events=[b'{"type":"T","message":"' + b"m" * 100_000 + b'"}'])
    assert report.violations == []
    assert json.loads(report.answers()[0])["errorMessage"] == "m" * 4096


@pytest.mark.parametrize("size,fits", [(PAYLOAD_MAX, True), (PAYLOAD_MAX + 1, False), (50_000_000, False)])
def test_a_reply_that_does_not_fit_has_an_error_of_its_own(emulate, size, fits):
    report = emulate("table", "--handler", "size", events=[json.dumps({"size": size}).encode(), b'{"size":2}'])
    assert report.violations == [] and report.exits() == [None]
    assert report.outcomes() == ["answered" if fits else "failed", "answered"]
    assert report.answers()[1] == b"xx"
    if fits:
        assert report.answers()[0] == b"x" * size
    else:
        assert report.invocations[0]["error_type"] == "Function.ResponseSizeTooLarge"


@pytest.mark.parametrize("content_type", ["text/plain", "image/png", "application/json; charset=utf-8"])
def test_a_reply_has_the_type_that_the_handler_gave_it(emulate, content_type):
    report = emulate("table", "--handler", "text", events=[json.dumps({"type": content_type}).encode()])
    assert report.answers() == [b"as you like"] and report.invocations[0]["content_type"] == content_type


@pytest.mark.parametrize("content_type", ["text/plain\r\nX-Evil: 1", "text/\u00e9", "x" * 1500])
def test_a_type_that_no_header_can_hold_fails_that_invocation(emulate, content_type):
    report = emulate(
        "table", "--handler", "text", events=[json.dumps({"type": content_type}).encode(), b'{"type":"text/plain"}']
    )
    assert report.violations == []
    assert report.outcomes() == ["failed", "answered"]
    assert report.invocations[0]["error_type"] == "Runtime.InvalidContentType"


@pytest.mark.parametrize(
    "fault", ["status=400", "status=403", "status=410", "drop", "rst", "status=200 body=none", "split=every gap=0"]
)
def test_an_error_that_is_not_taken_well_is_not_the_end(emulate, fault):
    event = b'{"type":"T","message":"m"}'
    report = emulate("table", "--handler", "fail", *faults(f"error@2 {fault}"), events=[event] * 3)
    assert report.violations == []
    assert [report.outcomes()[0], report.outcomes()[2]] == ["failed"] * 2
    assert report.exits() == [None]


def test_a_function_that_exits_is_started_again_and_is_cold_again(emulate):
    report = emulate("table", "--handler", "leave", n=2)
    assert report.violations == [] and report.outcomes() == ["crashed"] * 2
    assert report.exits() == ["exit status 7"] * 2


# ---- logs ----


@pytest.mark.parametrize("log_format", ["Text", "JSON", "json"])
@pytest.mark.parametrize("name", ["echo", "hello", "httpapi"])
def test_payloads_are_never_logged(emulate, name, log_format):
    event = b'{"version":"2.0","secret":"hunter2","queryStringParameters":{"name":"hunter2"},"body":"hunter2"}'
    options = ["--env", f"AWS_LAMBDA_LOG_FORMAT={log_format}", "--env", "AWS_LAMBDA_LOG_LEVEL=TRACE"]
    report = emulate(name, *options, *faults("response@* status=400"), events=[event] * 2)
    assert "status 400" in report.logs() or report.outcomes() == ["failed"] * 2
    assert "hunter2" not in report.logs()


def test_a_json_record_names_the_span_that_it_belongs_to(emulate):
    report = emulate(
        "table", "--handler", "logs", "--env", "AWS_LAMBDA_LOG_FORMAT=JSON", events=[b'{"message":"m"}'] * 2
    )
    assert report.violations == []
    posted = [e for e in report.otlp if e["head"].startswith("POST /v1/traces ")]
    exports = [Export("/v1/traces", {}, base64.b64decode(e["body"]), 0) for e in posted]
    assert len(exports) == 2
    for invocation, export in zip(report.invocations, exports):
        records = [json.loads(line["text"]) for line in invocation["logs"]]
        (span,) = [s for s in export.spans() if s.kind == s.SPAN_KIND_SERVER]
        assert {(r["trace_id"], r["span_id"]) for r in records} == {(span.trace_id.hex(), span.span_id.hex())}
        assert {r["requestId"] for r in records} == {invocation["request_id"]}


@pytest.mark.parametrize("log_format", ["Text", "JSON"])
@pytest.mark.parametrize(
    "message",
    ["x" * 100_000, "\\u0001" * 9000, "\\ud83d\\ude00" * 5000, "a\\n\\nb"],
    ids=["long", "escapes", "wide", "lines"],
)
def test_a_record_is_one_line_however_long(emulate, message, log_format):
    options = ["--env", f"AWS_LAMBDA_LOG_FORMAT={log_format}", "--env", "AWS_LAMBDA_LOG_LEVEL=ERROR"]
    report = emulate("table", "--handler", "logs", *options, events=[f'{{"message":"{message}"}}'.encode()])
    assert report.violations == []
    lines = [line["text"] for line in report.invocations[0]["logs"]]
    assert len(lines) == 4 and all(len(line.encode()) < 8192 for line in lines)
    if log_format == "JSON":
        assert [json.loads(line)["level"] for line in lines] == ["ERROR", "FATAL", "ERROR", "ERROR"]
    else:
        assert all(re.match(r"\[(ERROR|FATAL)\]\t\S+Z\t[0-9a-f-]{36}\t", line) for line in lines)


# ---- telemetry at the same time ----


@pytest.mark.parametrize(
    "fault",
    [
        "refuse",
        "silent",
        "status:503",
        "close",
        "reset",
        "early",
        "garbage",
        "partial:1",
        "drip",
        "cut",
        "endless",
        "chunked",
        "goodbye",
    ],
)
def test_a_receiver_that_misbehaves_changes_no_answer(emulate, fault):
    report = emulate("echo", "--otlp-fault", fault, "--env", "OTEL_EXPORTER_OTLP_TIMEOUT=400", events=EVENTS)
    exact(report, EVENTS)
    lost = {"chunked": 0, "goodbye": 0, "partial:1": len(EVENTS)}.get(fault, INIT_SPANS + len(EVENTS))
    dropped = sum(int(n) for n in re.findall(r"dropped (\d+) span", report.logs()))
    held = int((re.findall(r"if none comes: (\d+);", report.logs()) or [0])[-1])  # for want of time: 400 ms are not enough to try all again
    assert dropped + held == lost, report.logs()


def test_an_export_begins_when_the_answer_is_acknowledged(emulate):
    report = emulate("echo", "--otlp-fault", "slow:5", events=EVENTS)
    exact(report, EVENTS)
    assert len(report.otlp) == len(EVENTS)
    for invocation, export in zip(report.invocations, report.otlp):
        assert invocation["response_last_ns"] < export["first_ns"] <= export["answered_ns"] < invocation["next_ns"]
    assert len({e["connection"] for e in report.otlp}) == 1


def test_sigpipe_is_harmless(start):
    """Nobody reads the log, and the process lives: it ends for the reason it gives itself."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [bootstrap("hello")], env=lambda_env("unusable"), stdout=writing, stderr=writing, timeout=20, check=False
    )
    os.close(writing)
    assert done.returncode == 1
