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
$(B)/flags $(B)/names $(BUILD)/roots/choice: FORCE
	@mkdir -p $(@D)
	@echo '$(content)' | cmp -s - $@ || echo '$(content)' >$@

FLAGS = $(B)/flags $(wildcard layer/toolchain/*.mk layer/toolchain/*.ld)

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

# ---- BearSSL: all of it, by its own makefile; the linker takes what is used ----

BEARSSL_SRC = $(SOURCES)/bearssl
BEARSSL_PIN = $(if $(filter $(SOURCES)/%,$(BEARSSL_SRC)),$(BEARSSL_SRC)/.pin)
# -O2 for the body's hash and where the compiler vectorises. P-256 with its loops unrolled makes a handshake of 3.1 ms one of 1.9 (a chain of RSA: of 1.35
# one of 1.1), and 7 kB more. The rest of a handshake takes no longer with -Os.
BEARSSL_O2 = sha2small chacha20_ct ccopy
BEARSSL_O3 = ec_p256_m31

$(call objects,runtime/aws/*.c runtime/tls/*.c): | $(BEARSSL_PIN)

# The kernel's random numbers and the time are given to it (runtime/tls/tls.c), so it needs none of its own. Its objects are made anew when
# flags change, which its makefile cannot know.
BEARSSL_MAKE = $(MAKE) -s $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc)) -C $(BEARSSL_SRC) BUILD=$(abspath $B)/bearssl CC='$(CC)' AR='$(AR)'
BEARSSL_FLAGS = $(CFLAGS) $(BEARSSL_CFLAGS) -w -DBR_USE_URANDOM=0 -DBR_USE_GETENTROPY=0 -DBR_RDRAND=0 -DBR_USE_UNIX_TIME=0
$(B)/libbearssl.a: $(BEARSSL_PIN) $(FLAGS)
	@rm -rf $(B)/bearssl $@ && mkdir -p $(B)/bearssl/obj
	+$(BEARSSL_MAKE) CFLAGS='$(BEARSSL_FLAGS) -O2' $(BEARSSL_O2:%=$(abspath $B)/bearssl/obj/%.o)
	+$(BEARSSL_MAKE) CFLAGS='$(BEARSSL_FLAGS) -O3' $(BEARSSL_O3:%=$(abspath $B)/bearssl/obj/%.o)
	+$(BEARSSL_MAKE) CFLAGS='$(BEARSSL_FLAGS)' lib
	@echo "$(AR) rcsD $@" && $(AR) rcsD $@ $(B)/bearssl/obj/*.o

# ---- roots: which certificates a TLS peer's must lead to; `make ROOTS=mozilla` for all that browsers trust ----

ROOTS = default
ROOTS_DIR = /usr/share/ca-certificates/mozilla
ROOTS_default = $(addprefix $(ROOTS_DIR)/,Amazon_Root_CA_1.crt Amazon_Root_CA_2.crt Amazon_Root_CA_3.crt Amazon_Root_CA_4.crt \
	Starfield_Services_Root_Certificate_Authority_-_G2.crt DigiCert_Global_Root_G2.crt \
	ISRG_Root_X1.crt ISRG_Root_X2.crt GTS_Root_R1.crt GTS_Root_R4.crt)
ROOTS_mozilla = $(sort $(wildcard $(ROOTS_DIR)/*.crt))
ROOTS_FILES = $(or $(ROOTS_$(ROOTS)),$(error ROOTS=$(ROOTS): it is default or mozilla, and certificates must be in $(ROOTS_DIR)))
ROOTS_TABLE = $(BUILD)/roots/roots_built_in.h
HOST_BRSSL = $(BUILD)/$(HOST)/brssl

ifeq ($(ARCH),$(HOST))
$(HOST_BRSSL): $(BUILD)/$(HOST)/libbearssl.a
	$(MAKE) -s -C $(BEARSSL_SRC) BUILD=$(abspath $(@D))/bearssl CC='$(CC)' CFLAGS='-O1 -w' LD='$(CC)' LDFLAGS='-static -no-pie' tools
	@mv $(@D)/bearssl/brssl $@
endif

$(ROOTS_TABLE): $(HOST_BRSSL) $(BUILD)/roots/choice
	$(HOST_BRSSL) ta $(ROOTS_FILES) >$@ 2>$(@D)/log || { cat $(@D)/log >&2; exit 1; }

$(BUILD)/roots/choice: content = $(ROOTS_FILES)
$(BUILD)/roots/choice: | toolchain
$(B)/obj/runtime/tls/roots.o: $(ROOTS_TABLE)

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
