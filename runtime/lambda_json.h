// SPDX-License-Identifier: MIT
#pragma once

/*
 * lambda_json.h: JSON (RFC 8259) in place, without allocation and without recursion.
 *
 * The reader takes the grammar at its word: UTF-8 is checked, no byte order mark, no comments, no trailing
 * commas, nothing behind the document. A \u escape of half a surrogate pair is in the grammar: it is
 * accepted, and decodes to U+FFFD. Documents are slices; every slice that comes out of one points into it.
 * What was read before an error was right, but nobody has seen the rest: lambda_json_valid() reads to the
 * end.
 */

#include "lambda_str.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lambda_call;

/* Arrays and objects open at once: one bit each in the reader. Deeper documents are refused. */
#define LAMBDA_JSON_DEPTH_MAX 512

enum lambda_json_kind {
	LAMBDA_JSON_BAD, /* not JSON, or nested too deep; it stays so */
	LAMBDA_JSON_END, /* the document is complete */
	LAMBDA_JSON_OBJECT,
	LAMBDA_JSON_OBJECT_END,
	LAMBDA_JSON_ARRAY,
	LAMBDA_JSON_ARRAY_END,
	LAMBDA_JSON_KEY, /* of the value that comes next */
	LAMBDA_JSON_STRING,
	LAMBDA_JSON_NUMBER,
	LAMBDA_JSON_TRUE,
	LAMBDA_JSON_FALSE,
	LAMBDA_JSON_NULL,
};

/* ---- a document, token by token ---- */

struct lambda_json {
	lambda_str text;      /* of the last token; a key or string without its quotes, escapes as written */
	bool escaped;         /* the last key or string has escapes: see lambda_json_unescape() */
	unsigned char state_; /* from here on the reader's own */
	unsigned depth_;
	const char *p_, *end_;
	uint64_t in_object_[LAMBDA_JSON_DEPTH_MAX / 64];
};

/* document stays the caller's, and where it is; json may be copied to come back to a place. */
void lambda_json_init(struct lambda_json *json, lambda_str document);

/* The next token; after BAD or END the same one for ever. */
enum lambda_json_kind lambda_json_next(struct lambda_json *json);

/*
 * Where a value comes next (at the start, after a key, in an array): passes over all of it, checked as
 * strictly, and text is its JSON text, quotes included. False: no value comes next, and nothing was read;
 * or it is bad, and lambda_json_next() says so.
 */
bool lambda_json_skip(struct lambda_json *json);

/*
 * One pair of the object, or one element of the array, that the document is; key is as in text,
 * *key_escaped as in escaped, both NULL when not wanted, value is JSON text; escaped is of the value when it
 * is a string. False: no more, or bad, or neither object nor array. Behind an OBJECT or ARRAY of
 * lambda_json_next() it goes through that one, and has then read its closing bracket.
 */
bool lambda_json_each(struct lambda_json *json, lambda_str *key, bool *key_escaped, lambda_str *value);

/* ---- values: JSON text, as skip, each and find give it ---- */

bool lambda_json_valid(lambda_str document); /* one whole value, and nothing behind it */

/*
 * The value at path: requestContext.http.method, headers."x.y", Records[0].body, or an empty path for all. Reading
 * stops behind that value. Of equal keys the first counts; keys compare decoded. False: absent, bad up to there, or
 * no path: a name is not empty and without '.', '[' and '"', or quoted and without '"'.
 */
#define LAMBDA_JSON_SEGMENTS_MAX 32 /* names and indexes of one path */
bool lambda_json_find(lambda_str document, const char *path, lambda_str *value);

/*
 * The same for several paths in one pass, which is cheaper than one each: values[i] is what path i leads
 * to, absent ({ NULL, 0 }) when nothing. Returns how many were found. At most LAMBDA_JSON_PATHS_MAX paths;
 * those beyond are not looked for.
 */
#define LAMBDA_JSON_PATHS_MAX 32
size_t lambda_json_find_all(lambda_str document, const char *const *paths, lambda_str *values, size_t count);

/* By the first byte: OBJECT, ARRAY, STRING, NUMBER, TRUE, FALSE, NULL; BAD when it can be none. */
enum lambda_json_kind lambda_json_kind_of(lambda_str value);

/*
 * Decodes the escapes of a text without quotes into room; text.n bytes are always enough. False: a bad
 * escape, or no room.
 */
bool lambda_json_unescape(lambda_str text, char *room, size_t size, lambda_str *out);

/*
 * A string value's characters: in place when it has no escapes, else decoded into room. False: no string,
 * or no room.
 */
bool lambda_json_string(lambda_str value, char *room, size_t size, lambda_str *out);

/* True when a string value, or a key or text when escaped is known, decodes to exactly these bytes. */
bool lambda_json_is(lambda_str value, lambda_str expected);
bool lambda_json_text_is(lambda_str text, bool escaped, lambda_str expected);

bool lambda_json_int(lambda_str value, int64_t *out);   /* a whole number in range, however written: 12, 1.2e1 */
bool lambda_json_double(lambda_str value, double *out); /* rounded to nearest, ties to even; false when it overflows */
bool lambda_json_bool(lambda_str value, bool *out);     /* false: it is none, and *out is as it was */

/* ---- writing ---- */

/*
 * Writes one value, commas and colons included, to the reply of a call or to memory. A value without its
 * key, a close too many, a second value, raw text that is not JSON: sticky, nothing is written from there
 * on, and lambda_json_done() is false.
 */
struct lambda_json_writer {
	struct lambda_call *call_; /* all of it the writer's own */
	char *p_;
	size_t n_, size_;
	unsigned depth_;
	bool bad_, comma_, key_, done_;
	uint64_t in_object_[LAMBDA_JSON_DEPTH_MAX / 64];
};

void lambda_json_to_call(struct lambda_json_writer *w, struct lambda_call *call);  /* lambda_write() takes it */
void lambda_json_to_memory(struct lambda_json_writer *w, char *room, size_t size); /* no more than size bytes of it */

void lambda_json_open_object(struct lambda_json_writer *w);
void lambda_json_open_array(struct lambda_json_writer *w);
void lambda_json_close(struct lambda_json_writer *w); /* whichever is open */
void lambda_json_put_key(struct lambda_json_writer *w, const char *key);
void lambda_json_put_key_n(struct lambda_json_writer *w, lambda_str key);
void lambda_json_put_str(struct lambda_json_writer *w, lambda_str text);   /* bytes that are not UTF-8 become U+FFFD */
void lambda_json_put_text(struct lambda_json_writer *w, const char *text); /* the same of what is NUL-terminated */
void lambda_json_put_base64(struct lambda_json_writer *w, const void *bytes, size_t n); /* a string */
void lambda_json_put_int(struct lambda_json_writer *w, int64_t v);
/* The shortest text that reads back equal; null when not finite. */
void lambda_json_put_double(struct lambda_json_writer *w, double v);
void lambda_json_put_bool(struct lambda_json_writer *w, bool v);
void lambda_json_put_null(struct lambda_json_writer *w);
void lambda_json_put_raw(struct lambda_json_writer *w, lambda_str value); /* JSON text */

bool lambda_json_done(const struct lambda_json_writer *w);          /* one whole value, all of it written */
lambda_str lambda_json_written(const struct lambda_json_writer *w); /* to memory */

#ifdef __cplusplus
}
#endif
