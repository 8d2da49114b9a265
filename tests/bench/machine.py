# SPDX-License-Identifier: MIT
"""Where a run took place: without it a number is a rumour."""

import os
import pathlib
import platform
import re
import shutil
import subprocess

TOOLS = {  # name: command that says its version, and what of the answer it is
    "gcc": (["gcc", "-dumpfullversion"], r"(\S+)"),
    "musl": (["dpkg-query", "-W", "-f=${Version}\n", "musl-dev"], r"(\S+)"),
    "binutils": (["ld", "--version"], r"(\S+)$"),
    "strace": (["strace", "--version"], r"version (\S+)"),
    "valgrind": (["valgrind", "--version"], r"valgrind-(\S+)"),
    "rustc": (["rustc", "--version"], r"rustc (\S+)"),
    "go": (["go", "version"], r"go(\d\S+)"),
    "python": (["python3", "--version"], r"Python (\S+)"),
    "node": (["node", "--version"], r"v(\S+)"),
}


def arch():
    return {"aarch64": "arm64"}.get(platform.machine(), platform.machine())


def said(command, pattern, **where):
    if not shutil.which(command[0]):
        return None
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, **where)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(pattern, done.stdout.strip().partition("\n")[0])
    return found[1] if found and done.returncode == 0 else None


def versions(root):
    found = {"mote": said(["git", "describe", "--always", "--dirty"], r"(\S+)", cwd=root)}
    found.update({name: said(*how) for name, how in TOOLS.items()})
    return {name: version for name, version in found.items() if version}


def from_file(path, pattern):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(encoding="utf-8"), re.M)
    except OSError:
        return None
    return found[1] if found else None


def describe():
    memory = from_file("/proc/meminfo", r"^MemTotal:\s+(\d+) kB")
    return {"cpu": from_file("/proc/cpuinfo", r"^(?:model name|CPU part)\s*: (.+)$") or "unknown", "cores": len(os.sched_getaffinity(0)),
            "memory_mb": int(memory) // 1024 if memory else None, "kernel": platform.release(),
            "system": from_file("/etc/os-release", r'^PRETTY_NAME="(.+)"$') or platform.system(), "arch": arch(),
            "hypervisor": bool(from_file("/proc/cpuinfo", r"^flags\s*:.*\b(hypervisor)\b"))}
