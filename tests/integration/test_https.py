# SPDX-License-Identifier: MIT
"""hello exports over TLS and through proxies, to servers that nobody here has written: the Collector's own TLS, nginx, tinyproxy. nginx's log is the
witness of handshakes."""

import contextlib
import json
import select
import socket
import ssl
import time
import urllib.parse

import pytest
from aws_receiver import AwsReceiver
from conftest import ROOT, free_port, oracle, until
from daemons import Nginx, dnsmasq, tinyproxy
from http_peer import Handler, HttpServer
from otlp_sink import Sink
from test_aws import SECRET, TOKEN, Container, ship
from test_collector import EVENT, GREETING, SPANS, TRACES_ONLY
from test_exporters import TRACES, big_request

HOST = "otlp.example.test"  # of the certificates; only the proxy knows where it is
USER, PASSWORD = "user", "pass.word"


def spans_of(exports):
    return [s.span_id for e in exports for s in e.spans()]


def invoke(c, n=1):
    for _ in range(n):
        assert c.invoke(EVENT).body == GREETING


# ---- the Collector ----


@pytest.fixture(scope="module", params=["rsa2048", "p256"])
def collector(pki, start_once, tmp_path_factory, request):
    """Its port, and what it passes on."""
    certificate, key = pki.issue(f"collector-{request.param}", request.param)
    plain = (ROOT / "tests/data/oracles/collector.yaml").read_text()
    endpoint = 'http: {endpoint: "127.0.0.1:${env:OTLP_PORT}"}'
    assert endpoint in plain
    config = tmp_path_factory.mktemp("collector") / "tls.yaml"
    config.write_text(plain.replace(endpoint, f'{endpoint[:-1]}, tls: {{cert_file: "{certificate}", key_file: "{key}"}}}}'))
    with Sink(lambda export: (200, "application/json", b"{}")) as passed_on:
        port = free_port()
        env = {"OTLP_PORT": str(port), "SINK_PORT": str(passed_on.port), "PATH": "/usr/bin:/bin"}
        start_once([oracle("otelcol"), "--config", config], env).ready(port)
        yield port, passed_on


def reported(export):
    return [s for r in json.loads(export.body)["resourceSpans"] for scope in r["scopeSpans"] for s in scope["spans"]]


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_the_collector_behind_tls_gets_every_span(collector, pki, function, compression):
    port, passed_on = collector
    process, c = function("hello", **TRACES_ONLY, OTEL_EXPORTER_OTLP_ENDPOINT=f"https://localhost:{port}",
                          OTEL_EXPORTER_OTLP_CERTIFICATE=pki.root()[0], OTEL_EXPORTER_OTLP_COMPRESSION=compression)
    for spans in SPANS:
        invoke(c)
        got = reported(passed_on.take())
        assert len(got) == spans and "compose greeting" in [s["name"] for s in got]
    assert passed_on.empty() and "dropped" not in process.log


def test_the_collector_is_not_told_anything_without_its_root(collector, function):
    port, passed_on = collector
    process, c = function("hello", **TRACES_ONLY, OTEL_EXPORTER_OTLP_ENDPOINT=f"https://localhost:{port}")
    invoke(c)
    assert passed_on.empty() and process.log.count(f"dropped {SPANS[0]} spans") == 1 and "leads to no trusted root" in process.log


# ---- keys to sign with ----


