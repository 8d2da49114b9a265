# SPDX-License-Identifier: MIT
# Measurements. The floor is compiled, linked and stripped as the bootstraps are; the driver stands on the emulator's core.

ROUNDS = 300
WARM = 50
CANDIDATES =
JSON =

BENCH_SPAN := $(wildcard tests/bench/span.c)
BENCH_DRIVER := $(filter-out tests/bench/floor.c $(BENCH_SPAN),$(wildcard tests/bench/*.c))
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

bench-programs: $(B)/floor/bootstrap $(B)/bench/bench $(BENCH_SPAN:tests/%.c=$(B)/%)

bench: $(addprefix $(BUILD)/$(HOST)/,bench/bench $(BENCH_BOOTSTRAPS)) ## cold start and warm path beside the floor: CANDIDATES="echo" (some), ROUNDS=, JSON=1
	@$< --build $(BUILD)/$(HOST) --event $(EVENT) --rounds $(ROUNDS) --warm $(WARM) --candidates "$(CANDIDATES)" $(if $(JSON),--json)

.PHONY: bench bench-programs
