# SPDX-License-Identifier: MIT
# What only tests need: unit tests, emulator, drivers, fuzz targets; measurements are in tests/bench/bench.mk.

# ---- unit tests: one program, as musl (each ARCH) and as asan; UNITS="str json" makes it of those files only ----

UNITS = $(filter-out main,$(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c)))

$(B)/tests/unit: $(B)/obj/tests/unit/main.o $(UNITS:%=$(B)/obj/tests/unit/%.o) $(B)/obj/tests/emulator/inflate.o $(LIBRARIES) $(B)/names $(if $(filter command,$(origin UNITS)),FORCE)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^)

unit-program: $(B)/tests/unit

unit: $(B)/tests/unit ## unit tests; UNITS="str json" for some files, ARCH=asan under sanitizers, ARCH=arm64 under qemu
	$(EXECUTE) $<

# ---- programs, one file each, that may use anything in the libraries ----

$(B)/drivers/%: $(B)/obj/tests/conformance/%.o $(LIBRARIES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

drivers: $(patsubst tests/conformance/%.c,$(B)/drivers/%,$(wildcard tests/conformance/*.c)) ## programs for other people's test suites

# ---- bootstraps that only tests run: build/ARCH/tests/NAME/bootstrap ----

TEST_HANDLERS := $(patsubst tests/integration/handlers/%.c,%,$(wildcard tests/integration/handlers/*.c))

$(TEST_HANDLERS:%=$(B)/tests/%/bootstrap.elf): $(B)/tests/%/bootstrap.elf: $(B)/obj/tests/integration/handlers/%.o $(LIBRARIES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^
	layer/toolchain/check-elf $(BINUTILS) $@

test-handlers: $(TEST_HANDLERS:%=$(B)/tests/%/bootstrap)

# ---- the emulator: for the host, and nothing of runtime/ in it ----

$(B)/libemulator.a: $(filter-out %/main.o,$(call objects,tests/emulator/*.c))
$(B)/emulator: $(B)/obj/tests/emulator/main.o $(B)/libemulator.a
	$(CC) -static -no-pie -o $@ $^

include tests/bench/bench.mk

# ---- where the bytes are ----

size: $(B)/$(HANDLER)/bootstrap ## which objects the bytes of HANDLER= come from
	@tests/size $(<:=.map) $<

# ---- every object, to see what a compiler has to say: make objects WARNINGS="-Wall -Werror" ----

objects: $(call objects,$(foreach d,runtime telemetry handlers tests,$d/*.c $d/*/*.c $d/*/*/*.c))

# ---- fuzz targets: libFuzzer, always with the libraries of ARCH=asan ----

FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))

ifeq ($(ARCH),asan)
$(BUILD)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(LIBRARIES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^

fuzzers: $(FUZZERS)
else
$(BUILD)/fuzz/%: FORCE
	@$(MAKE) --no-print-directory ARCH=asan $@

fuzzers: ## builds every fuzz target as build/fuzz/NAME
	@$(MAKE) --no-print-directory ARCH=asan $@
endif

FUZZ_SECONDS = 600

fuzz: test-toolchain ## each fuzz target for FUZZ_SECONDS= (600)
	tests/run --fuzz-seconds $(FUZZ_SECONDS) fuzz

# ---- all of it ----

VENV = $(BUILD)/venv

test-toolchain:
	@layer/toolchain/install build arm64 test

venv: $(VENV)/.made
$(VENV)/.made: tests/requirements.txt | test-toolchain
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install -q --disable-pip-version-check --no-deps -r $<
	@touch $@

oracles: $(VENV)/.made
	tests/oracles $(BUILD)/oracles $(VENV)/bin/pip

test: ## every test: ends with "N passed, N failed"
	@layer/toolchain/install build arm64 test || { echo "0 passed, 1 failed"; exit 1; }
	@tests/run

SOAK = 100000

soak: $(BUILD)/$(HOST)/emulator $(BUILD)/$(HOST)/tests/everything/bootstrap $(VENV)/.made ## a sandbox that lives for SOAK= (100000) invocations with all signals
	MOTE_SOAK=$(SOAK) $(VENV)/bin/python -m pytest -q -p no:cacheprovider tests/integration/test_long_life.py

format: $(VENV)/.made ## gives all C the form of .clang-format
	$(VENV)/bin/clang-format -i $(shell git ls-files '*.c' '*.h')

.PHONY: size objects unit unit-program drivers test-handlers fuzzers fuzz test-toolchain venv oracles test soak format
