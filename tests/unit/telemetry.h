// SPDX-License-Identifier: MIT
#pragma once

#include "hooks.h"
#include "otel.h"
#include "otlp.h"
#include "record/recorder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Telemetry as the loop drives it, and what came of it. */

#define TRACEPARENT "00-67748580a006649127e371903a2de979-53995c3f42cd8ad8-01"
#define REQUEST_ID "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
#define ARN "arn:aws:lambda:eu-central-1:123456789012:function:greeter"

/* init in an environment of these variables (NULL at the end) and nothing else, which stays: the exporter looks when it has something to send. */
static inline void telemetry_start(const char *const *environment)
{
	static const struct lambda_hook_sandbox sandbox = {
		.function_name = { "greeter", 7 },
		.function_version = { "$LATEST", 7 },
		.log_group = { "/aws/lambda/greeter", 19 },
		.log_stream = { "2026/11/21/[$LATEST]0123456789abcdef", 36 },
		.memory_mb = 128,
	};
	static char *copy[8];

	for (size_t i = 0; i < sizeof copy / sizeof copy[0]; i++) {
		free(copy[i]);
		copy[i] = NULL;
	}
	for (size_t i = 0; i < sizeof copy / sizeof copy[0] - 1 && environment[i]; i++)
		copy[i] = strdup(environment[i]);
	environ = copy;
	recorder_spool_empty();
	otel_hooks.init(&sandbox);
}

static inline void telemetry_start_plain(void)
{
	telemetry_start((const char *const[]){ NULL });
}

static inline void telemetry_begin(const char *event, const char *trace_header)
{
	struct lambda_hook_event e = {
		.request_id = S(REQUEST_ID),
		.invoked_function_arn = S(ARN),
		.trace_id = str_of(trace_header),
		.body = str_of(event),
		.cold_start = true,
	};

	otel_hooks.begin(&e);
}

static inline void telemetry_end(void)
{
	struct lambda_hook_result r = { 0 };

	otel_hooks.end(&r);
	otel_hooks.answered();
}

/* The nth finished span (Span, without tag and length); spans are finished children first. */
static inline str telemetry_span(int n)
{
	return pb_field(recorder_spool(), 2, n).bytes;
}

/* made = delivered + handed over + dropped + in the spool, whenever nothing is open. */
static inline bool telemetry_adds_up(void)
{
	const struct count *c = &recorder.count;

	return c->made == c->delivered + c->handed_over + count_dropped(c) + recorder.spool.items;
}

/* What is written to a descriptor between start and end. */
struct captured {
	int fd, saved, file;
};

static inline struct captured capture(int fd)
{
	struct captured c = { fd, dup(fd), memfd_create("captured", MFD_CLOEXEC) };

	dup2(c.file, fd);
	return c;
}

/* NUL-terminated; valid until the next one. */
static inline str capture_end(struct captured *c)
{
	static char *text;
	off_t n = lseek(c->file, 0, SEEK_END);

	dup2(c->saved, c->fd);
	close(c->saved);
	free(text);
	text = calloc(1, (size_t)n + 1);
	if (pread(c->file, text, (size_t)n, 0) != n)
		n = 0;
	close(c->file);
	return (str){ text, (size_t)n };
}

static inline int lines(str text)
{
	int n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}
