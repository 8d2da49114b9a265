# SPDX-License-Identifier: MIT
"""What compilers and cppcheck have to say."""

import os
import re

import pytest
import tree

WARNINGS = "-Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wvla"
ROOM = "build/strict"
LOOK = "CFLAGS=-std=c11 -D_GNU_SOURCE= -fsyntax-only"

# The first compiles as we ship, since some warnings come from optimisers; its objects stay, and one that is there was clean. The
# others look: clang with glibc's headers, and arm64 for its unsigned char.
# The roots are made by a program, which those that only look cannot make.
BRSSL = f"build/{tree.HOST}/brssl"
LOOKING = [LOOK, f"HOST_BRSSL={BRSSL}"]
COMPILERS = {"gcc": [f"ARCH={tree.HOST}"], "gcc-arm64": ["ARCH=arm64", *LOOKING], "clang": ["ARCH=asan", *LOOKING]}


@pytest.mark.parametrize("compiler", COMPILERS)
def test_no_warning(compiler):
    tree.make(BRSSL)
    status, out, err = tree.run("make", "--no-print-directory", "-k", f"-j{os.cpu_count()}", f"BUILD={ROOM}", *COMPILERS[compiler],
                                f"WARNINGS={WARNINGS}", f"MOTE_SOURCES={tree.ROOT}/build/sources/cache", "objects", timeout=600)
    said = [line for line in err.splitlines() if re.search(r": (fatal )?(error|warning):", line)]
    assert status == 0, "\n".join(said[:20] or [out[-2000:], err[-4000:]])
    ours = tree.sources("runtime", "telemetry", "handlers", "tests", suffixes=(".c",))
    if compiler == "gcc":
        seen = [n for n in ours if (tree.ROOT / ROOM / tree.HOST / "obj" / n).with_suffix(".o").exists()]
    else:
        seen = [n for n in ours if f" {n}\n" in out]
    assert seen == ours


# internalAstError: cppcheck 2.10 cannot read a compound literal in a conditional. normalCheckLevelMaxBranches: 2.17 could look longer.
QUIET = ["missingIncludeSystem", "internalAstError", "normalCheckLevelMaxBranches", "*:build/*"]

# A unit test need not survive an empty heap. uninitvar: 2.10 takes an array that the callee fills, and a struct handed to a function
# that it cannot see, for unset; gcc tells them apart, and is asked above.
QUIET_IN_TESTS = ["nullPointerOutOfMemory", "nullPointerArithmeticOutOfMemory", "uninitvar", "legacyUninitvar"]


@pytest.mark.parametrize("folder", ["runtime", "telemetry", "handlers", "tests/emulator", "tests/unit"])
def test_cppcheck(folder):
    include = ["tests/emulator"] if folder == "tests/emulator" else [
        "runtime", "telemetry", "tests", "build/proto", "build/sources/nanopb"]
    quiet = QUIET + (QUIET_IN_TESTS if folder == "tests/unit" else [])
    status, _, err = tree.run("cppcheck", "-q", "--std=c11", "--language=c", "--enable=warning,performance,portability",
                              "--error-exitcode=1", "--inline-suppr", "--template=gcc", *[f"--suppress={q}" for q in quiet],
                              *[f"-I{i}" for i in include], folder)
    assert status == 0, err
