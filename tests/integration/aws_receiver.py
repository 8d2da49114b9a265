# SPDX-License-Identifier: MIT
"""AWS's OTLP endpoints as their user guide describes them: signatures are checked, limits refuse the whole request, errors have AWS's form."""

import email.utils
import gzip
import json
import time

from http_peer import Handler, HttpServer
from otlp_sink import REQUESTS, parts, points
from sigv4_server import AUTHORIZATION, refusal

DAY = 86_400 * 10**9
SERVICES = {"/v1/traces": "xray", "/v1/metrics": "monitoring", "/v1/logs": "logs"}
BYTES = {"xray": 5_000_000, "monitoring": 1_000_000, "logs": 1_048_576}
COUNT = {"xray": 10_000, "monitoring": 1000, "logs": 10_000}


def times(service, item):
    if service == "xray":
        return [t for t in (item.start_time_unix_nano, item.end_time_unix_nano) if t]
    return [t for t in [item.time_unix_nano or item.observed_time_unix_nano] if t] if service == "logs" else []


def broken_limit(service, request, n):
    """Which limit of the service a request of n bytes breaks; None: none."""
    if n > BYTES[service]:
        return "bytes"
    count, events, seen = 0, 0, []
    for resource, scope, items in parts(request):
        around = resource.ByteSize() + scope.ByteSize()
        if around > 16384:
            return "resource and scope"
        for item in items:
            count += len(points(item)) if service == "monitoring" else 1
            events += item.ByteSize() + around + 26
            seen += times(service, item)
            if service == "xray" and item.ByteSize() > 200_000:
                return "span"
            if service == "monitoring" and any(len(p.attributes) > 150 or around + sum(a.ByteSize() for a in p.attributes) > 40_960 for p in points(item)):
                return "labels"
    if count > COUNT[service]:
        return "count"
    if service == "logs" and events > BYTES["logs"]:
        return "events"
    return "24 hours" if seen and max(seen) - min(seen) > DAY else None


def error(status, code, message="no", **headers):
    return status, headers, json.dumps({"__type": code, "message": message}).encode()


OK = 200, {}, b""


class AwsReceiver(HttpServer):
    """script: answers in place of the service's, in turn, as (status, headers, body), or functions of the receiver that give one or None."""

    def __init__(self, keys, region="us-east-1", clock=0, script=()):
        self.keys, self.region, self.clock, self.script = keys, region, clock, list(script)
        self.taken, self.refused, self.seen, self.sizes, self.connections = [], [], [], [], 0
        receiver = self

        class Service(Handler):
            def setup(self):
                super().setup()
                receiver.connections += 1

            def date_time_string(self, timestamp=None):
                return email.utils.formatdate(time.time() + receiver.clock, usegmt=True)

            def do_POST(self):
                body = self.read()
                fields = list(self.headers.items())
                receiver.seen.append((self.path, {k.lower(): v for k, v in fields}))
                status, headers, reply = receiver.answer(self.path, fields, body)
                if status == 0:  # hangs up
                    self.close_connection = True
                    return
                self.reply(status, reply, headers)

        super().__init__(Service)

    def judge(self, path, fields, body):
        why = refusal(self.keys, "POST", path, fields, body, time.time() + self.clock)
        if why:
            return error(403, why.split()[0], why)
        given = {k.lower(): v for k, v in fields}
        scope = AUTHORIZATION.fullmatch(given["authorization"])
        if scope[3] != self.region:
            return error(403, "InvalidSignatureException", f"Credential should be scoped to a valid region, not '{scope[3]}'. ")
        if scope[4] != SERVICES[path]:
            return error(403, "InvalidSignatureException", f"Credential should be scoped to correct service: '{SERVICES[path]}'. ")
        return None

    def answer(self, path, fields, body):
        scripted = self.script.pop(0) if self.script else None
        if callable(scripted):
            scripted = scripted(self)
        refused = scripted or self.judge(path, fields, body)
        if refused:
            self.refused.append(refused)
            return refused
        if dict((k.lower(), v) for k, v in fields).get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        request = REQUESTS[path].FromString(body)
        limit = broken_limit(SERVICES[path], request, len(body))
        if limit:
            self.refused.append(error(400, "ValidationException", limit))
            return self.refused[-1]
        self.taken.append(request)
        self.sizes.append(len(body))
        return OK
