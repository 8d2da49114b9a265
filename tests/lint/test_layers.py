# SPDX-License-Identifier: MIT
"""The arrows of the design, read off the #include lines: handlers -> telemetry -> proto, runtime; base <- net <- aws <- the loop."""

import os.path
import re

import tree

PUBLIC = {"runtime/lambda.h", "runtime/lambda_str.h", "runtime/lambda_json.h", "runtime/lambda_http.h", "runtime/lambda_batch.h"}
SHARED_WITH_TELEMETRY = {"runtime/hooks.h", "runtime/version.h", "runtime/lambda_str.h", "runtime/lambda_json.h", "runtime/lambda_batch.h"}

# Where a file of a folder may look: its own folder always, and what lies below it in the design.
SEARCHED = {"runtime": ["runtime"], "telemetry": ["telemetry", "runtime"], "handlers": ["telemetry", "runtime"]}


def included(name):
    """(line number, path in the tree or None) of each #include "..." of a file."""
    for number, line in enumerate(tree.text(name).splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if not found:
            continue
        places = [os.path.dirname(name), *SEARCHED.get(name.split("/")[0], [])]
        paths = [os.path.normpath(os.path.join(place, found[1])) for place in places]
        yield number, found[1], next((p for p in paths if (tree.ROOT / p).is_file()), None)


def breaches(folder, allowed):
    names = [n for n in tree.sources(folder.split("/")[0]) if n.startswith(folder + "/")]
    assert names, f"there is nothing in {folder}/"
    return [f"{n}:{number}: {written}" for n in names for number, written, path in included(n) if not allowed(n, written, path)]


def below(path, *folders):
    return path is not None and any(path.startswith(f"{f}/") for f in folders)


def test_base_stands_on_libc():
    assert not breaches("runtime/base", lambda n, w, p: below(p, "runtime/base") or p == "runtime/lambda_str.h")


def test_net_stands_on_base():
    assert not breaches("runtime/net", lambda n, w, p: below(p, "runtime/net", "runtime/base"))


def test_json_stands_on_base_and_the_invocation_region():
    own = ("runtime/json", "runtime/base")
    assert not breaches("runtime/json", lambda n, w, p: below(p, *own) or p in PUBLIC or p == "runtime/invocation.h")


def test_http_events_stand_on_json_base_and_the_invocation_region():
    own = ("runtime/http", "runtime/json", "runtime/base")
    assert not breaches("runtime/http", lambda n, w, p: below(p, *own) or p in PUBLIC or p == "runtime/invocation.h")


def test_aws_stands_on_net_json_and_base():
    own = ("runtime/aws", "runtime/net", "runtime/base")
    assert not breaches("runtime/aws", lambda n, w, p: below(p, *own) or p == "runtime/lambda_json.h")


def test_tls_stands_on_net_and_base():
    assert not breaches("runtime/tls", lambda n, w, p: below(p, "runtime/tls", "runtime/net", "runtime/base"))


def test_bearssl_is_seen_where_it_is_used_and_in_no_header_that_others_include():
    seen = {n for n in tree.sources("runtime", "telemetry", "handlers") if "<bearssl" in tree.text(n)}
    own = {n for n in seen if n.startswith("runtime/tls/") and n != "runtime/tls/tls.h"}
    assert own and seen - own == {"runtime/aws/signing_key.c"}


def test_runtime_includes_nothing_outside():
    assert not breaches("runtime", lambda n, w, p: below(p, "runtime"))


def test_runtime_never_names_what_watches_it():
    word = re.compile(r"otel|otlp|opentelemetry", re.I)
    found = [f"{n}:{i}: {line.strip()}" for n in tree.sources("runtime") for i, line in enumerate(tree.text(n).splitlines(), 1)
             if word.search(line)]
    assert not found


def test_telemetry_stands_on_base_net_hooks_and_proto():
    def allowed(name, written, path):
        if path is None:
            return re.fullmatch(r"[a-z_]+\.pb\.h|pb(_encode|_decode|_common)?\.h", written)
        return below(path, "telemetry", "runtime/base", "runtime/net", "runtime/tls", "runtime/aws") or path in SHARED_WITH_TELEMETRY

    assert not breaches("telemetry", allowed)


def test_handlers_see_public_headers():
    def allowed(name, written, path):
        own = os.path.dirname(name)
        return path in PUBLIC or path == "telemetry/otel.h" or (own != "handlers" and below(path, own))

    assert not breaches("handlers", allowed)


def test_emulator_shares_no_code_with_what_it_checks():
    assert not breaches("tests/emulator", lambda n, w, p: below(p, "tests/emulator"))
