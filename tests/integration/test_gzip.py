# SPDX-License-Identifier: MIT
"""What is compressed, undone by zlib and by gzip itself."""

import gzip
import subprocess
import zlib
from random import Random

import pytest
from conftest import PATIENCE, built
from otlp_requests import Request

ROOM = 544 * 1024  # REGION_GZIP_IN_BYTES
LEVELS = range(10)


def spans(n):
    r = Request()
    for i in range(n):
        r.span(i + 1, f"operation {i % 7}", i * 10, i * 10 + 5, parent=i or None, **{"http.request.method": "GET", "url.path": f"/{i}"})
    return r.bytes


NOISE = Random(1).randbytes(ROOM)
DATA = {"spans": spans(3000)[:ROOM], "zeros": bytes(ROOM), "noise": NOISE, "half": NOISE[: ROOM // 2] + spans(1500)[: ROOM // 2]}


def run(data, level, *step):
    done = subprocess.run([built("drivers/gzip"), str(level), *map(str, step)], input=data, capture_output=True, timeout=PATIENCE, check=False)
    assert not done.stderr
    return done.returncode, done.stdout


def undone(member):
    d = zlib.decompressobj(31)
    data = d.decompress(member) + d.flush()
    assert d.eof and not d.unused_data
    return data


@pytest.mark.parametrize("kind", DATA)
@pytest.mark.parametrize("level", LEVELS)
def test_zlib_undoes_it(kind, level):
    random = Random(level)
    for size in [0, 1, 55, 56, 1500, 65535, 65536, len(DATA[kind]), *(random.randrange(1, 20_000) for _ in range(6))]:
        data = DATA[kind][:size]
        status, member = run(data, level)
        assert status == 0 and undone(member) == data
        assert len(member) <= size + size // 1000 + 64


@pytest.mark.parametrize("level", [1, 6, 9])
def test_it_is_about_as_small_as_gzip_would_make_it(level):
    data = DATA["spans"]
    assert len(run(data, level)[1]) < 1.1 * len(gzip.compress(data, level))


@pytest.mark.parametrize("step", [100, 1000, 4096, 65537])
def test_parts_that_lie_apart_are_one(step):
    for kind, data in DATA.items():
        status, member = run(data, 1, step)
        assert status == 0 and undone(member) == data, kind


def test_more_than_the_room_is_not_compressed():
    assert run(bytes(ROOM + 1), 1) == (1, b"")


@pytest.mark.parametrize("level", LEVELS)
def test_gzip_t_has_nothing_to_say(level):
    for data in DATA.values():
        done = subprocess.run(["gzip", "-tv"], input=run(data, level)[1], capture_output=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0 and b"OK" in done.stderr
