# SPDX-License-Identifier: MIT
"""Spans that say who called: every event of tests/data/events and of `sam local generate-event`, through a function, decoded by opentelemetry-proto."""

import json

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from conftest import ROOT, bootstrap, lambda_env, sample_event

EVENTS = ROOT / "tests/data/events"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
SERVER, CONSUMER = Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CONSUMER
EVERY = {  # whatever called
    "faas.invocation_id",
    "faas.coldstart",
    "faas.trigger",
    "cloud.resource_id",
    "cloud.account.id",
    "aws.lambda.invoked_arn",
}


def value(v):
    kind = v.WhichOneof("value")
    return [value(x) for x in v.array_value.values] if kind == "array_value" else getattr(v, kind)


def attributes(span):
    found = {a.key: value(a.value) for a in span.attributes}
    assert len(found) == len(span.attributes), "a key came twice"
    return found


class Called:
    """The spans of one invocation, by what they are."""

    def __init__(self, spans, reply):
        self.reply = reply
        self.spans = {s.span_id: s for s in spans}
        assert len(self.spans) == len(spans)
        [self.span] = [s for s in spans if s.kind in (SERVER, CONSUMER) and s.parent_span_id not in self.spans]
        self.messages = [s for s in spans if s.parent_span_id == self.span.span_id and s.kind == CONSUMER]
        self.all = attributes(self.span)
        self.own = {k: v for k, v in self.all.items() if k not in EVERY}
        assert EVERY <= set(self.all)

    def links(self, span=None):
        found = []
        for link in (span or self.span).links:
            about = {a.key: value(a.value) for a in link.attributes}
            found.append((link.trace_id.hex(), link.span_id.hex(), link.trace_state, about.get("messaging.message.id")))
        return found


@pytest.fixture
def call(start, api, sink):
    """call(event) of a new sandbox: what its first invocation's spans are."""

    def run(body, row="reply", more=(), **env):
        env = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": sink.url + "/v1/traces", "OTEL_LOGS_EXPORTER": "none", "_HANDLER": row, **env}
        env.setdefault("MOTE_TEST_REPLY", '{"statusCode":200}')
        process = start([bootstrap("triggers")], lambda_env(api.address, **env))
        connection = api.accept()
        connection.next()
        connection.event(body if isinstance(body, bytes) else json.dumps(body).encode(), more=more)
        reply = connection.answer().body
        spans = sink.take().spans()
        connection.next()
        process.stop()  # first: it would come again when its connection is gone
        connection.close()
        return Called(spans, reply)

    return run


def event(name):
    return (EVENTS / f"{name}.json").read_bytes()


# ---- every source: name, kind, faas.trigger, and all of its attributes ----

MESSAGING = {"messaging.operation.name": "process", "messaging.operation.type": "process"}
HTTPS = {"url.scheme": "https", "network.protocol.version": "1.1", "http.response.status_code": 200}
WEBSOCKET = {
    "url.scheme": "wss",
    "network.protocol.name": "websocket",
    "server.address": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
    "client.address": "203.0.113.25",
    "user_agent.original": "wscat/6.0",
    "http.response.status_code": 200,
}
SQS = {
    **MESSAGING,
    "messaging.system": "aws_sqs",
    "messaging.destination.name": "orders",
    "server.address": "sqs.us-east-2.amazonaws.com",
    "aws.sqs.queue.url": "https://sqs.us-east-2.amazonaws.com/123456789012/orders",
}
GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/lambda-279XGJDqGZ5rsrHC2Fjr/49e9d65c45c6791a"

