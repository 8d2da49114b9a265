# SPDX-License-Identifier: MIT
"""Elements of HTML and SVG as values: what is put into one is text unless it is an element itself, so that nothing can forget to escape."""

import html


class Markup(str):
    """Text that means itself to a browser."""


def text(value):
    return value if isinstance(value, Markup) else Markup(html.escape(str(value)))


def join(parts):
    """None and False among the parts are nothing."""
    return Markup("".join(text(p) for p in parts if p is not None and p is not False))


def el(name, *inner, **attributes):
    """el("a", "text", href="x"); class_ and data_key are class and data-key; an attribute that is None is left out."""
    given = "".join(f' {k.rstrip("_").replace("_", "-")}="{html.escape(str(v))}"' for k, v in attributes.items() if v is not None)
    return Markup(f"<{name}{given}>{join(inner)}</{name}>")
