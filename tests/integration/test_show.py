# SPDX-License-Identifier: MIT
"""`emulator show`: OTLP decoded without mote's code or nanopb, and drawn. The requests come from opentelemetry-proto."""

import base64
import fcntl
import gzip
import os
import pty
import random
import re
import struct
import subprocess
import termios
import unicodedata

import pytest
from conftest import built
from otlp_requests import CLIENT, CONSUMER, PRODUCER, SERVER, T0, TRACE, Request, fill_value, stdout_line

OTHER = bytes(range(16))


def show(*requests, status=0, env={}, tmp_path=None):
    """What it prints for requests, or logs, given as files."""
    if tmp_path is None:
        assert len(requests) == 1
        files, given = [], requests[0]
    else:
        files, given = [tmp_path / f"request{i}" for i in range(len(requests))], b""
        for file, request in zip(files, requests):
            file.write_bytes(request)
    done = subprocess.run([built("emulator"), "show", *files], input=given, capture_output=True, timeout=20,
                          env={"PATH": "/usr/bin:/bin", "COLUMNS": "80"} | env)
    assert done.returncode == status, (done.returncode, done.stderr)
    return done.stdout.decode()


def pairs(out):
    """The attributes shown below the last span."""
    rows = out.split("\n")
    last = max(i for i, row in enumerate(rows) if "━" in row)
    return re.findall(r"\S.*?(?=  |$)", "".join(row.strip() + "  " for row in rows[last + 1:]))


# ---- decoding ----


@pytest.mark.parametrize("value, text", [
    ("plain", "plain"), ("", '""'), ("two words", '"two words"'), ("5", '"5"'), ("-1.5e3", '"-1.5e3"'), ("true", '"true"'),
    ("1.2.3", "1.2.3"), ("a=b", '"a=b"'), ('say "hi"', r'"say \"hi\""'), ("[1]", '"[1]"'), ("héé", "héé"), ("a\nb\tc", r"a\nb\tc"),
    (True, "true"), (False, "false"), (0, "0"), (5, "5"), (-1, "-1"), (2**63 - 1, "9223372036854775807"), (-2**63, "-9223372036854775808"),
    (0.0, "0.0"), (0.1, "0.1"), (1.0, "1.0"), (-2.5e-300, "-2.5e-300"), (1e22, "1e+22"), (0.1 + 0.2, "0.30000000000000004"),
    (float("inf"), "inf"), (float("-inf"), "-inf"), (float("nan"), "nan"),
    (b"\x00\xff", "0x00ff"), (b"", "0x"), ([], "[]"), ([1, "a", [True, 0.5]], "[1, a, [true, 0.5]]"), ({}, "{}"),
    ({"k": 1, "l": {"m": "n o"}}, '{k=1, l={m="n o"}}'), (None, "(empty)"),
])
def test_every_type_of_value_is_shown_as_what_it_is(value, text):
    r = Request()
    r.span(1, "s", attributes={"key": value})
    assert f"   key={text}\n" in show(r.bytes)


def test_every_field_of_a_span_is_shown():
    r = Request({"service.name": "fn", "faas.version": "7"}, scope="lib")
    r.scope_spans.scope.version = "1.2"
    s = r.span(1, "work", 0, 2_500_000, kind=SERVER, a=1)
    s.trace_state = "vendor=x"
    s.status.code = 2
    s.status.message = "it broke"
    s.dropped_attributes_count, s.dropped_events_count, s.dropped_links_count = 1, 2, 3
    e = s.events.add(time_unix_nano=T0 + 1_250_000, name="exception", dropped_attributes_count=4)
    e.attributes.add(key="exception.type").value.string_value = "Oops"
    link = s.links.add(trace_id=OTHER, span_id=b"linkedto", dropped_attributes_count=5)
    link.attributes.add(key="why").value.string_value = "batch"
    assert show(r.bytes) == """\
trace 5759e988bd862e3fe1be46a994272793  1 span  2.500 ms  1 error
resource
  service.name=fn  faas.version="7"  scope=lib  scope.version=1.2
                                    ┬0 ms────────────┬1────────────────┬2───────
work              server  2.500 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
   ✗ error: it broke
   a=1  attributes dropped=1  tracestate=vendor=x  events dropped=2
   links dropped=3
   ◆ exception           +1.250 ms                        ◆
   exception.type=Oops  attributes dropped=4
   → link  trace=000102030405060708090a0b0c0d0e0f  span=6c696e6b6564746f
   why=batch  attributes dropped=5
"""


