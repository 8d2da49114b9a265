# SPDX-License-Identifier: MIT
"""A server that checks signatures as AWS's services do: botocore computes what the signature has to be from the bytes that arrived.

Beyond that it looks at what botocore leaves to the service: which fields must be signed, the token, the clock, the hash of the body.
"""

import datetime
import hashlib
import re
import time

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from http_peer import Handler, HttpServer

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})"
)
TOLERANCE = 300  # seconds between the service's clock and x-amz-date


def expected_signature(signer, request, stamp):
    request.context["timestamp"] = stamp
    canonical = signer.canonical_request(request)
    return signer.signature(signer.string_to_sign(request, canonical), request)


def refusal(keys, method, target, fields, body, now):
    """Why a request is refused, None when it is not. keys: {access key: (secret, token or None)}; fields: [(name, value)]."""
    given = {name.lower(): value for name, value in fields}
    found = AUTHORIZATION.fullmatch(given.get("authorization", ""))
    if not found:
        return "IncompleteSignature"
    key, day, region, service, names, signature = found.groups()
    names = names.split(";")
    if names != sorted(set(names)):
        return "SignedHeadersNotSorted"
    for name in ["host", "x-amz-date", *(n for n in given if n.startswith("x-amz-"))]:
        if name not in names:
            return f"NotSigned {name}"
    if key not in keys:
        return "UnrecognizedClientException"
    secret, token = keys[key]
    if given.get("x-amz-security-token") != token:
        return "InvalidToken"
    stamp = given["x-amz-date"]
    at = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()
    if abs(at - now) > TOLERANCE or not stamp.startswith(day):
        return "RequestTimeTooSkewed"
    digest = hashlib.sha256(body).hexdigest()
    if given.get("x-amz-content-sha256", digest) != digest:
        return "XAmzContentSHA256Mismatch"
    if service == "s3" and "x-amz-content-sha256" not in given:
        return "MissingSecurityHeader"
    signed = HTTPHeaders()
    for name, value in fields:
        if name.lower() in names:
            signed.add_header(name, value)
    request = AWSRequest(method, f"http://{given['host']}{target}", data=body, headers=signed)
    signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(Credentials(key, secret, token), service, region)
    if expected_signature(signer, request, stamp) != signature:
        return "SignatureDoesNotMatch"
    return None


class Server(HttpServer):
    """It answers 200 or 403, and the body is why."""

    def __init__(self, keys):
        class Service(Handler):
            def answer(self):
                body = self.read()
                why = refusal(keys, self.command, self.path, self.headers.items(), body, time.time())
                self.reply(403 if why else 200, (why or "").encode())

            do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = answer

        super().__init__(Service)
