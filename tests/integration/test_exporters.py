# SPDX-License-Identifier: MIT
"""Every exporter, driven with random requests of all three signals (tests/conformance/exports.c): what comes out is read by the opentelemetry-proto
package, by json, as the X-Ray daemon reads datagrams, and held against the published rules of CloudWatch's embedded metric format."""

import base64
import gzip
import json
import math
import re
import socket
import struct
import subprocess
from random import Random

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor as F
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from conftest import built
from otlp_sink import Sink, items, parts, points

REQUESTS = [ExportTraceServiceRequest, ExportMetricsServiceRequest, ExportLogsServiceRequest]
TRACES, METRICS, LOGS = range(3)
NAMES = ["TRACES", "METRICS", "LOGS"]
ITEMS = ["spans", "metrics", "log_records"]
EVENT_BYTES_MAX = 262144 - 26  # of CloudWatch Logs
DATAGRAM_BYTES_MAX = 65507

# ---- random requests, by the package's own descriptors ----

NOT_OURS = {"summary", "entity_refs", "key_strindex", "string_value_strindex"}
IDS = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
DEPTH_MAX = 9
TEXTS = ["", "a", "name of a thing", "grüße €😀", 'quo"te\\back', "tab\tnew\nline\x00\x1f\x7f", "\u2028\u2029", "x" * 300]
DOUBLES = [0.0, -0.0, 1.5, -1e-300, 5e-324, 1.7976931348623157e308, 0.1, 1 / 3, 1e21, 123456789.125, math.inf, -math.inf, math.nan]


def scalar(random, f):
    if f.name in IDS:
        return random.randbytes(random.choice([IDS[f.name]] * 5 + [0]))
    match f.type:
        case F.TYPE_STRING:
            return random.choice(TEXTS)
        case F.TYPE_BYTES:
            return random.randbytes(random.choice([0, 1, 2, 3, 47, 48, 49, 100]))
        case F.TYPE_BOOL:
            return random.random() < 0.5
        case F.TYPE_DOUBLE:
            return random.choice(DOUBLES + [struct.unpack("<d", random.randbytes(8))[0]])
        case F.TYPE_ENUM:
            return random.choice([v.number for v in f.enum_type.values])
    bits = 32 if f.type in (F.TYPE_UINT32, F.TYPE_FIXED32, F.TYPE_SINT32, F.TYPE_INT32) else 64
    unsigned = f.type in (F.TYPE_UINT32, F.TYPE_FIXED32, F.TYPE_UINT64, F.TYPE_FIXED64)
    low, high = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return random.choice([low, high, 0, 1, random.randint(low, high), random.randint(0, 300)])


def fill(random, message, depth=0):
    fields = [f for f in message.DESCRIPTOR.fields if f.name not in NOT_OURS]
    chosen = {o.name: random.choice([f for f in o.fields if f.name not in NOT_OURS] + [None]) for o in message.DESCRIPTOR.oneofs}
    for f in fields:
        if f.containing_oneof and len(f.containing_oneof.fields) > 1:
            if chosen[f.containing_oneof.name] is not f:
                continue
        elif random.random() < 0.3:
            continue
        if f.is_repeated and f.message_type:
            for _ in range(random.choice([0, 1, 1, 2, 3]) if depth < DEPTH_MAX else 0):
                fill(random, getattr(message, f.name).add(), depth + 1)
        elif f.is_repeated:
            getattr(message, f.name).extend(scalar(random, f) for _ in range(random.choice([0, 1, 2, 7])))
        elif f.message_type:
            getattr(message, f.name).SetInParent()
            if depth < DEPTH_MAX:
                fill(random, getattr(message, f.name), depth + 1)
        else:
            setattr(message, f.name, scalar(random, f))


def random_requests(random, signal, n):
    """Such as have something in them that counts: a metric without data points is never sent."""
    requests = []
    while len(requests) < n:
        request = random_request(random, signal)
        if count_of(signal, request):
            requests.append(request)
    return requests


def random_request(random, signal, scopes=None):
    """One resource, up to 3 scopes: what a process sends at a time."""
    request = REQUESTS[signal]()
    of = getattr(request, request.DESCRIPTOR.fields[0].name).add()
    fill(random, of.resource, 2)
    of.resource.SetInParent()
    of.schema_url = random.choice(["", "https://opentelemetry.io/schemas/1.44.0"])
    for _ in range(scopes or random.choice([1, 1, 2, 3])):
        scope = getattr(of, of.DESCRIPTOR.fields[1].name).add()
        scope.scope.SetInParent()
        fill(random, scope.scope, 3)
        scope.schema_url = random.choice(["", "https://example.org/1"])
        for _ in range(random.choice([1, 2, 4])):
            fill(random, getattr(scope, ITEMS[signal]).add(), 3)
    return request


