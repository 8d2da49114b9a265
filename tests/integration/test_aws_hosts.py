# SPDX-License-Identifier: MIT
"""Which hosts are signed for: names of AWS's, and names that only look so, all answered by a name server of ours and an nginx with a certificate for
each; behind it the server that checks signatures."""

import pytest
from aws_receiver import AwsReceiver
from daemons import Nginx, dnsmasq
from otlp_sink import items
from test_aws import ENV, KEYS, TOKEN
from test_exporters import TRACES, big_request, drive
from tls_peers import Pki

AWS = ["xray.us-east-1.amazonaws.com", "xray-fips.us-east-1.amazonaws.com", "xray.us-east-1.api.aws", "XRAY.us-east-1.AmazonAWS.com",
       "vpce-0123456789abcdef0-abcdefgh.xray.us-east-1.vpce.amazonaws.com"]
OTHERS = ["xray.us-east-1.amazonaws.com.evil.test", "xray.us-east-1.amazonaws.com.cn", "xray.us-east-1.amazonaws.co", "xray.us-east-1.evilamazonaws.com",
          "evilxray.us-east-1.amazonaws.com", "evil.xray.us-east-1.amazonaws.com", "xray.evil.amazonaws.com", "us-east-1.amazonaws.com",
          "vpce-1.evil.us-east-1.vpce.amazonaws.com", "xray.us-east-1.vpce.amazonaws.com", "execute-api.us-east-1.amazonaws.com", "collector.test"]

@pytest.fixture(scope="module")
def world(start_once, tmp_path_factory):
    """(server behind nginx, what a client's environment needs)"""
    folder = tmp_path_factory.mktemp("aws")
    pki = Pki(folder)
    names = ",".join(f"DNS:{n}" for n in AWS + OTHERS)
    pair = pki.issue("server", "p256", extensions=f"subjectAltName={names}\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n")
    with AwsReceiver(KEYS) as server:
        block = (f"ssl_protocols TLSv1.2; location / {{ proxy_pass {server.url}; proxy_http_version 1.1; proxy_set_header Host $http_host; "
                 "proxy_set_header Connection \"\"; }")
        nginx = Nginx(start_once, folder, {"aws": (block, pair)}, "$status")
        dns = dnsmasq(start_once, "--listen-address=127.0.0.1", "--address=/#/127.0.0.1")
        (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        yield server, {"port": nginx.ports["aws"], "SSL_CERT_FILE": pki.root()[0], "RESOLV_CONF": folder / "resolv.conf", "RESOLV_PORT": dns}


def ship(world, host, **more):
    server, client = world
    server.taken.clear(), server.refused.clear(), server.seen.clear()
    env = {k: str(v) for k, v in {**ENV, "AWS_REGION": "eu-west-1", **client, **more}.items() if k != "port"}
    env.setdefault("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"https://{host}:{client['port']}/v1/traces")
    return drive([(TRACES, big_request(TRACES, 40).SerializeToString())] * 2, **env), server


@pytest.mark.parametrize("host", AWS)
def test_hosts_of_aws_are_signed_for_their_own_region(world, host):
    done, server = ship(world, host)
    assert len(server.taken) == 2 and not server.refused, done.said
    assert all("/us-east-1/xray/aws4_request" in h["authorization"] and h["content-encoding"] == "gzip" for _, h in server.seen)


def test_the_general_endpoint_of_aws_gets_the_signals_path(world):
    port = world[1]["port"]
    done, server = ship(world, "", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="", OTEL_EXPORTER_OTLP_ENDPOINT=f"https://{AWS[0]}:{port}")
    assert len(server.taken) == 2 and done.accounts[0]["delivered"] == 40


@pytest.mark.parametrize("host", OTHERS)
def test_hosts_that_look_so_get_no_signature_and_no_token(world, host):
    done, server = ship(world, host)
    assert len(server.seen) == 2 and not server.taken, done.said
    for _, headers in server.seen:
        assert "authorization" not in headers and not [name for name in headers if name.startswith("x-amz-")]


def test_such_a_host_is_signed_for_when_a_variable_names_the_service(world):
    done, server = ship(world, "collector.test", OTEL_EXPORTER_OTLP_SIGV4_SERVICE="xray", OTEL_EXPORTER_OTLP_SIGV4_REGION="us-east-1")
    assert len(server.taken) == 2, done.said


def test_a_certificate_that_nobody_vouches_for_is_a_counted_drop(world):
    done, server = ship(world, AWS[0], SSL_CERT_FILE="")
    assert not server.seen and done.accounts[0]["dropped"] == 40 and "otlp export to xray.us-east-1.amazonaws.com" in done.said


# ---- a function, over TLS, for several invocations ----


@pytest.mark.parametrize("mode", ["sync", "async", "finalize", "adaptive", "overlap"])
def test_spans_of_each_invocation_arrive_signed_in_every_mode(emulate, world, mode):
    server, client = world
    server.taken.clear(), server.refused.clear(), server.seen.clear()
    env = {**ENV, **{k: v for k, v in client.items() if k != "port"}, "LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE": mode,
           "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://xray.us-east-1.amazonaws.com:{client['port']}"}
    report = emulate("resolving", "--no-otlp", *[word for k, v in env.items() for word in ("--env", f"{k}={v}")], events=[b"{}"] * 6)
    assert report.violations == [] and report.answers() == [b"{}"] * 6, report.log
    spans = [s for r in server.taken for s in items(r)]
    assert len({s.trace_id for s in spans}) == 6 and len({s.span_id for s in spans}) == len(spans), report.logs()
    assert not server.refused and "dropped" not in report.logs() and TOKEN[:12] not in report.logs()
