// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"
#include "list.h"
#include "source.h"

/* The header fields that the user wants sent: OTEL_EXPORTER_OTLP_HEADERS, and the signal's own list, whose names win. Values may be secrets. */
#define FIELDS_MAX 64           /* in one variable */
#define FIELDS_TEXT_BYTES 16384 /* of one variable's value; a head takes half of that */

struct fields {
	size_t n[2]; /* [0] for all signals, [1] for this one */
	struct list_pair pairs[2][FIELDS_MAX];
	char text[2][FIELDS_TEXT_BYTES];
};

/* A list that cannot be used is warned about, and counts as empty. */
void fields_read(struct fields *h, enum signal signal);

/* The value that counts; absent: p is NULL. */
str fields_find(const struct fields *h, str name);

/* Those that are the user's to say. is_signed: without what a signature says. */
void fields_put(struct buf *b, const struct fields *h, bool is_signed);

void fields_line(struct buf *b, str name, str value); /* one line */