def test_random_requests_lose_nothing():
    rng = random.Random(7)

    def value(depth=0):
        kinds = [lambda: rng.randrange(-2**63, 2**63), lambda: rng.random(), lambda: bool(rng.randrange(2)),
                 lambda: "".join(rng.choice("abcé ∆\n=\"") for _ in range(rng.randrange(300))), lambda: rng.randbytes(rng.randrange(40))]
        if depth < 4:
            kinds += [lambda: [value(depth + 1) for _ in range(rng.randrange(4))],
                      lambda: {f"k{i}": value(depth + 1) for i in range(rng.randrange(4))}]
        return rng.choice(kinds)()

    for _ in range(60):
        r = Request({f"r{i}": value() for i in range(rng.randrange(5))})
        n = rng.randrange(1, 12)
        for i in range(1, n + 1):
            s = r.span(i, f"span-{i}", rng.randrange(10**6), rng.randrange(10**6, 10**7), rng.randrange(1, i) if i > 1 else None)
            for k in range(rng.randrange(5)):
                a = s.attributes.add(key=f"attr.{i}.{k}")
                a.value.SetInParent()
                fill_value(a.value, value())
            for k in range(rng.randrange(3)):
                s.events.add(time_unix_nano=s.start_time_unix_nano, name=f"event.{i}.{k}")
        out = show(r.bytes)
        assert f"  {n} span{'s' * (n > 1)}  " in out and "against OTLP" not in out
        joined = re.sub(r"\n[│ ]*", "", out)
        for s in r.scope_spans.spans:
            assert re.search(rf"{s.name} +internal ", out)
            for a in s.attributes:
                assert a.key + "=" in joined
            for e in s.events:
                assert f"◆ {e.name} " in out


def full_request():
    r = Request({"service.name": "fn", "list": ["a", 1, {"k": None}]})
    s = r.span(1, "parent", kind=SERVER, attributes={"s": "text", "i": -5, "d": 1.5, "b": True, "y": b"\x01", "m": {"k": [1]}})
    s.events.add(time_unix_nano=T0, name="e").attributes.add(key="k").value.int_value = 300
    s.links.add(trace_id=OTHER, span_id=b"12345678").attributes.add(key="k").value.string_value = "v"
    s.status.code = 1
    r.span(2, "child", parent=1)
    return r.bytes


def test_a_request_cut_anywhere_is_refused_or_a_shorter_one():
    whole = full_request()
    refused = 0
    for cut in range(1, len(whole)):
        out = show(whole[:cut], status=1)
        assert "cannot be shown: a" in out
        refused += 1
    assert refused == len(whole) - 1


def test_a_request_with_any_byte_changed_is_survived():
    whole = full_request()
    for i in range(len(whole)):
        for byte in {0, 0x7f, 0xff, whole[i] ^ 1} - {whole[i]}:
            changed = whole[:i] + bytes([byte]) + whole[i + 1:]
            done = subprocess.run([built("emulator"), "show"], input=changed, capture_output=True, timeout=20)
            assert done.returncode in (0, 1)


UNKNOWN = {"a varint": b"\xf8\x06\x05", "64 bits": b"\xf9\x0612345678", "bytes": b"\xfa\x06\x03abc", "32 bits": b"\xfd\x061234",
           "a group": b"\xfb\x06\x08\x01\xfb\x06\xfc\x06\x12\x01a\xfc\x06"}


@pytest.mark.parametrize("field", UNKNOWN)
def test_fields_of_a_later_otlp_are_passed_over(field):
    plain = full_request()
    message = Request().message
    message.ParseFromString(plain)
    span = message.resource_spans[0].scope_spans[0].spans[0]
    for m in span, span.attributes[0], span.attributes[0].value, span.events[0], span.links[0], span.status, message.resource_spans[0]:
        m.MergeFromString(UNKNOWN[field])
    assert message.SerializeToString() != plain
    assert show(message.SerializeToString()) == show(plain)
    assert show(UNKNOWN[field] + plain + UNKNOWN[field]) == show(plain)


