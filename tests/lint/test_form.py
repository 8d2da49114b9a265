# SPDX-License-Identifier: MIT
"""What the tree looks like to somebody who opens it."""

import re
import sys
import pathlib

import pytest
import tree

TOP = {"Makefile", "runtime", "telemetry", "handlers", "proto", "tests", "layer", "README.md", "LICENSE"}
C = tree.sources("runtime", "telemetry", "handlers", "tests")


def test_top_level_is_the_fixed_list():
    assert {n.split("/")[0] for n in tree.tracked() if not n.startswith(".")} == TOP


@pytest.mark.parametrize("name", C)
def test_clang_format(name):
    program = pathlib.Path(sys.executable).parent / "clang-format"
    status, _, err = tree.run(program, "--dry-run", "-Werror", name)
    first = err.partition("\n")[0]
    assert status == 0, f"{first}: make format"


@pytest.mark.parametrize("name", [n for n in tree.sources("runtime", "telemetry", "handlers", "tests", "proto", "layer",
                                                          suffixes=(".c", ".h", ".py", ".mk", ".proto"))])
def test_license_is_one_line_at_the_top(name):
    head = tree.text(name).splitlines()[:2]
    assert any(re.fullmatch(r"(//|#) SPDX-License-Identifier: MIT", line) for line in head)


@pytest.mark.parametrize("name", [n for n in C if n.endswith(".h")])
def test_header_is_included_once(name):
    assert "#pragma once" in tree.text(name).splitlines()[:10]


def test_nothing_generated_is_tracked():
    assert not [n for n in tree.tracked() if re.search(r"\.(o|a|elf|pyc|pb\.[ch]|tar|gz|xz|whl|so)$", n)
                and not n.startswith("tests/data/")]


def lines(pattern):
    for name in tree.tracked():
        try:
            content = tree.text(name)
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(content.splitlines(), 1):
            if re.search(pattern, line):
                yield f"{name}:{number}: {line.strip()[:120]}"


def test_no_path_of_a_build_machine():
    here = re.escape(str(tree.ROOT)) + "|" if len(tree.ROOT.parts) > 2 else ""
    assert not list(lines(rf"{here}/(root|home|Users)/[a-z]"))


def test_no_registry_is_named():
    """Sources and packages come through the system's own tools, wherever those are pointed."""
    hosts = r"deb\.debian\.org|[a-z.]*debian\.org/debian|pypi\.org|pythonhosted\.org|npmjs\.(org|com)|crates\.io|proxy\.golang\.org"
    assert not list(lines(hosts))


def test_no_unfinished_business():
    assert not list(lines(r"\b(T" r"ODO|F" r"IXME|X" r"XX)\b|^\s*#\s*if\s+0\b"))


@pytest.mark.parametrize("name", [n for n in tree.tracked() if n.startswith(("layer/", "tests/", ".ci/"))
                                  and (tree.ROOT / n).stat().st_mode & 0o111])
def test_programs_say_who_runs_them(name):
    assert re.match(r"#!/(bin/sh|usr/bin/python3)\n", tree.text(name))
