# SPDX-License-Identifier: MIT
"""What is in the files that are shipped."""

import os
import re
import shutil
import stat
import subprocess
import zipfile

import pytest
import tree

ARCHS = ["x86_64", "arm64"]
NAMES = ["hello", "hello-minimal", "echo", "httpapi"]
EVERYTHING = "tests/everything"  # calls all of otel.h (tests/integration/handlers)
LIMIT = {"hello-minimal": 48000, "hello": 320000}  # bytes; without telemetry for ever, with all of it linked

# Symbols that bring in an allocator, stdio or a lock-step of the C library that a single-threaded, malloc-free program has no use for.
NEVER = set("""malloc calloc realloc free aligned_alloc posix_memalign strdup strndup setenv putenv unsetenv getaddrinfo fopen fdopen opendir
    atexit strftime localtime gmtime qsort stdin stdout stderr printf fprintf vprintf vfprintf puts fputs putchar fwrite perror""".split())


def path(arch, name, suffix=""):
    return tree.ROOT / "build" / arch / name / f"bootstrap{suffix}"


@pytest.fixture(scope="module", params=ARCHS)
def arch(request):
    tree.make(f"ARCH={request.param}", "all", "zip", "test-handlers")
    return request.param


def readelf(*args):
    status, out, err = tree.run("readelf", "-W", *args)
    assert status == 0, err
    return out


def sections(arch, name):
    """Size of each section that is loaded, by name."""
    found = {}
    for line in readelf("-S", path(arch, name)).splitlines():
        m = re.match(r"\s*\[ *\d+\] (\S+)\s+(\S+)\s+[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) [0-9a-f]+\s+(\w*)", line)
        if m and "A" in m[4]:
            found[m[1]] = int(m[3], 16)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_is_static_and_stripped(arch, name):
    segments = readelf("-l", path(arch, name))
    assert "INTERP" not in segments and "DYNAMIC" not in segments
    assert "(EXEC" in segments or "EXEC (" in segments
    assert not re.search(r"LOAD.* RWE ", segments)
    assert ".symtab" not in readelf("-S", path(arch, name))
    assert ".debug_info" in readelf("-S", path(arch, name, ".elf"))


@pytest.mark.parametrize("name", NAMES + [EVERYTHING])
def test_has_no_allocator(arch, name):
    symbols = re.findall(r" (\S+)$", readelf("-s", path(arch, name, ".elf")), re.M)
    assert len(symbols) > 50
    assert not [s for s in symbols if re.fullmatch(r"(__libc_|__simple_)?(malloc|calloc|realloc|free)", s)]


def test_our_objects_ask_for_no_stdio_and_no_allocator(arch):
    asked = {}
    archives = [f"build/{arch}/lib{a}.a" for a in ("mote-runtime", "mote-aws", "mote-tls", "mote-telemetry", "mote-proto", "bearssl")]
    tree.make(f"ARCH={arch}", *archives)
    handlers = [str(p) for p in (tree.ROOT / "build" / arch / "obj" / "handlers").rglob("*.o")]
    for file in archives + handlers:
        for symbol in re.findall(r" UND (\S+)$", readelf("-s", file), re.M):
            asked.setdefault(symbol, file)
    assert "memcpy" in asked
    assert not {s: f for s, f in asked.items() if s in NEVER}


@pytest.mark.parametrize("name", ["hello", "hello-minimal"])
def test_is_small(arch, name):
    assert path(arch, name).stat().st_size < LIMIT[name]


@pytest.mark.parametrize("name,has", [("hello", False), ("echo", False), (EVERYTHING, True)])
def test_who_makes_no_metric_has_nothing_of_metrics(arch, name, has):
    symbols = re.findall(r" (\S+)$", readelf("-s", path(arch, name, ".elf")), re.M)
    found = {s for s in symbols if re.match(r"metric_|otel_(add|record|observe)_(int|double)|emf_|exponential_|exp2$", s)}
    assert bool(found) == has, found


@pytest.mark.parametrize("name", NAMES)
def test_sections_are_what_they_were_planned_to_be(arch, name):
    """What is written before it is used is less than a page, and the regions, event and reply in full among them, are zero pages."""
    size = sections(arch, name)
    written = [s for s in size if re.match(r"\.(data|got|init_array|fini_array|tdata)", s)]
    assert 0 < sum(size[s] for s in written) < 1024
    assert 2 * 6291556 < sum(n for s, n in size.items() if s.startswith(".bss")) < 24 << 20
    assert set(size) - set(written) <= {".init", ".start", ".text", ".fini", ".rodata", ".eh_frame", ".bss", ".bss.start", ".bss.late"}
    assert size.get(".eh_frame", 0) < 256


