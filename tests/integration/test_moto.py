# SPDX-License-Identifier: MIT
"""Requests that build/ARCH/drivers/sigv4 has signed, sent as they are to moto, which plays CloudWatch Logs, S3 and X-Ray and checks signatures by itself:
of keys that it has made up, not of ours. What it does not look at (the clock, the hash of the body) is in sigv4_server.py."""

import json
import re
import subprocess
import time

import boto3
import pytest
from botocore.config import Config
from conftest import built, free_port, from_venv
from test_sigv4 import now, send

REGION = "us-east-1"
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
ANYBODY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
CALLS_TO_MAKE_A_USER = 3  # nobody can sign them yet


class Moto:
    def __init__(self, port, checks=True):
        self.port, self.key = port, ("AKIDEXAMPLE", "any secret", None)
        if checks:
            self.make_keys()

    def make_keys(self):
        iam = self.client("iam", "anybody", "anything")
        iam.create_user(UserName="function")
        key = iam.create_access_key(UserName="function")["AccessKey"]
        iam.put_user_policy(UserName="function", PolicyName="all", PolicyDocument=ALL)
        self.key = key["AccessKeyId"], key["SecretAccessKey"], None
        iam = self.client("iam", *self.key)
        role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=ANYBODY)["Role"]["Arn"]
        iam.put_role_policy(RoleName="role", PolicyName="all", PolicyDocument=ALL)
        session = self.client("sts", *self.key).assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
        self.session = session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]

    def client(self, service, key, secret, token=None):
        return boto3.client(service, endpoint_url=f"http://127.0.0.1:{self.port}", region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret,
                            aws_session_token=token, config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}))

    def sign(self, service, line, fields="", body=b"", key=None, flags=()):
        identity, secret, token = key or self.key
        flags = [*flags, *(["--token", token] if token else []), *(["--s3"] if service == "s3" else [])]
        raw = f"{line} HTTP/1.1\nHost:127.0.0.1:{self.port}\n{fields}Content-Length:{len(body)}\n\n".encode() + body
        done = subprocess.run([built("drivers/sigv4"), "--access-key", identity, "--secret-key", secret, "--region", REGION, "--service", service, "--time",
                               now(), "--print", "signed-request", *flags], input=raw, capture_output=True, timeout=20, check=True)
        return done.stdout

    def call(self, *args, **options):
        return send(self.port, self.sign(*args, **options))

    def logs(self, action, arguments, **options):
        return self.call("logs", "POST /", f"Content-Type:application/x-amz-json-1.1\nX-Amz-Target:Logs_20140328.{action}\n", json.dumps(arguments).encode(),
                         **options)


def serve(start, free_calls):
    """Its port. After so many calls it checks; never: 0."""
    port, env = free_port(), {"PATH": "/usr/bin:/bin"}
    if free_calls:
        env["INITIAL_NO_AUTH_ACTION_COUNT"] = str(free_calls)
    start([from_venv("moto_server"), "-H", "127.0.0.1", "-p", port], env).ready(port)
    return port


@pytest.fixture(scope="module")
def moto(start_once):
    return Moto(serve(start_once, CALLS_TO_MAKE_A_USER))


@pytest.fixture(params=["user", "session"])
def key(moto, request):
    return moto.key if request.param == "user" else moto.session


def test_cloudwatch_logs_takes_records_and_gives_them_back(moto, key, request):
    group, stream = f"/aws/lambda/{request.node.name}".replace("[", "-").replace("]", "-"), "2026/11/21/[$LATEST]0123456789abcdef"
    events = [{"timestamp": int(time.time() * 1000) + i, "message": m} for i, m in enumerate(["a record", "grüße €😀", "tab\there"])]
    assert moto.logs("CreateLogGroup", {"logGroupName": group}, key=key)[0] == 200
    assert moto.logs("CreateLogStream", {"logGroupName": group, "logStreamName": stream}, key=key)[0] == 200
    status, text = moto.logs("PutLogEvents", {"logGroupName": group, "logStreamName": stream, "logEvents": events}, key=key)
    assert status == 200 and "rejected" not in text
    status, text = moto.logs("GetLogEvents", {"logGroupName": group, "logStreamName": stream, "startFromHead": True}, key=key)
    assert status == 200 and [(e["timestamp"], e["message"]) for e in json.loads(text)["events"]] == [(e["timestamp"], e["message"]) for e in events]


SEGMENT = {"name": "greeter", "id": "70de5b6f19ff9a0a", "trace_id": "1-581cf771-a006649127e371903a2de979", "start_time": 1.5e9, "end_time": 1.5e9 + 1}


