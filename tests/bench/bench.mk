# SPDX-License-Identifier: MIT
# Measurements: tests/bench/README.md. The floors are compiled and stripped as the bootstraps are; the driver stands on the emulator's core.

ROUNDS = 300
WARM = 50
CANDIDATES =
CANDIDATES_FILE = tests/bench/candidates
BENCH_OPTIONS =

BENCH_DRIVER := $(filter-out %/floor.c %/floor-nolibc.c %/span.c,$(wildcard tests/bench/*.c))

$(B)/floor/bootstrap.elf: $(B)/obj/tests/bench/floor.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

$(B)/floor-nolibc/bootstrap.elf: $(B)/obj/tests/bench/floor-nolibc.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -nostdlib -nostartfiles -o $@ $^

$(B)/obj/tests/bench/floor-nolibc.o: HOT = -ffreestanding

$(B)/bench/span: $(B)/obj/tests/bench/span.o $(LIBRARIES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

$(B)/bench/export: $(B)/obj/tests/bench/export/export.o $(LIBRARIES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

# The floors for what registers an extension, for what exports, and for what waits: the same source.
FLOORS = floor-registers floor-posts floor-waits

$(B)/obj/tests/bench/floor-registers.o: HOT = -DREGISTERS
$(B)/obj/tests/bench/floor-posts.o: HOT = -DPOSTS
$(B)/obj/tests/bench/floor-waits.o: HOT = -DWAITS

$(FLOORS:%=$(B)/obj/tests/bench/%.o): tests/bench/floor.c $(FLAGS) | toolchain
	@mkdir -p $(@D)
	$(CC) @$(B)/flags $(HOT) $(INCLUDE) -c -o $@ $<

$(FLOORS:%=$(B)/%/bootstrap.elf): $(B)/%/bootstrap.elf: $(B)/obj/tests/bench/%.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

$(BENCH_DRIVER:%.c=$(B)/obj/%.o): INCLUDE = -iquote tests/emulator

$(B)/bench/bench: $(BENCH_DRIVER:%.c=$(B)/obj/%.o) $(B)/libemulator.a
	@mkdir -p $(@D)
	$(CC) -static -no-pie -o $@ $^

bench-programs: $(B)/floor/bootstrap $(B)/floor-nolibc/bootstrap $(FLOORS:%=$(B)/%/bootstrap) $(B)/bench/bench $(B)/bench/span $(B)/bench/export

# What the report says was typed.
TYPED = $(strip make $@ $(MAKEOVERRIDES))
BENCH = MOTE_BENCH_COMMAND='$(subst ','\'',$(TYPED))' $(PYTHON) tests/bench/run --event $(EVENT) --rounds $(ROUNDS) --warm $(WARM) --only "$(CANDIDATES)" $(BENCH_OPTIONS)

# What is missing is a figure that is left out, with the reason.
bench-toolchain:
	@layer/toolchain/install bench || true

bench: $(BUILD)/$(HOST)/bench/bench bench-toolchain ## cold start and warm path beside the floor, a minute; CANDIDATES="mote-otlp" (some), ROUNDS=, EVENT=
	@$(BENCH) $(CANDIDATES_FILE)

bench-peers: ROUNDS = 100
bench-peers: $(BUILD)/$(HOST)/bench/bench bench-toolchain ## the same with the runtimes and SDKs for Rust, Go, Python, Node, built from their registries
	@$(BENCH) $(CANDIDATES_FILE) tests/bench/peers/candidates

# B is also the folder that everything is built in, when it is not given.
GIVEN = $(if $(filter command environment,$(origin $(1))),'$(subst ','\'',$($(1)))')

bench-compare: ## what changed beyond noise between two runs: A=old.json B=new.json
	@$(PYTHON) tests/bench/compare $(call GIVEN,A) $(call GIVEN,B)

RUN = $(BUILD)/bench/last.json

bench-report: ## table, build/bench/report.html and report.txt once more, from the last run; RUN= another run's JSON
	@$(PYTHON) tests/bench/report $(RUN)

bench-readme: ## the table of figures in README.md, from the last run; RUN= another run's JSON
	@$(PYTHON) tests/bench/report --readme README.md --summaries tests/data/bench/last.json $(RUN)

BENCH_GATE = $(addprefix $(BUILD)/$(HOST)/,bench/bench $(addsuffix /bootstrap,floor hello hello-minimal tests/workload))

bench-gate: $(BENCH_GATE) bench-toolchain ## instructions, system calls, faults, bytes beside tests/bench/counts; RENEW=1 writes that table anew
	@$(PYTHON) tests/bench/gate $(if $(RENEW),--renew)

bench-span: $(BUILD)/$(HOST)/bench/span ## a span with 4 attributes beside nanopb, and the SDKs for Rust and Go
	@tests/bench/span-peers $< $(BUILD)/bench

BENCH_EXPORT = $(addprefix $(BUILD)/$(HOST)/,bench/bench bench/export $(addsuffix /bootstrap,floor floor-registers hello))

bench-export: ROUNDS = 1000
bench-export: $(BENCH_EXPORT) ## what shipping costs: handshakes, batches beside Python and Go, answers with export on and off, sizes; ROUNDS=
	@layer/toolchain/install export || true
	@$(PYTHON) tests/bench/export/run --rounds $(ROUNDS) --warm $(WARM) $(BENCH_OPTIONS)

.PHONY: bench bench-toolchain bench-export bench-peers bench-compare bench-report bench-readme bench-gate bench-span bench-programs
