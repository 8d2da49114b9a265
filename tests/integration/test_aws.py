# SPDX-License-Identifier: MIT
"""Export to AWS's endpoints, with a server in their place that checks what they check (aws_receiver.py): signatures by botocore, limits by the user guide,
contents by opentelemetry-proto. Every test ends in made = delivered + dropped (test_exporters.drive)."""

import json
import time

import pytest
from aws_receiver import AwsReceiver, error
from http_peer import Handler, HttpServer
from otlp_sink import REQUESTS as TYPES, Sink, parts, points
from test_exporters import LOGS, METRICS, NAMES, TRACES, big_request, count_of, drive

SECRET, TOKEN = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "SESSIONTOKENEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQ=="
KEYS = {"AKIDEXAMPLE": (SECRET, TOKEN)}
ENV = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN, "AWS_REGION": "us-east-1"}
SERVICE = ["xray", "monitoring", "logs"]
LOG_HEADERS = {"OTEL_EXPORTER_OTLP_LOGS_HEADERS": "x-aws-log-group=/aws/lambda/fn,x-aws-log-stream=2026%2F11%2F21%2F%5B%24LATEST%5Dabc"}


def environment(server, signal, **more):
    return {**ENV, **LOG_HEADERS, "OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_EXPORTER_OTLP_SIGV4_SERVICE": SERVICE[signal], **more}


def ship(server, signal, *requests, **more):
    """Secrets are in no line."""
    env = {k: v for k, v in environment(server, signal, **more).items() if v is not None}
    done = drive([(signal, r.SerializeToString()) for r in requests], **env)
    assert SECRET not in done.said and TOKEN[:12] not in done.said
    return done


def items(signal, requests):
    """What is in requests, metrics as (name, points)."""
    found = [item for r in requests for _, _, some in parts(r) for item in some]
    if signal != METRICS:
        return [item.SerializeToString(deterministic=True) for item in found]
    return [(m.name, m.unit, m.WhichOneof("data"), p.SerializeToString(deterministic=True)) for m in found for p in points(m)]


@pytest.mark.parametrize("signal", [TRACES, METRICS, LOGS])
@pytest.mark.parametrize("more", [{}, {"OTEL_EXPORTER_OTLP_COMPRESSION": "none"}, {"AWS_SESSION_TOKEN": None},
                                  {"OTEL_EXPORTER_OTLP_HEADERS": "x-amz-meta=a%20%20b,x-amz-date=wrong,x-own=c"}])
def test_signed_requests_are_taken(signal, more):
    request = big_request(signal, 40)
    with AwsReceiver({"AKIDEXAMPLE": (SECRET, more.get("AWS_SESSION_TOKEN", TOKEN))}) as server:
        done = ship(server, signal, request, request, **more)
        assert items(signal, server.taken) == 2 * items(signal, [request]) and not server.refused and server.connections == 1
        assert [a["delivered"] for a in done.accounts] == [count_of(signal, request)] * 2
        assert all(("content-encoding" in h) == ("OTEL_EXPORTER_OTLP_COMPRESSION" not in more) for _, h in server.seen)


def test_each_signal_is_signed_for_the_service_of_its_own():
    with AwsReceiver(KEYS) as server:
        env = {**ENV, **LOG_HEADERS, "OTEL_EXPORTER_OTLP_ENDPOINT": server.url}
        env |= {f"OTEL_EXPORTER_OTLP_{NAMES[s]}_SIGV4_SERVICE": SERVICE[s] for s in (TRACES, METRICS, LOGS)}
        drive([(s, big_request(s, 2).SerializeToString()) for s in (TRACES, METRICS, LOGS)], **env)
        assert len(server.taken) == 3 and not server.refused and server.connections == 1


