# SPDX-License-Identifier: MIT
"""Numbers as people read them: three digits that count, a unit, and a thin space between."""

import math
import re

THIN = "\u202f"
NONE = "–"
TIMES = ((1e6, "s"), (1e3, "ms"), (1, "µs"), (1e-3, "ns"))
SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B"))


def digits(value, significant=3):
    """Rounded to so many digits, but never to fewer than stand before the point: 4.31, 43.1, 431, 4 310."""
    if value == 0:
        return "0"
    places = max(0, significant - 1 - math.floor(math.log10(abs(value))))
    if places and round(abs(value), places) >= 10 ** (math.floor(math.log10(abs(value))) + 1):
        places -= 1  # 9.996 is 10.0
    return f"{value:,.{places}f}".replace(",", THIN)


def _scaled(value, scales):
    if value is None:
        return NONE
    for size, unit in scales:
        if abs(value) >= size * 0.9995:
            return f"{digits(value / size)}{THIN}{unit}"
    return f"{digits(value / scales[-1][0])}{THIN}{scales[-1][1]}" if value else f"0{THIN}{scales[-1][1]}"


def time(us):
    return f"0{THIN}µs" if us == 0 else _scaled(us, TIMES)


def size(count):
    return _scaled(count, SIZES)


def count(value):
    """Whole numbers in full; what is a mean over invocations with three digits."""
    if value is None:
        return NONE
    return f"{value:,}".replace(",", THIN) if isinstance(value, int) else bare(digits(value))


def kb(value):
    return NONE if value is None else f"{count(value)}{THIN}kB"


def times(value):
    """A ratio: near 1 the second digit behind the point is what matters."""
    return NONE if value is None else f"{value:.2f}" if value < 9.995 else digits(value)


def ratio(value):
    return NONE if value is None else f"{times(value)}{THIN}×"


def finer(value):
    """A ratio that is held against a limit: 1.152 is not 1.15."""
    return f"{digits(value, 4)}{THIN}×"


def bare(shown):
    """An axis needs no zeros behind a point: 1.50 ms is 1.5 ms, 200.0 is 200."""
    return re.sub(r"(\.\d*?)0+(?=\D|$)", r"\1", shown).replace(f".{THIN}", THIN).rstrip(".")


def plain(text):
    """The same for a terminal or a file that is read without a font of its own."""
    return text.replace(THIN, " ")
