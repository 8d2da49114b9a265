// SPDX-License-Identifier: MIT
// The line that carries an export request through a log: one JSON object whose first key is __otel_otlp_stdout, with the request
// as base64 of gzip in its payload.
#pragma once
#include <stdbool.h>

#include "buf.h"
#include "otlp_decode.h"

bool otlp_stdout_is(const char *line, size_t n); // it claims to be one: not a log line for people
bool otlp_stdout_read(struct buf *request, enum otlp_kind *kind, const char *line, size_t n, const char **why);
