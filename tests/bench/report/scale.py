# SPDX-License-Identifier: MIT
"""Where a value stands on an axis, in percent of its width, and which values are written beside it."""

import math


class Log:
    """Equal distances are equal ratios: 200 µs and half a second are both readable on it."""

    STEPS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7))

    def __init__(self, low, high, margin=0.02):
        low, high = max(low, 1e-6), max(high, 1e-6)
        if high / low < 1.2:  # a single value, or nearly: still an axis
            low, high = low / 1.1, high * 1.1
        room = (high / low) ** margin
        self.low, self.high = low / room, high * room

    def at(self, value):
        return 100 * math.log(min(max(value, self.low), self.high) / self.low) / math.log(self.high / self.low)

    def ticks(self, most):
        """The densest steps that give no more than so many."""
        if self.high / self.low < 4:  # here a straight scale is hardly bent
            return Linear(self.high, self.low).ticks(most)
        best = []
        for steps in self.STEPS:
            found = [
                s * 10.0**e for e in range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1) for s in steps
            ]
            found = [round(t, 9) for t in found if self.low <= t <= self.high]
            if len(found) > most:
                return best or found[:: -(-len(found) // most)]
            best = found
        return best


class Linear:
    """For what is added up: a stack's parts, and what begins at zero."""

    def __init__(self, high, low=0):
        self.low, self.high = low, high if high > low else low + 1

    def at(self, value):
        return 100 * (value - self.low) / (self.high - self.low)

    def ticks(self, most):
        step = 10.0 ** math.floor(math.log10((self.high - self.low) / most))
        step *= next(f for f in (1, 2, 5, 10, 20) if (self.high - self.low) / (step * f) <= most - 1)
        first = math.ceil(self.low / step)
        return [round(i * step, 9) for i in range(first, math.floor(self.high / step + 1e-9) + 1)]


class Nines:
    """For shares: each further nine is as far away as the one before, so that the slowest of a thousand can be seen."""

    def __init__(self, most):
        self.most = most  # the largest share below 1 that is shown

    def at(self, share):
        return 100 * math.log(1 - min(share, self.most)) / math.log(1 - self.most)

    def ticks(self):
        shown = [t for t in (0.5, 0.9, 0.99, 0.999, 0.9999) if t <= self.most]
        return [0.0, *shown]