@pytest.mark.parametrize("request_bytes, why", [
    (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "a length goes beyond the end"),
    (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "a varint is larger than 64 bits"),
    (b"\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", "a varint is larger than 64 bits"),
    (b"\x0a\x80", "a varint is cut off"),
    (b"\x00\x01", "a field number is 0"),
    (b"\x0e", "wire type 6 or 7"),
    (b"\x0b", "a group is not closed"),
    (b"\x0b\x14", "closed by another one's end"),
    (b"\x0c", "a group ends that was never opened"),
    (b"\x0b" * 40 + b"\x0c" * 40, "groups are nested deeper"),
    (b"\x11\x00", "a fixed-size number is cut off"),
])
def test_what_is_not_protobuf_is_told(request_bytes, why):
    assert why in show(request_bytes, status=1)


def test_values_nested_too_deep_are_refused():
    v = b"\x08\x01"
    for _ in range(33):
        v = b"\x2a" + bytes([len(b"\x0a" + length(v) + v)]) + b"\x0a" + length(v) + v if len(v) < 100 else nest(v)
    r = Request()
    r.span(1, "s").attributes.add(key="k").value.MergeFromString(v)
    assert "nested deeper than 32" in show(r.bytes, status=1)


def length(v):
    n, out = len(v), b""
    while n >= 0x80:
        out, n = out + bytes([n & 0x7f | 0x80]), n >> 7
    return out + bytes([n])


def nest(v):
    inner = b"\x0a" + length(v) + v
    return b"\x2a" + length(inner) + inner


def change(edit):
    r = Request()
    s = r.span(1, "s", k="v")
    edit(r, s)
    return r.bytes


