# SPDX-License-Identifier: MIT
"""Names that only a name server knows: dnsmasq, which nobody here has written."""

import re
import subprocess

import pytest
from conftest import PATIENCE, bootstrap, built, lambda_env, until
from daemons import dnsmasq
from otlp_sink import TAKEN
from runtime_api import RuntimeApi

EVENT = b"{}"

# 60 addresses take 960 bytes: more than the 512 of an answer over UDP.
RECORDS = [
    "--host-record=both.test,10.0.0.1,fd00::1,300",
    "--host-record=four.test,10.0.0.4,300",
    "--host-record=six.test,fd00::6,300",
    "--host-record=receiver.test,127.0.0.1,300",
    "--host-record=host.search.test,10.0.0.9,300",
    "--cname=alias.test,four.test",
    "--cname=chain.test,alias.test",
    "--txt-record=text.test,no address",
    *(f"--host-record=many.test,10.1.0.{n},300" for n in range(1, 61)),
]


@pytest.fixture(scope="module")
def name_server(start_once):
    return dnsmasq(start_once, "--log-queries", "--listen-address=127.0.0.1,::1", "--local=/test/", *RECORDS)


@pytest.fixture
def resolve(name_server, tmp_path):
    """resolve("host", ...) prints addresses; conf is a resolv.conf."""

    def run(*hosts, conf="nameserver 127.0.0.1\n"):
        file = tmp_path / "resolv.conf"
        file.write_text(conf)
        argv = [built("drivers/resolve"), file, str(name_server), *hosts]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert not done.stderr and done.returncode in (0, 1)
        return [line.removeprefix(hosts[0] + " ") for line in done.stdout.splitlines()]

    return run


@pytest.mark.parametrize("server", ["127.0.0.1", "::1"])
@pytest.mark.parametrize(
    "host, addresses",
    [
        ("both.test", ["fd00::1", "10.0.0.1"]),
        ("BOTH.test.", ["fd00::1", "10.0.0.1"]),
        ("four.test", ["10.0.0.4"]),
        ("six.test", ["fd00::6"]),
        ("alias.test", ["10.0.0.4"]),
        ("chain.test", ["10.0.0.4"]),
    ],
)
def test_addresses_are_those_of_the_server(resolve, host, addresses, server):
    assert resolve(host, conf=f"nameserver {server}\n") == addresses


def test_an_answer_too_long_for_udp_comes_over_tcp(resolve):
    got = resolve("many.test")
    assert len(got) == len(set(got)) == 4
    assert all(re.fullmatch(r"10\.1\.0\.([1-9]|[1-5][0-9]|60)", a) for a in got)


def test_the_search_list_is_gone_through(resolve):
    assert resolve("host", conf="nameserver 127.0.0.1\nsearch nothing.test search.test\n") == ["10.0.0.9"]


@pytest.mark.parametrize(
    "host, why",
    [
        ("none.test", "has no address"),  # NXDOMAIN
        ("text.test", "has no address"),  # it exists
        ("elsewhere.example", "no name server"),  # REFUSED: dnsmasq knows nobody to ask
    ],
)
def test_why_there_is_no_address_is_said(resolve, host, why):
    (line,) = resolve(host)
    assert why in line


def test_a_dead_server_gives_way_to_a_living_one(resolve):
    assert resolve("four.test", conf="nameserver 127.0.0.2\nnameserver 127.0.0.1\n") == ["10.0.0.4"]


def test_telemetry_goes_to_a_name_that_only_dns_knows(start, name_server, tmp_path):
    conf = tmp_path / "resolv.conf"
    conf.write_text("nameserver 127.0.0.1\n")
    with RuntimeApi() as api, RuntimeApi() as receiver:
        endpoint = f"http://receiver.test:{receiver.port}"
        env = lambda_env(api.address, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, RESOLV_CONF=conf, RESOLV_PORT=name_server)
        process = start([bootstrap("resolving")], env)
        c = api.accept()
        c.next()
        for n in range(3):
            c.event(EVENT)
            assert c.answer().body == b"{}"
            if not n:
                r = receiver.accept()
            request = r.request()
            assert request.path == "/v1/traces" and request.field("host") == f"receiver.test:{receiver.port}"
            r.send(TAKEN)
            c.next()
        assert "dropped" not in process.log


@pytest.mark.parametrize("host, why", [("none.test", "has no address"), ("elsewhere.example", "no name server")])
def test_a_name_that_nobody_knows_costs_the_telemetry_and_never_the_answer(start, name_server, tmp_path, host, why):
    conf = tmp_path / "resolv.conf"
    conf.write_text("nameserver 127.0.0.1\n")
    with RuntimeApi() as api:
        endpoint = f"http://{host}:4318"
        env = lambda_env(api.address, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, RESOLV_CONF=conf, RESOLV_PORT=name_server)
        process = start([bootstrap("resolving")], env)
        c = api.accept()
        c.next()
        for n in 1, 2:
            assert c.invoke(EVENT).body == b"{}"
            until("the loss is said", lambda n=n: process.log.count(why) == n)
        # a server that cannot say today may tomorrow
        assert len(re.findall(r"dropped \d+ spans?\n", process.log)) == (2 if host == "none.test" else 0)
        assert process.log.count(" for the next time") == (0 if host == "none.test" else 2)


def test_hello_asks_the_servers_of_the_machine_when_it_has_answered_and_not_before(start, api, tmp_path):
    trace = tmp_path / "calls"
    endpoint = "http://mote-test.example:1"  # a name that exists nowhere (RFC 6761 6.5)
    env = lambda_env(api.address, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_EXPORTER_OTLP_TIMEOUT=200)
    start(["strace", "-o", trace, "-s", "200", bootstrap("hello")], env)
    c = api.accept()
    c.next()
    c.invoke(b'{"queryStringParameters":{"name":"mote"}}')
    steps = ["/response HTTP/1.1", '"/etc/hosts"', '"/etc/resolv.conf"', "htons(53)", "/next HTTP/1.1"]
    until("the next event is asked for", lambda: trace.read_text().count(steps[-1]) == 2)
    calls = trace.read_text()
    at = [calls.index(step) for step in steps[:-1]] + [calls.rindex(steps[-1])]
    assert at == sorted(at)