REMEDIES = {
    "AccessDeniedException": ("is not authorized to perform: xray:PutTraceSegments", "the role needs xray:PutTraceSegments"),
    "InvalidRequestException": ("The OTLP API is supported with CloudWatch Logs as a Trace Segment Destination. Please", "Transaction Search is off"),
    "ResourceNotFoundException": ("The specified log group does not exist.", "there is no log group"),
    "ResourceNotFound": ("The specified log stream does not exist.", "there is no log stream"),
    "ExpiredTokenException": ("The security token included in the request is expired", "the credentials have expired"),
    "UnrecognizedClientException": ("The security token included in the request is invalid", "does not know these credentials"),
}


@pytest.mark.parametrize("code", REMEDIES)
def test_permanent_errors_are_explained_once_and_never_tried_again(code):
    message, remedy = REMEDIES[code]
    request = big_request(TRACES, 4)
    with AwsReceiver(KEYS, script=[error(403, code, message)] * 9) as server:
        done = ship(server, TRACES, request, request, request)
        assert len(server.seen) == 3 and done.said.count(remedy) == 1 and done.said.count(f"status 403 {code}") == 3
        assert [a["dropped"] for a in done.accounts] == [4, 4, 4]


@pytest.mark.parametrize("more, remedy", [
    ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "check AWS_SECRET_ACCESS_KEY"),
    ({"AWS_REGION": "eu-west-1"}, "wrong region"),
    ({"AWS_ACCESS_KEY_ID": "AKIDOTHER"}, "does not know these credentials"),
    ({"AWS_SESSION_TOKEN": "other"}, "does not know these credentials"),
])
def test_what_is_signed_wrong_is_refused_and_explained(more, remedy):
    with AwsReceiver(KEYS) as server:
        done = ship(server, TRACES, big_request(TRACES, 4), **more)
        assert len(server.seen) == 1 and not server.taken and remedy in done.said and done.accounts[0]["dropped"] == 4


@pytest.mark.parametrize("more", [{"OTEL_EXPORTER_OTLP_SIGV4_REGION": "us-east-1"}, {"OTEL_EXPORTER_OTLP_TRACES_SIGV4_REGION": "us-east-1"},
                                  {"AWS_REGION": None, "AWS_DEFAULT_REGION": "us-east-1"}])
