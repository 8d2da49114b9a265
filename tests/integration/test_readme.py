# SPDX-License-Identifier: MIT
"""What the README says is so: its function compiles and answers, its commands exist, its paths and figures are true."""

import re
import shlex
import subprocess

import pytest
from conftest import ARCH, BUILD, EVENTS, ROOT, built

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.M | re.S)
PROSE = re.sub(r"^```.*?^```", "", README, flags=re.M | re.S)
CODE = re.findall(r"`([^`\n]+)`", PROSE)
SHELL = [
    line.partition(" #")[0].strip()
    for kind, text in BLOCKS
    if kind == "sh"
    for line in text.splitlines()
    if line.strip()
]
MAKES = [line for line in SHELL + CODE if re.match(r"make\b", line)]


def run(*argv, **more):
    return subprocess.run(
        [str(a) for a in argv],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **more,
    )


EXPORTERS = {"otlp/stdout", "otlp/sigv4"}  # names of OTEL_TRACES_EXPORTER, which look like paths


def test_it_fits_two_screens():
    figures = re.search(r"<!-- figures: .*<!-- end of figures -->", README, re.S)[0]  # as many rows as there were candidates
    assert len(README.splitlines()) - len(figures.splitlines()) <= 120
    assert all(len(line) <= 140 for line in README.splitlines())


def test_it_says_in_one_sentence_what_this_is():
    title, sentence = README.split("\n\n")[:2]
    assert title == "# mote" and re.fullmatch(r"An? [^.]*\.( [^.]*)?", sentence.replace("\n", " "))


def test_both_commands_stand_on_the_first_screen():
    first = "\n".join(README.splitlines()[:40])
    assert "make run" in first and "make test" in first


def test_the_function_compiles_without_a_warning_and_answers(tmp_path):
    (source,) = [text for kind, text in BLOCKS if kind == "c"]
    assert len(source.splitlines()) <= 40
    file, program = tmp_path / "function.c", tmp_path / "bootstrap"
    file.write_text(source)
    libraries = [built(f"lib{name}.a") for name in ("mote-telemetry", "mote-proto", "mote-aws", "mote-tls", "mote-runtime", "bearssl")]
    done = run(
        "musl-gcc",
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Wshadow",
        "-Wconversion",
        "-Werror",
        "-Iruntime",
        "-Itelemetry",
        "-static",
        "-no-pie",
        "-o",
        program,
        file,
        *libraries,
    )
    assert done.returncode == 0, done.stderr
    done = run(built("emulator"), "run", "--bootstrap", program, "--event", EVENTS / "apigw-http-api.json")
    assert done.returncode == 0 and "Hello, mote!" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("command", sorted(set(MAKES)))
def test_make_knows_what_it_is_asked_for(command):
    command = command.replace("NAME", "hello").replace("ARCH/", f"{ARCH}/")
    done = run("make", "-n", *shlex.split(command)[1:])
    assert done.returncode == 0, done.stderr


def test_make_help_has_every_command():
    listed = run("make", "help").stdout
    for command in MAKES:
        target = [word for word in shlex.split(command)[1:] if re.fullmatch(r"[a-z-]+", word)]
        assert all(re.search(rf"^make {t}\b", listed, re.M) for t in target), command


@pytest.mark.parametrize("path", sorted({c for c in CODE if re.fullmatch(r"[a-z]+(/[\w.-]+)+/?", c) and c not in EXPORTERS}))
def test_a_path_that_is_named_exists(path):
    assert (ROOT / path.replace("NAME", "hello")).exists()


@pytest.mark.parametrize(
    "variable", sorted({c.partition("=")[0] for c in CODE if re.match(r"(OTEL|AWS|LAMBDA)_[A-Z_]+", c)})
)
def test_a_variable_that_is_named_is_read(variable):
    sources = [f.read_text() for folder in ("runtime", "telemetry") for f in (ROOT / folder).rglob("*.c")]
    names = {name for s in sources for name in re.findall(r'"([A-Z_]+)"', s)}
    assert variable in names or any(len(n) > 10 and n[-1] == "_" and variable.startswith(n) for n in names)


@pytest.mark.parametrize(
    "header,name",
    [
        ("runtime/lambda.h", "LAMBDA_PAYLOAD_MAX"),
        ("runtime/lambda.h", "LAMBDA_LOG_MAX"),
        ("telemetry/otel.h", "OTEL_OPEN_MAX"),
    ],
)
def test_limits_are_those_of_the_headers(header, name):
    value = re.search(rf"#define {name} (\d+)", (ROOT / header).read_text())[1]
    limits = PROSE.partition("## Limits")[2].partition("## ")[0].replace("\u00a0", "").replace(" ", "")
    assert value in limits


def test_figures_stand_beside_the_command_that_measured_them():
    assert re.search(r"make bench", README)
    assert re.search(r"^\|.*\|$", README, re.M) or re.search(r"^(hello|floor)\b.*\d", README, re.M)
    assert not re.search(r"^[A-Z]+$", README, re.M), "a word that stands for something that was to be put here"


def test_the_binary_is_as_small_as_it_says():
    for name, limit in re.findall(r"`(hello[\w-]*)`[^.]{0,60}under (\d+) kB", README):
        assert (BUILD / ARCH / name / "bootstrap").stat().st_size < int(limit) * 1000
