// SPDX-License-Identifier: MIT
#pragma once

#include "record/wire.h"

/*
 * Protobuf on the wire, read: the other direction of record/wire.h, for exporters whose form is not protobuf. Fields come one after another, with
 * nothing known about their meaning; no byte is trusted, though all of them are our own.
 */
struct wire_field {
	unsigned number;
	enum wire_type type;
	uint64_t value; /* unless WIRE_BYTES: a varint, or the bits of what is fixed */
	str bytes;      /* WIRE_BYTES */
	str whole;      /* tag included */
};

/* Takes the first field off the message. False: there is none, and message->n is 0; or the rest is no message, and it is not. */
bool wire_next(str *message, struct wire_field *f);

/* The last field of that number and type: what counts when a field that is not repeated is. False: absent, *f is as it was. */
bool wire_find(str message, unsigned number, enum wire_type type, struct wire_field *f);

/* The same for what is asked for most; absent: an empty slice, 0. */
str wire_bytes_of(str message, unsigned number);
uint64_t wire_value_of(str message, unsigned number, enum wire_type type);

/* Of repeated numbers, packed (the content of one field) or not. */
bool wire_next_packed(str *packed, enum wire_type type, uint64_t *value);

static inline double wire_double(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

static inline int64_t wire_zigzag(uint64_t v) /* of sint32 and sint64 */
{
	return (int64_t)(v >> 1 ^ -(v & 1));
}