BREACHES = {
    "a span's trace_id is 15 bytes long, not 16": lambda r, s: setattr(s, "trace_id", b"x" * 15),
    "a span's trace_id is all zero": lambda r, s: setattr(s, "trace_id", bytes(16)),
    "a span's span_id is 0 bytes long, not 8": lambda r, s: setattr(s, "span_id", b""),
    "a span's parent_span_id is 4 bytes long, not 8": lambda r, s: setattr(s, "parent_span_id", b"1234"),
    "a span's parent_span_id is all zero": lambda r, s: setattr(s, "parent_span_id", bytes(8)),
    "a span has no name": lambda r, s: setattr(s, "name", ""),
    "a span has no start time": lambda r, s: setattr(s, "start_time_unix_nano", 0),
    "a span has no end time": lambda r, s: setattr(s, "end_time_unix_nano", 0),
    "a span ends before it starts": lambda r, s: setattr(s, "end_time_unix_nano", T0 - 1),
    "a span's kind is 0": lambda r, s: setattr(s, "kind", 0),
    "attribute k is there twice": lambda r, s: setattr(s.attributes.add(key="k").value, "int_value", 1),
    "an attribute has no key": lambda r, s: setattr(s.attributes.add().value, "int_value", 1),
    "attribute l has no value": lambda r, s: s.attributes.add(key="l"),
    "an event has no name": lambda r, s: s.events.add(time_unix_nano=T0),
    "a link's trace_id is 0 bytes long, not 16": lambda r, s: s.links.add(span_id=b"12345678"),
    "a span's status code is 3": lambda r, s: s.status.MergeFromString(b"\x18\x03"),
    "Span: field 1 has wire type 0": lambda r, s: s.MergeFromString(b"\x08\x01"),
    "Span: field 16 has wire type 0": lambda r, s: s.MergeFromString(b"\x80\x01\x01"),
    "an AnyValue holds two values": lambda r, s: s.attributes[0].value.MergeFromString(b"\x18\x01"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_of_otlp_is_told_and_the_trace_still_drawn(breach):
    request = change(BREACHES[breach])
    if breach in ("an AnyValue holds two values",):  # protobuf merges the two: written by hand
        request = full_request().replace(b"\x0a\x04text", b"\x0a\x02te\x18\x01")
    out = show(request)
    assert f"! against OTLP: {breach}\n" in out and re.search("\ns +internal .*[━╸╺]|━", out)


@pytest.mark.parametrize("bad", [b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80", b"\xff"])
def test_text_that_is_not_utf_8_is_told_and_escaped(bad):
    r = Request()
    r.span(1, "s", k="Q" * len(bad))
    out = show(r.bytes.replace(b"Q" * len(bad), bad))
    assert "! against OTLP: a string value is not UTF-8\n" in out
    assert "k=" + "".join(f"\\x{b:02x}" for b in bad) in out


def test_an_empty_request_has_nothing_to_show():
    assert "against OTLP: the request holds no span" in show(b"\x0a\x00", status=1)
    assert show(b"", status=1) == ""


# ---- the tree ----


def rows(out):
    """Names with their tree, in the order shown."""
    return [re.match(r"(.*?\S) +(internal|server|client|producer|consumer|kind \?) ", row)[1] for row in out.split("\n") if "━" in row]


def test_children_follow_their_parent_in_the_order_of_their_start():
    r = Request()
    r.span(5, "a2a", 60, 70, parent=4)
    r.span(4, "a2", 50, 80, parent=2)
    r.span(3, "a1", 20, 40, parent=2)
    r.span(6, "b", 90, 95, parent=1)
    r.span(2, "a", 10, 85, parent=1)
    r.span(1, "root", 0, 100, kind=SERVER)
    assert rows(show(r.bytes)) == ["root", "├─ a", "│  ├─ a1", "│  └─ a2", "│     └─ a2a", "└─ b"]


def test_a_span_whose_parent_is_elsewhere_is_a_root_that_says_so():
    r = Request()
    r.span(1, "remote", parent=0xabc).flags = 0x301
    r.span(2, "lost", 10, parent=0xdef)
    out = show(r.bytes)
    assert rows(out) == ["remote", "lost"]
    assert "   continues remote span 0000000000000abc\n" in out and "   parent 0000000000000def is not among these spans\n" in out


def test_parents_in_a_circle_are_shown_once_each():
    r = Request()
    r.span(1, "a", 0, parent=3)
    r.span(2, "b", 1, parent=1)
    r.span(3, "c", 2, parent=2)
    r.span(4, "self", 3, parent=4)
    r.span(5, "below", 4, parent=4)
    out = show(r.bytes)
    assert rows(out) == ["a", "└─ b", "   └─ c", "self", "└─ below"]
    assert "parent 0000000000000003 leads back to this span" in out and "parent 0000000000000004 leads back to this span" in out


def test_a_long_chain_is_shown_to_its_end():
    r = Request()
    for i in range(1, 3001):
        r.span(i, f"s{i}", i, 10_000 - i, parent=i - 1 if i > 1 else None)
    out = show(r.bytes)
    assert len(rows(out)) == 3000 and rows(out)[-1].endswith("s3000")


def test_one_trace_may_come_in_several_requests(tmp_path):
    parent, child, other = Request(), Request(), Request()
    parent.span(1, "parent", 0, 100)
    child.span(2, "child", 10, 20, parent=1)
    other.span(1, "elsewhere", 0, 100, trace=OTHER)
    out = show(child.bytes, parent.bytes, other.bytes, tmp_path=tmp_path)
    assert rows(out) == ["elsewhere", "parent", "└─ child"]
    assert out.count("trace ") == 2 and out.count("resource\n") == 1


def test_a_resource_is_shown_again_when_it_is_another(tmp_path):
    a, b = Request({"service.name": "a"}), Request({"service.name": "b"})
    a.span(1, "x", trace=OTHER)
    b.span(1, "y")
    assert show(a.bytes, b.bytes, tmp_path=tmp_path).count("resource\n") == 2


# ---- the picture ----


def bars(out):
    """Each bar as (first column, columns), the bar's own column being 0."""
    drawn = [row for row in out.split("\n") if re.search("[━╸╺]", row)]
    axis = next(row for row in out.split("\n") if "┬0" in row).index("┬")
    found = []
    for row in drawn:
        m = re.search("[━╸╺]+", row)
        found.append((columns(row[:m.start()]) - axis, len(m[0])))
    return found


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def test_bars_lie_where_and_as_long_as_their_spans():
    r = Request()
    r.span(1, "all", 0, 4_000_000)
    for i in range(4):
        r.span(2 + i, f"quarter{i}", i * 1_000_000, (i + 1) * 1_000_000, parent=1)
    r.span(7, "instant", 2_000_000, 2_000_000, parent=1)
    (start, whole), *quarters, instant = bars(show(r.bytes, env={"COLUMNS": "120"}))[:6]
    assert start == 0
    drawn = sorted([*quarters, instant])
    assert any(n == 1 for _, n in drawn)
    for i, (at, n) in enumerate(sorted(x for x in drawn if x[1] > 1)):
        assert abs(at - i * whole / 4) <= 1.5 and abs(n - whole / 4) <= 1.5


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width):
    r = Request({f"a.long.resource.key.{i}": "v" * i * 9 for i in range(12)})
    r.span(1, "a name of quite some length, longer than any column", 0, 123_456_789, kind=PRODUCER,
           arn="arn:" + "x" * 500, wide="日本語" * 60)
    for i in range(2, 12):
        r.span(i, f"日本語のスパン {i}", i * 1000, 99_000_000, parent=i - 1, kind=CONSUMER)
    out = show(r.bytes, env={"COLUMNS": str(width)})
    assert max(map(columns, out.split("\n"))) <= width
    assert re.sub(r"[\n│ ]", "", out).count("x") >= 500


def test_durations_are_exact_to_the_microsecond():
    r = Request()
    r.span(1, "long", 0, 12_345_678_000)
    r.span(2, "short", 0, 1_000, parent=1)
    out = show(r.bytes)
    assert "12345.678 ms" in out and " 0.001 ms" in out
    r = Request()
    r.span(1, "tiny", 0, 999_900)
    r.span(2, "tinier", 0, 100, parent=1)
    out = show(r.bytes)
    assert " 999.9 µs" in out and " 0.1 µs" in out


def test_a_cold_start_is_marked():
    r, warm = Request(), Request()
    r.span(1, "fn", kind=SERVER, attributes={"faas.coldstart": True})
    warm.span(1, "fn", kind=SERVER, attributes={"faas.coldstart": False})
    assert re.search(r"^trace \S+  1 span  [\d.]+ µs  COLD START$", show(r.bytes), re.M)
    assert "COLD START" not in show(warm.bytes)


def in_terminal(request, env):
    """The same in a terminal of 100 columns."""
    pid, fd = pty.fork()
    if not pid:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        os.execve(built("emulator"), ["emulator", "show", request], {"PATH": "/usr/bin:/bin"} | env)
    out = b""
    try:
        while more := os.read(fd, 65536):
            out += more
    except OSError:
        pass
    assert os.waitpid(pid, 0)[1] == 0
    os.close(fd)
    return out.decode().replace("\r\n", "\n")


def test_colours_are_for_terminals_that_want_them(tmp_path):
    file = tmp_path / "request"
    file.write_bytes(full_request())
    plain = show(full_request(), env={"COLUMNS": "100"})
    assert "\x1b" not in plain
    coloured = in_terminal(file, {"TERM": "xterm"})
    assert "\x1b[" in coloured and re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain  # as wide as the terminal, and the same
    for env in {"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}, {}:
        assert in_terminal(file, env) == plain
    assert in_terminal(file, {"TERM": "xterm", "COLUMNS": "60"}) != coloured


def test_another_charset_gets_ascii():
    r = Request()
    r.span(1, "größe", 0, 1000)
    r.span(2, "child", 0, 500, parent=1).events.add(name="e", time_unix_nano=T0)
    out = show(r.bytes, env={"LANG": "de_DE.ISO-8859-1"})
    assert out.isascii() and "`- child" in out and "====" in out and r"gr\xc3\xb6\xc3\x9fe" in out
    for env in {"LC_ALL": "C.UTF-8", "LANG": "de_DE.ISO-8859-1"}, {"LANG": "C"}, {"LC_ALL": "en_US.utf8"}:
        assert "└─ child" in show(r.bytes, env=env)


def test_nothing_foreign_reaches_the_terminal():
    evil = "\x1b[31mred\x07\r\n\x9b\u202e\u2066"
    r = Request({"service.name": evil})
    s = r.span(1, evil, attributes={evil: evil})
    s.status.code, s.status.message, s.trace_state = 2, evil, evil
    s.events.add(name=evil, time_unix_nano=T0).attributes.add(key=evil).value.string_value = evil
    out = show(r.bytes, env={"COLUMNS": "400"})
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", out)
    assert out.count(r"\x1b[31mred\x07\r\n") >= 8


# ---- the line on stdout ----


def test_a_log_with_stdout_lines_is_drawn():
    a, b = Request(), Request()
    a.span(1, "one", 0, 100)
    b.span(2, "two", 10, 50, parent=1)
    log = b"[INFO]\tsome text\n" + stdout_line(a.bytes) + b"\n{\"level\":\"INFO\"}\n2026-11-21T10:00:00Z " + stdout_line(b.bytes) + b"\n"
    assert rows(show(log)) == ["one", "└─ two"]


@pytest.mark.parametrize("level", [0, 1, 9])
def test_gzip_of_any_size_is_read(level):
    r = Request()
    r.span(1, "big", big="x" * 200_000)
    assert show(stdout_line(r.bytes, level)).count("x") >= 200_000


COMPRESSIBLE = Request()
COMPRESSIBLE.span(1, "span", k="v" * 100)
GZIP = bytearray(gzip.compress(COMPRESSIBLE.bytes, 0))
SMALL = gzip.compress(COMPRESSIBLE.bytes)


def damaged(at, xor=1):
    copy = bytearray(GZIP)
    copy[at] ^= xor
    return base64.b64encode(copy).decode()


@pytest.mark.parametrize("line, why", [
    (stdout_line(COMPRESSIBLE.bytes, payload="%"), "payload is not base64"),
    (stdout_line(COMPRESSIBLE.bytes, payload=...), "payload is not a string"),
    (stdout_line(COMPRESSIBLE.bytes, payload={"resourceSpans": []}), "payload is not a string"),
    (stdout_line(COMPRESSIBLE.bytes, base64=False), "base64 is not true"),
    (stdout_line(COMPRESSIBLE.bytes, method="PUT"), "method is not POST"),
    (stdout_line(COMPRESSIBLE.bytes, source=...), "source or endpoint is missing"),
    (stdout_line(COMPRESSIBLE.bytes, **{"content-type": "application/json"}), "content-type is not application/x-protobuf"),
    (stdout_line(COMPRESSIBLE.bytes, **{"content-encoding": "br"}), "content-encoding is not gzip"),
    (stdout_line(COMPRESSIBLE.bytes, payload=base64.b64encode(COMPRESSIBLE.bytes).decode()), "there is no gzip header"),
    (stdout_line(COMPRESSIBLE.bytes, payload=damaged(-8)), "the gzip checksum is wrong"),
    (stdout_line(COMPRESSIBLE.bytes, payload=damaged(-4)), "the gzip size is wrong"),
    (stdout_line(COMPRESSIBLE.bytes, payload=damaged(11)), "the gzip stream is damaged"),
    (stdout_line(COMPRESSIBLE.bytes, payload=damaged(10, 6)), "the gzip stream is damaged"),
    (stdout_line(COMPRESSIBLE.bytes, payload=damaged(10, 1)), "the gzip stream is damaged"),
    (stdout_line(b"\x0a\x05"), "a length goes beyond the end"),
    (b'{"__otel_otlp_stdout": "1"', "cannot be shown: "),
])
def test_a_line_that_cannot_be_read_is_told(line, why):
    out = show(line, status=1)
    assert out.startswith("! an export by a line on stdout cannot be shown: ") and why in out


def test_a_gzip_cut_anywhere_is_told():
    for cut in [*range(0, len(GZIP), 3), *range(len(GZIP) - 12, len(GZIP))]:
        line = stdout_line(b"", payload=base64.b64encode(GZIP[:cut]).decode())
        assert "cannot be shown" in show(line, status=1)
    for cut in range(0, len(SMALL), 2):
        line = stdout_line(b"", payload=base64.b64encode(SMALL[:cut]).decode())
        assert "cannot be shown" in show(line, status=1)


def test_a_gzip_header_may_have_everything():
    header = b"\x1f\x8b\x08\x1e" + bytes(6) + b"\x03\x00abc" + b"name\x00" + b"comment\x00" + b"cc"
    line = stdout_line(b"", payload=base64.b64encode(header + GZIP[10:]).decode())
    assert rows(show(line)) == ["span"]


def test_a_file_that_is_not_there_is_said(tmp_path):
    done = subprocess.run([built("emulator"), "show", tmp_path / "none"], capture_output=True, timeout=20)
    assert done.returncode == 1 and b"No such file or directory" in done.stderr
