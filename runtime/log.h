// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

#include <stdarg.h>

struct lambda_field;
struct lambda_hooks;

/*
 * Records on standard output, one write each, as lambda.h describes them. Everything in mote logs through here; what may go in is causes and
 * counts, never payloads, headers or keys.
 */
enum log_level { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_FATAL }; /* the order of enum lambda_level */

/* AWS_LAMBDA_LOG_FORMAT and AWS_LAMBDA_LOG_LEVEL, in any case; hooks may be NULL. */
void log_start(str format, str level, const struct lambda_hooks *hooks);

/* The request id of the records to come; must live until it is replaced. Empty outside an invocation. */
void log_request(str id);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same to standard error, whatever the level: the process is about to end. */
void log_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));
