# SPDX-License-Identifier: MIT
"""Nothing is kept for tests alone: what a private header declares is used by what is shipped."""

import re

import tree

FOLDERS = ("runtime", "telemetry", "handlers")
PUBLIC = re.compile(r"(runtime/lambda\w*|telemetry/otel\w*)\.h")

# Doors for tests alone: resets, looks inside, and steps that published vectors or a fuzzer are about.
FOR_TESTS = {
    "date_read_amz",
    "metric_ignored_count",
    "otlp_forget",
    "otlp_json_wire",
    "pem_read",
    "recorder_spool",
    "recorder_spool_empty",
    "sigv4_derive",
    "trigger_detect",
    "trigger_options_forget",
}


def without_comments(source):
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(\\.|[^"\\\n])*"', "", source, flags=re.S)


def declared(header):
    """Functions that a header declares and does not define: at the left margin, up to the semicolon."""
    return re.findall(r"^(?:[a-z_][\w ]*[ *])([a-z_]\w*)\([^;{}]*\)[^;{}]*;", without_comments(header), re.M)


def unused(headers, sources):
    """Every definition has one mention; what is used has another one, in its own file or elsewhere."""
    mentions = {}
    for source in sources:
        for name in re.findall(r"\b[a-z_]\w*\b", without_comments(source)):
            mentions[name] = mentions.get(name, 0) + 1
    return sorted({name for header in headers for name in declared(header) if mentions.get(name, 0) < 2})


def test_what_is_declared_is_used():
    names = tree.sources(*FOLDERS)
    public = [n for n in names if PUBLIC.fullmatch(n)]
    headers = [tree.text(n) for n in names if n.endswith(".h") and n not in public]
    sources = [tree.text(n) for n in names if n.endswith(".c")]
    # What is inline in a header is a use of what it calls.
    inline = [body for h in headers + [tree.text(n) for n in public] for body in re.findall(r"^\{\n.*?^\}", h, re.M | re.S)]
    found = unused(headers, sources + inline)
    assert found == sorted(FOR_TESTS)


def test_what_is_not_used_would_be_found():
    header = "int used(void);\nstruct thing *unused(int a,\n    int b); /* used(unused) */\nstatic inline int in(void)\n{\n\treturn 0;\n}\n"
    assert declared(header) == ["used", "unused"]
    assert unused([header], ["int used(void) { return 0; }\nint unused(void) { return used(); }\n// unused\n"]) == ["unused"]
