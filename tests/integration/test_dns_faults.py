# SPDX-License-Identifier: MIT
"""A name server that fails, lies or is slow: the answer is given all the same, and every span is delivered or said to be dropped."""

import re
import socket
import struct
import threading
import time

import pytest
from conftest import INIT_SPANS, bootstrap, lambda_env, until
from otlp_sink import Sink
from runtime_api import RuntimeApi

A, AAAA = 1, 28
TIMEOUT_MS = 300


def reply(query, *addresses, code=0, flags=0x8180, question=None, id=None, name=b"\xc0\x0c", ttl=60, count=None):
    question = query[12:] if question is None else question
    kind = struct.unpack(">H", query[-4:-2])[0]
    records = b"".join(name + struct.pack(">HHIH", A, 1, ttl, 4) + socket.inet_aton(a) for a in addresses) if kind == A else b""
    n = (len(addresses) if kind == A else 0) if count is None else count
    return struct.pack(">HHHHHH", struct.unpack(">H", query[:2])[0] if id is None else id, flags | code, 1, n, 0, 0) + question + records


def later(seconds, make):
    def answer(query):
        time.sleep(seconds)
        return make(query)

    return answer


def right(query):
    return reply(query, "127.0.0.1")


LOST = {
    "silent": lambda q: None,
    "SERVFAIL": lambda q: reply(q, code=2),
    "REFUSED": lambda q: reply(q, code=5),
    "NXDOMAIN": lambda q: reply(q, code=3),
    "no data": lambda q: reply(q),
    "another id": lambda q: reply(q, "127.0.0.1", id=1),
    "another question": lambda q: reply(q, "127.0.0.1", question=b"\x05other\x04test\x00" + q[-4:]),
    "the address of somebody else": lambda q: reply(q, "127.0.0.1", name=b"\x05other\x04test\x00"),
    "more records than there are": lambda q: reply(q, "127.0.0.1", count=9)[:-3],
    "a name that leads to itself": lambda q: reply(q, "127.0.0.1", name=b"\xc0" + bytes([len(q)])),
    "truncated, and nobody on TCP": lambda q: reply(q, flags=0x8380),
    "its own question": lambda q: q,
    "garbage": lambda q: bytes(range(200)),
    "one byte": lambda q: b"x",
    "too slow": later(1, right),
    "where nobody listens": lambda q: reply(q, "127.0.0.2"),
}
FOUND = {"right": right, "slow": later(0.05, right), "right for one moment": lambda q: reply(q, "127.0.0.1", ttl=0)}


class NameServer:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.answer = right
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            threading.Thread(target=self.one, args=(query, peer, self.answer), daemon=True).start()

    def one(self, query, peer, answer):
        try:
            message = answer(query)
            if message is not None:
                self.socket.sendto(message, peer)
        except OSError:
            pass  # the test is over


@pytest.fixture
def function(start, tmp_path):
    """function(answer) runs three invocations; what was delivered, and what was said to be dropped."""

    def run(answer):
        conf, server = tmp_path / "resolv.conf", NameServer()
        conf.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        server.answer = answer
        with RuntimeApi() as api, Sink() as sink:
            env = lambda_env(api.address, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://receiver.test:{sink.port}", RESOLV_CONF=conf,
                             RESOLV_PORT=server.port, OTEL_EXPORTER_OTLP_TIMEOUT=TIMEOUT_MS)
            process = start([bootstrap("resolving")], env)
            c = api.accept()
            c.next()
            for _ in range(3):
                before = time.monotonic()
                c.event(b"{}")
                assert c.answer().body == b"{}"
                answered = time.monotonic()
                c.next()
                assert answered - before < 2 and time.monotonic() - answered < 3
            server.socket.close()

            def accounts():
                delivered = sum(len(e.spans()) for e in list(sink.exports.queue))
                held = re.findall(r"if none comes: (\d+);", process.log)  # a server that is silent today may speak tomorrow
                return delivered, sum(int(n) for n in re.findall(r"dropped (\d+) span", process.log)) + int(held[-1] if held else 0)

            until("all is accounted for", lambda: sum(accounts()) >= INIT_SPANS + 3)
            return accounts()

    return run


@pytest.mark.parametrize("name", LOST)
def test_a_name_server_that_fails_or_lies_costs_the_telemetry_and_never_the_answer(function, name):
    assert function(LOST[name]) == (0, INIT_SPANS + 3)


@pytest.mark.parametrize("name", FOUND)
def test_a_name_server_that_is_right_is_believed(function, name):
    assert function(FOUND[name]) == (INIT_SPANS + 3, 0)
