// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"

#include <stdarg.h>

struct lambda_hooks;
struct lambda_json_writer;

/*
 * Records on standard output, one write each, as lambda.h describes them. Everything in mote logs through here; what may go in is causes and
 * counts, never payloads, headers or keys.
 */
enum log_level { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_FATAL }; /* the order of enum lambda_level */

/* AWS_LAMBDA_LOG_FORMAT and AWS_LAMBDA_LOG_LEVEL, in any case; hooks may be NULL. */
void log_start(str format, str level, const struct lambda_hooks *hooks);

/* The request id of the records to come; must live until it is replaced. Empty outside an invocation; of 2 KB or more, it is left out. */
void log_request(str id);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same to standard error, whatever the level: the process is about to end. */
void log_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Fields of a record, written by whoever knows them: a program without any links neither the functions nor the conversion of doubles behind
 * them.
 */
struct log_fields {
	void (*text)(struct buf *out, const struct log_fields *fields);
	void (*json)(struct lambda_json_writer *out, const struct log_fields *fields);
	const struct lambda_field *field;
	size_t count;
};

bool log_wants(enum log_level level);
void log_user(enum log_level level, const struct log_fields *fields, const char *format, va_list args);
