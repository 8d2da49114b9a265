# SPDX-License-Identifier: MIT
# What is tested: the same sources under clang's AddressSanitizer and UndefinedBehaviorSanitizer, with glibc, since neither
# exists for musl. Coverage is on so that the fuzz targets link the same libraries.
# The type of a called function is not looked at, which clang does from 17 on: BearSSL's classes are called as what they derive from.

NEEDS = build test
CC = clang
AR = ar
CFLAGS = -std=c11 -D_GNU_SOURCE= -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -fsanitize=address,undefined,fuzzer-no-link \
	-fno-sanitize=function
LDFLAGS = -fsanitize=address,undefined
