# SPDX-License-Identifier: MIT
"""AWS's own Runtime Interface Emulator drives the functions: its state machine, its framing, its judgement."""

import http.client
import json
import re

import pytest
from conftest import EVENTS, PATIENCE, bootstrap, free_port, lambda_env, oracle, sample_event, until

PAYLOAD_MAX = 6_291_556

# The emulator notes a process after its exec, and panics if that one has ended by then: a function whose init fails can be so quick.
OVERTAKEN = "Unable to find an exitedChannel for 'runtime-1'"

SAMPLES = [
    ("alb", "request"),
    ("apigateway", "aws-proxy"),
    ("apigateway", "http-api-proxy"),
    ("cloudwatch", "logs"),
    ("cloudwatch", "scheduled-event"),
    ("cognito", "sync-trigger"),
    ("dynamodb", "update"),
    ("kinesis", "get-records"),
    ("s3", "put"),
    ("ses", "email-receiving"),
    ("sns", "notification"),
    ("sqs", "receive-message"),
    ("stepfunctions", "error"),
]


class Rie:
    """One function under the emulator, started by the first invocation. Two calls at once would kill the emulator."""

    def __init__(self, start, program, *args, **env):
        env.setdefault("AWS_LAMBDA_FUNCTION_TIMEOUT", PATIENCE)
        self._start, self._function, self._env = start, (program, *args), lambda_env(_HANDLER=None, **env)
        self._run()

    def _run(self):
        self.port = free_port()
        addresses = "--runtime-interface-emulator-address", f"127.0.0.1:{self.port}", "--runtime-api-address", f"127.0.0.1:{free_port()}"
        self.process = self._start([oracle("aws-lambda-rie"), "--log-level", "info", *addresses, *self._function], self._env)
        self.process.ready(self.port)

    def invoke(self, event, **headers):
        for _ in range(5):
            try:
                return self._post(event, headers)
            except (http.client.HTTPException, OSError) as e:
                until(f"the emulator has ended: {e!r}", lambda: not self.process.alive())
            if OVERTAKEN not in self.process.log:
                break
            self._run()
        pytest.fail(f"the emulator ended with {self.process.popen.returncode}:\n{self.process.log[-4000:]}")

    def _post(self, event, headers):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            c.request("POST", "/2015-03-31/functions/function/invocations", event, headers)
            r = c.getresponse()
            return r.status, r.read()
        finally:
            c.close()

    def answer(self, event, **headers):
        status, body = self.invoke(event, **headers)
        assert status == 200, body
        return body

    def inits(self):
        """How each start of the function ended, as the platform saw it."""
        return re.findall(r"INIT RTDONE\(status: (\w+)", self.process.log)


@pytest.fixture(scope="module", params=["hello", "echo", "hello-minimal"])
def warm(request, start_once):
    return request.param, Rie(start_once, bootstrap(request.param), request.param.partition("-")[0])


@pytest.mark.parametrize("service,name", SAMPLES)
def test_sample_events_of_aws_services_are_answered(warm, service, name):
    function, rie = warm
    event = sample_event(service, name)
    assert rie.answer(event) == (event if function == "echo" else b'{"message":"Hello, world!"}')


def test_a_name_in_the_query_is_greeted_the_same_by_the_same_bytes(warm):
    function, rie = warm
    event = (EVENTS / "apigw-http-api.json").read_bytes()
    expected = event if function == "echo" else b'{"message":"Hello, mote!"}'
    assert [rie.answer(event) for _ in range(3)] == [expected] * 3


def test_a_process_serves_all_its_invocations(warm):
    _, rie = warm
    rie.answer(b"{}")
    assert rie.inits() == ["success"]


@pytest.mark.parametrize(
    "event",
    [b"", b"\0\xff\x80", b"not json", b'{"queryStringParameters":7}', b"[" * 5000],
    ids=["empty", "binary", "text", "other-type", "deep"],
)
def test_an_event_of_any_kind_is_answered(warm, event):
    function, rie = warm
    assert rie.answer(event) == (event if function == "echo" else b'{"message":"Hello, world!"}')


def test_the_error_of_a_handler_reaches_the_caller(warm):
    function, rie = warm
    if function == "echo":
        event = b'"' + b"e" * 70 + b'"'
        assert rie.answer(event) == event
        return
    error = json.loads(rie.answer(json.dumps({"queryStringParameters": {"name": "n" * 65}})))
    assert (error["errorType"], error["stackTrace"]) == ("NameTooLong", [])
    assert "65" in error["errorMessage"] and "64" in error["errorMessage"]
    assert rie.answer(b"{}") == b'{"message":"Hello, world!"}'


