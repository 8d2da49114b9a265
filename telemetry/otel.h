// SPDX-License-Identifier: MIT
#pragma once

/*
 * otel.h: OpenTelemetry spans, recorded inline.
 *
 * Hand otel_hooks to lambda_run() and every invocation has a span of its own; otel_start() opens children of it. Where they go is
 * decided by the standard OTEL_* variables, after the answer has been posted. Nothing is allocated, nothing blocks, and no call can
 * fail in a way that concerns the caller: what cannot be recorded (no room, too many open spans) is counted as dropped.
 *
 *   struct otel_span *span = otel_start("read table");
 *   otel_set_str(span, "db.collection.name", table, strlen(table));
 *   otel_set_int(span, "rows", rows);
 *   otel_end(span);
 *
 * Spans nest: a span is the child of the one that was open when it started, and ending a span ends what is still open above it. A
 * span left open when the handler returns is ended then, and marked with the attribute mote.span.unended.
 *
 * Ownership: every string is copied during the call. A span belongs to the library; the pointer is a name for it, is never NULL and is
 * never dereferenced. Once the span has ended, and when it never existed (telemetry is off, the trace is not sampled, too many spans are
 * open, no invocation runs), every call on it does nothing; so it does on NULL.
 *
 * Limits (telemetry/limits.h): OTEL_OPEN_MAX spans open at once; OTEL_SPAN_BYTES of encoded name, attributes and events a span: an
 * attribute or event that does not fit is left out and counted in the span. Setting a key again replaces its value. Bytes that are not
 * UTF-8 become U+FFFD.
 *
 * One thread. C11 and C++17. Compiled with -DMOTE_MINIMAL every call is an empty inline function and nothing is linked.
 *
 * Sources: OpenTelemetry specification 1.60 (trace API), OTLP 1.11.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OTEL_OPEN_MAX 32
#define OTEL_SPAN_BYTES 12288

struct otel_span;    /* never defined: see Ownership */
struct lambda_hooks; /* hooks.h */

#ifndef MOTE_MINIMAL

/* What struct lambda_app takes: .hooks = OTEL_HOOKS */
extern const struct lambda_hooks otel_hooks;
#define OTEL_HOOKS (&otel_hooks)

/* With lengths. The functions below measure for you, at compile time where the text is a literal. */
struct otel_span *otel_start_n(const char *name, size_t name_n);
void otel_put_str(struct otel_span *span, const char *key, size_t key_n, const char *p, size_t n);
void otel_put_int(struct otel_span *span, const char *key, size_t key_n, int64_t value);
void otel_put_double(struct otel_span *span, const char *key, size_t key_n, double value);
void otel_put_bool(struct otel_span *span, const char *key, size_t key_n, bool value);
void otel_put_exception(struct otel_span *span, const char *type, size_t type_n, const char *message, size_t message_n);

/* Ends the span now. Spans opened after it that are still open end with it, and are marked. */
void otel_end(struct otel_span *span);

struct otel_span *otel_current(void);    /* the innermost open span: the parent of the next one */
struct otel_span *otel_invocation(void); /* the invocation's own span */

/* Whether anything set on this span will be seen: worth asking before an attribute that is costly to compute. */
bool otel_recording(struct otel_span *span);

/* The span failed; the last message stands. */
void otel_error(struct otel_span *span, const char *message, size_t n);

#else

#define OTEL_HOOKS NULL

static inline struct otel_span *otel_start_n(const char *name, size_t name_n)
{
	(void)name, (void)name_n;
	return NULL;
}

static inline void otel_put_str(struct otel_span *span, const char *key, size_t key_n, const char *p, size_t n)
{
	(void)span, (void)key, (void)key_n, (void)p, (void)n;
}

static inline void otel_put_int(struct otel_span *span, const char *key, size_t key_n, int64_t value)
{
	(void)span, (void)key, (void)key_n, (void)value;
}

static inline void otel_put_double(struct otel_span *span, const char *key, size_t key_n, double value)
{
	(void)span, (void)key, (void)key_n, (void)value;
}

static inline void otel_put_bool(struct otel_span *span, const char *key, size_t key_n, bool value)
{
	(void)span, (void)key, (void)key_n, (void)value;
}

static inline void otel_put_exception(struct otel_span *span, const char *type, size_t type_n, const char *message,
                                      size_t message_n)
{
	(void)span, (void)type, (void)type_n, (void)message, (void)message_n;
}

static inline void otel_end(struct otel_span *span)
{
	(void)span;
}

static inline struct otel_span *otel_current(void)
{
	return NULL;
}

static inline struct otel_span *otel_invocation(void)
{
	return NULL;
}

static inline bool otel_recording(struct otel_span *span)
{
	(void)span;
	return false;
}

static inline void otel_error(struct otel_span *span, const char *message, size_t n)
{
	(void)span, (void)message, (void)n;
}

#endif

/* A child of the current span, current itself until it ends. Time is taken from the clock, in nanoseconds. */
static inline struct otel_span *otel_start(const char *name)
{
	return otel_start_n(name, __builtin_strlen(name));
}

/* p may be NULL when n is 0. */
static inline void otel_set_str(struct otel_span *span, const char *key, const char *p, size_t n)
{
	otel_put_str(span, key, __builtin_strlen(key), p, n);
}

static inline void otel_set_int(struct otel_span *span, const char *key, int64_t value)
{
	otel_put_int(span, key, __builtin_strlen(key), value);
}

static inline void otel_set_double(struct otel_span *span, const char *key, double value)
{
	otel_put_double(span, key, __builtin_strlen(key), value);
}

static inline void otel_set_bool(struct otel_span *span, const char *key, bool value)
{
	otel_put_bool(span, key, __builtin_strlen(key), value);
}

/*
 * Something went wrong, and this is what: an exception event (semantic conventions, exceptions on spans), the attribute error.type, and the
 * status as otel_error() sets it.
 */
static inline void otel_exception(struct otel_span *span, const char *type, const char *message, size_t n)
{
	otel_put_exception(span, type, __builtin_strlen(type), message, n);
}

#ifdef __cplusplus
}
#endif
