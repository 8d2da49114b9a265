// SPDX-License-Identifier: MIT
#include "fuzz/fuzz.h"
#include "lambda_http.h"

#include <stdlib.h>
#include <string.h>

/*
 * An event of any shape, in a room whose size the first two bytes choose. Every field is looked at; then
 * what the client sent is sent back to it, and the answer must be JSON.
 */

#define ANSWER (1u << 20)

static char answer[ANSWER];

static size_t touch_pairs(struct lambda_http_pairs pairs)
{
	size_t sum = 0;

	while (lambda_http_next(&pairs))
		sum += touch(pairs.name) + touch(pairs.value);
	return sum;
}

static void answer_it(struct lambda_http *http)
{
	struct lambda_http_pairs cookies = lambda_http_cookies(http);
	struct lambda_http_reply reply = { .status = 200 + (int)(http->raw_path.n % 300), .body = lambda_http_body(http) };
	struct lambda_json_writer w;

	lambda_http_add_header(&reply, "content-type", lambda_http_header(http, "content-type"));
	lambda_http_add_header(&reply, "x-query", lambda_http_query(http, "q"));
	lambda_http_add_header(&reply, "X-Query", lambda_http_path(http));
	while (lambda_http_next(&cookies))
		lambda_http_add_cookie(&reply, cookies.value);
	lambda_json_to_memory(&w, answer, sizeof answer);
	if (lambda_http_write(&w, http, &reply) && lambda_json_done(&w))
		require(lambda_json_valid(lambda_json_written(&w)));
	else
		require(lambda_json_written(&w).n == 0 || lambda_json_written(&w).n > sizeof answer / 16);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct lambda_http http;

	if (n < 2)
		return 0;

	size_t size = (size_t)data[0] << 8 | data[1], sum = 0;
	char *room = malloc(size + 1), *event = malloc(n - 1);

	memcpy(event + 1, data + 2, n - 2);
	if (lambda_http_parse((str){ event + 1, n - 2 }, room, size, &http)) {
		sum += touch(http.method) + touch(http.raw_path) + touch(http.raw_query) + touch(http.route) +
		       touch(http.stage);
		sum += touch(http.domain) + touch(http.source_ip) + touch(http.protocol) + touch(lambda_http_path(&http));
		sum += touch(lambda_http_path_parameter(&http, "id")) + touch(lambda_http_cookie(&http, "session"));
		sum += touch_pairs(lambda_http_headers(&http)) + touch_pairs(lambda_http_queries(&http));
		sum += touch_pairs(lambda_http_cookies(&http)) + touch(lambda_http_body(&http));
		answer_it(&http);
	} else {
		require(http.kind == LAMBDA_HTTP_NONE && touch(lambda_http_body(&http)) == 0);
	}
	__asm__ volatile("" : : "r"(sum)); /* it was needed */
	free(room);
	free(event);
	return 0;
}
