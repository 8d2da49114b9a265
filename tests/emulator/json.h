// SPDX-License-Identifier: MIT
/* json.h: RFC 8259, strict. Reading makes a tree (depth up to JSON_DEPTH_MAX, UTF-8 checked, duplicate keys kept in
 * order); writing appends to a buf and makes any bytes valid (what is not UTF-8 becomes U+FFFD). */
#pragma once

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 128

enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_kind kind;
	char *key;  /* of a member; else NULL */
	char *text; /* string decoded, number as it stood */
	size_t n;   /* of text */
	struct json *child, *next;
};

struct json *json_parse(const char *p, size_t n, const char **why);      /* NULL: *why says what is wrong */
const struct json *json_get(const struct json *object, const char *key); /* NULL: not an object, or no such key */
const char *json_text(const struct json *object, const char *key);       /* of a string member, else NULL */
void json_free(struct json *j);
bool utf8_valid(const char *p, size_t n);

/* Writing: commas are put where they belong, by looking at what stands before. key NULL inside arrays. */
void json_open(struct buf *b, const char *key, char bracket); /* '{' or '[' */
void json_close(struct buf *b, char bracket);
void json_string(struct buf *b, const char *key, const char *p, size_t n);
void json_cstr(struct buf *b, const char *key, const char *s); /* NULL: null */
void json_u64(struct buf *b, const char *key, uint64_t v);
void json_bool(struct buf *b, const char *key, bool v);
void json_base64(struct buf *b, const char *key, const void *p, size_t n);
