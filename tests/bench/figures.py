# SPDX-License-Identifier: MIT
"""What can honestly be said about samples: order statistics, and intervals that come from resampling. No means, nothing from
elsewhere.

The bootstrap of a median needs no random numbers: with n values in order, a resample's median is the k-th of them with a
probability that is a difference of two binomial tails (Efron 1979), so that intervals are the same each time they are computed.
"""

import functools
import math

SUMMED = ("exec_to_next_us", "init_us", "first_us", "warm_us", "turnaround_us", "cpu_us", "faults_init", "faults", "rss_kb")
RATIOS = ("exec_to_next_us", "init_us", "first_us", "warm_us", "turnaround_us")
CONFIDENCE = 0.95


def quantile(ordered, q):
    """Nearest rank."""
    return ordered[int(q * (len(ordered) - 1) + 0.5)]


def median(values):
    return quantile(sorted(values), 0.5)


def flat(values):
    return [v for row in values for v in row] if values and isinstance(values[0], list) else values


def of_rounds(values):
    """One value per round: the median of those that have several."""
    return [median(row) for row in values] if values and isinstance(values[0], list) else values


def summary(values):
    ordered = sorted(flat(values))
    if not ordered:
        return None
    named = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99_9": 0.999}
    return {"n": len(ordered), "min": ordered[0], **{name: quantile(ordered, q) for name, q in named.items()}, "max": ordered[-1]}


def at_least(n, k, p):
    """Probability that of n independent draws, each with p, k or more succeed."""
    if p <= 0 or p >= 1:
        return float(p >= 1)
    log_p, log_q, log_n = math.log(p), math.log1p(-p), math.lgamma(n + 1)
    return min(1.0, sum(math.exp(log_n - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * log_p + (n - i) * log_q) for i in range(k, n + 1)))


@functools.lru_cache
def median_distribution(n):
    """below[k]: the probability that a resample's median is among the first k + 1 of n values in order."""
    middle = int(0.5 * (n - 1) + 0.5) + 1
    return [at_least(n, middle, (k + 1) / n) for k in range(n)]


def interval(values):
    """The 95 % bootstrap interval of the median: (low, high)."""
    ordered = sorted(values)
    below = median_distribution(len(ordered))
    tail = (1 - CONFIDENCE) / 2
    low = next(v for v, p in zip(ordered, below) if p >= tail)
    high = next((v for v, p in zip(ordered, below) if p >= 1 - tail), ordered[-1])
    return low, high


def ratio(values, base):
    """Round by round, so that what slows the machine for a while is in both."""
    pairs = [a / b for a, b in zip(of_rounds(values), of_rounds(base)) if b]
    if not pairs:
        return None
    low, high = interval(pairs)
    return {"value": round(median(pairs), 4), "low": round(low, 4), "high": round(high, 4)}


def conclude(candidates, floor):
    """summary and ratio of every candidate that was measured; the floor is the one they are to, or None."""
    base = next((c for c in candidates if c["name"] == floor and "not_measured" not in c), None)
    for c in candidates:
        if "not_measured" in c:
            continue
        c["summary"] = {key: summary(c[key]) for key in SUMMED if c.get(key)}
        if base:
            n = len(c["exec_to_next_us"])
            c["ratio"] = {key: ratio(c[key], base[key]) for key in RATIOS if len(c.get(key) or ()) == len(base.get(key) or ()) == n}
