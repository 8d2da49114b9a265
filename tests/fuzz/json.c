// SPDX-License-Identifier: MIT
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "lambda_json.h"

#include <stdlib.h>
#include <string.h>

/*
 * A path, a NUL byte, and a document. The two readers must agree; whatever is found must be valid; whatever
 * is decoded must be UTF-8; and what the writer makes of it must read back.
 */

#define ROOM (1u << 20)

static char room[ROOM];

static void check_string(str text, bool escaped)
{
	struct lambda_json_writer w;
	str decoded, again;
	char *copy = malloc(text.n + 1), *back = malloc(text.n + 1);

	require(lambda_json_unescape(text, copy, text.n, &decoded) && utf8_valid(decoded));
	require(escaped || str_eq(decoded, text));
	require(lambda_json_text_is(text, escaped, decoded));
	lambda_json_to_memory(&w, room, sizeof room);
	lambda_json_put_str(&w, decoded);
	if (lambda_json_done(&w)) {
		char *third = malloc(lambda_json_written(&w).n);

		require(lambda_json_string(lambda_json_written(&w), third, lambda_json_written(&w).n, &again) &&
		        str_eq(again, decoded));
		free(third);
	}
	free(copy);
	free(back);
}

static void check_number(str text)
{
	struct lambda_json_writer w;
	double v, again;
	int64_t whole;

	if (lambda_json_double(text, &v)) {
		lambda_json_to_memory(&w, room, sizeof room);
		lambda_json_put_double(&w, v);
		require(lambda_json_done(&w) && lambda_json_valid(lambda_json_written(&w)));
		require(lambda_json_double(lambda_json_written(&w), &again) && memcmp(&v, &again, sizeof v) == 0);
	}
	if (lambda_json_int(text, &whole) && whole < INT64_C(1) << 53 && whole > -(INT64_C(1) << 53))
		require(lambda_json_double(text, &v) && v == (double)whole);
}

static bool by_token(str document)
{
	struct lambda_json json;
	enum lambda_json_kind kind;

	lambda_json_init(&json, document);
	while ((kind = lambda_json_next(&json)) > LAMBDA_JSON_END) {
		if (kind == LAMBDA_JSON_KEY || kind == LAMBDA_JSON_STRING)
			check_string(json.text, json.escaped);
		if (kind == LAMBDA_JSON_NUMBER)
			check_number(json.text);
	}
	return kind == LAMBDA_JSON_END;
}

static bool same(str a, str b)
{
	return a.p == b.p && a.n == b.n;
}

/* One level of the document: by each, and by tokens with the values passed over, which are to see the same. */
static bool by_each(str document)
{
	struct lambda_json json, tokens;
	enum lambda_json_kind kind;
	bool escaped;
	str key, value;

	lambda_json_init(&json, document);
	lambda_json_init(&tokens, document);
	kind = lambda_json_next(&tokens);
	while (lambda_json_each(&json, &key, &escaped, &value)) {
		if (kind == LAMBDA_JSON_OBJECT)
			require(lambda_json_next(&tokens) == LAMBDA_JSON_KEY && same(tokens.text, key) &&
			        tokens.escaped == escaped);
		require(lambda_json_skip(&tokens) && same(tokens.text, value));
		if (*value.p == '"')
			require(json.escaped == (memchr(value.p, '\\', value.n) != NULL));
	}
	while (kind > LAMBDA_JSON_END)
		kind = lambda_json_next(&tokens);
	return lambda_json_next(&json) == LAMBDA_JSON_END && kind == LAMBDA_JSON_END;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *path = (const char *)data, *end = n ? memchr(data, 0, n) : NULL;
	str document = { (const char *)data, n }, value;

	if (!end)
		path = "";
	else
		document = (str){ end + 1, n - (size_t)(end + 1 - path) };

	/* A copy that ends where the allocation does: the sanitizer sees one byte too far. */
	char *copy = malloc(document.n + 1);

	memcpy(copy + 1, document.p, document.n);
	document.p = copy + 1;

	bool valid = lambda_json_valid(document);

	require(by_token(document) == valid);
	require(by_each(document) == valid);
	if (lambda_json_find(document, path, &value)) {
		const char *const paths[] = { "x[0]", path, "", path };
		str values[4];

		require(lambda_json_valid(value) && value.p >= document.p && value.p + value.n <= document.p + document.n);
		lambda_json_find_all(document, paths, values, 4);
		require(values[1].p == value.p && values[1].n == value.n && values[3].p == value.p);
	}
	free(copy);
	return 0;
}