@pytest.fixture
def keys(pki):
    """Where a container is told to get them, by https; from the same machine, as a sidecar would give them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pki.issue("keys", "p256"))
    with Container("AKIDONE") as container:
        container.socket = context.wrap_socket(container.socket, server_side=True)
        yield container, {**container.environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"https://localhost:{container.port}/keys"}


def test_keys_come_over_tls(keys, pki):
    container, env = keys
    with AwsReceiver({"AKIDONE": (SECRET, TOKEN)}) as server:
        request = big_request(TRACES, 4)
        done = ship(server, TRACES, request, request, **env, SSL_CERT_FILE=str(pki.root()[0]))
        assert len(server.taken) == 2 and not server.refused and container.asked == 1, done.said


def test_keys_are_not_taken_from_who_cannot_be_trusted(keys):
    container, env = keys
    with AwsReceiver({"AKIDONE": (SECRET, TOKEN)}) as server:
        done = ship(server, TRACES, big_request(TRACES, 4), **env)
        assert not server.seen and not container.asked and done.accounts[0]["dropped"] == 4
        assert "AWS_CONTAINER_CREDENTIALS_FULL_URI: " in done.said and "leads to no trusted root" in done.said and "SSL_CERT_FILE" in done.said


# ---- nginx in front of a receiver ----

IDLE = 0.3  # seconds until nginx hangs up
IDS = "ssl_session_tickets off; ssl_session_cache shared:{name}:1m;"
KINDS = {
    "kept": IDS,
    "ids": IDS + f"keepalive_timeout {int(IDLE * 1000)}ms;",
    "tickets": f"ssl_session_tickets on; ssl_session_cache none; keepalive_timeout {int(IDLE * 1000)}ms;",
    "mutual": IDS + "ssl_verify_client on; ssl_client_certificate {root}; keepalive_requests 2;",
}


class Witness(Nginx):
    def lines(self, kind):
        """(connection, resumed, status, encoding) of each request."""
        lines = [line.split() for line in self.log()]
        return [(line[1], line[2] == "r", int(line[3]), line[4]) for line in lines if int(line[0]) == self.ports[kind]]

    def since(self, kind, before, n):
        """Those of n more requests, as (connections, how many of them resumed)."""
        until("nginx has written its log", lambda: len(self.lines(kind)) >= before + n)
        resumed = {connection: r for connection, r, _, _ in self.lines(kind)[before:]}
        return len(resumed), sum(resumed.values())


@pytest.fixture(scope="module")
def behind():
    """What nginx passes requests on to."""
    with Sink() as s:
        yield s


@pytest.fixture(scope="module")
def nginx(pki, behind, start_once, tmp_path_factory):
    servers = {name: (f"ssl_protocols TLSv1.2; {options.format(name=name, root=pki.root()[0])} location / {{ proxy_pass {behind.url}; }}",
                      pki.issue("nginx", "p256"))
               for name, options in KINDS.items()}
    return Witness(start_once, tmp_path_factory.mktemp("nginx"), servers,
                   "$server_port $connection $ssl_session_reused $status $http_content_encoding")


@pytest.fixture
def exporting(nginx, behind, pki, function):
    """exporting(kind, **env): the process, its connection."""
    while not behind.empty():
        behind.take()

    def run(kind, host="localhost", name="hello", **env):
        return function(name, **{**TRACES_ONLY, "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://{host}:{nginx.ports[kind]}",
                                    "OTEL_EXPORTER_OTLP_CERTIFICATE": pki.root()[0], **env})

    return run


def delivered(behind, n):
    """The spans of n invocations, each once."""
    spans = spans_of(behind.take() for _ in range(n))
    assert len(spans) == len(set(spans)) == sum(SPANS[:1] + SPANS[1:2] * (n - 1)) and behind.empty()


@pytest.mark.parametrize("kind, resumed", [("ids", 3), ("tickets", 0)])
@pytest.mark.parametrize("frozen", [True, False])
def test_a_connection_that_idled_out_is_replaced_and_nothing_is_lost(nginx, behind, exporting, kind, resumed, frozen):
    """By a resumed session where the peer knows it by its id; with tickets alone each new connection costs a full handshake."""
    before = len(nginx.lines(kind))
    process, c = exporting(kind)
    invoke(c, 2)
    for _ in range(3):
        if frozen:
            process.freeze()
        time.sleep(IDLE + 0.2)
        if frozen:
            process.thaw()
        invoke(c)
    delivered(behind, 5)
    assert nginx.since(kind, before, 5) == (4, resumed) and "dropped" not in process.log and "kept" not in process.log


def test_a_freeze_that_the_peer_sits_out_costs_nothing(nginx, behind, exporting):
    before = len(nginx.lines("kept"))
    process, c = exporting("kept")
    for _ in range(4):
        invoke(c)
        process.freeze()
        time.sleep(0.05)
        process.thaw()
    delivered(behind, 4)
    assert nginx.since("kept", before, 4) == (1, 0)


@pytest.mark.parametrize("kind", ["rsa2048", "rsa4096", "p256", "p384"])
def test_a_client_certificate_opens_the_door(nginx, behind, exporting, pki, kind):
    certificate, key = pki.issue(f"client-{kind}", kind)
    before = len(nginx.lines("mutual"))
    _, c = exporting("mutual", OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=certificate, OTEL_EXPORTER_OTLP_CLIENT_KEY=key)
    invoke(c, 5)
    delivered(behind, 5)
    assert nginx.since("mutual", before, 5) == (3, 2) and {line[2:] for line in nginx.lines("mutual")[before:]} <= {(200, "gzip"), (200, "-")}


def test_without_one_it_stays_shut_and_the_loss_is_counted(behind, exporting, pki):
    process, c = exporting("mutual")
    invoke(c)
    assert f"refused, status 400, dropped {SPANS[0]} spans" in process.log
    process, c = exporting("mutual", OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=pki.issue("client-p256", "p256")[0])
    invoke(c)
    assert "no key for it" in process.log and f"dropped {SPANS[0]} spans" in process.log and behind.empty()


# ---- proxies ----


class Names(Handler):
    """The way behind tinyproxy: every name is this machine."""

    protocol_version = "HTTP/1.0"

    def do_CONNECT(self):
        self.server.asked.append((self.command, self.path))
        with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as there, contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 Yes\r\n\r\n")
            while True:
                for s in select.select([self.connection, there], [], [], 20)[0]:
                    data = s.recv(1 << 16)
                    if not data:
                        return
                    (there if s is self.connection else self.connection).sendall(data)

    def do_POST(self):
        self.server.asked.append((self.command, self.path))
        url = urllib.parse.urlsplit(self.path)
        head = f"POST {url.path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in self.headers.items() if n.lower() != "connection")
        with socket.create_connection(("127.0.0.1", url.port)) as there:
            there.sendall((head + "Connection: close\r\n\r\n").encode() + self.read())
            reply = b""
            while b"\r\n\r\n" not in reply:
                reply += there.recv(1 << 16)
            self.wfile.write(reply.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        self.close_connection = True


@pytest.fixture(scope="module")
def names():
    with HttpServer(Names) as server:
        server.asked = []
        yield server


@pytest.fixture(scope="module")
def proxy(names, start_once, tmp_path_factory):
    """The port of a tinyproxy that wants a password."""
    return tinyproxy(start_once, tmp_path_factory.mktemp("proxy"), f"BasicAuth {USER} {PASSWORD}", f"Upstream http 127.0.0.1:{names.port}")


@pytest.fixture
def asked(names):
    names.asked.clear()
    return names.asked


def test_https_goes_through_a_tunnel(nginx, behind, exporting, proxy, asked):
    process, c = exporting("kept", HOST, https_proxy=f"http://{USER}:{PASSWORD}@127.0.0.1:{proxy}")
    invoke(c, 3)
    delivered(behind, 3)
    assert asked == [("CONNECT", f"{HOST}:{nginx.ports['kept']}")] and "dropped" not in process.log and PASSWORD not in process.log


def test_a_client_certificate_goes_through_a_tunnel(nginx, behind, exporting, proxy, asked, pki):
    certificate, key = pki.issue("client-p256", "p256")
    _, c = exporting("mutual", HOST, https_proxy=f"http://{USER}:{PASSWORD}@127.0.0.1:{proxy}", OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=certificate,
                     OTEL_EXPORTER_OTLP_CLIENT_KEY=key)
    invoke(c, 3)
    delivered(behind, 3)
    assert asked == [("CONNECT", f"{HOST}:{nginx.ports['mutual']}")] * 2  # a new tunnel when nginx closes after two


def test_http_goes_in_absolute_form(behind, exporting, proxy, asked):
    endpoint = f"http://{HOST}:{behind.port}"
    process, c = exporting("kept", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, http_proxy=f"http://{USER}:{PASSWORD}@127.0.0.1:{proxy}")
    invoke(c, 3)
    exports = [behind.take() for _ in range(3)]
    assert len(set(spans_of(exports))) == sum(SPANS) and all("proxy-authorization" not in e.headers for e in exports)
    assert asked == [("POST", f"{endpoint}/v1/traces")] * 3 and "dropped" not in process.log


@pytest.mark.parametrize("none", [".example.test", "other.test, otlp.example.test", "*"])
def test_no_proxy_keeps_a_name_off_it(nginx, behind, exporting, start_once, asked, tmp_path, none):
    dns = dnsmasq(start_once, "--listen-address=127.0.0.1", f"--address=/{HOST}/127.0.0.1")
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    process, c = exporting("kept", HOST, name="resolving", https_proxy="http://127.0.0.1:1", no_proxy=none, RESOLV_CONF=tmp_path / "resolv.conf",
                           RESOLV_PORT=dns)
    c.invoke(EVENT)
    assert spans_of([behind.take()]) and not asked and "dropped" not in process.log


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_wrong_password_is_one_clear_line_without_it(behind, exporting, proxy, asked, scheme):
    secret = "not.the.password"
    env = {f"{scheme}_proxy": f"http://{USER}:{secret}@127.0.0.1:{proxy}"}
    if scheme == "http":
        env["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://{HOST}:{behind.port}"
    process, c = exporting("kept", HOST, **env)
    invoke(c)
    said = [line for line in process.log.splitlines() if "otlp export" in line]
    assert len(said) == 1 and f"dropped {SPANS[0]} spans" in said[0] and ("status 401" in said[0] or "status 407" in said[0]), process.log
    assert "proxy" in said[0] and secret not in process.log and not asked and behind.empty()
