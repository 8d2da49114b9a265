# SPDX-License-Identifier: MIT
# What is shipped. Not -static-pie: Debian's musl-gcc makes a dynamic binary of it, without a word.
# noseparate-code and norelro save two pages to fault in at each cold start.

AR = $(BINUTILS)ar
CFLAGS = -std=c11 -D_GNU_SOURCE= -O2 -g -fno-omit-frame-pointer -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -fno-stack-protector
LDFLAGS = -static -no-pie -Wl,--gc-sections,-z,noseparate-code,-z,norelro,--build-id=none
