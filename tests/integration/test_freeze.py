# SPDX-License-Identifier: MIT
"""The sandbox freezes wherever it likes and thaws an hour later: sockets may be dead, answers may be there."""

import json
import os

import pytest
from conftest import bootstrap, lambda_env, until
from otlp_sink import TAKEN
from runtime_api import ACCEPTED, RuntimeApi, event_bytes

EVENT = b'{"queryStringParameters":{"name":"mote"}}'
GREETING = b'{"message":"Hello, mote!"}'


def test_an_event_that_comes_while_frozen_is_answered_after_the_thaw(function):
    process, c = function("hello")
    for _ in range(3):
        process.freeze()
        c.event(EVENT)
        process.thaw()
        assert c.answer().body == GREETING
        c.next()


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_runtime_api_that_is_gone_after_the_thaw_is_asked_again(function, api, end):
    process, c = function("hello")
    for _ in range(3):
        process.freeze()
        getattr(c, end)()
        process.thaw()
        c = api.accept()
        c.next()
        assert c.invoke(EVENT).body == GREETING
    assert process.alive()


@pytest.mark.parametrize("cut", [1, 40, -30, -1], ids=["status line", "head", "body", "last byte"])
def test_frozen_within_an_event(function, cut):
    process, c = function("hello")
    wire = event_bytes(EVENT)
    c.send(wire[:cut])
    process.freeze()
    c.send(wire[cut:])
    process.thaw()
    assert c.answer().body == GREETING


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_connection_that_dies_frozen_within_an_event_brings_the_event_again(function, api, end):
    process, c = function("hello")
    c.send(event_bytes(EVENT)[:-1])
    process.freeze()
    getattr(c, end)()
    process.thaw()
    c = api.accept()
    c.next()
    assert c.invoke(EVENT).body == GREETING


@pytest.fixture
def fifo(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


def opened(fifo):
    """The writing end, once the function has opened the reading end."""

    def attempt():
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return None

    return until("the handler runs", attempt)


@pytest.fixture
def waiting(start, api, fifo):
    """A function that is in its handler, what releases it, and its connection."""
    process = start([bootstrap("table"), "wait"], lambda_env(api.address))
    c = api.accept()
    c.next()
    c.event(json.dumps({"path": str(fifo)}).encode())
    return process, c, opened(fifo)


def test_frozen_in_the_handler(waiting):
    process, c, release = waiting
    process.freeze()
    os.close(release)
    process.thaw()
    assert c.answer().body == b'{"waited":true}'
    c.next()


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_connection_that_dies_while_the_handler_is_frozen_does_not_cost_the_answer(waiting, api, end):
    process, c, release = waiting
    process.freeze()
    getattr(c, end)()
    os.close(release)
    process.thaw()
    c = api.accept()
    assert c.answer().body == b'{"waited":true}'
    c.next()


def test_frozen_within_a_large_answer(function):
    process, c = function("echo")
    body = b"0123456789abcdef" * 390_000
    c.event(body)
    until("some of the answer is there, and the rest waits", lambda: process.state() == "S")
    process.freeze()
    process.thaw()
    assert c.answer().body == body
    c.next()


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_connection_that_dies_within_a_large_answer_is_replaced(function, api, end):
    process, c = function("echo")
    body = b"0123456789abcdef" * 390_000
    c.event(body)
    c._more()
    process.freeze()
    getattr(c, end)()
    process.thaw()
    c = api.accept()
    assert c.answer().body == body
    c.next()


def test_frozen_before_the_acknowledgment(function):
    process, c = function("hello")
    c.event(EVENT)
    c.answer(accept=False)
    process.freeze()
    c.send(ACCEPTED)
    process.thaw()
    c.next()
    assert c.invoke(EVENT).body == GREETING


@pytest.mark.parametrize("end", ["close", "reset"])
def test_an_acknowledgment_that_never_comes_is_asked_for_once_more(function, api, end):
    """The answer goes out again; the platform, which has it, says 403, and that is that."""
    process, c = function("hello")
    c.event(EVENT)
    c.answer(accept=False)
    process.freeze()
    getattr(c, end)()
    process.thaw()
    c = api.accept()
    assert c.answer(accept=False).body == GREETING
    c.send(b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
    c.next()
    assert c.invoke(EVENT).body == GREETING


# ---- the exporter's connection ----


class Exporting:
    """hello, with a receiver that the test plays; both dialogues in one place."""

    def __init__(self, start, api, receiver, **env):
        self.receiver = receiver
        self.process = start(
            [bootstrap("hello")],
            lambda_env(api.address, OTEL_LOGS_EXPORTER="none", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{receiver.address}", **env),
        )
        self.c = api.accept()
        self.c.next()

    def answered(self):
        self.c.event(EVENT)
        assert self.c.answer().body == GREETING

    def accept(self):
        self.export = self.receiver.accept()
        return self

    def exported(self):
        assert self.export.request().path == "/v1/traces"
        self.export.send(TAKEN)
        self.c.next()

    def dropped(self):
        return b"drop" in self.process.out


@pytest.fixture
def exporting(start, api):
    with RuntimeApi() as receiver:
        yield lambda **env: Exporting(start, api, receiver, **env)


def test_an_export_over_a_connection_that_survived_uses_it_again(exporting):
    e = exporting()
    e.answered()
    e.accept().exported()
    for _ in range(3):
        e.process.freeze()
        e.process.thaw()
        e.answered()
        e.exported()
    assert not e.dropped()


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_receiver_that_hung_up_while_frozen_gets_the_next_spans_on_a_new_connection(exporting, end):
    e = exporting()
    e.answered()
    e.accept().exported()
    for _ in range(3):
        e.process.freeze()
        getattr(e.export, end)()
        e.process.thaw()
        e.answered()
        e.accept().exported()
    assert not e.dropped()


def test_frozen_while_the_receiver_answers(exporting):
    e = exporting()
    e.answered()
    e.accept()
    e.export.request()
    until("the function waits", lambda: e.process.state() == "S")
    e.process.freeze()
    e.export.send(TAKEN)
    e.process.thaw()
    e.c.next()
    e.answered()
    e.exported()
    assert not e.dropped()
