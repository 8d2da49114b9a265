# SPDX-License-Identifier: MIT
"""build/ARCH/drivers/sigv4 against botocore, and against a server that checks signatures with botocore.

SUITE is in the manner of the request files that AWS publishes; the random requests are what nobody thought of.
"""

import concurrent.futures
import datetime
import hashlib
import os
import random
import re
import socket
import subprocess
import time
import urllib.parse

import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from conftest import built
from sigv4_server import Server, refusal

ID, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "Sess/ion+Token=="
TIME = "20150830T123600Z"
REGION, SERVICE = "us-east-1", "service"
EMPTY = hashlib.sha256(b"").hexdigest()
ROUNDS = 2000
SEED = 4


def run(raw, *flags, secret=SECRET, at=TIME, region=REGION, service=SERVICE):
    argv = [built("drivers/sigv4"), "--access-key", ID, "--secret-key", secret, "--region", region, "--service", service,
            "--time", at, *map(str, flags)]
    return subprocess.run(argv, input=raw, capture_output=True, timeout=20, check=False)


def sign(raw, what, *flags, **options):
    p = run(raw, "--print", what, *flags, **options)
    assert p.returncode == 0 and not p.stderr, (raw[:300], p.stderr)
    return p.stdout if what == "signed-request" else p.stdout.decode()


def signed_text(canonical, at=TIME, region=REGION, service=SERVICE):
    """String to sign and signature of a canonical request, by botocore."""
    signer = SigV4Auth(Credentials(ID, SECRET), service, region)
    request = AWSRequest("GET", "http://x/")
    request.context["timestamp"] = at
    text = signer.string_to_sign(request, canonical)
    return text, signer.signature(text, request)


# ---- the suite: request, flags, what the canonical request must be ----

HOST = "host:example.amazonaws.com"
DATE = f"x-amz-date:{TIME}"
HEAD = "Host:example.amazonaws.com\nX-Amz-Date:19700101T000000Z"


def canonical(line, query, *fields, payload=EMPTY, method="GET"):
    fields = [*fields]
    names = ";".join(f.partition(":")[0] for f in fields)
    return "\n".join([method, line, query, *fields, "", names, payload])


def plain(path, query=""):
    return canonical(path, query, HOST, DATE)


def own_query(names="host", token="", expires=3600):
    scope = f"{ID}%2F20150830%2F{REGION}%2F{SERVICE}%2Faws4_request"
    token = f"&X-Amz-Security-Token={urllib.parse.quote(token, safe='')}" if token else ""
    date = f"&X-Amz-Date={TIME}&X-Amz-Expires={expires}"
    return f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}{date}{token}&X-Amz-SignedHeaders={names}"


