# SPDX-License-Identifier: MIT
"""Bucket indices of exponential histograms against arithmetic with 60 digits and more; no double is nearer to a boundary than the code supposes."""

import math
import struct
import subprocess
from array import array
from decimal import Decimal, localcontext
from random import Random

import pytest

from conftest import built
from exponential import by_arithmetic

SCALES = range(-10, 21)
DBL_MIN_SUBNORMAL = 5e-324
DBL_MAX = struct.unpack("<d", struct.pack("<Q", 0x7FEFFFFFFFFFFFFF))[0]


def indices(scale, values):
    done = subprocess.run([built("drivers/exponential"), str(scale)], input=array("d", values).tobytes(), capture_output=True, timeout=60, check=True)
    found = array("i")
    found.frombytes(done.stdout)
    assert len(found) == len(values)
    return list(found)


def around(boundary):
    """The nearest doubles to a Decimal: on it or just below, just above, and their neighbours."""
    near = float(boundary)
    found = [math.nextafter(near, 0), near, math.nextafter(near, math.inf)]
    found += [math.nextafter(found[0], 0), math.nextafter(found[2], math.inf)]
    return [v for v in found if 0 < v <= DBL_MAX]


@pytest.mark.parametrize("scale", SCALES)
def test_doubles_beside_a_boundary_have_the_index_of_60_digits(scale):
    random = Random(scale)
    lowest, highest = -1074 * 2.0**scale, 1024 * 2.0**scale
    picked = {random.randint(math.ceil(lowest), math.floor(highest)) for _ in range(120)}
    picked |= {i * 2**max(scale, 0) for i in (-1074, -1023, -1022, -512, -1, 0, 1, 2, 511, 1023)} | {-3, -2, -1, 0, 1, 2, 3}
    with localcontext() as context:
        context.prec = 60
        values = [DBL_MIN_SUBNORMAL, DBL_MAX, 2.2250738585072014e-308, 2.225073858507201e-308]
        for i in sorted(picked):
            exponent = i * Decimal(2) ** -scale
            if -1074 <= exponent <= 1024:
                values += around(Decimal(2) ** exponent)
        values += [math.ldexp(1 + random.random(), random.randint(-1074, 1022)) for _ in range(200)]
        expected = [by_arithmetic(v, scale) for v in values]
    assert len(values) > 200
    assert indices(scale, values) == expected


VECTORS = [
    (0, {1: -1, 1.5: 0, 2: 0, 3: 1, 4: 1, 10: 3, 0.001: -10, 0.5: -2, DBL_MAX: 1023}),
    (3, {1: -1, 1.5: 4, 2: 7, 3: 12, 4: 15, 10: 26, 0.001: -80, 0.5: -9}),
    (6, {1.5: 37, 3: 101, 10: 212, 0.001: -638}),
    (20, {1.5: 613377, 3: 1661953, 10: 3483294, 0.001: -10449883}),
    (-1, {4: 0, 10: 1, 0.001: -5}),
    (-4, {1.5: 0, 2: 0, 3: 0, 4: 0, 10: 0, 0.001: -1}),
]


@pytest.mark.parametrize("scale, vectors", VECTORS)
def test_known_indices(scale, vectors):
    assert indices(scale, list(vectors)) == list(vectors.values())


def test_every_boundary_there_is():
    """
    At scale 20 there are 2^20 boundaries between 1 and 2, those of lower scales among them, the same between any other powers of two. The doubles below and
    above each have their index by construction; and none is so near to one that 128 bits would not tell them apart.
    """
    n = 2**20
    values, expected = [], []
    nearest = Decimal(1)
    with localcontext() as context:
        context.prec = 80
        step = (Decimal(2).ln() / n).exp()
        boundary, ulps = Decimal(1), Decimal(2**52)
        for k in range(1, n):
            boundary *= step
            scaled = boundary * ulps
            below = int(scaled)
            rest = scaled - below
            nearest = min(nearest, rest, 1 - rest)
            values += [below / 2.0**52, (below + 1) / 2.0**52]
            expected += [k - 1, k]
        assert abs(boundary * step - 2) < Decimal("1e-70")
    assert nearest > Decimal(2) ** -26, "in units of 2^-52: so 2^-78"
    assert indices(20, values) == expected
    assert indices(7, values) == [i >> 13 for i in expected]