SOURCES = {
    "apigw-http-api": (
        "GET /hello",
        SERVER,
        "http",
        {
            **HTTPS,
            "http.request.method": "GET",
            "http.route": "/hello",
            "url.path": "/hello",
            "url.query": "name=mote",
            "server.address": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
            "server.port": 443,
            "client.address": "203.0.113.25",
            "user_agent.original": "curl/8.5.0",
        },
    ),
    "apigw-rest": (
        "POST /users/{id}",
        SERVER,
        "http",
        {
            **HTTPS,
            "http.request.method": "POST",
            "http.route": "/users/{id}",
            "url.path": "/users/42",
            "url.query": "tag=a&tag=b%20c&name=Zo%C3%AB",
            "server.address": "70ixmpl4fl.execute-api.us-east-2.amazonaws.com",
            "server.port": 443,
            "client.address": "198.51.100.7",
            "user_agent.original": "HTTPie/3.2.2",
        },
    ),
    "function-url": (
        "POST /echo/caf%C3%A9",
        SERVER,
        "http",
        {
            **HTTPS,
            "http.request.method": "POST",
            "url.path": "/echo/caf%C3%A9",
            "url.query": "tag=a&tag=b%26c&name=two+words",
            "server.address": "abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-west-2.on.aws",
            "server.port": 443,
            "client.address": "203.0.113.9",
            "user_agent.original": "curl/8.5.0",
        },
    ),
    "alb": (
        "GET /hello",
        SERVER,
        "http",
        {
            **HTTPS,
            "http.request.method": "GET",
            "url.path": "/hello",
            "url.query": "name=mote%20and%20friends&empty=",
            "server.address": "lambda-alb-123578498.us-east-1.elb.amazonaws.com",
            "server.port": 443,
            "client.address": "192.0.2.1",
            "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "alb.target_group_arn": GROUP,
        },
    ),
    "alb-multi-value": (
        "POST /echo",
        SERVER,
        "http",
        {
            **HTTPS,
            "http.request.method": "POST",
            "url.path": "/echo",
            "url.query": "name=first%2Bone&name=second+one",
            "url.scheme": "http",
            "server.address": "lambda-alb-123578498.us-east-1.elb.amazonaws.com",
            "server.port": 80,
            "client.address": "203.0.113.77",
            "alb.target_group_arn": GROUP,
        },
    ),
    "websocket-connect": (
        "$connect",
        SERVER,
        "http",
        {
            **WEBSOCKET,
            "http.route": "$connect",
            "server.port": 443,
            "aws.api_gateway.connection_id": "Bsmj8c4VIAMCJZQ=",
            "aws.api_gateway.event_type": "CONNECT",
        },
    ),
    "websocket-message": (
        "sendMessage",
        SERVER,
        "http",
        {
            **WEBSOCKET,
            "http.route": "sendMessage",
            "aws.api_gateway.connection_id": "Bsmj8c4VIAMCJZQ=",
            "aws.api_gateway.event_type": "MESSAGE",
        },
    ),
    "sqs": ("process orders", CONSUMER, "pubsub", {**SQS, "messaging.batch.message_count": 2}),
    "sqs-sns": ("process orders", CONSUMER, "pubsub", {**SQS, "messaging.message.id": "3fd2ddc4-5c4f-4ae8-9f6c-31c9d6f1e6d0"}),
    "sns": (
        "process order-events",
        CONSUMER,
        "pubsub",
        {
            **MESSAGING,
            "messaging.system": "aws.sns",
            "messaging.destination.name": "order-events",
            "aws.sns.topic.arn": "arn:aws:sns:us-east-2:123456789012:order-events",
            "messaging.message.id": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
        },
    ),
    "kinesis": (
        "process lambda-stream",
        CONSUMER,
        "pubsub",
        {
            **MESSAGING,
            "messaging.system": "aws.kinesis",
            "messaging.destination.name": "lambda-stream",
            "aws.kinesis.stream_name": "lambda-stream",
            "messaging.batch.message_count": 2,
        },
    ),
    "dynamodb": (
        "process TestTable",
        CONSUMER,
        "datasource",
        {
            "faas.document.collection": "TestTable",
            "faas.document.operation": "insert",
            "faas.document.time": "2024-11-22T15:23:30Z",
        },
    ),
    "s3": (
        "process holiday-pictures",
        CONSUMER,
        "datasource",
        {
            "faas.document.collection": "holiday-pictures",
            "faas.document.operation": "insert",
            "faas.document.name": "2024/snow and café.jpg",
            "faas.document.time": "2024-11-22T15:23:30.123Z",
            "aws.s3.bucket": "holiday-pictures",
            "aws.s3.key": "2024/snow and café.jpg",
        },
    ),
    "kafka-msk": (
        "process mytopic",
        CONSUMER,
        "pubsub",
        {**MESSAGING, "messaging.system": "kafka", "messaging.destination.name": "mytopic", "messaging.batch.message_count": 3},
    ),
    "kafka-self-managed": (
        "process mytopic",
        CONSUMER,
        "pubsub",
        {
            **MESSAGING,
            "messaging.system": "kafka",
            "messaging.destination.name": "mytopic",
            "messaging.destination.partition.id": "0",
            "messaging.kafka.offset": 15,
        },
    ),
    "mq-active": (
        "process testQueue",
        CONSUMER,
        "pubsub",
        {**MESSAGING, "messaging.system": "activemq", "messaging.destination.name": "testQueue", "messaging.batch.message_count": 2},
    ),
    "mq-rabbit": (
        "process pizzaQueue",
        CONSUMER,
        "pubsub",
        {**MESSAGING, "messaging.system": "rabbitmq", "messaging.destination.name": "pizzaQueue", "messaging.message.id": "order-1001"},
    ),
    "eventbridge": (
        "order.placed",
        CONSUMER,
        "pubsub",
        {
            **MESSAGING,
            "messaging.system": "aws.eventbridge",
            "messaging.message.id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
            "aws.eventbridge.source": "com.example.shop",
            "aws.eventbridge.detail_type": "order.placed",
        },
    ),
    "scheduled": ("Scheduled Event", CONSUMER, "timer", {"faas.time": "2024-11-22T15:20:00Z"}),
    "scheduler": ("Scheduled Event", CONSUMER, "timer", {"faas.time": "2024-11-22T15:20:00Z"}),
    "cloudwatch-logs": ("greeter", CONSUMER, "pubsub", {}),
    "cognito": ("greeter", SERVER, "other", {}),
    "cognito-sync": ("greeter", SERVER, "datasource", {"faas.document.collection": "profile", "faas.document.operation": "edit"}),
    "appsync": ("greeter", SERVER, "other", {"graphql.operation.type": "mutation"}),
    "lex": ("greeter", SERVER, "other", {}),
    "lex-v1": ("greeter", SERVER, "other", {}),
    "step-functions": (
        "greeter",
        SERVER,
        "other",
        {"aws.step_functions.state_machine.arn": "arn:aws:states:us-east-2:123456789012:stateMachine:orders"},
    ),
    "codepipeline": ("greeter", SERVER, "other", {}),
    "apigw-authorizer": ("greeter", SERVER, "other", {}),
    "iot-authorizer": ("greeter", SERVER, "other", {}),
    "iot-button": ("greeter", SERVER, "other", {}),
    "iot-rule": ("greeter", SERVER, "other", {}),
    "direct": ("greeter", SERVER, "other", {}),
}