SUITE = {
    "vanilla": (f"GET / HTTP/1.1\n{HEAD}\n\n", [], plain("/")),
    "ends inside its last header": (f"GET / HTTP/1.1\n{HEAD}", [], plain("/")),
    "ends with its last header": (f"GET / HTTP/1.1\n{HEAD}\n", [], plain("/")),
    "lines end in CRLF": (f"GET / HTTP/1.1\n{HEAD}\n\n".replace("\n", "\r\n"), [], plain("/")),
    "CRLF, and ends inside its last header": (f"GET / HTTP/1.1\n{HEAD}".replace("\n", "\r\n"), [], plain("/")),
    "body": (f"POST / HTTP/1.1\n{HEAD}\n\nParam1=value1\n", [],
             canonical("/", "", HOST, DATE, payload=hashlib.sha256(b"Param1=value1\n").hexdigest(), method="POST")),
    "body behind CRLF": (f"POST / HTTP/1.1\r\n{HEAD}\r\n\r\n\r\nx\n\n", [],
                         canonical("/", "", HOST, DATE, payload=hashlib.sha256(b"\r\nx\n\n").hexdigest(), method="POST")),
    "content fields are signed": (
        f"POST / HTTP/1.1\nContent-Type: text/plain; charset=utf-8\nContent-Length: 1\n{HEAD}\n\n1", [],
        canonical("/", "", "content-length:1", "content-type:text/plain; charset=utf-8", HOST, DATE,
                  payload=hashlib.sha256(b"1").hexdigest(), method="POST")),
    "no date in the request": ("GET / HTTP/1.1\nHost:example.amazonaws.com\n\n", [], plain("/")),
    "two dates in the request": (f"GET / HTTP/1.1\n{HEAD}\nx-amz-date: 1\n\n", [], plain("/")),
    "continuation lines": (f"GET / HTTP/1.1\nMy-Header1: value1\n  value2\n\t value3\n{HEAD}\n\n", [],
                           canonical("/", "", HOST, "my-header1:value1 value2 value3", DATE)),
    "continuation lines with CRLF": (f"GET / HTTP/1.1\r\nMy-Header1:value1\r\n value2\r\n{HEAD}\r\n\r\n", [],
                                     canonical("/", "", HOST, "my-header1:value1 value2", DATE)),
    "continuation at the end": (f"GET / HTTP/1.1\n{HEAD}\nz: a\n  b", [], canonical("/", "", HOST, DATE, "z:a b")),
    "duplicate headers": (f"GET / HTTP/1.1\nMy-Header1:value4\nMY-HEADER1: value1 \n{HEAD}\nmy-header1:value3\n\n", [],
                          canonical("/", "", HOST, "my-header1:value4,value1,value3", DATE)),
    "trimmed values": (f'GET / HTTP/1.1\nMy-Header1:  a   b  c \nMy-Header2:\t"x   y"\n{HEAD}\n\n', [],
                       canonical("/", "", HOST, "my-header1:a b c", 'my-header2:"x y"', DATE)),
    "empty value": (f"GET / HTTP/1.1\na:\n{HEAD}\n\n", [], canonical("/", "", "a:", HOST, DATE)),
    "UTF-8 in a value": (f"GET / HTTP/1.1\nname: grüße\n{HEAD}\n\n", [], canonical("/", "", HOST, "name:grüße", DATE)),
    "never signed": (
        f"GET / HTTP/1.1\n{HEAD}\nConnection: x\nExpect: x\nKeep-Alive: x\nProxy-Foo: x\nTE: x\nTrailer: x\nTransfer-Encoding: x\n"
        "Upgrade: x\nUser-Agent: x\nX-Amzn-Trace-Id: x\nSec-WebSocket-Key: x\nAuthorization: x\n\n", [], plain("/")),
    "UTF-8 path": (f"GET /ሴ HTTP/1.1\n{HEAD}\n\n", [], plain("/%E1%88%B4")),
    "space in the path": (f"GET /example space/ HTTP/1.1\n{HEAD}\n\n", [], plain("/example%20space/")),
    "escaped space": (f"GET /example%20space/ HTTP/1.1\n{HEAD}\n\n", [], plain("/example%2520space/")),
    "no version": (f"GET /a b\n{HEAD}\n\n", [], plain("/a%20b")),
    "relative": (f"GET /example/.. HTTP/1.1\n{HEAD}\n\n", [], plain("/")),
    "relative twice": (f"GET /a/b/../.. HTTP/1.1\n{HEAD}\n\n", [], plain("/")),
    "dot and slashes": (f"GET //.//foo/./bar// HTTP/1.1\n{HEAD}\n\n", [], plain("/foo/bar/")),
    "not normalised": (f"GET //a/./b/../c%20d e HTTP/1.1\n{HEAD}\n\n", ["--no-normalize"], plain("//a/./b/../c%2520d%20e")),
    "query in order": (f"GET /?b=2&a=9&a=1&B=&c HTTP/1.1\n{HEAD}\n\n", [], plain("/", "B=&a=1&a=9&b=2&c=")),
    "names sort before values": (f"GET /?a%2D=1&a=2&a%20=3 HTTP/1.1\n{HEAD}\n\n", [], plain("/", "a=2&a%20=3&a%2D=1")),
    "UTF-8 query": (f"GET /?ሴ=bar HTTP/1.1\n{HEAD}\n\n", [], plain("/", "%E1%88%B4=bar")),
    "query with a space": (f"GET /?p=a b/c HTTP/1.1\n{HEAD}\n\n", [], plain("/", "p=a%20b%2Fc")),
    "escapes of a query stay": (f"GET /?p=%2f%2F%41%% HTTP/1.1\n{HEAD}\n\n", [], plain("/", "p=%2f%2F%41%25%25")),
    "token": (f"GET / HTTP/1.1\n{HEAD}\n\n", ["--token", TOKEN],
              canonical("/", "", HOST, DATE, f"x-amz-security-token:{TOKEN}")),
    "token in the request, too": (f"GET / HTTP/1.1\n{HEAD}\nX-Amz-Security-Token: old\n\n", ["--token", TOKEN],
                                  canonical("/", "", HOST, DATE, f"x-amz-security-token:{TOKEN}")),
    "token after": (f"GET / HTTP/1.1\n{HEAD}\nX-Amz-Security-Token: old\n\n", ["--token", TOKEN, "--token-after"], plain("/")),
    "body signed": (f"POST / HTTP/1.1\n{HEAD}\nx-amz-content-sha256: old\n\n", ["--sign-body"],
                    canonical("/", "", HOST, f"x-amz-content-sha256:{EMPTY}", DATE, method="POST")),
    "hash given": (f"GET / HTTP/1.1\n{HEAD}\nx-amz-content-sha256: UNSIGNED-PAYLOAD\n\n", [],
                   canonical("/", "", HOST, "x-amz-content-sha256:UNSIGNED-PAYLOAD", DATE)),
    "s3": (f"GET //a/../b%20c d%2f?x=%2F HTTP/1.1\n{HEAD}\n\n", ["--s3"],
           canonical("//a/../b%20c%20d%2f", "x=%2F", HOST, f"x-amz-content-sha256:{EMPTY}", DATE)),
    "in the query": (f"GET / HTTP/1.1\n{HEAD}\n\n", ["--query", "--expires", "3600"], canonical("/", own_query(), HOST)),
    "in the query, body hashed": (
        f"POST / HTTP/1.1\n{HEAD}\n\nbody", ["--query", "--expires", "60", "--sign-body"],
        canonical("/", own_query(expires=60), HOST, payload=hashlib.sha256(b"body").hexdigest(), method="POST")),
    "in the query, with token": (f"GET / HTTP/1.1\n{HEAD}\n\n", ["--query", "--expires", "3600", "--token", TOKEN],
                                 canonical("/", own_query(token=TOKEN), HOST)),
    "in the query, token after": (f"GET / HTTP/1.1\n{HEAD}\n\n",
                                  ["--query", "--expires", "3600", "--token", TOKEN, "--token-after"],
                                  canonical("/", own_query(), HOST)),
    "in the query, signed again": (
        f"GET /?z=1&X-Amz-Date=old&X-Amz-Signature=old&X-Amz-Algorithm=old&X-Amz-Expires=1&X-Amz-Credential=o"
        f"&X-Amz-SignedHeaders=o HTTP/1.1\n{HEAD}\n\n", ["--query", "--expires", "3600"],
        canonical("/", own_query() + "&z=1", HOST)),
    "in the query, s3": (f"PUT /a%20b HTTP/1.1\n{HEAD}\n\nbody", ["--query", "--expires", "3600", "--s3"],
                         canonical("/a%20b", own_query(), HOST, payload="UNSIGNED-PAYLOAD", method="PUT")),
}


