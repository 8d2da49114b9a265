// SPDX-License-Identifier: MIT
#pragma once

/*
 * otel_context.h: what goes on to whoever is called from here, and the baggage that came along. Part of otel.h, which includes it.
 *
 * Who called is read from the event before the handler runs, by the propagators of OTEL_PROPAGATORS (default tracecontext,baggage,xray-lambda). The same
 * ones write for an outgoing call:
 *
 *   static void add_header(void *to, const char *name, const char *value, size_t n) { ... }
 *
 *   struct otel_span *span = otel_start("GET /stock");
 *   otel_inject(add_header, &request);
 *
 * Baggage lives for one invocation. Values are text of any kind: they are percent-encoded on their way. Entries beyond what a receiver has to
 * take in all, 8192 bytes as one header, are refused.
 *
 * Sources: W3C trace-context level 2, W3C baggage, openzipkin/b3-propagation, OpenTelemetry specification 1.60 (context propagation).
 */

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct otel_context; /* otel.h */

/* One entry as it travels: value and properties (without the first ';') percent-encoded. The slices live until baggage changes. */
struct otel_baggage {
	const char *key;
	size_t key_n;
	const char *value;
	size_t value_n;
	const char *properties;
	size_t properties_n;
};

#ifndef MOTE_MINIMAL

/* Calls put with each header that an outgoing call should have, so that the current span is the parent of what it leads to. The value lives during the call. */
void otel_inject(void (*put)(void *to, const char *name, const char *value, size_t n), void *to);

/*
 * Who called, when it is not an event that says so: a server of your own, a message with attributes. get gives the nth value, counted from 0, of a
 * name in lower case; names that come from outside are compared without case. False: nobody did. Baggage that comes along takes the place of what there was;
 * it and out->trace_state live until the next call or event, and what get gives must too.
 */
bool otel_extract(bool (*get)(void *from, const char *name, size_t nth, const char **value, size_t *n), void *from,
                  struct otel_context *out);

/* With lengths, and properties: "priority=low;sticky" or nothing. False: the key is no token, they are no properties, or there is no room. */
bool otel_baggage_put(const char *key, size_t key_n, const char *value, size_t n, const char *properties,
                      size_t properties_n);
bool otel_baggage_drop(const char *key, size_t key_n); /* false: it was not there */
bool otel_baggage_read(const char *key, size_t key_n, char *room, size_t size, size_t *n);

/* The i-th entry, counted from 0. False: there are not that many. */
bool otel_baggage_at(size_t i, struct otel_baggage *out);

#else

static inline void otel_inject(void (*put)(void *to, const char *name, const char *value, size_t n), void *to)
{
	(void)put, (void)to;
}

static inline bool otel_extract(bool (*get)(void *from, const char *name, size_t nth, const char **value, size_t *n),
                                void *from, struct otel_context *out)
{
	(void)get, (void)from, (void)out;
	return false;
}

static inline bool otel_baggage_put(const char *key, size_t key_n, const char *value, size_t n, const char *properties,
                                    size_t properties_n)
{
	(void)key, (void)key_n, (void)value, (void)n, (void)properties, (void)properties_n;
	return false;
}

static inline bool otel_baggage_drop(const char *key, size_t key_n)
{
	(void)key, (void)key_n;
	return false;
}

static inline bool otel_baggage_read(const char *key, size_t key_n, char *room, size_t size, size_t *n)
{
	(void)key, (void)key_n, (void)room, (void)size, (void)n;
	return false;
}

static inline bool otel_baggage_at(size_t i, struct otel_baggage *out)
{
	(void)i, (void)out;
	return false;
}

#endif

/* In place of any value the key has. */
static inline bool otel_baggage_set(const char *key, const char *value, size_t n)
{
	return otel_baggage_put(key, __builtin_strlen(key), value, n, "", 0);
}

/* False: it was not there. */
static inline bool otel_baggage_remove(const char *key)
{
	return otel_baggage_drop(key, __builtin_strlen(key));
}

/* The value's text, decoded, in room; what is not UTF-8 is U+FFFD. False: not there, or too long for room. */
static inline bool otel_baggage_get(const char *key, char *room, size_t size, size_t *n)
{
	return otel_baggage_read(key, __builtin_strlen(key), room, size, n);
}

#ifdef __cplusplus
}
#endif
