# SPDX-License-Identifier: MIT
# mote: AWS Lambda functions in C. `make help` says what can be made; ARCH=arm64 cross-builds the same.
#
# A new .c file is found by the folder it lies in. What is rarely read is beside its subject: compilers, flags, packages and
# pinned sources in layer/toolchain/, everything that only tests need in tests/tests.mk.

MAKEFLAGS += --no-builtin-rules

HOST := $(subst aarch64,arm64,$(shell uname -m))
ARCH = $(HOST)
BUILD = build
B = $(BUILD)/$(ARCH)

HANDLER = hello
EVENT = tests/data/events/apigw-http-api.json
N = 1
PORT = 9000

# ---- what there is: a handler is handlers/NAME.c or a folder handlers/NAME/; NAME-minimal is the same without telemetry ----

objects = $(patsubst %.c,$(B)/obj/%.o,$(wildcard $1))
HANDLERS := $(sort $(patsubst handlers/%.c,%,$(wildcard handlers/*.c)) $(patsubst handlers/%/,%,$(wildcard handlers/*/)))
PROTOS := $(wildcard proto/*.proto)
MINIMAL := hello-minimal
BINARIES := $(HANDLERS) $(MINIMAL)
# In the order of who needs whom. A minimal build has the runtime alone, and never has BearSSL fetched or built.
LIBRARIES = $(B)/libmote-telemetry.a $(B)/libmote-proto.a $(B)/libmote-aws.a $(B)/libmote-tls.a $(B)/libmote-runtime.a $(B)/libbearssl.a

all: $(BINARIES:%=$(B)/%/bootstrap) ## the bootstrap of every handler (the default)

include layer/toolchain/toolchain.mk
include tests/tests.mk

# ---- libraries: the linker takes from them what a handler uses ----

$(B)/libmote-runtime.a: $(filter-out $(B)/obj/runtime/aws/% $(B)/obj/runtime/tls/%,$(call objects,runtime/*.c runtime/*/*.c))
$(B)/libmote-aws.a: $(call objects,runtime/aws/*.c)
$(B)/libmote-tls.a: $(call objects,runtime/tls/*.c)
$(B)/libmote-telemetry.a: $(call objects,telemetry/*.c telemetry/*/*.c)
$(B)/libmote-proto.a: $(PROTOS:proto/%.proto=$(B)/obj/proto/%.pb.o) $(NANOPB_C:%.c=$(B)/obj/nanopb/%.o)
$(B)/%.a: $(B)/names
	@echo "$(AR) rcsD $@" && rm -f $@ && $(AR) rcsD $@ $(filter %.o,$^)

# The arrows of the design as include paths: runtime/ cannot see telemetry/. -iquote, so that no file of ours stands before one of
# libc's that has its name.
$(B)/obj/runtime/%: INCLUDE = -iquote runtime
$(B)/obj/runtime/aws/% $(B)/obj/runtime/tls/%: INCLUDE = -iquote runtime -isystem $(BEARSSL_SRC)/inc -isystem $(BUILD)/roots
$(B)/obj/telemetry/%: INCLUDE = -iquote telemetry -iquote runtime $(PROTO_INCLUDE)
$(B)/obj/handlers/% $(B)/obj/minimal/handlers/%: INCLUDE = -iquote telemetry -iquote runtime
$(B)/obj/tests/%: INCLUDE = -iquote telemetry -iquote runtime -iquote tests $(PROTO_INCLUDE)
$(B)/obj/tests/emulator/%: INCLUDE = -iquote tests/emulator

$(B)/obj/%.o: %.c $(FLAGS) | $(GENERATED) toolchain
	@mkdir -p $(@D)
	$(CC) @$(B)/flags $(HOT) $(INCLUDE) -c -o $@ $<

$(B)/obj/minimal/%.o: %.c $(FLAGS) | $(GENERATED) toolchain
	@mkdir -p $(@D)
	$(CC) @$(B)/flags $(HOT) $(INCLUDE) -DMOTE_MINIMAL -c -o $@ $<

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# ---- bootstraps: checked before they count as made ----

.SECONDEXPANSION:
$(HANDLERS:%=$(B)/%/bootstrap.elf): $(B)/%/bootstrap.elf: $$(call objects,handlers/$$*.c handlers/$$*/*.c) $(LIBRARIES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -Wl,-Map=$(@:.elf=.map) -o $@ $^
	layer/toolchain/check-elf $(BINUTILS) $@

$(MINIMAL:%=$(B)/%/bootstrap.elf): $(B)/%-minimal/bootstrap.elf: $$(subst /obj/,/obj/minimal/,$$(call objects,handlers/$$*.c handlers/$$*/*.c)) $(B)/libmote-runtime.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -Wl,-Map=$(@:.elf=.map) -o $@ $^
	layer/toolchain/check-elf $(BINUTILS) $@

$(B)/%/bootstrap: $(B)/%/bootstrap.elf
	$(BINUTILS)strip -o $@ $<

# ---- what people call ----

$(B)/%.zip: $(B)/%/bootstrap layer/zip
	layer/zip $@ $<

zip: $(BINARIES:%=$(B)/%.zip) ## build/ARCH/NAME.zip of every handler, as Lambda takes it

# A minimal build is the same function, so it has the same _HANDLER.
FUNCTION = --bootstrap $< --handler $(HANDLER:%-minimal=%)

run: $(BUILD)/$(HOST)/$(HANDLER)/bootstrap $(BUILD)/$(HOST)/emulator ## one event through HANDLER=, with its trace; EVENT= (a file), N= (how often)
	@$(BUILD)/$(HOST)/emulator run $(FUNCTION) --event $(EVENT) -n $(N)

serve: $(BUILD)/$(HOST)/$(HANDLER)/bootstrap $(BUILD)/$(HOST)/emulator ## the same, kept running and rebuilt: Invoke API and function URL on PORT=
	@$(BUILD)/$(HOST)/emulator serve $(FUNCTION) --port $(PORT) $(addprefix --watch ,runtime telemetry handlers proto) \
		--build "make --no-print-directory $<"

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

clean: ## removes what was built, keeps what was downloaded
	rm -rf $(filter-out $(addprefix $(BUILD)/,sources venv oracles corpus),$(wildcard $(BUILD)/*))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all zip run serve help clean FORCE
