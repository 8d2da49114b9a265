// SPDX-License-Identifier: MIT
#pragma once

/*
 * otel_log.h: OpenTelemetry log records. Part of otel.h, which includes it.
 *
 *   otel_logf(OTEL_LOG_WARN, "stock is low: %d left", left);
 *
 *   const struct otel_attr attrs[] = { otel_attr_str("item", sku, sku_n), otel_attr_int("left", left) };
 *   otel_log_event(OTEL_LOG_INFO, "shop.item.sold", attrs, 2);
 *
 * A record carries the ids of the current span, and goes to the exporters of OTEL_LOGS_EXPORTER, or to the OTLP endpoint that is configured for logs,
 * after the answer has been posted; with neither, a call is a comparison. What lambda_log() writes becomes a record too, and is still written to
 * standard output unless MOTE_LOG_STDOUT is false; these records are not.
 *
 * Recording begins with lambda_run(), before the app's init is called, or with otel_init(). Earlier, in main() or a constructor, a call makes nothing
 * and is not remembered, and what lambda_log() writes stays on standard output alone. In init there is no span yet: its records have no ids.
 *
 * Everything is copied during the call. A record that is larger than OTEL_LOG_BYTES_MAX, or that finds no room among those that wait, is counted as
 * dropped. Attributes are cut by OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT and _VALUE_LENGTH_LIMIT; the body is not.
 *
 * Sources: OpenTelemetry specification 1.60 (logs API and data model), OTLP 1.11.
 */

#include "otel_value.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTEL_LOG_BYTES_MAX 65536

/* The first of four each; what lies between is allowed. */
enum otel_severity {
	OTEL_LOG_TRACE = 1,
	OTEL_LOG_DEBUG = 5,
	OTEL_LOG_INFO = 9,
	OTEL_LOG_WARN = 13,
	OTEL_LOG_ERROR = 17,
	OTEL_LOG_FATAL = 21
};

struct otel_span;
struct otel_scope;

/* All zero is a record that says when and where. */
struct otel_record {
	enum otel_severity severity;
	const char *severity_text; /* what the source calls it; NULL: the name above */
	size_t severity_text_n;
	struct otel_value body;
	const struct otel_attr *attrs;
	size_t attr_count;
	const char *event_name; /* records of this name all have the same attributes; NULL: it is no event */
	size_t event_name_n;
	int64_t time_ns;        /* Unix time; 0: now */
	struct otel_span *span; /* NULL: the current one */
	const struct otel_scope *scope;
};

#ifndef MOTE_MINIMAL

/* What record points to is copied. */
void otel_emit(const struct otel_record *record);

/* Whether a record would go anywhere: worth asking before one that is costly to make. */
bool otel_log_enabled(void);

/* As printf; what is over OTEL_LOG_TEXT_MAX bytes is cut. */
#define OTEL_LOG_TEXT_MAX 8192
void otel_logf(enum otel_severity severity, const char *format, ...) __attribute__((format(printf, 2, 3)));

#else

__attribute__((format(printf, 2, 3))) static inline void otel_logf(enum otel_severity severity, const char *format, ...)
{
	(void)severity, (void)format;
}

static inline void otel_emit(const struct otel_record *record)
{
	(void)record;
}

static inline bool otel_log_enabled(void)
{
	return false;
}

#endif

/* Text of n bytes, and attributes; either may be NULL when there are none. */
static inline void otel_log_attrs(enum otel_severity severity, const char *text, size_t n,
                                  const struct otel_attr *attrs, size_t attr_count)
{
	struct otel_record record;

	__builtin_memset(&record, 0, sizeof record);
	record.severity = severity;
	record.body = otel_value_str(text, n);
	record.attrs = attrs;
	record.attr_count = attr_count;
	otel_emit(&record);
}

static inline void otel_log(enum otel_severity severity, const char *text, size_t n)
{
	otel_log_attrs(severity, text, n, 0, 0);
}

/* An event: name is NUL-terminated, and what it has is its attributes. One that is not, or with a body, is an otel_emit(). */
static inline void otel_log_event(enum otel_severity severity, const char *name, const struct otel_attr *attrs,
                                  size_t attr_count)
{
	struct otel_record record;

	__builtin_memset(&record, 0, sizeof record);
	record.severity = severity;
	record.event_name = name;
	record.event_name_n = __builtin_strlen(name);
	record.attrs = attrs;
	record.attr_count = attr_count;
	otel_emit(&record);
}

#ifdef __cplusplus
}
#endif