def test_the_table_has_every_event():
    assert set(SOURCES) == {p.stem for p in EVENTS.glob("*.json")}


@pytest.mark.parametrize("name", SOURCES)
def test_an_event_says_who_called(call, name):
    called = call(event(name))
    span, kind, trigger, expected = SOURCES[name]
    assert (called.span.name, called.span.kind, called.all["faas.trigger"]) == (span, kind, trigger)
    assert called.own == expected
    assert called.span.status.code == Status.STATUS_CODE_UNSET


@pytest.mark.parametrize(
    ("service", "kind", "name", "trigger"),
    [
        ("apigateway", "aws-proxy", "POST /{proxy+}", "http"),
        ("apigateway", "http-api-proxy", "POST ", "http"),
        ("alb", "request", "POST /path/to/resource", "http"),
        ("sqs", "receive-message", "process MyQueue", "pubsub"),
        ("sns", "notification", "process ", "pubsub"),
        ("kinesis", "get-records", "process ", "pubsub"),
        ("dynamodb", "update", "process ", "datasource"),
        ("s3", "put", "process ", "datasource"),
        ("s3", "delete", "process ", "datasource"),
        ("cloudwatch", "scheduled-event", "Scheduled Event", "timer"),
        ("cloudwatch", "logs", "greeter", "pubsub"),
        ("cognito", "sync-trigger", "greeter", "datasource"),
        ("appsync", "resolver", "greeter", "other"),
        ("lex", "book-hotel", "greeter", "other"),
        ("codepipeline", "job", "greeter", "other"),
    ],
)
def test_events_made_by_others_are_told(call, service, kind, name, trigger):
    called = call(sample_event(service, kind))
    assert called.span.name.startswith(name) and called.all["faas.trigger"] == trigger


# ---- parents and links ----


@pytest.mark.parametrize("name", ["websocket-connect", "appsync", "iot-authorizer", "apigw-authorizer"])
def test_the_headers_of_an_event_are_the_carrier(call, name):
    span = call(event(name)).span
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)


