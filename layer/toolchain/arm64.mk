# SPDX-License-Identifier: MIT
# musl-dev:arm64 ships aarch64-linux-musl-gcc, a wrapper around aarch64-linux-gnu-gcc.
NEEDS = build arm64
CC = $(if $(filter $(HOST),arm64),musl-gcc,aarch64-linux-musl-gcc)
BINUTILS = $(if $(filter $(HOST),arm64),,aarch64-linux-gnu-)
EXECUTE = $(if $(filter $(HOST),arm64),,qemu-aarch64-static)
include layer/toolchain/musl.mk
# It costs 200 bytes less, and they decide whether hello-minimal needs another page.
CFLAGS += -fno-move-loop-invariants
