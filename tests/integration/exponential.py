# SPDX-License-Identifier: MIT
"""Exponential histograms by decimal arithmetic, which knows nothing of a double's bits."""

import math
from decimal import Decimal, localcontext
from functools import lru_cache

SCALE_MAX = 20


def by_arithmetic(value, scale):
    """ceil(log2(value) * 2^scale) - 1; what lies on a boundary is a power of two, and known without a logarithm."""
    mantissa, exponent = math.frexp(value)
    if mantissa == 0.5:
        return math.ceil((exponent - 1) * Decimal(2) ** scale) - 1
    return math.floor(Decimal(value).ln() / Decimal(2).ln() * Decimal(2) ** scale)


@lru_cache(None)
def finest(value):
    """The bucket at the largest scale by 60 digits; the index at any other is this one shifted."""
    with localcontext() as context:
        context.prec = 60
        return by_arithmetic(value, SCALE_MAX)


def sides(values, buckets):
    """Scale, and for positive and negative values the offset and counts of an exponential histogram of them."""
    indices = [[finest(abs(v)) for v in values if v * sign > 0] for sign in (1, -1)]
    down = 0
    while any(of and (max(of) >> down) - (min(of) >> down) >= buckets for of in indices):
        down += 1
    found = []
    for of in indices:
        at = [i >> down for i in of]
        found.append((min(at), [at.count(i) for i in range(min(at), max(at) + 1)]) if at else (0, []))
    return SCALE_MAX - down, found