def count_of(signal, request):
    found = items(request)
    return sum(len(points(m)) for m in found) if signal == METRICS else len(found)


# ---- the driver ----


class Done:
    def __init__(self, done):
        assert done.returncode == 0, done.stderr
        self.out = done.stdout
        self.lines = done.stdout.split(b"\n")[:-1]
        self.said = done.stderr.decode()
        self.accounts = [{k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", line)} for line in self.said.splitlines() if line.startswith("made=")]
        for a in self.accounts:
            assert a["made"] == a["delivered"] + a["handed_over"] + a["dropped"], a


def drive(requests, **environment):
    frames = b"".join(struct.pack("<BI", signal, len(body)) + body for signal, body in requests)
    return Done(subprocess.run([built("drivers/exports")], input=frames, env=environment, capture_output=True, timeout=120))


def exporter(signal, value):
    return {f"OTEL_{NAMES[signal]}_EXPORTER": value}


# ---- OTLP/JSON ----


def as_otlp_json(value, key=""):
    """What the package's JSON says, with ids as OTLP has them."""
    if isinstance(value, dict):
        return {k: as_otlp_json(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [as_otlp_json(v) for v in value]
    return base64.b64decode(value).hex() if key in ("traceId", "spanId", "parentSpanId") else value


def expected_json(request):
    return as_otlp_json(json_format.MessageToDict(request, use_integers_for_enums=True))


def without_empty(value):
    """A list that has nothing in it says as much as none: the package leaves it out. Numbers are doubles, however they are written."""
    if isinstance(value, dict):
        return {k: without_empty(v) for k, v in value.items() if v != []}
    if isinstance(value, list):
        return [without_empty(v) for v in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def refuse_twice(pairs):
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def loads(line):
    return json.loads(line.decode("utf-8"), object_pairs_hook=refuse_twice, parse_constant=lambda c: pytest.fail(f"{c} is not JSON"))


@pytest.mark.parametrize("signal", [TRACES, METRICS, LOGS])
def test_json_says_what_the_bytes_say(signal):
    random = Random(signal)
    requests = random_requests(random, signal, 1200)
    done = drive([(signal, r.SerializeToString()) for r in requests], **exporter(signal, "otlp/stdout"))
    assert len(done.lines) == len(requests)
    for request, line, account in zip(requests, done.lines, done.accounts):
        assert without_empty(loads(line)) == without_empty(expected_json(request))
        assert account["handed_over"] == count_of(signal, request)


@pytest.mark.parametrize("signal", [TRACES, METRICS, LOGS])
def test_json_over_http_is_one_request_of_the_announced_length(signal):
    random = Random(100 + signal)
    requests = random_requests(random, signal, 40)
    with Sink(lambda _: (200, "application/json", b'{"partialSuccess":{}}')) as sink:
        done = drive([(signal, r.SerializeToString()) for r in requests], OTEL_EXPORTER_OTLP_ENDPOINT=sink.url,
                     OTEL_EXPORTER_OTLP_PROTOCOL="http/json")
        for request, account in zip(requests, done.accounts):
            export = sink.take()
            assert export.path == "/v1/" + NAMES[signal].lower() and export.headers["content-type"] == "application/json"
            assert without_empty(loads(export.body)) == without_empty(expected_json(request))
            assert account["delivered"] == count_of(signal, request)
        assert sink.connections == 1


def big_request(signal, n, bytes_each=2000):
    """Many items of some size, in two scopes."""
    request = REQUESTS[signal]()
    of = getattr(request, request.DESCRIPTOR.fields[0].name).add()
    of.resource.attributes.add(key="service.name").value.string_value = "big"
    for s in range(2):
        scope = getattr(of, of.DESCRIPTOR.fields[1].name).add()
        scope.scope.name = f"scope {s}"
        for i in range(n // 2):
            item = getattr(scope, ITEMS[signal]).add()
            text = f"{s}.{i}." + "y" * bytes_each
            if signal == METRICS:
                item.name = text
                for v in range(3):
                    item.gauge.data_points.add(as_int=v, time_unix_nano=1_790_000_000_000_000_000)
            elif signal == LOGS:
                item.body.string_value = text
            else:
                item.name = text
    return request


def names_of(signal, request):
    return [(scope.name, item.body.string_value if signal == LOGS else item.name) for _, scope, some in parts(request) for item in some]


def from_otlp_json(signal, line):
    def back(value, key=""):
        if isinstance(value, dict):
            return {k: back(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [back(v) for v in value]
        return base64.b64encode(bytes.fromhex(value)).decode() if key in ("traceId", "spanId", "parentSpanId") else value

    return json_format.ParseDict(back(loads(line)), REQUESTS[signal]())


@pytest.mark.parametrize("signal", [TRACES, METRICS, LOGS])
def test_what_does_not_fit_a_log_event_goes_into_several_lines_in_order(signal):
    request = big_request(signal, 300)
    done = drive([(signal, request.SerializeToString())], **exporter(signal, "otlp/stdout"))
    assert len(done.lines) > 1 and all(len(line) < EVENT_BYTES_MAX for line in done.lines)
    assert len(done.lines) <= math.ceil(len(done.out) / (EVENT_BYTES_MAX - 10000))  # and they are used
    assert [n for line in done.lines for n in names_of(signal, from_otlp_json(signal, line))] == names_of(signal, request)
    assert done.accounts[0]["handed_over"] == count_of(signal, request)


@pytest.mark.parametrize("value", ["otlp/stdout", "otlpstdout"])
def test_an_item_too_large_for_a_line_is_dropped_with_that_reason(value):
    request = big_request(TRACES, 4)
    request.resource_spans[0].scope_spans[1].spans[0].name = "z" * 300_000
    done = drive([(TRACES, request.SerializeToString())], **exporter(TRACES, value))
    assert done.accounts == [{"made": 4, "delivered": 0, "handed_over": 3, "dropped": 1, "size": 1, "format": 0, "rejected": 0}]
    assert "larger than a log event may be, dropped 1 span" in done.said


# ---- the stdout line ----


@pytest.mark.parametrize("signal", [TRACES, METRICS, LOGS])
def test_the_stdout_line_names_the_endpoint_of_the_signal_and_holds_the_request(signal):
    random = Random(200 + signal)
    requests = random_requests(random, signal, 100) + [big_request(signal, 300)]
    done = drive([(signal, r.SerializeToString()) for r in requests], **exporter(signal, "otlpstdout"))
    found = []
    for line in done.lines:
        assert len(line) < EVENT_BYTES_MAX
        said = loads(line)
        assert said["endpoint"] == "http://localhost:4318/v1/" + NAMES[signal].lower()
        found.append(REQUESTS[signal].FromString(gzip.decompress(base64.b64decode(said["payload"], validate=True))))
    for request, got in zip(requests, found[:100]):
        assert got == request or got.SerializeToString(deterministic=True) == request.SerializeToString(deterministic=True)  # NaN is not itself
    assert [n for got in found[100:] for n in names_of(signal, got)] == names_of(signal, requests[100])


# ---- OTLP's partial success ----


@pytest.mark.parametrize("protocol", ["http/protobuf", "http/json"])
@pytest.mark.parametrize("signal", [TRACES, METRICS, LOGS])
def test_what_a_receiver_rejects_is_counted_by_the_signals_name(signal, protocol):
    field = ["rejectedSpans", "rejectedDataPoints", "rejectedLogRecords"][signal]
    request = big_request(signal, 4, 10)
    reply = json_format.ParseDict({"partialSuccess": {field: "2", "errorMessage": 'too "old"'}}, response_of(signal))
    body = json_format.MessageToJson(reply).encode() if protocol == "http/json" else reply.SerializeToString()
    with Sink(lambda e: (200, e.headers["content-type"], body)) as sink:
        done = drive([(signal, request.SerializeToString())], OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_EXPORTER_OTLP_PROTOCOL=protocol)
    account = done.accounts[0]
    assert (account["delivered"], account["rejected"]) == (count_of(signal, request) - 2, 2)
    assert 'rejected by the receiver: too "old", dropped 2 ' + ["spans", "data points", "log records"][signal] in done.said


def response_of(signal):
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

    return [ExportTraceServiceResponse, ExportMetricsServiceResponse, ExportLogsServiceResponse][signal]()


def test_signals_have_endpoints_headers_and_paths_of_their_own():
    with Sink() as general, Sink() as metrics:
        drive(
            [(signal, big_request(signal, 2, 5).SerializeToString()) for signal in (TRACES, METRICS, LOGS)],
            OTEL_EXPORTER_OTLP_ENDPOINT=general.url + "/base/", OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=metrics.url + "/own?a=b",
            OTEL_EXPORTER_OTLP_HEADERS="x-a=1,x-b=2", OTEL_EXPORTER_OTLP_LOGS_HEADERS="x-b=logs", OTEL_EXPORTER_OTLP_METRICS_PROTOCOL="http/json")
        one, two, three = general.take(), metrics.take(), general.take()
        assert (one.path, two.path, three.path) == ("/base/v1/traces", "/own?a=b", "/base/v1/logs")
        assert (one.headers["x-b"], two.headers["x-b"], three.headers["x-b"]) == ("2", "2", "logs")
        assert (one.headers["content-type"], two.headers["content-type"]) == ("application/x-protobuf", "application/json")
        assert general.connections == 1  # two signals, one peer


# ---- lists and defaults ----


def test_several_exporters_count_an_item_once():
    request = big_request(TRACES, 6, 10).SerializeToString()
    with Sink() as sink:
        done = drive([(TRACES, request)], **exporter(TRACES, "console, otlp,OTLPSTDOUT,otlp"), OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
        assert sink.take().spans() and sink.empty()
    assert done.accounts[0]["delivered"] == 6 and done.accounts[0]["handed_over"] == 0
    assert sum(line.startswith(b"span ") for line in done.lines) == 6 and done.lines[-1].startswith(b'{"__otel_otlp_stdout"')


@pytest.mark.parametrize("value", ["otlp,otlpstdout", "otlpstdout,otlp"])
def test_a_failing_exporter_beside_one_that_works_drops_nothing(value):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))  # and never listens
        done = drive([(TRACES, big_request(TRACES, 6, 10).SerializeToString())], **exporter(TRACES, value),
                     OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{s.getsockname()[1]}")
    assert done.accounts[0]["handed_over"] == 6 and done.accounts[0]["dropped"] == 0


def test_of_what_one_exporter_rejects_the_other_has_the_rest():
    reply = json_format.ParseDict({"partialSuccess": {"rejectedSpans": "2"}}, response_of(TRACES)).SerializeToString()
    with Sink(lambda _: (200, "application/x-protobuf", reply)) as sink:
        done = drive([(TRACES, big_request(TRACES, 6, 10).SerializeToString())], **exporter(TRACES, "otlp,otlpstdout"),
                     OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
    assert (done.accounts[0]["delivered"], done.accounts[0]["handed_over"], done.accounts[0]["dropped"]) == (4, 2, 0)


@pytest.mark.parametrize("signal", [METRICS, LOGS])
def test_metrics_and_logs_without_an_endpoint_go_nowhere(signal):
    done = drive([(signal, big_request(signal, 2, 5).SerializeToString())])
    assert not done.out and done.accounts[0]["dropped"] == done.accounts[0]["made"] > 0


def test_what_no_exporter_is_called_is_said_and_ignored():
    request = big_request(LOGS, 2, 5).SerializeToString()
    done = drive([(LOGS, request)], **exporter(LOGS, "prometheus,awsemf,console"))
    assert "OTEL_LOGS_EXPORTER=prometheus: is none of otlp" in done.said
    assert "OTEL_LOGS_EXPORTER=awsemf: does not carry this signal" in done.said
    assert done.accounts[0]["handed_over"] == 2
    done = drive([(TRACES, big_request(TRACES, 2, 5).SerializeToString())] * 2, **exporter(TRACES, "otlp/sigv4"))
    assert done.said.count("knows no service to sign for") == 1 and done.accounts[1]["dropped"] == 2
    done = drive([(TRACES, big_request(TRACES, 2, 5).SerializeToString())], **exporter(TRACES, "none"))
    assert not done.out and done.accounts[0]["dropped"] == 2


# ---- the X-Ray daemon ----


class Daemon:
    """Reads datagrams as the daemon does: a header line, then the message."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.settimeout(5)
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        return self

    def __exit__(self, *_):
        self.socket.close()

    def take(self):
        datagram = self.socket.recv(1 << 17)
        assert len(datagram) <= DATAGRAM_BYTES_MAX
        header, body = datagram.split(b"\n", 1)
        assert json.loads(header) == {"format": "json", "version": 1}
        prefix = re.match(rb"T1S|T1U|M1", body).group()
        return prefix.decode(), base64.b64decode(body[len(prefix):], validate=True)

    def empty(self):
        self.socket.settimeout(0.05)
        try:
            self.socket.recv(1 << 17)
        except TimeoutError:
            return True
        return False


VECTOR = ("0a630a190a170a0c736572766963652e6e616d6512070a056d792d666e12460a050a036c6962123d0a1067748580a006649127e371903a2de979120853995c3f42cd"
          "8ad82a0568656c6c6f300239000057c07e68161841404266c07e681618850101010000")
VECTOR_TEXT = ("T1SCmMKGQoXCgxzZXJ2aWNlLm5hbWUSBwoFbXktZm4SRgoFCgNsaWISPQoQZ3SFgKAGZJEn43GQOi3peRIIU5lcP0LNitgqBWhlbGxvMAI5AABXwH5oFhhBQEJmwH5oFhiF"
               "AQEBAAA=")
SAMPLED = "Root=1-67748580-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1"


def test_the_datagram_of_the_published_span_is_the_published_one():
    with Daemon() as daemon:
        done = drive([(TRACES, bytes.fromhex(VECTOR))], AWS_XRAY_DAEMON_ADDRESS=f"tcp:127.0.0.1:9 udp:{daemon.address}",
                     **exporter(TRACES, "xray-udp"))
        assert daemon.socket.recv(4096) == b'{"format":"json","version":1}\n' + VECTOR_TEXT.encode()
        assert done.accounts[0]["handed_over"] == 1 and done.accounts[0]["delivered"] == 0


def test_a_batch_goes_in_datagrams_that_are_full_and_not_too_large():
    request = big_request(TRACES, 200)
    with Daemon() as daemon:
        drive([(TRACES, request.SerializeToString())], AWS_XRAY_DAEMON_ADDRESS=daemon.address, **exporter(TRACES, "xray-udp"))
        got = []
        while len(got) < 200:
            prefix, body = daemon.take()
            assert prefix == "T1S" and len(body) <= 49104
            got += names_of(TRACES, ExportTraceServiceRequest.FromString(body))
            assert len(body) > 45000 or len(got) == 200
        assert got == names_of(TRACES, request) and daemon.empty()


def test_a_span_too_large_for_a_datagram_is_dropped_or_goes_by_the_next_way():
    request = big_request(TRACES, 4)
    request.resource_spans[0].scope_spans[0].spans[1].name = "z" * 60000
    with Daemon() as daemon:
        done = drive([(TRACES, request.SerializeToString())], AWS_XRAY_DAEMON_ADDRESS=daemon.address, **exporter(TRACES, "xray-udp"))
        assert (done.accounts[0]["handed_over"], done.accounts[0]["size"]) == (3, 1)
        assert "larger than a datagram may be, dropped 1 span" in done.said
    with Daemon() as daemon:
        done = drive([(TRACES, request.SerializeToString())], AWS_XRAY_DAEMON_ADDRESS=daemon.address, _X_AMZN_TRACE_ID=SAMPLED)
        assert (done.accounts[0]["handed_over"], done.accounts[0]["dropped"]) == (4, 0) and len(done.lines) == 1
        assert b"__otel_otlp_stdout" in done.lines[0]


def test_a_resource_that_leaves_no_room_in_a_datagram_goes_by_the_next_way():
    request = big_request(TRACES, 4, 10)
    request.resource_spans[0].resource.attributes.add(key="large").value.string_value = "r" * 60000
    with Daemon() as daemon:
        done = drive([(TRACES, request.SerializeToString())], AWS_XRAY_DAEMON_ADDRESS=daemon.address, _X_AMZN_TRACE_ID=SAMPLED)
        assert daemon.empty() and done.accounts[0]["handed_over"] == 4 and b"__otel_otlp_stdout" in done.lines[0]


def test_spans_go_to_the_daemon_by_themselves_only_where_it_keeps_them():
    request = (TRACES, bytes.fromhex(VECTOR))
    with Daemon() as daemon:
        for header in ("", SAMPLED.replace("=1", "=0"), SAMPLED.replace(";Sampled=1", ""), "Sampled=10"):
            assert drive([request], AWS_XRAY_DAEMON_ADDRESS=daemon.address, _X_AMZN_TRACE_ID=header).lines
        for address in ("", "nonsense", "127.0.0.1", "127.0.0.1:0", "nowhere.invalid:2000"):
            assert drive([request], AWS_XRAY_DAEMON_ADDRESS=address, _X_AMZN_TRACE_ID=SAMPLED).lines
        assert daemon.empty()
    with Daemon() as daemon, Sink() as sink:
        assert not drive([request], AWS_XRAY_DAEMON_ADDRESS=daemon.address, _X_AMZN_TRACE_ID=SAMPLED).lines
        assert daemon.take() == ("T1S", bytes.fromhex(VECTOR))
        drive([request], AWS_XRAY_DAEMON_ADDRESS=daemon.address, _X_AMZN_TRACE_ID=SAMPLED, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
        assert sink.take().body == bytes.fromhex(VECTOR) and daemon.empty()  # a configured endpoint wins


def test_unsampled_spans_and_metrics_go_to_the_daemon_only_when_asked_to():
    unsampled = ExportTraceServiceRequest.FromString(bytes.fromhex(VECTOR))
    unsampled.resource_spans[0].scope_spans[0].spans[0].flags = 0x100
    metrics = big_request(METRICS, 2, 5)
    with Daemon() as daemon:
        where = dict(AWS_XRAY_DAEMON_ADDRESS=daemon.address) | exporter(TRACES, "xray-udp")
        drive([(TRACES, unsampled.SerializeToString())], **where)
        assert daemon.take()[0] == "T1S"
        drive([(TRACES, unsampled.SerializeToString()), (TRACES, bytes.fromhex(VECTOR))], MOTE_XRAY_UDP_UNSAMPLED="true", **where)
        prefix, body = daemon.take()
        unsampled.resource_spans[0].scope_spans[0].spans[0].attributes.add(key="aws.trace.flag.sampled").value.bool_value = False
        assert prefix == "T1U" and ExportTraceServiceRequest.FromString(body) == unsampled
        assert daemon.take() == ("T1S", bytes.fromhex(VECTOR))
        drive([(METRICS, metrics.SerializeToString())], **where)
        assert daemon.empty()
        drive([(METRICS, metrics.SerializeToString())], **where, **exporter(METRICS, "xray-udp"))
        daemon.socket.settimeout(5)
        assert daemon.take() == ("M1", metrics.SerializeToString())


def test_datagrams_of_unsampled_spans_keep_their_size():
    request = big_request(TRACES, 200)
    for scope in request.resource_spans[0].scope_spans:
        for i, span in enumerate(scope.spans):
            span.flags = 0x100 | i % 3 // 2
    with Daemon() as daemon:
        drive([(TRACES, request.SerializeToString())], AWS_XRAY_DAEMON_ADDRESS=daemon.address, MOTE_XRAY_UDP_UNSAMPLED="true",
              **exporter(TRACES, "xray-udp"))
        got = []
        while len(got) < 200:
            _, body = daemon.take()
            assert len(body) <= 49104
            got += items(ExportTraceServiceRequest.FromString(body))
    assert len({s.name for s in got}) == 200
    assert all(any(a.key == "aws.trace.flag.sampled" for a in s.attributes) == (s.flags & 1 == 0) for s in got)


# ---- EMF ----

UNITS = """Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits Terabits Percent Count
    Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second
    Terabits/Second Count/Second None""".split()


def check_emf(line):
    """The schema that CloudWatch publishes for EMF, and the rules in the text around it."""
    assert len(line) < EVENT_BYTES_MAX
    root = loads(line)
    meta = root["_aws"]
    assert set(meta) == {"Timestamp", "CloudWatchMetrics"} and isinstance(meta["Timestamp"], int) and meta["Timestamp"] >= 0
    for directive in meta["CloudWatchMetrics"]:
        assert set(directive) == {"Namespace", "Dimensions", "Metrics"} and 1 <= len(directive["Namespace"]) <= 1024
        assert 1 <= len(directive["Dimensions"]) <= 30 and 1 <= len(directive["Metrics"]) <= 100
        for dimensions in directive["Dimensions"]:
            assert len(dimensions) <= 30 and len(set(dimensions)) == len(dimensions)
            for d in dimensions:
                assert 1 <= len(d) <= 250 and isinstance(root[d], str) and 1 <= len(root[d]) <= 1024
        for metric in directive["Metrics"]:
            assert set(metric) <= {"Name", "Unit", "StorageResolution"} and 1 <= len(metric["Name"]) <= 1024
            assert metric.get("Unit", "None") in UNITS
            value = root[metric["Name"]]
            if isinstance(value, dict):
                assert set(value) in ({"Count", "Sum", "Min", "Max"}, {"Values", "Counts", "Count", "Sum", "Min", "Max"})
                assert len(value.get("Values", [])) == len(value.get("Counts", [])) <= 100
                assert all(is_number(v) for k in ("Count", "Sum", "Min", "Max") for v in [value[k]])
                assert all(is_number(v) for k in ("Values", "Counts") for v in value.get(k, []))
            else:
                assert is_number(value)
    return root


def is_number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v)


def emf(request, **environment):
    done = drive([(METRICS, request.SerializeToString())], **exporter(METRICS, "awsemf"), **environment)
    return done, [check_emf(line) for line in done.lines]


def metrics_request(**resource):
    request = ExportMetricsServiceRequest()
    of = request.resource_metrics.add()
    for k, v in (resource or {"service.name": "fn"}).items():
        of.resource.attributes.add(key=k).value.string_value = v
    return request, of.scope_metrics.add().metrics


T = 1_790_000_000_123_000_000


def add_sum(metrics, name, value, unit="", time=T, monotonic=True, temporality=1, **attributes):
    m = metrics.add(name=name, unit=unit)
    m.sum.is_monotonic, m.sum.aggregation_temporality = monotonic, temporality
    p = m.sum.data_points.add(time_unix_nano=time, **{"as_int" if isinstance(value, int) else "as_double": value})
    for k, v in attributes.items():
        set_value(p.attributes.add(key=k).value, v)
    return m


def set_value(to, v):
    if isinstance(v, bool):
        to.bool_value = v
    elif isinstance(v, int):
        to.int_value = v
    elif isinstance(v, list):
        for x in v:
            set_value(to.array_value.values.add(), x)
    else:
        to.string_value = v


def test_emf_has_a_line_for_each_set_of_attributes_and_time():
    request, metrics = metrics_request()
    add_sum(metrics, "orders", 3, "1", region="eu", n=5)
    add_sum(metrics, "latency", 1.5, "ms", region="eu", n=5)
    add_sum(metrics, "orders", 4, region="us", n=5)
    add_sum(metrics, "late", 1, "By", time=T + 1_000_000, region="eu", n=5)
    done, lines = emf(request)
    assert done.accounts[0]["handed_over"] == 4 and len(lines) == 3
    assert lines[0] == {
        "_aws": {"Timestamp": T // 10**6, "CloudWatchMetrics": [{
            "Namespace": "default", "Metrics": [{"Name": "orders"}, {"Name": "latency", "Unit": "Milliseconds"}],
            "Dimensions": [["region", "n"]]}]},
        "Version": "1", "otel.resource.service.name": "fn", "orders": 3, "latency": 1.5, "region": "eu", "n": "5"}
    assert lines[1]["orders"] == 4 and lines[1]["region"] == "us"
    assert lines[2]["_aws"]["Timestamp"] == T // 10**6 + 1 and lines[2]["late"] == 1


def test_emf_values_of_histograms():
    request, metrics = metrics_request()
    h = metrics.add(name="explicit", unit="s").histogram
    h.aggregation_temporality = 1
    h.data_points.add(time_unix_nano=T, count=3, sum=6.5, min=1, max=4, bucket_counts=[1, 2], explicit_bounds=[2])
    e = metrics.add(name="exponential").exponential_histogram
    e.aggregation_temporality = 1
    p = e.data_points.add(time_unix_nano=T, count=8, sum=10, min=-3, max=5.5, scale=0, zero_count=1)
    p.positive.offset, p.negative.offset = 0, 1
    p.positive.bucket_counts.extend([2, 0, 4])
    p.negative.bucket_counts.extend([1])
    done, [line] = emf(request)
    assert line["explicit"] == {"Count": 3, "Sum": 6.5, "Min": 1, "Max": 4}
    # (1,2] has its middle at 1.5, (4,8] at 6, which nobody recorded: the greatest was 5.5
    assert line["exponential"] == {"Values": [-3, 0, 1.5, 5.5], "Counts": [1, 1, 2, 4], "Count": 8, "Sum": 10, "Max": 5.5, "Min": -3}


@pytest.mark.parametrize("buckets", [99, 100, 101, 160, 320])
def test_emf_has_at_most_100_values_and_loses_no_count(buckets):
    request, metrics = metrics_request()
    e = metrics.add(name="wide").exponential_histogram
    p = e.data_points.add(time_unix_nano=T, count=sum(range(1, buckets + 1)), sum=1e9, min=0.01, max=1e12, scale=3)
    p.positive.offset = -20
    p.positive.bucket_counts.extend(range(1, buckets + 1))
    _, [line] = emf(request)
    values, counts = line["wide"]["Values"], line["wide"]["Counts"]
    assert len(values) == buckets if buckets <= 100 else 50 <= len(values) <= 100
    assert sum(counts) == line["wide"]["Count"] and values == sorted(values)


def test_emf_keeps_its_limits():
    request, metrics = metrics_request()
    for i in range(250):
        add_sum(metrics, f"m{i}", i, **{f"a{k}": "v" for k in range(40)})
    done, lines = emf(request)
    assert [len(line["_aws"]["CloudWatchMetrics"][0]["Metrics"]) for line in lines] == [100, 100, 50]
    assert len(lines[0]["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]) == 30 and lines[0]["a39"] == "v"
    request, metrics = metrics_request()
    add_sum(metrics, "x" * 1025, 1)
    add_sum(metrics, "nan", math.nan)
    add_sum(metrics, "inf", math.inf)
    add_sum(metrics, "_aws", 1)
    add_sum(metrics, "good", 2, empty="", long="l" * 2000, odd="grüße", good="taken", list=[1, "a"], flag=True, **{":x": "y"})
    add_sum(metrics, "good", 3, empty="", long="l" * 2000, odd="grüße", good="taken", list=[1, "a"], flag=True, **{":x": "y"})
    done, lines = emf(request)
    assert done.accounts[0]["format"] == 4 and done.accounts[0]["handed_over"] == 2
    assert [line["good"] for line in lines] == [2, 3]  # one name, one value a line
    assert lines[0]["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["list", "flag"]]
    assert (lines[0]["list"], lines[0]["flag"], lines[0]["odd"], lines[0]["long"]) == ('[1,"a"]', "true", "grüße", "l" * 2000)


def test_emf_takes_its_namespace_from_the_headers_and_warns_of_totals():
    request, metrics = metrics_request()
    add_sum(metrics, "total", 3, temporality=2)
    add_sum(metrics, "balance", 3, temporality=2, monotonic=False)
    done, [line] = emf(request, OTEL_EXPORTER_OTLP_LOGS_HEADERS="x-aws-log-group=g,x-aws-metric-namespace=My%20Space")
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "My Space"
    assert done.said.count("use delta") == 1


def test_emf_of_random_metrics_is_always_valid():
    random = Random(3)
    requests = []
    for _ in range(600):
        request = random_request(random, METRICS)
        for m in items(request):
            m.name = m.name or "m"
            for p in points(m):
                seen = set()
                for a in list(p.attributes):
                    if a.key in seen:
                        p.attributes.remove(a)
                    seen.add(a.key)
        seen = set()
        for a in list(request.resource_metrics[0].resource.attributes):
            if a.key in seen:
                request.resource_metrics[0].resource.attributes.remove(a)
            seen.add(a.key)
        requests.append(request)
    done = drive([(METRICS, r.SerializeToString()) for r in requests], **exporter(METRICS, "awsemf"))
    found = sum(len(check_emf(line)["_aws"]["CloudWatchMetrics"][0]["Metrics"]) for line in done.lines)
    assert found == sum(a["handed_over"] for a in done.accounts) > 300


# ---- console ----


def test_the_console_has_a_line_for_each_of_everything():
    request = ExportTraceServiceRequest.FromString(bytes.fromhex(VECTOR))
    span = request.resource_spans[0].scope_spans[0].spans[0]
    set_value(span.attributes.add(key="a b").value, "new\nline")
    set_value(span.attributes.add(key="list").value, [1, "x"])
    span.events.add(name="boom", time_unix_nano=span.start_time_unix_nano + 1500)
    span.links.add(trace_id=b"\1" * 16, span_id=b"\2" * 8)
    span.status.code, span.status.message = 2, "it broke"
    done = drive([(TRACES, request.SerializeToString())], **exporter(TRACES, "console"))
    assert done.out.decode() == (
        "span 2025-01-01T00:00:00.000Z hello server 1000.0 us ERROR: it broke trace=67748580a006649127e371903a2de979 span=53995c3f42cd8ad8 "
        'a b="new\\nline" list=[1,"x"]\n  event boom at 1.5 us\n  link trace=01010101010101010101010101010101 span=0202020202020202\n')
    metrics, rows = metrics_request()
    add_sum(rows, "orders", 3, "1", region="eu")
    rows.add(name="wait", unit="ms").histogram.data_points.add(time_unix_nano=T, count=2, sum=3, min=1, max=2)
    done = drive([(METRICS, metrics.SerializeToString())], **exporter(METRICS, "console"))
    assert done.out.decode() == ('metric 2026-09-21T14:13:20.123Z orders 1 sum, delta value=3 region="eu"\n'
                                 "metric 2026-09-21T14:13:20.123Z wait ms histogram count=2 sum=3 min=1 max=2\n")
    logs = ExportLogsServiceRequest()
    record = logs.resource_logs.add().scope_logs.add().log_records.add(
        time_unix_nano=T, severity_number=17, trace_id=b"\3" * 16, span_id=b"\4" * 8, event_name="e")
    record.body.string_value = "text"
    done = drive([(LOGS, logs.SerializeToString())], **exporter(LOGS, "console"))
    assert done.out.decode() == 'log 2026-09-21T14:13:20.123Z ERROR e "text" trace=03030303030303030303030303030303 span=0404040404040404\n'


@pytest.mark.parametrize("signal", [TRACES, METRICS, LOGS])
def test_the_console_takes_anything(signal):
    random = Random(400 + signal)
    requests = random_requests(random, signal, 200)
    done = drive([(signal, r.SerializeToString()) for r in requests], **exporter(signal, "console"))
    assert sum(a["handed_over"] for a in done.accounts) == sum(count_of(signal, r) for r in requests)
    done.out.decode("utf-8")