@pytest.mark.parametrize("case", SUITE)
def test_suite(case):
    raw, flags, expected = SUITE[case]
    raw = raw.encode()
    assert sign(raw, "canonical-request", *flags) == expected
    text, signature = signed_text(expected)
    assert sign(raw, "string-to-sign", *flags) == text
    assert sign(raw, "signature", *flags) == signature
    assert signature.encode() in sign(raw, "signed-request", *flags)


def test_published_signature():
    raw = b"GET / HTTP/1.1\nHost:example.amazonaws.com\nX-Amz-Date:20150830T123600Z"
    assert sign(raw, "signature") == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"


# ---- the request as it goes out ----


def taken_apart(wire):
    head, _, body = wire.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.rpartition(" ")
    assert version == "HTTP/1.1" and not re.search(r"[\r\n]", head.decode().replace("\r\n", ""))
    return method, target, [tuple(line.split(": ", 1)) for line in lines], body


def test_signed_request_replaces_what_signing_sets():
    raw = (f"POST /a b?x=1 HTTP/1.1\n{HEAD}\nFold: 1\n  2\nx-amz-security-token: old\nX-Amz-Content-Sha256: old\n"
           "Authorization: old\nUser-Agent: me\n\nbody\n").encode()
    method, target, fields, body = taken_apart(sign(raw, "signed-request", "--token", TOKEN, "--sign-body"))
    names = [name.lower() for name, _ in fields]
    assert (method, target, body) == ("POST", "/a b?x=1", b"body\n")
    assert sorted(names) == ["authorization", "fold", "host", "user-agent", "x-amz-content-sha256", "x-amz-date",
                             "x-amz-security-token"]
    values = dict(zip(names, (value for _, value in fields)))
    assert values["fold"] == "1 2" and values["x-amz-date"] == TIME and values["x-amz-security-token"] == TOKEN
    assert values["x-amz-content-sha256"] == hashlib.sha256(b"body\n").hexdigest()
    assert "old" not in values.values()