def segments(moto, **options):
    body = json.dumps({"TraceSegmentDocuments": [json.dumps(SEGMENT)]}).encode()
    return moto.call("xray", "POST /TraceSegments", "Content-Type:application/json\n", body, **options)


def test_xray_takes_segments(moto, key):
    status, text = segments(moto, key=key)
    assert status == 200 and json.loads(text)["UnprocessedTraceSegments"] == []


OBJECTS = {"plain": "plain", "a b/c~d": "a%20b/c~d", "grüße/€": "gr%C3%BC%C3%9Fe/%E2%82%AC", "a+b=c&d": "a%2Bb%3Dc%26d"}


@pytest.fixture(scope="module")
def bucket(moto):
    moto.client("s3", *moto.key).create_bucket(Bucket="bucket-1")
    return "bucket-1"


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("flags", [[], ["--sign-body"]])
def test_s3_keeps_objects_of_any_name(moto, bucket, key, name, flags):
    body = f"what is in {name}".encode()
    path = f"/{bucket}/{OBJECTS[name]}"
    assert moto.call("s3", f"PUT {path}?x-id=PutObject", "Content-Type:text/plain\n", body, key=key, flags=flags)[0] == 200
    assert moto.call("s3", f"GET {path}", key=key, flags=flags) == (200, body.decode())
    assert moto.client("s3", *key).get_object(Bucket=bucket, Key=name)["Body"].read() == body
    prefix = OBJECTS[name].partition("/")[0]
    status, text = moto.call("s3", f"GET /{bucket}?prefix={prefix}&list-type=2&delimiter=", key=key, flags=flags)
    assert status == 200 and "<KeyCount>1</KeyCount>" in text


def test_a_presigned_url_is_enough_to_read_a_private_object(start):
    """Of a moto that checks nothing but whether a URL is signed; what the signature has to be, botocore says in test_sigv4.py."""
    unchecking = Moto(serve(start, 0), checks=False)
    s3 = unchecking.client("s3", *unchecking.key)
    s3.create_bucket(Bucket="bucket-1")
    s3.put_object(Bucket="bucket-1", Key="a b", Body=b"shared")
    line = "GET /bucket-1/a%20b?response-content-type=text%2Fplain"
    wire = unchecking.sign("s3", line, flags=["--query", "--expires", "300"])
    assert b"authorization" not in wire.lower() and wire.count(b"X-Amz-") == 6
    assert send(unchecking.port, wire) == (200, "shared")
    assert send(unchecking.port, re.sub(rb"&X-Amz-[^ ]*", b"", wire))[0] == 403


# ---- refusals ----


def by_service(moto, service, **options):
    if service == "logs":
        return moto.sign("logs", "POST /", "Content-Type:application/x-amz-json-1.1\nX-Amz-Target:Logs_20140328.DescribeLogGroups\n", b"{}", **options)
    if service == "xray":
        return moto.sign("xray", "POST /TraceSegments", "Content-Type:application/json\n", b'{"TraceSegmentDocuments":[]}', **options)
    return moto.sign("s3", "GET /bucket-1/plain", **options)


def altered(wire):
    """The last digit of the signature is another one."""
    at = wire.index(b"Signature=") + len(b"Signature=") + 63
    return wire[:at] + (b"1" if wire[at : at + 1] == b"0" else b"0") + wire[at + 1 :]


@pytest.mark.parametrize("service", ["logs", "xray", "s3"])
def test_each_service_refuses_what_is_signed_wrong(moto, bucket, service):
    moto.client("s3", *moto.key).put_object(Bucket=bucket, Key="plain", Body=b"plain")
    identity, secret, _ = moto.key
    good = by_service(moto, service)
    assert send(moto.port, good)[0] == 200 and re.search(rb"x-amz-date: 20", good, re.I)
    refused = {
        "SignatureDoesNotMatch": [altered(good), re.sub(rb"(x-amz-date: )20\d\d", rb"\g<1>2020", good, flags=re.I),
                                  by_service(moto, service, key=(identity, secret[:-1], None))],
        "InvalidAccessKeyId|InvalidClientTokenId": [by_service(moto, service, key=("AKIAIOSFODNN7EXAMPLE", secret, None)),
                                                    by_service(moto, service, key=(*moto.session[:2], None))],
        "InvalidToken|InvalidClientTokenId": [by_service(moto, service, key=(*moto.session[:2], moto.session[2][:-1] + "x"))],
    }
    for why, wires in refused.items():
        for wire in wires:
            status, text = send(moto.port, wire)
            assert status in (400, 403) and any(w in text for w in why.split("|")), (why, status, text)
