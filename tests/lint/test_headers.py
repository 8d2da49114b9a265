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
    "gcc-c++17": ["g++", "-xc++", "-std=c++17", *WARNINGS[:-1], "-Wmissing-declarations"],
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


# What is a macro, or inline, is compiled where it is used.
USE = """
#include "lambda.h"
#include "otel.h"

static void observe(struct otel_observer *to, void *data)
{
	otel_observe_int(to, *(const int64_t *)data, NULL, 0);
}

static int64_t calls;
static const double bounds[] = { 1, 2 };
static struct otel_instrument counter = OTEL_COUNTER("calls", "{call}", "Calls");
static struct otel_instrument spread = OTEL_HISTOGRAM_BOUNDS(OTEL_METRIC_DOUBLE, "spread", "s", "", bounds);
static struct otel_instrument seen = OTEL_OBSERVED(OTEL_METRIC_GAUGE, OTEL_METRIC_INT, "seen", "", "", observe, &calls);

static int handle(struct lambda_call *call)
{
	OTEL_SPAN(block, "block");
	struct otel_span *span = OTEL_HERE(otel_start("inner"));
	const struct otel_attr attrs[] = { otel_attr_str("s", "v", 1), otel_attr_bool("b", true), otel_attr_double("d", 1) };
	const int64_t numbers[] = { 1, 2 };
	struct otel_batch batch = otel_batch_of(call);

	otel_set_ints(span, "numbers", numbers, 2);
	otel_set_pairs(block, "pairs", attrs, 3);
	otel_add_event(span, "event", attrs, 3);
	otel_exception(span, "Type", "message", 7);
	otel_end(span);
	otel_add(&counter, ++calls);
	otel_record_double(&spread, 0.5, attrs, 3);
	otel_log(OTEL_LOG_INFO, "text", 4);
	otel_log_event(OTEL_LOG_INFO, "event", attrs, 3);
	otel_baggage_set("key", "value", 5);
	while (otel_message(&batch))
		otel_message_failed(&batch, "Type", "message", 7);
	lambda_log(LAMBDA_INFO, "%d", 1);
	return lambda_get(call, "a").n ? 0 : lambda_fail(call, "None", "%s", "there is none");
}

int main(int argc, char **argv)
{
	static const struct lambda_function functions[] = { { "handle", handle }, { NULL, NULL } };
	struct lambda_app app = { functions, NULL, OTEL_HOOKS };

	otel_observe(&seen);
	return lambda_run(&app, argc, argv);
}
"""


@pytest.mark.parametrize("minimal", [[], ["-DMOTE_MINIMAL"]], ids=["", "minimal"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_users_get_no_warning(compiler, minimal):
    status, _, err = tree.run(*COMPILERS[compiler], *INCLUDE, *minimal, "-fsyntax-only", "-", stdin=USE)
    assert status == 0, err


@pytest.mark.parametrize("compiler", COMPILERS)
def test_what_takes_literals_takes_nothing_else(compiler):
    """A pointer measured by sizeof would be a text of seven bytes."""
    for macro in 'lambda_str s = LAMBDA_STR({});', 'struct otel_instrument i = OTEL_COUNTER({}, "", "");':
        for text, status in ('"literal"', 0), ("pointer", 1):
            source = '#include "lambda.h"\n#include "otel.h"\n'
            source += f'int main(void) {{ const char *pointer = ""; {macro.format(text)} return !pointer; }}\n'
            done, _, err = tree.run(*COMPILERS[compiler], "-Wno-unused", *INCLUDE, "-fsyntax-only", "-", stdin=source)
            assert (done != 0) == status, err


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


def test_names_keep_clear_of_those_of_a_c_sdk_to_come():
    """They would be otel_span_* and otel_tracer_*."""
    ours = names('#include "otel.h"\n') | macros('#include "otel.h"\n')
    assert "otel_start" in ours and not [n for n in ours if re.match(r"otel_(span|tracer|meter|logger)_", n)]


def test_an_unprefixed_name_would_be_found():
    """The two checks above read compilers' dumps: they must be able to fail."""
    assert unprefixed(names("struct lambda_x { struct inner { int i; } x; enum { CONSTANT } y; }; typedef int word;")) == [
        "CONSTANT", "inner", "word"]
    assert unprefixed(macros("#define LAMBDA_X 1\n#define X 1\n") - macros("")) == ["X"]
