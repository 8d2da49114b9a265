# SPDX-License-Identifier: MIT
"""What is said about a list of measured values: quantiles, and the median with its bootstrap interval.

Nothing is drawn at random here. A resample of n values, put in order, has its median at or below the k-th smallest of the n exactly
when at least half of its draws are: each draw is with probability k/n, so the binomial distribution says how likely that is, and the
percentile bootstrap interval of a median is two of the values themselves. That is what 10 000 resamples would come close to.
"""

import functools
import math

PERCENT = {"p50": 50, "p90": 90, "p99": 99, "p99_9": 99.9}


def quantile(ordered, percent):
    """Of values in ascending order: linear between the two values that stand around the place."""
    place = (len(ordered) - 1) * percent / 100
    below = min(int(place), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(values):
    return quantile(sorted(values), 50)


def summary(values):
    """Of at least one value: how many, the extremes and what most of them stay below."""
    ordered = sorted(values)
    return {"n": len(ordered), "min": ordered[0], **{k: quantile(ordered, p) for k, p in PERCENT.items()}, "max": ordered[-1]}


def _tail(n, k, at_least):
    """P(a binomial of n draws with probability k/n is at least so much); in logarithms, for 0.5 ** 1000 is no number."""
    if k >= n:
        return 1.0
    if k <= 0:
        return 0.0
    p, total = k / n, 0.0
    for i in range(at_least, n + 1):
        ways = math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1)
        total += math.exp(ways + i * math.log(p) + (n - i) * math.log1p(-p))
    return min(total, 1.0)


@functools.lru_cache
def _bounds(n, confidence):
    """Indices, from 0, of the values that are the interval's ends: the innermost two that leave no more than is allowed outside."""
    low, high = 0, (n - 1) // 2
    while low < high:
        middle = (low + high + 1) // 2
        if _tail(n, middle, (n + 1) // 2) <= (1 - confidence) / 2:
            low = middle
        else:
            high = middle - 1
    return low, n - 1 - low


def interval(values, confidence=0.95):
    """Where the median of resamples of these values falls, but for (1 - confidence) / 2 of them on either side."""
    ordered = sorted(values)
    low, high = _bounds(len(ordered), confidence)
    return ordered[low], ordered[high]


def ratio(ours, floors):
    """Ours to the floor's of the same round: the median over the rounds, and its interval. None: no round has both."""
    pairs = [a / b for a, b in zip(ours, floors) if a is not None and b]
    if not pairs:
        return None
    low, high = interval(pairs)
    return {"value": median(pairs), "low": low, "high": high}
