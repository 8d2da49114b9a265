# SPDX-License-Identifier: MIT
"""What compilers and cppcheck have to say. Objects go to folders of their own, kept from run to run: one that is there was clean."""

import os
import pathlib
import re

import pytest
import tree

STRICT = "-Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wvla"
ROOM = "build/strict"


@pytest.mark.parametrize("compiler,arch", [("gcc", tree.HOST), ("gcc", "arm64"), ("clang", "asan")])
def test_no_warning(compiler, arch):
    sources = os.path.join(tree.ROOT, "build/sources/cache")
    status, out, err = tree.run("make", "--no-print-directory", "-k", f"-j{os.cpu_count()}", f"ARCH={arch}", f"BUILD={ROOM}",
                                f"WARNINGS={STRICT}", f"MOTE_SOURCES={sources}", "objects", timeout=600)
    said = [line for line in err.splitlines() if re.search(r": (fatal )?(error|warning):", line)]
    assert status == 0, "\n".join(said or [out[-2000:], err[-4000:]])
    made = list(pathlib.Path(tree.ROOT, ROOM, arch, "obj").rglob("*.o"))
    assert len([o for o in made if "/proto/" not in str(o) and "/nanopb/" not in str(o)]) >= len(
        [n for n in tree.sources("runtime", "telemetry", "handlers") if n.endswith(".c")])


@pytest.mark.parametrize("folder", ["runtime", "telemetry", "handlers", "tests/emulator", "tests/unit"])
def test_cppcheck(folder):
    include = ["-Itests/emulator"] if folder == "tests/emulator" else ["-Iruntime", "-Itelemetry", "-Itests", "-Ibuild/proto"]
    # internalAstError: cppcheck 2.10 cannot read a compound literal in a conditional. The other says that 2.17 could look longer.
    status, _, err = tree.run("cppcheck", "-q", "--std=c11", "--language=c", "--enable=warning,performance,portability",
                              "--error-exitcode=1", "--inline-suppr", "--suppress=missingIncludeSystem", "--suppress=internalAstError",
                              "--suppress=normalCheckLevelMaxBranches", "--template=gcc", *include, folder)
    assert status == 0, err
