# SPDX-License-Identifier: MIT
"""Public headers: each alone, in both languages, and nothing in the user's namespace that has not our prefix."""

import json
import re

import pytest
import tree

HEADERS = {"lambda.h": "runtime", "lambda_json.h": "runtime", "lambda_http.h": "runtime", "otel.h": "telemetry"}
INCLUDE = ["-Iruntime", "-Itelemetry"]
PREFIX = re.compile(r"(lambda|LAMBDA|otel|OTEL|mote|MOTE)_\w+")
WARNINGS = "-Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes".split()

# -Wmissing-prototypes is an error for C++ in gcc, and a warning in clang: both ask for a declaration.
COMPILERS = {
    "gcc-c11": ["gcc", "-xc", "-std=c11", *WARNINGS, "-Wvla"],
    "musl-c11": ["musl-gcc", "-xc", "-std=c11", *WARNINGS, "-Wvla"],
    "clang-c11": ["clang", "-xc", "-std=c11", *WARNINGS, "-Wvla"],
    "clang-c++17": ["clang", "-xc++", "-std=c++17", *WARNINGS],
}


@pytest.mark.parametrize("minimal", [[], ["-DMOTE_MINIMAL"]], ids=["", "minimal"])
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("header", HEADERS)
def test_header_compiles_alone(header, compiler, minimal):
    status, _, err = tree.run(*COMPILERS[compiler], *INCLUDE, *minimal, "-fsyntax-only", "-", stdin=f'#include "{header}"\n')
    assert status == 0, err


@pytest.mark.parametrize("compiler", COMPILERS)
def test_headers_compile_together(compiler):
    both = "".join(f'#include "{h}"\n' for h in [*HEADERS, *reversed(HEADERS)])
    status, _, err = tree.run(*COMPILERS[compiler], *INCLUDE, "-fsyntax-only", "-", stdin=both)
    assert status == 0, err


def own_and_system_headers(header):
    """The system headers that a header reaches, directly or through ours, as one text of #include lines."""
    seen, waiting, system = set(), [header], []
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        folder = next(f for f in ("runtime", "telemetry") if (tree.ROOT / f / name).is_file())
        content = tree.text(f"{folder}/{name}")
        waiting += re.findall(r'^\s*#\s*include\s*"([^"]+)"', content, re.M)
        system += re.findall(r"^\s*#\s*include\s*<([^>]+)>", content, re.M)
    return "".join(f"#include <{s}>\n" for s in system)


def macros(source):
    status, out, err = tree.run("clang", "-xc", "-std=c11", *INCLUDE, "-dM", "-E", "-", stdin=source)
    assert status == 0, err
    return set(re.findall(r"^#define (\w+)", out, re.M))


def names(source):
    """Every name of file scope: struct, union and enum tags at any depth belong to it in C."""
    status, out, err = tree.run("clang", "-xc", "-std=c11", *INCLUDE, "-fsyntax-only", "-Xclang", "-ast-dump=json", "-",
                                stdin=source)
    assert status == 0, err
    found = set()

    def walk(node, at_file_scope):
        for child in node.get("inner", []):
            kind = child.get("kind", "")
            if child.get("isImplicit"):  # the compiler's own: __int128_t, __builtin_strlen
                continue
            if kind in ("RecordDecl", "EnumDecl", "EnumConstantDecl") or at_file_scope and kind.endswith("Decl"):
                found.add(child.get("name"))
            if kind in ("RecordDecl", "EnumDecl", "FieldDecl"):
                walk(child, False)

    walk(json.loads(out), True)
    return found - {None}


def unprefixed(found):
    return sorted(n for n in found if not PREFIX.fullmatch(n))


@pytest.mark.parametrize("header", HEADERS)
def test_macros_have_our_prefix(header):
    ours = macros(f'#include "{header}"\n') - macros(own_and_system_headers(header))
    assert ours and not unprefixed(ours)


@pytest.mark.parametrize("header", HEADERS)
def test_names_have_our_prefix(header):
    ours = names(f'#include "{header}"\n') - names(own_and_system_headers(header))
    assert ours and not unprefixed(ours)


def test_an_unprefixed_name_would_be_found():
    """The two checks above read compilers' dumps: they must be able to fail."""
    assert unprefixed(names("struct lambda_x { struct inner { int i; } x; enum { CONSTANT } y; }; typedef int word;")) == [
        "CONSTANT", "inner", "word"]
    assert unprefixed(macros("#define LAMBDA_X 1\n#define X 1\n") - macros("")) == ["X"]
