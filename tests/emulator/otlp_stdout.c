// SPDX-License-Identifier: MIT
#include "otlp_stdout.h"

#include <string.h>

#include "base64.h"
#include "gunzip.h"
#include "json.h"

bool otlp_stdout_is(const char *line, size_t n)
{
	static const char key[] = "\"__otel_otlp_stdout\"";
	size_t i = 0;

	if (!n || line[i++] != '{')
		return false;
	while (i < n && line[i] == ' ')
		i++;
	return n - i >= sizeof key - 1 && !memcmp(line + i, key, sizeof key - 1);
}

static bool has(const struct json *line, const char *key, const char *wanted)
{
	const char *text = json_text(line, key);

	return text && (!wanted || !strcmp(text, wanted));
}

static bool read_payload(struct buf *request, const struct json *line, const char **why)
{
	const struct json *payload = json_get(line, "payload"), *base64 = json_get(line, "base64");
	struct buf gzip = { 0 };

	if (!has(line, "source", NULL) || !has(line, "endpoint", NULL) || !has(line, "method", "POST"))
		*why = "source or endpoint is missing, or method is not POST";
	else if (!has(line, "content-type", "application/x-protobuf"))
		*why = "content-type is not application/x-protobuf";
	else if (!has(line, "content-encoding", "gzip"))
		*why = "content-encoding is not gzip";
	else if (!payload || payload->kind != JSON_STRING || !base64 || base64->kind != JSON_TRUE)
		*why = "payload is not a string, or base64 is not true";
	else if (!base64_decode(&gzip, payload->text, payload->n))
		*why = "payload is not base64";
	else
		gunzip(request, gzip.p, gzip.n, why);
	buf_free(&gzip);
	return !*why;
}

// What its endpoint ends in tells the signal; older lines are of traces whatever it is.
static enum otlp_kind kind_of(const struct json *line)
{
	const char *endpoint = json_text(line, "endpoint"), *path = endpoint ? strstr(endpoint, "/v1/") : NULL;
	enum otlp_kind kind = OTLP_TRACES;

	if (path)
		otlp_kind_of_path(path, &kind);
	return kind;
}

bool otlp_stdout_read(struct buf *request, enum otlp_kind *kind, const char *line, size_t n, const char **why)
{
	struct json *object = json_parse(line, n, why);

	if (!object)
		return false;
	*why = NULL;
	*kind = kind_of(object);
	bool ok = read_payload(request, object, why);
	json_free(object);
	return ok;
}
