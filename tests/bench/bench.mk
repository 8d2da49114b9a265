# SPDX-License-Identifier: MIT
# Measurements. The floor is compiled, linked and stripped as the bootstraps are; the driver stands on the emulator's core.

ROUNDS = 1000
WARM = 50
CANDIDATES =
JSON =

BENCH_DRIVER := $(filter-out %/floor.c %/span.c,$(wildcard tests/bench/*.c))
BENCH_BOOTSTRAPS = $(addsuffix /bootstrap,floor hello hello-minimal echo)

$(B)/floor/bootstrap.elf: $(B)/obj/tests/bench/floor.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

$(B)/bench/span: $(B)/obj/tests/bench/span.o $(LIBRARIES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

$(BENCH_DRIVER:%.c=$(B)/obj/%.o): INCLUDE = -iquote tests/emulator

$(B)/bench/bench: $(BENCH_DRIVER:%.c=$(B)/obj/%.o) $(B)/libemulator.a
	@mkdir -p $(@D)
	$(CC) -static -no-pie -o $@ $^

bench-programs: $(B)/floor/bootstrap $(B)/bench/bench $(B)/bench/span

bench: $(addprefix $(BUILD)/$(HOST)/,bench/bench bench/span $(BENCH_BOOTSTRAPS)) ## cold start and warm path beside the floor; CANDIDATES="echo" (some), ROUNDS=, JSON=1
	@$< --build $(BUILD)/$(HOST) --event $(EVENT) --rounds $(ROUNDS) --warm $(WARM) --candidates "$(CANDIDATES)" $(if $(JSON),--json)
	@$(if $(JSON),:,echo && $(BUILD)/$(HOST)/bench/span)

bench-span: $(BUILD)/$(HOST)/bench/span ## a span with 4 attributes beside nanopb, and the SDKs for Rust and Go
	@tests/bench/span-peers $< $(BUILD)/bench

.PHONY: bench bench-span bench-programs
