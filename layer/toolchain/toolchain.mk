# SPDX-License-Identifier: MIT
# Compilers and flags, pinned sources, generated code. ARCH picks a file: x86_64.mk, arm64.mk (both musl.mk), asan.mk.

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wvla

include layer/toolchain/$(ARCH).mk

# Debian packages; takes 10 ms when nothing is missing.
toolchain:
	@layer/toolchain/install $(NEEDS)

# Written when their content changes: the flags, for a short compiler line to read and objects that follow their flags; and the
# names of all sources, so that what was made of a file that is gone is made anew.
$(B)/flags: content = $(CFLAGS) $(WARNINGS) -MD -MP
$(B)/names: content = $(wildcard $(foreach d,runtime telemetry tests,$d/*.c $d/*/*.c))
$(B)/flags $(B)/names: FORCE
	@mkdir -p $(@D)
	@echo '$(content)' | cmp -s - $@ || echo '$(content)' >$@

FLAGS = $(B)/flags $(wildcard layer/toolchain/*.mk)

# Any other ARCH is another run of make: build/arm64/hello/bootstrap can be asked for without ARCH=arm64.
define other_arch
$(BUILD)/$1/%: FORCE
	@$$(MAKE) --no-print-directory ARCH=$1 $$@
endef
$(foreach a,$(filter-out $(ARCH),x86_64 arm64 asan),$(eval $(call other_arch,$a)))

# ---- pinned sources: a row of layer/toolchain/pins each ----

SOURCES = $(BUILD)/sources

$(SOURCES)/%/.pin: layer/toolchain/pins layer/toolchain/fetch | toolchain
	layer/toolchain/fetch $* $(SOURCES)

# ---- BearSSL: what is used of it, by its own makefile, so that a new name is all that a new use asks for ----

BEARSSL_SRC = $(SOURCES)/bearssl
BEARSSL_OBJECTS = sha2small hmac dec32be enc32be enc64be
BEARSSL_PIN = $(if $(filter $(SOURCES)/%,$(BEARSSL_SRC)),$(BEARSSL_SRC)/.pin)

$(call objects,runtime/aws/*.c): | $(BEARSSL_PIN)

# -O2: hashing is what a flush waits for. The objects are made anew when flags or names change, which the makefile cannot know.
$(B)/libbearssl.a: BUILT = $(BEARSSL_OBJECTS:%=$(abspath $B)/bearssl/obj/%.o)
$(B)/libbearssl.a: $(BEARSSL_PIN) $(FLAGS)
	@rm -rf $(B)/bearssl $@ && mkdir -p $(B)/bearssl/obj
	$(MAKE) -s -C $(BEARSSL_SRC) BUILD=$(abspath $B)/bearssl CC='$(CC)' CFLAGS='$(CFLAGS) -O2 -w' $(BUILT)
	@echo "$(AR) rcsD $@" && $(AR) rcsD $@ $(BUILT)

# ---- libdeflate: its sources are part of the two files that include them ----

LIBDEFLATE = $(SOURCES)/libdeflate

$(B)/obj/telemetry/export/deflate.o $(B)/obj/tests/emulator/inflate.o: HOT = -isystem $(LIBDEFLATE)
$(B)/obj/telemetry/export/deflate.o $(B)/obj/tests/emulator/inflate.o: | $(LIBDEFLATE)/.pin

# ---- the OTLP schema: nanopb's generator and runtime come out of the same tarball, so they always fit ----

NANOPB = $(SOURCES)/nanopb
NANOPB_C = pb_common.c pb_encode.c pb_decode.c
GENERATED = $(BUILD)/proto/.made

# These options change what pb.h declares: everything that includes it needs all of them.
PROTO_INCLUDE = -isystem $(BUILD)/proto -isystem $(NANOPB) -DPB_BUFFER_ONLY -DPB_NO_ERRMSG

# The system's Python, because Debian's packages are for it: a virtual environment must not disturb the build.
PYTHON = /usr/bin/python3

$(GENERATED): $(PROTOS) $(wildcard proto/*.options) $(NANOPB)/.pin | toolchain
	@mkdir -p $(@D)
	$(if $(PROTOS),$(PYTHON) $(NANOPB)/generator/nanopb_generator.py --quiet --error-on-unmatched -I proto -D $(@D) $(PROTOS))
	@touch $@

$(BUILD)/proto/%.pb.c: $(GENERATED) ;

# Third-party code: our flags, not our warnings.
$(B)/obj/proto/%.o: $(BUILD)/proto/%.c $(FLAGS)
	@mkdir -p $(@D)
	$(CC) @$(B)/flags -w $(PROTO_INCLUDE) -c -o $@ $<

$(B)/obj/nanopb/%.o: $(NANOPB)/.pin $(FLAGS)
	@mkdir -p $(@D)
	$(CC) @$(B)/flags $(HOT) -w $(PROTO_INCLUDE) -c -o $@ $(NANOPB)/$*.c

.PHONY: toolchain