def test_the_region_is_the_option_then_the_environment(more):
    with AwsReceiver(KEYS) as server:
        ship(server, TRACES, big_request(TRACES, 4), **{"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "ap-south-1", **more})
        assert len(server.taken) == 1 and not server.refused


def test_insisting_without_what_it_takes_is_an_error_and_sends_nothing():
    request = big_request(TRACES, 4)
    with AwsReceiver(KEYS) as server:
        insist = {"OTEL_TRACES_EXPORTER": "otlp/sigv4"}
        assert "no keys" in ship(server, TRACES, request, AWS_ACCESS_KEY_ID=None, **insist).said
        assert "nothing says the region" in ship(server, TRACES, request, AWS_REGION=None, **insist).said
        assert "knows no service" in ship(server, TRACES, request, OTEL_EXPORTER_OTLP_SIGV4_SERVICE=None, **insist).said
        assert not server.seen
        ship(server, TRACES, request, **insist)
        assert len(server.taken) == 1


def test_without_keys_requests_go_unsigned_with_a_warning_unless_somebody_insists():
    with AwsReceiver(KEYS) as server:
        done = ship(server, TRACES, big_request(TRACES, 4), big_request(TRACES, 4), AWS_ACCESS_KEY_ID=None)
        assert done.said.count("requests go unsigned: no keys") == 1
        assert len(server.seen) == 2 and all("authorization" not in h and "x-amz-security-token" not in h for _, h in server.seen)


def test_a_users_authorization_wins():
    with AwsReceiver(KEYS) as server:
        ship(server, TRACES, big_request(TRACES, 4), OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20abc", OTEL_TRACES_EXPORTER="otlp/sigv4")
        [(_, headers)] = server.seen
        assert headers["authorization"] == "Bearer abc" and "x-amz-security-token" not in headers and "x-amz-date" not in headers


def test_plain_http_to_another_machine_is_never_signed():
    env = {**ENV, "OTEL_EXPORTER_OTLP_SIGV4_SERVICE": "xray", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://192.0.2.1:9"}
    done = drive([(TRACES, big_request(TRACES, 4).SerializeToString())], **env)
    assert "would show the session token" in done.said and done.accounts[0]["dropped"] == 4


def test_logs_without_group_or_stream_are_not_sent_and_said_once():
    for headers in ("", "x-aws-log-group=g", "x-aws-log-stream=s"):
        with AwsReceiver(KEYS) as server:
            done = ship(server, LOGS, *[big_request(LOGS, 4)] * 2, OTEL_EXPORTER_OTLP_LOGS_HEADERS=headers, OTEL_LOGS_EXPORTER="otlp")
            assert not server.seen and done.said.count("OTEL_EXPORTER_OTLP_LOGS_HEADERS: has no x-aws-log-group") == 1
            assert [a["dropped"] for a in done.accounts] == [4, 4]


# ---- an AWS host as the endpoint of all signals ----


@pytest.mark.parametrize("own", [TRACES, METRICS, LOGS])
def test_a_general_endpoint_of_aws_serves_its_own_signal_only(own):
    env = {**ENV, **LOG_HEADERS, "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://{SERVICE[own]}.us-east-1.amazonaws.com:1", "https_proxy": "http://127.0.0.1:1",
           **{f"OTEL_{n}_EXPORTER": "otlp" for n in NAMES}}
    others = [s for s in (TRACES, METRICS, LOGS) if s != own]
    done = drive([(s, big_request(s, 2).SerializeToString()) for s in others], **env)
    assert done.said.count("takes one signal only") == 1 and "refused" not in done.said
    assert all(a["dropped"] == a["made"] for a in done.accounts)
    done = drive([(own, big_request(own, 2).SerializeToString())], **env)
    assert "takes one signal only" not in done.said and "dropped" in done.said


# ---- limits ----


@pytest.mark.parametrize("signal, n, size", [(TRACES, 25_000, 10), (TRACES, 4_000, 2_000), (METRICS, 1_400, 20), (METRICS, 300, 9_000), (LOGS, 25_000, 5),
                                             (LOGS, 900, 5_000)])
def test_a_batch_goes_in_requests_that_keep_every_limit(signal, n, size):
    request = big_request(signal, n, size)
    with AwsReceiver(KEYS) as server:
        done = ship(server, signal, request)
        assert not server.refused and len(server.taken) > 1
        assert items(signal, server.taken) == items(signal, [request])
        assert done.accounts[0]["delivered"] == count_of(signal, request)


def test_a_metric_with_too_many_points_goes_in_several_requests():
    request = big_request(METRICS, 4, 20)
    histogram = request.resource_metrics[0].scope_metrics[0].metrics.add(name="wide", unit="s", description="d")
    histogram.histogram.aggregation_temporality = 1
    for i in range(2500):
        histogram.histogram.data_points.add(time_unix_nano=i, count=i, bucket_counts=[i, 0], explicit_bounds=[1.5])
    with AwsReceiver(KEYS) as server:
        done = ship(server, METRICS, request)
        assert not server.refused and items(METRICS, server.taken) == items(METRICS, [request])
        found = [m for r in server.taken for _, _, some in parts(r) for m in some if m.name == "wide"]
        assert len(found) == 3 and all(m.description == "d" and m.histogram.aggregation_temporality == 1 for m in found)
        assert done.accounts[0]["delivered"] == count_of(METRICS, request)


@pytest.mark.parametrize("signal", [TRACES, LOGS])
def test_a_request_spans_a_day_at_most(signal):
    request = big_request(signal, 40, 10)
    start, hour = 1_790_000_000 * 10**9, 3600 * 10**9
    for _, _, some in parts(request):
        for i, item in enumerate(some):
            if signal == TRACES:
                item.start_time_unix_nano, item.end_time_unix_nano = start + 7 * i * hour, start + 7 * i * hour + 1
            else:
                item.time_unix_nano = start + 7 * i * hour
    with AwsReceiver(KEYS) as server:
        ship(server, signal, request)
        assert not server.refused and items(signal, server.taken) == items(signal, [request]) and len(server.taken) > 8


def test_a_span_over_200_kb_loses_its_largest_attributes():
    request = big_request(TRACES, 4, 10)
    span = request.resource_spans[0].scope_spans[0].spans[1]
    for i, size in enumerate([100, 90_000, 150_000, 20_000, 30_000]):
        span.attributes.add(key=f"a{i}").value.string_value = "v" * size
    span.dropped_attributes_count = 2
    with AwsReceiver(KEYS) as server:
        done = ship(server, TRACES, request)
        assert not server.refused and done.accounts[0]["delivered"] == 4
        [got] = [s for r in server.taken for _, _, some in parts(r) for s in some if s.attributes]
        assert [a.key for a in got.attributes] == ["a0", "a1", "a3", "a4"] and got.dropped_attributes_count == 3 and got.name == span.name


def with_resource(request, large):
    resource = next(iter(getattr(request, request.DESCRIPTOR.fields[0].name))).resource
    for key, size in [("faas.name", 100), ("cloud.region", 3000), ("team", 4000), ("big", large), ("bigger", large + 1)]:
        resource.attributes.add(key=key).value.string_value = "r" * size
    return resource


@pytest.mark.parametrize("signal", [TRACES, METRICS, LOGS])
def test_a_resource_over_16_kb_loses_its_largest_attributes_for_aws_only(signal):
    request = big_request(signal, 4, 10)
    resource = with_resource(request, 7000)
    with AwsReceiver(KEYS) as server:
        done = ship(server, signal, request, request)
        assert not server.refused and done.said.count("more than 16 KB") == 1
        for r in server.taken:
            for got, _, _ in parts(r):
                assert [a.key for a in got.attributes] == ["service.name", "faas.name", "cloud.region", "team", "big"]
                assert got.dropped_attributes_count == 1
    with Sink() as sink:
        done = drive([(signal, request.SerializeToString())], OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
        [(got, _, _), *_] = parts(sink.take().request())
        assert got == resource and sink.empty() and "16 KB" not in done.said


def test_no_limit_is_for_anybody_else():
    for signal in (TRACES, METRICS, LOGS):
        request = big_request(signal, 12_000, 5)
        with Sink() as sink:
            drive([(signal, request.SerializeToString())], OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
            assert items(signal, [sink.take().request()]) == items(signal, [request]) and sink.empty()


# ---- tries ----


def test_each_try_is_signed_anew_and_nothing_is_sent_twice():
    busy = [error(429, "ThrottlingException"), error(503, "ServiceUnavailable"), error(500, "InternalFailure")]
    with AwsReceiver(KEYS, script=busy) as server:
        done = ship(server, TRACES, big_request(TRACES, 40))
        assert len(server.taken) == 1 and len(server.seen) == 4 and done.accounts[0]["delivered"] == 40 and server.connections == 1


def test_a_clock_that_is_off_is_learned_from_the_first_refusal():
    request = big_request(TRACES, 4)
    for clock in (3600, -7200, 86_400 * 300):
        with AwsReceiver(KEYS, clock=clock) as server:
            done = ship(server, TRACES, request, request, request)
            assert len(server.taken) == 3 and len(server.refused) == 1 and not done.accounts[0]["dropped"]


def test_a_clock_that_stays_wrong_is_tried_once_more_and_explained():
    with AwsReceiver(KEYS, script=[error(403, "RequestTimeTooSkewed")] * 9) as server:
        done = ship(server, TRACES, big_request(TRACES, 4))
        assert len(server.seen) == 2 and "the clock is more than five minutes off" in done.said and done.accounts[0]["dropped"] == 4


class Container(HttpServer):
    """The endpoint that a container is given for its keys: a new set each time it is asked."""

    def __init__(self, *sets):
        self.sets, self.asked = list(sets), 0
        container = self

        class Keys(Handler):
            def do_GET(self):
                key = container.sets[min(container.asked, len(container.sets) - 1)]
                container.asked += 1
                self.reply(200, json.dumps({"AccessKeyId": key, "SecretAccessKey": SECRET, "Token": TOKEN, "Expiration": "2099-01-01T00:00:00Z"}).encode())

        super().__init__(Keys)
        self.environment = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_SESSION_TOKEN": None,
                            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self.url}/keys"}


def test_expired_keys_are_renewed_once_and_only_where_there_are_others():
    request = big_request(TRACES, 4)
    expired = error(403, "ExpiredTokenException")
    with Container("AKIDONE", "AKIDTWO") as container, AwsReceiver({k: (SECRET, TOKEN) for k in ("AKIDONE", "AKIDTWO")}, script=[expired]) as server:
        done = ship(server, TRACES, request, request, **container.environment)
        assert len(server.taken) == 2 and container.asked == 2 and done.accounts[0]["delivered"] == 4
        assert ["AKIDONE" in h["authorization"] for _, h in server.seen] == [True, False, False]
    with Container("AKIDONE") as container, AwsReceiver({"AKIDONE": (SECRET, TOKEN)}, script=[expired]) as server:
        done = ship(server, TRACES, request, **container.environment)
        assert len(server.seen) == 1 and "have expired" in done.said and done.accounts[0]["dropped"] == 4
    with Container("AKIDONE", "AKIDTWO") as container, AwsReceiver({}, script=[expired] * 9) as server:
        ship(server, TRACES, request, **container.environment)
        assert len(server.seen) == 2


@pytest.mark.parametrize("signal", [TRACES, METRICS, LOGS])
@pytest.mark.parametrize("most", [1, 3, 10])
def test_413_is_split_until_it_fits(signal, most):
    request = big_request(signal, 24, 10)

    class Small(AwsReceiver):
        def answer(self, path, fields, body):
            if count_of(signal, TYPES[path].FromString(body)) > most:
                return error(413, "RequestEntityTooLarge")
            return super().answer(path, fields, body)

    with Small(KEYS) as server:
        done = ship(server, signal, request, OTEL_EXPORTER_OTLP_COMPRESSION="none")
        assert items(signal, server.taken) == items(signal, [request]) and done.accounts[0]["delivered"] == count_of(signal, request)


def test_what_no_request_is_small_enough_for_is_dropped_by_one():
    with AwsReceiver(KEYS, script=[error(413, "RequestEntityTooLarge")] * 100) as server:
        done = ship(server, TRACES, big_request(TRACES, 6, 10))
        assert done.accounts[0]["size"] == 6


def hang_up(_):
    return 0, {}, b""


@pytest.mark.parametrize("script", [
    [error(429, "ThrottlingException")] * 99,
    [hang_up] * 99,
    [hang_up, error(503, "x"), hang_up] * 33,
    [error(400, "ValidationException"), None] * 50,
    [None, error(403, "AccessDeniedException")] * 50,
    [None, error(413, "RequestEntityTooLarge"), None, None] * 25,
    [(200, {"Content-Type": "application/x-protobuf"}, b"\x0a\x02\x08\x05"), None] * 50,
    [(200, {}, b"<html>"), (301, {"Location": "http://127.0.0.1:1/"}, b""), None] * 33,
])
def test_whatever_is_answered_the_accounts_add_up(script):
    request = big_request(METRICS, 700, 10)
    with AwsReceiver(KEYS, script=script) as server:
        begun = time.monotonic()
        done = ship(server, METRICS, request, request, OTEL_EXPORTER_OTLP_TIMEOUT="3000")
        delivered = sum(count_of(METRICS, r) for r in server.taken)
        assert sum(a["made"] for a in done.accounts) == 2 * count_of(METRICS, request)
        assert sum(a["delivered"] for a in done.accounts) >= delivered and time.monotonic() - begun < 8
