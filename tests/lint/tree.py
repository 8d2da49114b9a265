# SPDX-License-Identifier: MIT
"""The checked-in tree, and commands run in it."""

import os
import pathlib
import platform
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOST = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())


def tracked():
    """Paths of all files in git, relative to the root; those that are new and not ignored count too."""
    p = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                       capture_output=True, timeout=60)
    return sorted(n for n in p.stdout.decode().split("\0") if n and (ROOT / n).exists())


def sources(*folders, suffixes=(".c", ".h")):
    return [n for n in tracked() if n.endswith(suffixes) and n.split("/")[0] in folders]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def run(*args, stdin="", timeout=300):
    """Exit status, standard output, standard error."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    p = subprocess.run([str(a) for a in args], cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=timeout, env=env)
    return p.returncode, p.stdout, p.stderr


def make(*args, timeout=600):
    status, out, err = run("make", "--no-print-directory", f"-j{os.cpu_count()}", *args, timeout=timeout)
    if status != 0:
        said = [line for line in err.splitlines() if re.search(r"error|undefined|allocator|\*\*\*", line)]
        pytest.fail(f"make {' '.join(args)}\n" + "\n".join(said[:20]), pytrace=False)
    return out
