# SPDX-License-Identifier: MIT
"""build/ARCH/drivers/json against Python's json on thousands of damaged documents.

Python is laxer in places that RFC 8259 does not allow, and stricter in one that it does: reference() says which.
"""

import concurrent.futures
import json
import os
import random
import subprocess

import pytest
from conftest import EVENTS, built

DEPTH_MAX = 512  # LAMBDA_JSON_DEPTH_MAX
MUTANTS = 6000
SEED = 8259

GROUND = [
    b'{"a":[1,-0,2.5e+3,"x\\u00e9\\n",{"b":{}},[],true,false,null],"":"\\ud83d\\ude00"}',
    '["grüße","€","😀","\\ud800",""]'.encode(),
    b' [ 0 , -1.5E-7 , 1e400 , 12345678901234567890 , "" ] ',
    b'"\\"\\\\\\/\\b\\f\\n\\r\\t"',
    b"-0.0e-00",
    b"null",
]
SCRAPS = [b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b"0", b"-", b"+", b".", b"e", b"E", b"1", b" ", b"\n", b"\t", b"\r", b"\0",
          b"\x1f", b"\x7f", b"\x80", b"\xc3", b"\xc3\xa9", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98\x80", b"\xef\xbb\xbf",
          b"\\u", b"\\ud800", b"\\u12", b"\\x", b"true", b"nul", b"NaN", b"Infinity", b"-Infinity", b"//", b"/**/", b"'", b"\xc2\xa0",
          b"\xe2\x80\xa8", b"\xd9\xa1", b"01", b"1.", b".5", b"1e", b"[]", b"{}", b'"":', b",,"]


def depth(value):
    """Without recursion, as deep as Python itself can read."""
    deepest, waiting = 0, [(value, 0)]
    while waiting:
        value, level = waiting.pop()
        if isinstance(value, (dict, list)):
            level += 1
            deepest = max(deepest, level)
            waiting.extend((v, level) for v in (value.values() if isinstance(value, dict) else value))
    return deepest


def refuse(constant):
    raise ValueError(f"{constant} is not JSON")


def reference(document):
    """RFC 8259 by way of Python: UTF-8 decoded strictly (no surrogates, no overlong forms), no byte order mark, no NaN and Infinity,
    numbers of any length (Python limits the digits of an int), control characters refused (its default), our limit on depth.
    Half a surrogate pair as an escape is in the grammar, for both."""
    try:
        text = document.decode("utf-8")
        value = json.loads(text, parse_constant=refuse, parse_int=str, parse_float=str, object_pairs_hook=Pairs)
    except (ValueError, RecursionError):
        return False
    return depth(value) <= DEPTH_MAX


class Pairs(dict):
    """All members, those with equal keys too: each counts for the depth."""

    def __init__(self, pairs):
        super().__init__(enumerate(value for _, value in pairs))


def driver(document):
    p = subprocess.run([built("drivers/json")], input=document, capture_output=True, timeout=20)
    assert p.returncode in (0, 1) and p.stdout == b"" and p.stderr == b"", document[:200]
    return p.returncode == 0


def mutants():
    """Some edits each: a byte changed, a scrap put in, a piece taken out, doubled, or moved in from another document."""
    rng = random.Random(SEED)
    ground = GROUND + [json.dumps(json.loads(p.read_bytes())).encode()[:400] for p in sorted(EVENTS.glob("*.json"))]
    for _ in range(MUTANTS):
        d = bytearray(rng.choice(GROUND if rng.random() < 0.9 else ground))
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(d) + 1)
            end = min(len(d), at + rng.randint(1, 6))
            edit = rng.randrange(6)
            if edit == 0 and at < len(d):
                d[at] = rng.randrange(256)
            elif edit <= 2:
                d[at:at] = rng.choice(SCRAPS)
            elif edit == 3:
                del d[at:end]
            elif edit == 4:
                d[at:at] = d[at:end]
            else:
                other = rng.choice(ground)
                start = rng.randrange(len(other))
                d[at:end] = other[start : start + rng.randint(1, 12)]
        yield bytes(d)


def disagreements(documents):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [(d[:300], ours) for d, ours in zip(documents, pool.map(driver, documents)) if ours != reference(d)]


def test_mutated_documents_get_the_verdict_of_python():
    documents = list(mutants())
    accepted = sum(map(reference, documents))
    assert MUTANTS / 20 < accepted < MUTANTS * 19 / 20, "mutants must be of both kinds to say anything"
    assert disagreements(documents) == []


def test_every_prefix_and_every_missing_byte_get_the_verdict_of_python():
    whole = GROUND[0]
    cuts = [whole[:n] for n in range(len(whole))] + [whole[:n] + whole[n + 1 :] for n in range(len(whole))]
    assert disagreements(cuts) == []


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda p: p.stem)
def test_events_are_accepted(path):
    assert driver(path.read_bytes()) and driver(path.read_bytes().strip()) and not driver(path.read_bytes() + b"x")


def test_nesting_is_accepted_up_to_the_limit():
    nest = lambda n: b"[" * n + b"]" * n
    objects = lambda n: b'{"":' * n + b"0" + b"}" * n
    assert driver(nest(DEPTH_MAX)) and not driver(nest(DEPTH_MAX + 1))
    assert driver(objects(DEPTH_MAX)) and not driver(objects(DEPTH_MAX + 1))
    assert not driver(b"[" * 100000) and not driver(b'[{"":' * 50000)


def test_documents_of_some_mebibytes_are_read_whole():
    text = json.dumps({"k%d" % i: ["v" * 50, i, {"x": None}] for i in range(40000)}).encode()
    assert len(text) > 3 << 20
    assert driver(text) and not driver(text[:-1]) and not driver(text + b"}")
    assert driver(b" " * (7 << 20) + b"1") and not driver(b" " * (7 << 20))


def test_nothing_and_nul_bytes_are_no_documents():
    assert not driver(b"") and not driver(b"\0") and not driver(b"\0" * 4096) and not driver(b"1\0") and not driver(b"[1\0]")
    assert not driver(b"\xef\xbb\xbf1") and not driver("1".encode("utf-16")) and not driver("1".encode("utf-16-le"))