@pytest.mark.parametrize("name", ["hello", "hello-minimal"])
def test_what_a_start_writes_is_one_page(arch, name):
    """As far as the buffer that struct rapi ends in, of which a start writes the first 256 bytes."""
    unused = 1024 - 256
    at = {s: (int(a, 16), int(n, 16)) for s, a, n in re.findall(r"\] (\.\S+) +\S+ +(\w+) \w+ (\w+)", readelf("-SW", path(arch, name, ".elf")))}
    first, (bss, size) = at[".init_array"][0], at[".bss.start"]
    assert first // 4096 == (bss + size - unused) // 4096


def test_bearssl_is_fetched_and_built_for_who_links_it_only():
    fresh = ["make", "--no-print-directory", "-n", "BUILD=build/never-made"]
    asked = {what: tree.run(*fresh, f"build/never-made/{tree.HOST}/{what}")[1] for what in ("hello-minimal/bootstrap", "hello/bootstrap")}
    assert "hello.o" in asked["hello-minimal/bootstrap"] and "bearssl" not in asked["hello-minimal/bootstrap"]
    assert "fetch bearssl" in asked["hello/bootstrap"]


def test_minimal_has_nothing_of_telemetry(arch):
    symbols = re.findall(r" (\S+)$", readelf("-s", path(arch, "hello-minimal", ".elf")), re.M)
    assert not [s for s in symbols if re.match(r"otel|otlp|pb_|opentelemetry|span_|br_|tls_", s)]
    assert [s for s in re.findall(r" (\S+)$", readelf("-s", path(arch, "hello", ".elf")), re.M) if s.startswith("otel_")]


@pytest.mark.parametrize("name", NAMES)
def test_zip_is_what_lambda_takes(arch, name, tmp_path):
    file = tree.ROOT / "build" / arch / f"{name}.zip"
    with zipfile.ZipFile(file) as z:
        entry, = z.infolist()
        assert entry.filename == "bootstrap"
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert stat.S_IMODE(entry.external_attr >> 16) == 0o755 and stat.S_ISREG(entry.external_attr >> 16)
        assert z.read(entry) == path(arch, name).read_bytes()
    status, out, err = tree.run("unzip", "-q", file, "-d", tmp_path)
    assert status == 0, out + err
    assert stat.S_IMODE((tmp_path / "bootstrap").stat().st_mode) == 0o755


def test_zip_runs_where_it_was_unpacked(tmp_path):
    """Outside Lambda it says so in one line, and ends."""
    with zipfile.ZipFile(tree.ROOT / "build" / tree.HOST / "hello.zip") as z:
        z.extract("bootstrap", tmp_path)
    os.chmod(tmp_path / "bootstrap", 0o755)
    p = subprocess.run([tmp_path / "bootstrap"], env={}, cwd=tmp_path, capture_output=True, text=True, timeout=10)
    assert p.returncode not in (0, -11, -6)
    assert "AWS_LAMBDA_RUNTIME_API" in p.stderr


def test_zip_has_the_same_bytes_each_build():
    room = tree.ROOT / "build" / "again"
    shutil.rmtree(room, ignore_errors=True)
    tree.make("zip", "BUILD=build/again", f"MOTE_SOURCES={tree.ROOT}/build/sources/cache")
    for name in NAMES:
        first, second = (tree.ROOT / b / tree.HOST / f"{name}.zip" for b in ("build", "build/again"))
        assert first.read_bytes() == second.read_bytes()
    shutil.rmtree(room)


def test_an_allocator_would_fail_the_build(tmp_path):
    """check-elf stands at the end of each link: it must be able to fail."""
    (tmp_path / "a.c").write_text("#include <stdlib.h>\nint main(int c, char **v) { free(v); return !malloc((size_t)c); }\n")
    (tmp_path / "b.c").write_text("int main(void) { return 0; }\n")
    for source, flags, complaint in ("a.c", ["-static"], "malloc"), ("b.c", [], "INTERP"), ("b.c", ["-static"], None):
        elf = tmp_path / "elf"
        assert tree.run("musl-gcc", "-no-pie", *flags, "-o", elf, tmp_path / source)[0] == 0
        status, _, err = tree.run("layer/toolchain/check-elf", elf)
        assert (status, complaint or "") == (1 if complaint else 0, complaint if complaint and complaint in err else "")