def test_signed_query_adds_no_header():
    raw = f"GET /?x=1&X-Amz-Signature=old HTTP/1.1\n{HEAD}\nx-amz-security-token: old\nAccept: */*\n\n".encode()
    for after in [], ["--token-after"]:
        flags = ["--query", "--expires", 9, "--sign-body", "--token", TOKEN, *after]
        _, target, fields, _ = taken_apart(sign(raw, "signed-request", *flags))
        params = urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query)
        assert [name for name, _ in fields] == ["Host", "Accept"]
        assert len(params) == len(dict(params)) == 8
        assert dict(params)["X-Amz-Security-Token"] == TOKEN and dict(params)["x"] == "1"
        assert dict(params)["X-Amz-Signature"] == sign(raw, "signature", *flags)
        assert params[-1][0] == ("X-Amz-Security-Token" if after else "X-Amz-Signature")


# ---- random requests ----

UNRESERVED = "abcXYZ019-._~"
NEVER = ["Connection", "Expect", "Proxy-Authorization", "TE", "Transfer-Encoding", "User-Agent", "X-Amzn-Trace-Id"]


class Case:
    """A request, raw for the driver and in parts for botocore."""

    def __init__(self, rng, s3):
        self.s3 = s3
        self.service = "s3" if s3 else rng.choice(["xray", "logs", "monitoring", "aps", "service"])
        self.region = rng.choice(["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"])
        at = datetime.datetime(1971, 1, 1) + datetime.timedelta(seconds=rng.randrange(5_000_000_000))
        self.at = at.strftime("%Y%m%dT%H%M%SZ")
        self.token = "".join(rng.choices("abcXYZ0189+/=%-", k=rng.choice([20, 1500]))) if rng.random() < 0.5 else None
        self.method = rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS", "X-ODD"])
        self.path = self.random_path(rng)
        self.query = "&".join(self.random_param(rng) for _ in range(rng.choice([0, 0, 1, 2, 9])))
        self.host = rng.choice(["example.amazonaws.com", "logs.eu-central-1.amazonaws.com", "h:8443", "127.0.0.1:1"])
        self.fields = [("Host", self.host)] + [self.random_field(rng) for _ in range(rng.choice([0, 1, 3, 12]))]
        rng.shuffle(self.fields)
        self.unsigned = [(n, "x") for n in rng.sample(NEVER, rng.randrange(3))]
        self.body = rng.randbytes(rng.choice([0, 0, 1, 100, 5000]))
        self.end = rng.choice([b"\n", b"\r\n"])
        self.colon = rng.choice([b":", b": ", b":\t "])

    @staticmethod
    def escape(rng):
        return rng.choice(["%{:02X}", "%{:02x}"]).format(rng.randrange(256))

    def random_path(self, rng):
        pieces = [*UNRESERVED, ".", "..", "/", "//", "/./", "/../", "/..", "/.", "%20", self.escape(rng)]
        if not self.s3:
            pieces += [" ", "é", "ሴ", "😀", "%", "+", ":", "@", "&", "=", ",", ";", "!", "*", "'", "(", "$", '"', "<", "\\", "|"]
        return "/" + "".join(rng.choices(pieces, k=rng.randrange(12)))

    def random_param(self, rng):
        pieces = [*UNRESERVED, self.escape(rng), "%20", "%2F"]
        name, value = ("".join(rng.choices(pieces, k=rng.randrange(4))) for _ in "nv")
        return rng.choice([f"{name}={value}", f"{name}={value}", name])

    @staticmethod
    def random_field(rng):
        name = rng.choice(["X-Amz-Meta-", "x-aws-log-", "Content-", "A", "b-"]) + "".join(rng.choices("aB1-", k=rng.randrange(3)))
        value = "".join(rng.choices(["a", "B", "1", " ", "   ", "\t", ",", ";", '"', "=", "é", "ሴ", ":"], k=rng.randrange(16)))
        return name, value

    @property
    def target(self):
        return self.path + ("?" + self.query if self.query else "")

    @property
    def raw(self):
        lines = [f"{self.method} {self.target} HTTP/1.1".encode()]
        lines += [n.encode() + self.colon + v.encode() for n, v in self.fields + self.unsigned]
        return self.end.join([*lines, b"", self.body])

    def sign(self, what, *flags):
        flags += ("--token", self.token) if self.token else ()
        flags += ("--s3",) if self.s3 else ()
        return sign(self.raw, what, *flags, at=self.at, region=self.region, service=self.service)

    def request(self, query=None, fields=None):
        headers = HTTPHeaders()
        for name, value in self.fields if fields is None else fields:
            headers[name] = value
        query = self.query if query is None else query
        request = AWSRequest(self.method, f"http://{self.host}{self.path}" + ("?" + query if query else ""), headers, self.body)
        request.context["timestamp"] = self.at
        return request

    def signer(self, header=True):
        kind = (S3SigV4Auth if self.s3 else SigV4Auth) if header else (S3SigV4QueryAuth if self.s3 else SigV4QueryAuth)
        return kind(Credentials(ID, SECRET, self.token), self.service, self.region)

    def __repr__(self):
        return f"<{self.raw[:400]} {self.service} s3={self.s3}>"


