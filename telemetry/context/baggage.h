// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"

/*
 * W3C baggage: key=value;property;property=value,key=value. Everything is kept as it travels, percent-encoded; a member that is none is left out, of equal
 * keys the last value counts. Entries are slices of what was read, or of the room here when they were set.
 *
 * The specification lets every participant drop what is beyond 64 members or 8192 bytes; we take as many as its grammar has ever allowed.
 */
#define BAGGAGE_MEMBERS_MAX 180
#define BAGGAGE_BYTES_MAX 8192
#define BAGGAGE_ROOM (2 * BAGGAGE_BYTES_MAX) /* all there can be, and a value in the place of any */

struct baggage_entry {
	str key, value, properties; /* properties: without the first ';' */
};

struct baggage {
	size_t n, bytes; /* bytes: of all as one header */
	size_t room_n;
	unsigned room_i; /* which of the two is in use: the other one takes what still counts when this one is full */
	struct baggage_entry entry[BAGGAGE_MEMBERS_MAX];
	char room[2][BAGGAGE_ROOM];
};

/* Appends what one header says: several are one list. What is beyond the limits is left out, whole members at a time. */
void baggage_read(struct baggage *b, str text);

void baggage_write(const struct baggage *b, struct buf *out);

const struct baggage_entry *baggage_find(const struct baggage *b, str key); /* NULL: not there */

/* value is text and gets encoded; properties are as they travel. False: not a token, properties that are none, or beyond the limits. */
bool baggage_set(struct baggage *b, str key, str value, str properties);
bool baggage_remove(struct baggage *b, str key);

/* A value decoded; what is not UTF-8 then becomes U+FFFD. False: it does not fit. */
bool baggage_decode(str value, struct buf *out);
