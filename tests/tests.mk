# SPDX-License-Identifier: MIT
# What only tests need: unit tests, emulator, drivers, fuzz targets, measurements.

# ---- unit tests: one program, as musl (each ARCH) and as asan; UNITS="str json" makes it of those files only ----

UNITS = $(filter-out main,$(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c)))

$(B)/tests/unit: $(B)/obj/tests/unit/main.o $(UNITS:%=$(B)/obj/tests/unit/%.o) $(LIBRARIES) $(if $(filter command,$(origin UNITS)),FORCE)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $(filter-out FORCE,$^)

unit: $(B)/tests/unit ## unit tests; UNITS="str json" for some files, ARCH=asan under sanitizers, ARCH=arm64 under qemu
	$(EXECUTE) $<

# ---- programs, one file each, that may use anything in the libraries ----

$(B)/drivers/%: $(B)/obj/tests/conformance/%.o $(LIBRARIES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

$(B)/bench/%: $(B)/obj/tests/bench/%.o $(LIBRARIES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

drivers: $(patsubst tests/conformance/%.c,$(B)/drivers/%,$(wildcard tests/conformance/*.c)) ## programs for other people's test suites

# ---- the emulator: for the host, and nothing of runtime/ in it ----

$(B)/emulator: $(call objects,tests/emulator/*.c)
	$(CC) -static -no-pie -o $@ $^

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

.PHONY: unit drivers fuzzers