def cases(n, seed, s3):
    rng = random.Random(seed)
    return [Case(rng, s3) for _ in range(n)]


def each(cases, check):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [(case, got) for case, got in zip(cases, pool.map(check, cases)) if got]
    assert not wrong, f"{len(wrong)} of {len(cases)}, first: {wrong[0]}"


def in_header(case):
    request, signer = case.request(), case.signer()
    signer._modify_request_before_signing(request)  # sets date, token and, for S3, the hash
    if case.token:
        assert request.headers["X-Amz-Security-Token"] == case.token
    expected = signer.canonical_request(request)
    text = signer.string_to_sign(request, expected)
    if case.sign("canonical-request") != expected:
        return case.sign("canonical-request"), expected
    if case.sign("string-to-sign") != text:
        return case.sign("string-to-sign"), text
    signature = signer.signature(text, request)
    signer._inject_signature_to_request(request, signature)
    wire = taken_apart(case.sign("signed-request"))
    ours = [v for n, v in wire[2] if n == "authorization"]
    if ours != [request.headers["Authorization"]]:
        return ours, request.headers["Authorization"]
    return None if wire[3] == case.body and wire[:2] == (case.method, case.target) else wire


@pytest.mark.parametrize("s3", [False, True], ids=["service", "s3"])
def test_random_requests_are_signed_as_botocore_signs_them(s3):
    each(cases(ROUNDS, SEED + s3, s3), in_header)