LINKS = {
    "sqs": [("6740a1b23c4d5e6f708192a3b4c5d6e7", "53995c3f42cd8ad8", "", "059f36b4-87a3-44ab-83d2-661975830a7d")],
    "sqs-sns": [(TRACE, PARENT, "vendor=value", "3fd2ddc4-5c4f-4ae8-9f6c-31c9d6f1e6d0")],
    "sns": [(TRACE, PARENT, "vendor=value", "95df01b4-ee98-5cb9-9903-4c221d41eb5e")],
    "kafka-msk": [
        (TRACE, PARENT, "vendor=value", None),
        ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "", None),
    ],
    "kafka-self-managed": [(TRACE, PARENT, "", None)],
    "mq-active": [(TRACE, PARENT, "", json.loads(event("mq-active"))["messages"][0]["messageID"])],
    "mq-rabbit": [(TRACE, PARENT, "", "order-1001")],
    "eventbridge": [(TRACE, PARENT, "", "6a7e8feb-b491-4cf7-a9f1-bf3703467718")],
    "kinesis": [],
    "s3": [],
    "apigw-http-api": [],
}


@pytest.mark.parametrize("name", LINKS)
def test_messages_link_to_who_sent_them(call, name):
    called = call(event(name))
    assert called.links() == LINKS[name]
    if name != "apigw-http-api":
        assert called.span.parent_span_id == b"" and called.span.trace_id.hex() != TRACE


def many(count):
    record = json.loads(event("sqs"))["Records"][0]
    records = []
    for i in range(count):
        header = f"Root=1-6740a1b2-{i + 1:024x};Parent={i + 1:016x};Sampled=1"
        records.append({**record, "messageId": f"{i:08x}-87a3-44ab-83d2-661975830a7d", "attributes": {"AWSTraceHeader": header}})
    return {"Records": records}


@pytest.mark.parametrize("count", [10, 500])
def test_a_batch_has_links_as_far_as_the_limit(call, count):
    called = call(many(count), MOTE_TEST_MORE="x" * 2048)
    assert called.own["more"] == "x" * 2048  # a handler's own words find room
    found = called.links()
    assert [int(span, 16) for _, span, _, _ in found] == list(range(1, len(found) + 1))
    assert len(found) == 10 if count == 10 else 64 <= len(found) <= 128
    assert len(found) + called.span.dropped_links_count == count
    assert called.own["messaging.batch.message_count"] == count


# ---- one span a message, and batchItemFailures ----


@pytest.mark.parametrize(
    ("name", "fail", "identifiers"),
    [
        ("sqs", "1002", ["2e1424d4-f796-459a-8184-9c92662be6da"]),
        ("sqs", "order", ["059f36b4-87a3-44ab-83d2-661975830a7d", "2e1424d4-f796-459a-8184-9c92662be6da"]),
        ("sqs", "nothing", []),
        ("kinesis", "VGhpcyBpcyBvbmx5", ["49590338271490256608559692540925702759324208523137515618"]),
        ("dynamodb", "REMOVE", ["113"]),
        ("kafka-msk", '"offset": 16', [{"partition": "mytopic-0", "offset": 16}]),
        ("kafka-self-managed", "mytopic", [{"partition": "mytopic-0", "offset": 15}]),
    ],
)
def test_a_failed_message_is_one_call(call, name, fail, identifiers):
    called = call(event(name), row="batch", MOTE_TEST_FAIL=fail)
    assert json.loads(called.reply) == {"batchItemFailures": [{"itemIdentifier": i} for i in identifiers]}
    whole = json.loads(event(name))
    records = whole["Records"] if "Records" in whole else sum(whole["records"].values(), [])
    assert len(called.messages) == len(records)
    failed = [m for m in called.messages if m.status.code == Status.STATUS_CODE_ERROR]
    assert len(failed) == len(identifiers)
    for span in failed:
        assert span.status.message == "no such article" and attributes(span)["error.type"] == "BadOrder"
    assert called.span.status.code == Status.STATUS_CODE_UNSET
    for span in called.messages:
        assert span.name == called.span.name


def test_a_message_has_its_own_id_and_link(call):
    called = call(event("sqs"), row="batch")
    first, second = called.messages
    assert attributes(first)["messaging.message.id"] == "059f36b4-87a3-44ab-83d2-661975830a7d"
    assert attributes(first)["messaging.system"] == "aws_sqs" and attributes(first)["body.size"] == len('{"order": 1001}')
    assert called.links(first) == LINKS["sqs"] and called.links(second) == []
    assert first.end_time_unix_nano <= second.start_time_unix_nano


def test_a_change_says_what_changed(call):
    called = call(event("dynamodb"), row="batch")
    assert [attributes(m)["faas.document.operation"] for m in called.messages] == ["insert", "edit", "delete"]


