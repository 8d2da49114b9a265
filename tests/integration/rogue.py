# SPDX-License-Identifier: MIT
"""What hand-written bootstraps share: a Runtime API client that does exactly what it is told, wrong things included."""

import http.client
import os
import socket
import sys
from time import sleep

HOST = os.environ.get("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")
JSON = "Content-Type: application/json\r\n"
ERROR = b'{"errorMessage":"no","errorType":"Oops"}'
NEXT = "GET /2018-06-01/runtime/invocation/next"
MODE = "Lambda-Runtime-Function-Response-Mode"
TYPE = "Lambda-Runtime-Function-Error-Type"
CAUSE = "Lambda-Runtime-Function-XRay-Error-Cause"
RUNTIME = "/2018-06-01/runtime"
EXTENSION = "/2020-01-01/extension"


class Gone(Exception):
    """The connection ended before a whole reply."""


class Reply:
    def __init__(self, reply):
        self.status = reply.status
        self.headers = reply.headers
        self.body = reply.read()
        self.id = self.headers.get("Lambda-Runtime-Aws-Request-Id")
        self.echo = self.headers.get("Lambda-Runtime-Invocation-Id")
        self.extension = self.headers.get("Lambda-Extension-Identifier")


def say(*words):
    print(*words, flush=True)


class Api:
    def __init__(self):
        host, _, port = HOST.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=20)

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))

    def reply(self):
        try:
            reply = http.client.HTTPResponse(self.socket)
            reply.begin()
            if reply.status != 204 and reply.length is None and not reply.chunked:
                raise Gone  # http.client takes a head that was cut for a whole one
            return Reply(reply)
        except (http.client.HTTPException, OSError) as e:
            raise Gone from e

    def rest(self):
        """Every byte until the other side closes."""
        data = b""
        while True:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                return data + b"<reset>"
            if not more:
                return data
            data += more

    def raw(self, line, fields="", body="", version="HTTP/1.1", host=f"Host: {HOST}\r\n", end="\r\n"):
        self.send(f"{line} {version}\r\n{host}{fields}\r\n".replace("\r\n", end) + body)

    def raw_response(self, event, fields, body=""):
        self.raw(f"POST {RUNTIME}/invocation/{event.id}/response", fields + f"Lambda-Runtime-Invocation-Id: {event.echo}\r\n", body)

    def get(self, path=RUNTIME + "/invocation/next", fields="", body="", host=HOST):
        self.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n{body}")
        return self.reply()

    def post(self, path, body=b"", fields=JSON, length=None):
        body = body.encode() if isinstance(body, str) else body
        length = len(body) if length is None else length
        self.send(f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {length}\r\n{fields}\r\n".encode() + body)
        return self.reply()

    def next(self, **more):
        return self.get(**more)

    def respond(self, event, body=b'"fine"', fields=JSON, echo=True, id=None):
        fields += f"Lambda-Runtime-Invocation-Id: {event.echo}\r\n" if echo and event.echo else ""
        return self.post(f"{RUNTIME}/invocation/{id or event.id}/response", body, fields)

    def fail(self, event, body=ERROR, type="Runtime.Oops", fields=JSON):
        fields += f"Lambda-Runtime-Invocation-Id: {event.echo}\r\n" if event.echo else ""
        fields += f"Lambda-Runtime-Function-Error-Type: {type}\r\n" if type else ""
        return self.post(f"{RUNTIME}/invocation/{event.id}/error", body, fields)

    def init_error(self, body=ERROR, type="Runtime.InitError"):
        return self.post(f"{RUNTIME}/init/error", body, JSON + f"Lambda-Runtime-Function-Error-Type: {type}\r\n")

    def register(self, events='["INVOKE"]', name="tail"):
        return self.post(f"{EXTENSION}/register", '{"events":%s}' % events, JSON + f"Lambda-Extension-Name: {name}\r\n")

    def event_next(self, id):
        self.send(f"GET {EXTENSION}/event/next HTTP/1.1\r\nHost: {HOST}\r\nLambda-Extension-Identifier: {id}\r\n\r\n")

    def serve(self):
        """A function as it should be, for ever."""
        while True:
            self.respond(self.next())


def serve_for_ever():
    """The same over connections that may break anywhere."""
    while True:
        try:
            Api().serve()
        except Gone:
            pass


def main(program):
    sys.stderr.reconfigure(line_buffering=True)
    exec(program, globals())
