// SPDX-License-Identifier: MIT
// Protobuf's wire format, read only: fields of a message one after the other, nothing known about their meaning.
// Written for the emulator alone, so that the encoder under test is judged by code that it does not share.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A slice borrows bytes that it never owns; it is not NUL-terminated.
struct slice {
	const char *p;
	size_t n;
};

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_BYTES = 2,
	WIRE_GROUP = 3,
	WIRE_GROUP_END = 4,
	WIRE_FIXED32 = 5
};

struct field {
	uint32_t number;
	enum wire_type type;
	uint64_t value;     // varint, fixed32 and fixed64
	struct slice bytes; // WIRE_BYTES
};

// error is sticky and names the first cause; start is kept so that it can be told where.
struct wire {
	const char *p, *end, *start;
	const char *error;
};

struct wire wire_of(struct slice message);
bool wire_next(struct wire *w, struct field *f);          // false: end of the message, or error is set
size_t wire_count(struct slice message, uint32_t number); // how many fields of this number (and type bytes) it holds