def test_a_loop_may_be_left(call):
    called = call(event("sqs"), row="batch", MOTE_TEST_FAIL="order", MOTE_TEST_STOP="1001")
    assert json.loads(called.reply) == {"batchItemFailures": [{"itemIdentifier": "059f36b4-87a3-44ab-83d2-661975830a7d"}]}
    assert len(called.messages) == 1


# ---- results ----


@pytest.mark.parametrize(
    ("name", "reply", "status"),
    [
        ("apigw-rest", '{"body":"{\\"statusCode\\":1}","statusCode":404}', 404),
        ("apigw-http-api", '{"message":"no status is 200"}', 200),
        ("function-url", '"text"', 200),
        ("alb", '{"statusCode":"200"}', None),
        ("alb", '{"statusCode":2000}', None),
        ("apigw-rest", "{}", None),
        ("apigw-http-api", '{"statusCode":503}', 503),
        ("alb", '{"statusCode":500}', 500),
        ("apigw-rest", '{"statusCode":499}', 499),
        ("sqs", '{"statusCode":500}', None),
    ],
)
def test_the_reply_has_the_status(call, name, reply, status):
    called = call(event(name), MOTE_TEST_REPLY=reply)
    assert called.own.get("http.response.status_code") == status
    failed = status is not None and status >= 500
    assert called.span.status.code == (Status.STATUS_CODE_ERROR if failed else Status.STATUS_CODE_UNSET)
    assert called.span.status.message == "" and called.own.get("error.type") == (str(status) if failed else None)


# ---- what one has to ask for ----


def test_headers_are_captured_when_named(call):
    reply = '{"statusCode":200,"headers":{"X-Out":"1"},"multiValueHeaders":{"X-More":["a","b"]}}'
    asked = {
        "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS": "Accept, x-none ,USER-AGENT",
        "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS": "x-out,X-MORE",
    }
    called = call(event("apigw-rest"), MOTE_TEST_REPLY=reply, **asked)
    sent = {k.lower(): v for k, v in json.loads(event("apigw-rest"))["multiValueHeaders"].items()}
    found = {k: v for k, v in called.own.items() if ".header." in k}
    expected = {f"http.request.header.{k}": sent[k] for k in ("accept", "user-agent") if k in sent}
    assert found == {**expected, "http.response.header.x-out": ["1"], "http.response.header.x-more": ["a", "b"]}
    assert len(expected) == 2
    assert not [k for k in call(event("apigw-rest"), MOTE_TEST_REPLY=reply).own if ".header." in k]


def test_old_names_come_beside_the_new_ones_when_asked_for(call):
    called = call(event("apigw-rest"), OTEL_SEMCONV_STABILITY_OPT_IN="database, http/dup")
    old = {
        "http.method": "POST",
        "http.target": "/users/42?tag=a&tag=b%20c&name=Zo%C3%AB",
        "http.scheme": "https",
        "http.status_code": 200,
        "http.client_ip": "198.51.100.7",
        "http.user_agent": "HTTPie/3.2.2",
        "net.host.name": "70ixmpl4fl.execute-api.us-east-2.amazonaws.com",
        "net.host.port": 443,
        "net.protocol.version": "1.1",
    }
    assert called.own == {**SOURCES["apigw-rest"][3], **old}


def test_secrets_of_a_query_are_not_recorded(call):
    request = json.loads(event("apigw-http-api"))
    request["rawQueryString"] = "a=1&X-Amz-Signature=5ec4e7&X-Amz-Credential=AKID%2F1&sig=x"
    called = call(request)
    assert called.own["url.query"] == "a=1&X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&sig=REDACTED"
    assert b"5ec4e7" not in called.span.SerializeToString()


# ---- what a program adds ----


def test_a_handler_may_name_its_route(call):
    called = call(event("function-url"), MOTE_TEST_ROUTE="/echo/{word}")
    assert called.span.name == "POST /echo/{word}" and called.own["http.route"] == "/echo/{word}"


def test_a_source_of_ones_own(call):
    called = call({"orderId": "o\u00e9-1", "carrier": {"TraceParent": TRACEPARENT}, "cause": TRACEPARENT.replace("4bf9", "ffff")})
    assert (called.span.name, called.span.kind, called.all["faas.trigger"]) == ("process order", CONSUMER, "pubsub")
    assert called.own["order.id"] == "oé-1" and called.own["order.bytes"] > 100
    assert called.span.parent_span_id.hex() == PARENT
    assert called.links() == [(TRACE.replace("4bf9", "ffff"), PARENT, "", "oé-1")]