def in_query(case):
    """The canonical request that botocore makes of the URL as it went out, without its signature."""
    _, target, fields, _ = taken_apart(case.sign("signed-request", "--query", "--expires", "300"))
    query, _, signature = target.rpartition("&X-Amz-Signature=")
    request = case.request(query[len(case.path) + 1 :], [f for f in case.fields if f[0].lower() != "x-amz-date"])
    signer = case.signer(header=False)
    expected = signer.canonical_request(request)
    if case.sign("canonical-request", "--query", "--expires", "300") != expected:
        return case.sign("canonical-request", "--query", "--expires", "300"), expected
    correct = signer.signature(signer.string_to_sign(request, expected), request)
    return None if correct == signature and len(fields) == len(case.fields + case.unsigned) else (signature, correct)


@pytest.mark.parametrize("s3", [False, True], ids=["service", "s3"])
def test_random_queries_are_signed_as_botocore_signs_them(s3):
    each(cases(ROUNDS // 2, SEED + 2 + s3, s3), in_query)


@pytest.mark.parametrize("s3", [False, True], ids=["service", "s3"])
def test_presigned_urls_are_those_of_botocore(s3, monkeypatch):
    """From the start, with the parameters that botocore itself adds: one set of them, and no body, which it would move."""
    for case in cases(ROUNDS // 20, SEED + 4 + s3, s3):
        rng = random.Random(case.at)
        case.body = b""
        case.query = "&".join(f"k{i}={urllib.parse.quote(rng.choice(['a b', 'x/y', 'é', '~.-_']), safe='')}" for i in range(2))
        now = datetime.datetime.strptime(case.at, "%Y%m%dT%H%M%SZ")
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda now=now: now)
        request = case.request()
        signer = case.signer(header=False)
        signer.add_auth(request)
        _, target, _, _ = taken_apart(case.sign("signed-request", "--query", "--expires", signer._expires))
        ours = urllib.parse.parse_qs(urllib.parse.urlsplit(target).query)
        assert ours == urllib.parse.parse_qs(urllib.parse.urlsplit(request.url).query), case


# ---- a server ----


def now():
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def send(port, wire):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
        s.sendall(wire)
        s.shutdown(socket.SHUT_WR)
        head, _, body = b"".join(iter(lambda: s.recv(65536), b"")).partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def otlp(port, body=b"\x0a\x00", more=""):
    return (f"POST /v1/traces HTTP/1.1\nHost:127.0.0.1:{port}\nContent-Type:application/x-protobuf\nContent-Length:{len(body)}\n"
            f"User-Agent:mote\n{more}\n").encode() + body


@pytest.fixture(scope="module")
def server():
    with Server({ID: (SECRET, TOKEN)}) as s:
        yield s


def test_the_server_takes_what_is_signed(server):
    for flags in [], ["--sign-body"]:
        wire = sign(otlp(server.port), "signed-request", "--token", TOKEN, *flags, at=now(), service="xray")
        assert send(server.port, wire) == (200, "")
    raw = otlp(server.port, b"x" * 100000, "x-aws-log-group: /aws/lambda/fn\nx-aws-log-stream:  2025/[$LATEST]  a\n")
    assert send(server.port, sign(raw, "signed-request", "--token", TOKEN, at=now(), service="logs")) == (200, "")
    raw = f"PUT /bucket/a%20b//../c?x-id=PutObject&q=%2F HTTP/1.1\nHost:127.0.0.1:{server.port}\nContent-Length:2\n\n{{}}".encode()
    assert send(server.port, sign(raw, "signed-request", "--token", TOKEN, "--s3", at=now(), service="s3")) == (200, "")


def test_the_server_refuses_what_is_not(server):
    raw = otlp(server.port)
    good = lambda *flags, **o: sign(raw, "signed-request", *flags, **{"at": now(), "service": "xray", **o})
    wire = good("--token", TOKEN, "--sign-body")
    refused = {
        "SignatureDoesNotMatch": [good("--token", TOKEN, secret="another"), good("--token", TOKEN)[:-1] + b"\x01",
                                  wire.replace(b"POST", b"PUT"), wire.replace(b"/v1/traces", b"/v1/trace"),
                                  wire.replace(b"x-protobuf", b"json"), wire.replace(b"/us-east-1/", b"/us-east-2/")],
        "XAmzContentSHA256Mismatch": [wire[:-1] + b"\x01"],
        "InvalidToken": [good(), good("--token", TOKEN + "x")],
        "NotSigned x-amz-security-token": [good("--token", TOKEN, "--token-after")],
        "RequestTimeTooSkewed": [good("--token", TOKEN, at="20200101T000000Z")],
        "IncompleteSignature": [otlp(server.port, b"x").replace(b"\n", b"\r\n"), good("--token", TOKEN, "--query")],
        "UnrecognizedClientException": [wire.replace(ID.encode(), b"AKIDOTHER")],
    }
    for why, wires in refused.items():
        for bad in wires:
            assert send(server.port, bad) == (403, why)


def test_the_check_of_the_server_can_fail():
    fields = [("Host", "h"), ("Authorization", "AWS4-HMAC-SHA256 Credential=K/20250101/r/s/aws4_request, SignedHeaders=x;host, "
               "Signature=" + "0" * 64)]
    assert refusal({}, "GET", "/", fields, b"", 0) == "SignedHeadersNotSorted"
    assert refusal({}, "GET", "/", fields[:1], b"", 0) == "IncompleteSignature"


# ---- what the driver refuses ----


def test_arguments_that_say_nothing_are_refused():
    raw = b"GET / HTTP/1.1\nHost: h\n\n"
    for flags in ([], ["--print"], ["--print", "key"], ["--print", "signature", "--expires", "604801"], ["--unknown"],
                  ["--print", "signature", "--time", "2015-08-30T12:36:00Z"], ["--print", "signature", "--region", ""]):
        p = run(raw, *flags)
        assert p.returncode == 2 and not p.stdout and p.stderr.startswith(b"sigv4: "), flags


def test_what_is_no_request_is_refused_without_a_word_of_the_secret():
    for raw in (b"", b"\n", b"GET\n", b"GET \n", b" / HTTP/1.1\n", b"GET / HTTP/1.1\nno colon\n\n", b"GET / HTTP/1.1\n folded\n\n",
                b"GET / HTTP/1.1\n: no name\n\n", b"GET / HTTP/1.1\n" + b"a: b\n" * 101):
        p = run(raw, "--print", "signed-request", "--token", TOKEN)
        assert p.returncode == 1 and not p.stdout, raw[:50]
        assert SECRET.encode() not in p.stderr and TOKEN.encode() not in p.stderr


def test_a_secret_is_in_nothing_that_is_printed():
    for what in "canonical-request", "string-to-sign", "signature", "signed-request":
        for flags in [], ["--query"], ["--s3", "--sign-body"]:
            assert SECRET not in sign(b"GET / HTTP/1.1\nHost: h", "signed-request", "--token", TOKEN, *flags).decode()
            assert SECRET.encode() not in run(b"GET / HTTP/1.1\nHost: h", "--print", what, "--token", TOKEN, *flags).stdout
