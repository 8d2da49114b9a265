# SPDX-License-Identifier: MIT
"""Drivers that make calls at random and say which (tests/conformance): their lines, and values as they say them and as they must arrive."""

import base64
import gzip
import json
import struct
import subprocess

from conftest import built


def driven(name, seed, invocations, **env):
    """The lines of a driver: what it says it did, each followed by what was exported, as (path, request)."""
    done = subprocess.run([built(f"drivers/{name}"), str(seed), str(invocations)], env=env, capture_output=True, timeout=60, check=True)
    for line in done.stdout.decode("ascii").splitlines():
        record = json.loads(line)
        if "__otel_otlp_stdout" in record:
            assert list(record)[0] == "__otel_otlp_stdout"
            assert record["source"] == "careless" and record["content-encoding"] == "gzip" and record["base64"] is True
            yield None, (record["endpoint"].partition("4318")[2], gzip.decompress(base64.b64decode(record["payload"], validate=True)))
        else:
            yield record, None


# ---- values: as the driver says them, and as they must arrive ----


def text(digits, limit=None):
    """Maximal subparts of what is no UTF-8 replaced, as Unicode recommends and Python does; a limit counts characters."""
    return bytes.fromhex(digits).decode("utf-8", "replace")[:limit]


def expected_value(said, limit=None):
    kind, v = said
    if kind == "s":
        return "s", text(v, limit)
    if kind == "y":
        return "y", bytes.fromhex(v)[:limit]
    if kind == "a":
        return "a", [expected_value(x, limit) for x in v]
    if kind == "k":
        return "k", [(text(key), expected_value(x, limit)) for key, x in v]
    return kind, v


LETTERS = {"string_value": "s", "bytes_value": "y", "int_value": "i", "double_value": "d", "bool_value": "b", "array_value": "a", "kvlist_value": "k"}


def value(v):
    which = v.WhichOneof("value")
    if which is None:
        return "e", None
    kind, got = LETTERS[which], getattr(v, which)
    if kind == "d":
        return "d", struct.pack(">d", got).hex()
    if kind == "a":
        return "a", [value(x) for x in got.values]
    if kind == "k":
        return "k", [(kv.key, value(kv.value)) for kv in got.values]
    return kind, got


def attributes(got):
    found = {kv.key: value(kv.value) for kv in got}
    assert len(found) == len(got), "a key comes twice"
    return found


def collection(said, count, chars):
    """Attributes that are given at once: the last of equal keys stands where it was said last, an empty key is none; and how many are dropped."""
    last = {}
    dropped = 0
    for key, v in said:
        if not key:
            dropped += 1
            continue
        last.pop(key, None)
        last[key] = v
    kept = list(last.items())[:count]
    return {text(k): expected_value(v, chars) for k, v in kept}, dropped + len(last) - len(kept)
