# SPDX-License-Identifier: MIT
"""What all parts of the page share: which candidate has which colour, how its name stands there, and how one figure does."""

import units
from markup import el

COLOURS = 6  # of groups, in page.css, besides the floor's grey and ours
DASHES = ("none", "7 4", "2 3", "10 3 2 3", "4 2", "1 2", "14 4")


def figure(candidate, key, show, kind=None):
    """A value of the document as people read it; one that is not there says why when it is pointed at."""
    value = candidate.get(key)
    if value is None:
        return el("span", units.NONE, class_="none", title=candidate.why_missing(key))
    return el("data", show(value), class_=kind, value=value, data_key=f"{candidate.key}.{key}")


class Look:
    """A colour for each group, ours and the floor's always the same; beside no peers, for each of ours. Lines of one colour differ in dashes."""

    def __init__(self, doc):
        self.doc = doc
        self.floor = next((c for c in doc.measured if c.is_floor), None)
        bound = self.floor.group if self.floor else None
        others = [g for g in doc.groups if g != bound and not any(c.group == g and c.ours for c in doc.candidates)]
        alone = [] if any(c.peer for c in doc.candidates) else [c.name for c in doc.measured if c.ours]
        self.colour, self.style, seen = {}, {}, {}
        for c in doc.candidates:
            i = seen[c.group] = seen.get(c.group, -1) + 1
            if c.group == bound:
                self.colour[c.name] = "var(--bound)"
            elif c.group in others or c.name in alone[1:]:
                place = others.index(c.group) if c.group in others else alone.index(c.name) - 1
                self.colour[c.name] = f"var(--g{place % COLOURS + 2})"
            else:
                self.colour[c.name] = "var(--ours)"
            turn = i // (COLOURS + 1) if alone and c.ours else i
            self.style[c.name] = f"--c:{self.colour[c.name]};--dash:{DASHES[turn % len(DASHES)]}"

    def name(self, c):
        return el(
            "span", el("i", class_="traced" if c.traced else "bare"), c.name, class_="name", style=f"--c:{self.colour[c.name]}"
        )

    def group_colours(self):
        """Of groups whose members all have the same."""
        found = {}
        for c in self.doc.measured:
            found.setdefault(c.group, set()).add(self.colour[c.name])
        return {group: colours.pop() for group, colours in found.items() if len(colours) == 1}
