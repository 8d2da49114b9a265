// SPDX-License-Identifier: MIT

/*
 * A document on standard input: exit 0 when the strict reader accepts it, 1 when not, nothing else ever.
 * For public suites of JSON documents, such as JSONTestSuite.
 */
#include "conformance/input.h"
#include "lambda_json.h"

#define DOCUMENT_MAX (64u << 20) /* more is refused unread */

static char document[DOCUMENT_MAX + 1];

/* The same question to lambda_json_next(), which knows the grammar on its own: a document has to pass both. */
static bool valid_by_token(lambda_str text)
{
	struct lambda_json json;
	enum lambda_json_kind kind;

	lambda_json_init(&json, text);
	do
		kind = lambda_json_next(&json);
	while (kind != LAMBDA_JSON_END && kind != LAMBDA_JSON_BAD);
	return kind == LAMBDA_JSON_END;
}

int main(void)
{
	lambda_str text = { document, 0 };

	return read_all(document, sizeof document, &text.n) && lambda_json_valid(text) && valid_by_token(text) ? 0 : 1;
}
