// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * A writer of JSON, and of plain text, for what may be larger than any buffer: without memory it only counts, with a flush it goes out in
 * pieces, with neither it fills its memory and then is full. Commas come by themselves.
 */
struct text {
	char *p; /* NULL: only counts */
	size_t n, cap;
	size_t total;                  /* bytes so far, flushed ones included */
	bool (*flush)(struct text *t); /* makes room: n is 0 then. False: full from there on. NULL: there is no more room */
	void *to;                      /* flush's own */
	bool full, comma;
};

#define TEXT_FLUSHED_MIN 64 /* the least cap with a flush */

void text_raw(struct text *t, str s);
void text_char(struct text *t, char c);

/* ---- JSON ---- */

void text_open(struct text *t, char bracket);  /* { or [ */
void text_close(struct text *t, char bracket); /* } or ] */
void text_key(struct text *t, str key);
void text_value(struct text *t, str json); /* as it is: a literal */
void text_str(struct text *t, str s);      /* quoted; what is not UTF-8 becomes U+FFFD */
void text_begin(struct text *t);           /* a string in pieces, */
void text_quote(struct text *t, str s);    /* each of whole characters, */
void text_end(struct text *t);
void text_name(struct text *t);           /* which was a key */
void text_hex(struct text *t, str bytes); /* these two are strings */
void text_base64(struct text *t, str bytes);
void text_u64(struct text *t, uint64_t v, bool quoted); /* 64-bit numbers are strings in OTLP/JSON */
void text_i64(struct text *t, int64_t v, bool quoted);
void text_double(struct text *t,
                 double v); /* the shortest that reads back equal; "NaN", "Infinity" and "-Infinity" as strings */
