// SPDX-License-Identifier: MIT
// Spans, data points and log records on their way from wherever they left the process (OTLP/HTTP, a line on stdout) to the
// screen: spans are kept until the invocation that they belong to is drawn, the others until the next one is.
#pragma once
#include "waterfall.h"

struct collector {
	struct waterfall waterfall;
	struct export *exports, *last; // private
	size_t spans, others;          // seen so far: spans decoded; points and records;
	size_t errors;                 // exports that could not be
};

// Copies the request. How it came is for messages: "otlp/http", "stdout".
void collector_add(struct collector *c, enum otlp_kind kind, const void *request, size_t n, const char *how);
void collector_refuse(struct collector *c, const char *how, const char *why); // an export that is not one
// A log line: false if it is an ordinary one; true if it carried a trace, or claimed to and the reason why not is kept.
bool collector_line(struct collector *c, const char *line, size_t n);
// Draws what belongs to this invocation (its trace holds a span with this faas.invocation_id). Returns spans drawn.
size_t collector_draw(struct collector *c, FILE *out, const char *request_id);
size_t collector_draw_rest(struct collector *c, FILE *out);
void collector_free(struct collector *c);
