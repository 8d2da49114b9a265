# SPDX-License-Identifier: MIT
NEEDS = build
CC = $(if $(filter $(HOST),x86_64),musl-gcc,x86_64-linux-musl-gcc)
BINUTILS = $(if $(filter $(HOST),x86_64),,x86_64-linux-gnu-)
include layer/toolchain/musl.mk
