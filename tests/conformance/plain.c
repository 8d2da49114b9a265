// SPDX-License-Identifier: MIT

/*
 * plain: OpenTelemetry in a program that is no Lambda function. Counts the words of its arguments, with a span for each of them:
 *
 *   OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 build/x86_64/drivers/plain "some words" "and more"
 *
 * A TRACEPARENT in the environment makes the whole run a child of whoever started it.
 */
#include "otel.h"

#include <stdio.h>
#include <string.h>

static const struct otel_scope counter = { .name = "word-counter", .version = "1.0" };

static size_t count_words(const char *text)
{
	size_t n = 0;

	for (const char *p = text; *p; n++) {
		p += strspn(p, " ");
		if (!*p)
			break;
		p += strcspn(p, " ");
	}
	return n;
}

static size_t count_one(const char *text, int number)
{
	struct otel_opening opening = { .scope = &counter };
	struct otel_span *span = OTEL_HERE(otel_start_with("count words", &opening));
	struct otel_attr attrs[] = { otel_attr_int("argument", number) };
	size_t n = count_words(text);

	otel_add_event(span, "counted", attrs, 1);
	otel_set_int(span, "words", (int64_t)n);
	if (!n)
		otel_exception(span, "NoWords", text, strlen(text));
	otel_end(span);
	return n;
}

int main(int argc, char **argv)
{
	struct otel_setup setup = { .service_name = "plain" };
	struct otel_span *run;
	size_t sum = 0;

	otel_init(&setup);
	run = otel_start("count");
	otel_set_strs(run, "process.command_args", (const char *const *)argv, (size_t)argc);
	for (int i = 1; i < argc; i++)
		sum += count_one(argv[i], i);
	otel_end(run);
	fprintf(stderr, "%zu words\n", sum);
	return otel_shutdown(2000) ? 0 : 1;
}