def test_the_largest_event_is_echoed_whole(start):
    rie = Rie(start, bootstrap("echo"), "echo")
    event = bytes(range(256)) * (PAYLOAD_MAX // 256 + 1)
    assert rie.answer(event[:PAYLOAD_MAX]) == event[:PAYLOAD_MAX]
    assert rie.answer(b"{}") == b"{}"
    assert rie.inits() == ["success"]


@pytest.fixture
def table(start):
    return lambda handler, **env: Rie(start, bootstrap("table"), handler, **env)


def test_the_largest_reply_is_written_piece_by_piece(table):
    rie = table("size")
    assert rie.answer(json.dumps({"size": PAYLOAD_MAX})) == b"x" * PAYLOAD_MAX


def test_one_byte_more_is_an_error_with_a_name(table):
    rie = table("size")
    error = json.loads(rie.answer(json.dumps({"size": PAYLOAD_MAX + 1})))
    assert error["errorType"] == "Function.ResponseSizeTooLarge"
    assert rie.answer(b'{"size":3}') == b"xxx"
    assert rie.inits() == ["success"]


def test_an_unknown_handler_is_an_init_error(start):
    rie = Rie(start, bootstrap("hello"), "goodbye")
    status, body = rie.invoke(b"{}")
    assert status == 502
    error = json.loads(body)
    assert error["errorType"] == "Runtime.HandlerNotFound"
    assert error["errorMessage"] == 'no function is named "goodbye": set Handler to one of hello'
    assert rie.inits() == ["error"]
    assert "exit status 1" in rie.process.log


@pytest.mark.parametrize(
    "how,expected", [("Runtime.NoTable", "Runtime.NoTable"), ("NoTable", "NoTable"), ("silent", "Runtime.InitError")]
)
def test_an_init_that_fails_says_why(table, how, expected):
    rie = table("describe", MOTE_TEST_INIT=how)
    status, body = rie.invoke(b"{}")
    assert status == 502
    error = json.loads(body)
    assert error["errorType"] == expected
    if how != "silent":
        assert error["errorMessage"] == 'the table is "not" laid\n\tin time'
    assert rie.inits() == ["error"]


def test_a_function_that_exits_is_started_again(table):
    rie = table("leave")
    for _ in range(2):
        status, body = rie.invoke(b"{}")
        assert (status, json.loads(body)["errorType"]) == (502, "Runtime.ExitError")
        assert "exit status 7" in json.loads(body)["errorMessage"]
    assert rie.inits() == ["success", "success"]


@pytest.mark.parametrize("args", [["describe"], ["describe", ""]], ids=["_HANDLER", "argv[1]"])
def test_the_handler_is_named_by_the_environment_else_by_an_argument(table, start, args):
    rie = Rie(start, bootstrap("table"), *args)
    assert json.loads(rie.answer(b"{}"))["cold_start"] is True


def test_a_table_of_one_needs_no_name(start):
    assert Rie(start, bootstrap("hello")).answer(b"{}") == b'{"message":"Hello, world!"}'
    assert Rie(start, bootstrap("hello"), "bootstrap").answer(b"{}") == b'{"message":"Hello, world!"}'


def test_the_first_invocation_is_cold_and_the_second_warm(table):
    rie = table("describe")
    assert [json.loads(rie.answer(b"{}"))["cold_start"] for _ in range(3)] == [True, False, False]


def test_a_call_says_what_the_platform_said(table):
    rie = table("describe")
    call = json.loads(
        rie.answer(b'{"a":1}', **{"X-Amzn-RequestId": "my-own-id", "X-Amz-Client-Context": "eyJjdXN0b20iOnsiYSI6MX19"})
    )
    assert call["event_size"] == 7
    assert call["request_id"] == "my-own-id"
    assert call["client_context"] == '{"custom":{"a":1}}'
    assert call["invoked_function_arn"].startswith("arn:aws:lambda:us-east-1:012345678912:function:")
    assert 0 < call["remaining_ms"] <= PATIENCE * 1000
    assert call["function_name"] == "greeter" and call["memory_mb"] == 256
    assert call["trace_variable"] is False and call["trace_header"] == ""


def test_log_records_are_json_when_lambda_says_so(table):
    rie = table("logs", AWS_LAMBDA_LOG_FORMAT="json", AWS_LAMBDA_LOG_LEVEL="Warn", OTEL_SDK_DISABLED="TRUE")
    rie.answer(b'{"message":"two\\nlines, \\"quoted\\""}', **{"X-Amzn-RequestId": "id-1"})
    records = [json.loads(line) for line in rie.process.log.splitlines() if line.startswith("{")]
    assert [(r["level"], r["message"]) for r in records] == [
        ("WARN", "level 3"),
        ("ERROR", "level 4"),
        ("FATAL", "level 5"),
        ("ERROR", 'two\nlines, "quoted"'),
        ("ERROR", "with fields"),
    ]
    assert all(r["requestId"] == "id-1" for r in records)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", r["timestamp"]) for r in records)
    assert {k: records[4][k] for k in ("orders", "ratio", "paid")} == {"orders": -7, "ratio": 0.5, "paid": True}


def test_log_records_are_one_line_of_text_otherwise(table):
    rie = table("logs", AWS_LAMBDA_LOG_LEVEL="error", OTEL_SDK_DISABLED="true")
    rie.answer(b'{"message":"two\\nlines"}', **{"X-Amzn-RequestId": "id-2"})
    records = re.findall(r"^\[([A-Z]+)\]\t(\S+)\tid-2\t(.*)$", rie.process.log, re.M)
    assert [(level, message) for level, _, message in records] == [
        ("ERROR", "level 4"),
        ("FATAL", "level 5"),
        ("ERROR", "two\rlines"),
        ("ERROR", "with fields orders=-7 ratio=0.5 paid=true"),
    ]
