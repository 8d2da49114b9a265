// SPDX-License-Identifier: MIT
#include "net/http.h"

#include <string.h>

/*
 * A chunked body (RFC 9112 7.1), one byte in, next state out:
 *
 *   SIZE -hex-> SIZE -blank-> BLANK -;-> EXTENSION -CR-> SIZE_LF -LF-> DATA (left bytes) -> DATA_CR -> DATA_LF -> FIRST
 *                                                             \-> (size 0) TRAILER -CR-> END_LF -LF-> done
 *                                                                  TRAILER -other-> FIELD -CR-> FIELD_LF -LF-> TRAILER
 *
 * FIRST is SIZE before its first digit; old servers pad the size with blanks. CR LF is wanted exactly: a lone LF here is how requests are smuggled.
 */
enum { FIRST, SIZE, BLANK, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER, FIELD, FIELD_LF, END_LF, DONE, BAD };

/* Extensions, trailers and one-byte chunks cost work without data; real peers send none. */
#define OVERHEAD_MAX 65536

void http_body_start(struct http_body *b, const struct http_head *head)
{
	bool none = head->status / 100 == 1 || head->status == 204 || head->status == 304;

	*b = (struct http_body){ .framing = BODY_LENGTH, .left = head->length };
	if (none)
		b->left = 0;
	else if (head->chunked)
		*b = (struct http_body){ .framing = BODY_CHUNKED, .state = FIRST };
	else if (!head->sized)
		b->framing = BODY_CLOSE;
}

static int size_end(char c)
{
	return c == '\r' ? SIZE_LF : c == ';' ? EXTENSION : c == ' ' || c == '\t' ? BLANK : BAD;
}

static int size_byte(struct http_body *b, char c)
{
	int digit = ascii_hex(c);

	if (digit >= 0) {
		if (b->left >> 59)
			return BAD; /* sixteen digits hold no more */
		b->left = b->left << 4 | (unsigned)digit;
		return SIZE;
	}
	if (b->state == FIRST)
		return BAD;
	return size_end(c);
}

static int step(struct http_body *b, char c)
{
	switch (b->state) {
	case FIRST:     b->left = 0; return size_byte(b, c);
	case SIZE:      return size_byte(b, c);
	case BLANK:     return size_end(c);
	case EXTENSION: return c == '\r' ? SIZE_LF : c == '\n' ? BAD : EXTENSION;
	case SIZE_LF:   return c != '\n' ? BAD : b->left ? DATA : TRAILER;
	case DATA_CR:   return c == '\r' ? DATA_LF : BAD;
	case DATA_LF:   return c == '\n' ? FIRST : BAD;
	case TRAILER:   return c == '\r' ? END_LF : c == '\n' ? BAD : FIELD;
	case FIELD:     return c == '\r' ? FIELD_LF : c == '\n' ? BAD : FIELD;
	case FIELD_LF:  return c == '\n' ? TRAILER : BAD;
	case END_LF:    return c == '\n' ? DONE : BAD;
	}
	return BAD;
}

/* The data at in, as much as both sides allow. */
static size_t take(struct http_body *b, char *out, const char *in, size_t n)
{
	if (n > b->left)
		n = (size_t)b->left;
	if (n && out != in)
		memmove(out, in, n);
	b->left -= n;
	return n;
}

size_t http_body_framing(struct http_body *b, const char *in, size_t n)
{
	size_t i = 0;

	while (b->framing == BODY_CHUNKED && i < n && b->state != DATA && b->state != DONE && b->state != BAD)
		b->state = ++b->overhead > OVERHEAD_MAX ? BAD : step(b, in[i++]);
	return i;
}

static enum http_body_result feed_chunked(struct http_body *b, char *out, const char *in, size_t *n, size_t *made)
{
	size_t i = 0;

	while (i < *n && b->state != DONE && b->state != BAD) {
		if (b->state == DATA) {
			size_t got = take(b, out + *made, in + i, *n - i);

			*made += got;
			i += got;
			/* One byte of data pays for ten of framing: tiny chunks are legal, endless extensions are not. */
			b->overhead = got * 10 >= b->overhead ? 0 : b->overhead - (uint32_t)(got * 10);
			if (!b->left)
				b->state = DATA_CR;
		} else {
			i += http_body_framing(b, in + i, *n - i);
		}
	}
	*n = i;
	return b->state == DONE ? BODY_DONE : b->state == BAD ? BODY_BAD : BODY_MORE;
}

enum http_body_result http_body_feed(struct http_body *b, char *out, const char *in, size_t *n, size_t *made)
{
	*made = 0;
	if (b->framing == BODY_CHUNKED)
		return feed_chunked(b, out, in, n, made);
	if (b->framing == BODY_CLOSE)
		b->left = *n;
	*made = *n = take(b, out, in, *n);
	return b->framing == BODY_LENGTH && !b->left ? BODY_DONE : BODY_MORE;
}
