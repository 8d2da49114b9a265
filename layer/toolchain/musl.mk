# SPDX-License-Identifier: MIT
# What is shipped. Not -static-pie: Debian's musl-gcc makes a dynamic binary of it, without a word.
# noseparate-code and norelro save two pages to fault in at each cold start; -fno-pie keeps tables of pointers read-only,
# where Debian's default would have them relocated, and so written to. -Os starts as fast as -O2, records spans as
# fast, and is a sixth smaller; nanopb's encoder, which only tests/bench/span.c measures against, is given its best.

AR = $(BINUTILS)ar
CFLAGS = -std=c11 -D_GNU_SOURCE= -Os -fno-pie -g -fno-omit-frame-pointer -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -fno-stack-protector
LDFLAGS = -static -no-pie -T layer/toolchain/start.ld -T layer/toolchain/late.ld \
	-Wl,--gc-sections,-z,noseparate-code,-z,norelro,--build-id=none

$(B)/obj/nanopb/pb_encode.o: HOT = -O2
# A frame pointer in every function of BearSSL is 2 kB.
BEARSSL_CFLAGS = -fomit-frame-pointer
