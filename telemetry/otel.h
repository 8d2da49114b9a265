// SPDX-License-Identifier: MIT
#pragma once

/*
 * otel.h: OpenTelemetry, recorded inline: spans here, metrics, logs, context and triggers in the headers included at the end.
 *
 * Hand otel_hooks to lambda_run() and every invocation has a span of its own; otel_start() opens children of it. Where they go is
 * decided by the standard OTEL_* variables, after the answer has been posted. A program that is no Lambda function calls otel_init(),
 * otel_flush() and otel_shutdown() itself. Nothing is allocated, nothing blocks, and no call can fail in a way that concerns the caller:
 * what cannot be recorded (no room, too many open spans) is counted as dropped.
 *
 *   struct otel_span *span = otel_start("read table");
 *   otel_set_str(span, "db.collection.name", table, strlen(table));
 *   otel_set_int(span, "rows", rows);
 *   otel_end(span);
 *
 * Spans nest: a span is the child of the one that was open when it started, and ending a span ends what is still open above it. A
 * span left open when the handler returns is ended then. Either is marked with the attribute mote.span.unended. A span with a parent of
 * its own choice (struct otel_opening) takes no part in that: it is open until it is ended or the handler returns.
 *
 * Ownership: every string is copied during the call. A span belongs to the library; the pointer is a name for it, is never NULL and is
 * never dereferenced. Once the span has ended, and when it never existed (telemetry is off, the trace is not sampled, too many spans are
 * open, no invocation runs), every call on it does nothing; so it does on NULL.
 *
 * Limits: OTEL_OPEN_MAX spans open at once; OTEL_SPAN_BYTES of encoded name, attributes, events and links a span; and what the
 * OTEL_*_LIMIT variables say, 128 of each by default. What is over is left out and counted in the span. Setting a key again replaces its
 * value. Bytes that are not UTF-8 become U+FFFD.
 *
 * Threads: all calls come from one thread, the one that runs the handler or, in a plain program, called otel_init(); there are no locks. Work that
 * other threads do is recorded by that thread when it is done, with times that it is told (opening.start_ns, otel_end_at()). No call may be made
 * from a signal handler. After fork() the child may record once it has called otel_reseed(), but shares the connection: only one of the two may
 * flush.
 *
 * C11 and C++17. Compiled with -DMOTE_MINIMAL every call is an empty inline function and nothing is linked.
 *
 * Sources: OpenTelemetry specification 1.60 (trace API), OTLP 1.11.
 */

#include "otel_value.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTEL_OPEN_MAX 32
#define OTEL_SPAN_BYTES 12288

struct otel_span;    /* never defined: see Ownership */
struct lambda_hooks; /* hooks.h */

enum otel_kind { OTEL_INTERNAL = 1, OTEL_SERVER, OTEL_CLIENT, OTEL_PRODUCER, OTEL_CONSUMER };

/* What is made of a span to be known elsewhere: W3C's trace context. */
struct otel_context {
	unsigned char trace_id[16], span_id[8];
	unsigned char flags;     /* OTEL_SAMPLED; others are passed on */
	bool remote;             /* it came from another process */
	const char *trace_state; /* the header's text */
	size_t trace_state_n;
};

#define OTEL_SAMPLED 1

struct otel_link {
	struct otel_context to;
	const struct otel_attr *attrs;
	size_t attr_count;
};

/* Who instruments, when it is not the function itself: static storage, told apart by its address. At most OTEL_SCOPES_MAX in a program. */
struct otel_scope {
	const char *name, *version, *schema_url; /* NULL: none */
	const struct otel_attr *attrs;
	size_t attr_count;
};

#define OTEL_SCOPES_MAX 8

/* How a span opens when not as otel_start() does it. All zero: as otel_start() does it. */
struct otel_opening {
	enum otel_kind kind; /* 0: internal */

	/* A parent: another span, whether open or not recorded; or a context, sampled as OTEL_TRACES_SAMPLER says; or none, in a trace of its own. */
	struct otel_span *parent;
	const struct otel_context *context;
	bool root;
	bool current; /* with one of the three: the span is the current one all the same, and nests */

	int64_t start_ns; /* Unix time; 0: now */
	const struct otel_scope *scope;
	const struct otel_attr *attrs;
	size_t attr_count;
	const struct otel_link *links;
	size_t link_count;
};

/* For a program without lambda_run(). All zero is good: OTEL_SERVICE_NAME names it, or else the name of the program. */
struct otel_setup {
	const char *service_name; /* where the environment says nothing */
};

#ifndef MOTE_MINIMAL

/* What struct lambda_app takes: .hooks = OTEL_HOOKS */
extern const struct lambda_hooks otel_hooks;
#define OTEL_HOOKS (&otel_hooks)

/*
 * ---- with lengths: for texts that are not NUL-terminated; the functions below measure for you, at compile time where the text is a literal ----
 *
 * A name is cut at 1024 bytes, between characters. An attribute without key, or one that does not fit, is left out and counted in the span. Times
 * are Unix nanoseconds; 0 is now.
 */

struct otel_span *otel_start_n(const char *name, size_t name_n);
struct otel_span *otel_start_with_n(const char *name, size_t name_n, const struct otel_opening *opening);
void otel_put_str(struct otel_span *span, const char *key, size_t key_n, const char *p, size_t n);
void otel_put_int(struct otel_span *span, const char *key, size_t key_n, int64_t value);
void otel_put_double(struct otel_span *span, const char *key, size_t key_n, double value);
void otel_put_bool(struct otel_span *span, const char *key, size_t key_n, bool value);
void otel_put_value(struct otel_span *span, const char *key, size_t key_n, const struct otel_value *value);
void otel_put_exception(struct otel_span *span, const char *type, size_t type_n, const char *message, size_t message_n);
void otel_put_exception_stack(struct otel_span *span, const char *type, size_t type_n, const char *message,
                              size_t message_n, const char *stack, size_t stack_n);
void otel_put_event(struct otel_span *span, int64_t unix_ns, const char *name, size_t name_n,
                    const struct otel_attr *attrs, size_t attr_count);

/* ---- a span's life ---- */

/* Ends the span now, or at a time in Unix nanoseconds, which may lie before its start: nobody checks. Spans opened after it that are still open end with it, and are marked. */
void otel_end(struct otel_span *span);
void otel_end_at(struct otel_span *span, int64_t unix_ns);

struct otel_span *otel_current(void); /* the innermost open span: the parent of the next one */
struct otel_span *
otel_invocation(void); /* the invocation's own span; in a program without lambda_run() one that does not exist */

/* Whether anything set on this span will be seen: worth asking before an attribute that is costly to compute. */
bool otel_recording(struct otel_span *span);

/* False: there is none. trace_state lives until the span ends. Of an invocation whose spans are not recorded otel_current() has a context too. */
bool otel_context_of(struct otel_span *span, struct otel_context *out);

/* ---- what a span says ---- */

/* Another name, also for the invocation's span; one that finds no room changes nothing. */
void otel_rename(struct otel_span *span, const char *name, size_t n);

/* Copied, trace state and attributes too. One that finds no room, or is over OTEL_SPAN_LINK_COUNT_LIMIT, is counted in the span. */
void otel_add_link(struct otel_span *span, const struct otel_context *to, const struct otel_attr *attrs,
                   size_t attr_count);

/* The span failed; the last message stands, unless otel_ok() has been called. One that does not fit is left out, the status stays. n may be 0. */
void otel_error(struct otel_span *span, const char *message, size_t n);

/* The last word: what failed before, and after, is no failure. For the function itself to say, not for libraries. */
void otel_ok(struct otel_span *span);

/* code.file.path, code.line.number, code.function.name; NUL-terminated, copied: OTEL_HERE(span) says where it stands */
void otel_set_location(struct otel_span *span, const char *file, int line, const char *function);

/* Ids from here on are of another seed: for the child of fork(), and for a copy of a process, which would make the same ones again. */
void otel_reseed(void);

/* ---- a program without lambda_run() ---- */

/* Reads the environment, once; setup may be NULL, and is not kept. Spans may be opened from here on: the first one open is the root of a trace. */
void otel_init(const struct otel_setup *setup);

/* Sends what has ended, within timeout_ms. False: some of it could not be delivered, which the log has said. */
bool otel_flush(int timeout_ms);

/* Ends what is open, collects what there is, sends it. Afterwards nothing is recorded. */
bool otel_shutdown(int timeout_ms);

#else
#include "otel_minimal.h"
#endif

/* ---- spans ---- */

/* A child of the current span, current itself until it ends. Time is taken from the clock, in nanoseconds. */
static inline struct otel_span *otel_start(const char *name)
{
	return otel_start_n(name, __builtin_strlen(name));
}

/* As opening says, which is copied with all it points to. */
static inline struct otel_span *otel_start_with(const char *name, const struct otel_opening *opening)
{
	return otel_start_with_n(name, __builtin_strlen(name), opening);
}

/*
 * A span that ends with the block it is opened in, however that is left:
 *
 *   OTEL_SPAN(span, "read table");
 */
static inline void otel_end_scope(struct otel_span **span)
{
	otel_end(*span);
}

#define OTEL_SPAN(variable, name) \
	struct otel_span *variable __attribute__((cleanup(otel_end_scope), unused)) = otel_start(name)

/* Says where in the source it stands, and is the span: OTEL_HERE(otel_start("read table")) */
static inline struct otel_span *otel_here(struct otel_span *span, const char *file, int line, const char *function)
{
	otel_set_location(span, file, line, function);
	return span;
}

#define OTEL_HERE(span) otel_here((span), __FILE__, __LINE__, __func__)

/* ---- attributes, one function a type ---- */

/* p may be NULL when n is 0. A value is cut at OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT characters; arrays and lists are so inside. */
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

static inline void otel_set_value(struct otel_span *span, const char *key, struct otel_value value)
{
	otel_put_value(span, key, __builtin_strlen(key), &value);
}

static inline void otel_set_bytes(struct otel_span *span, const char *key, const void *p, size_t n)
{
	otel_set_value(span, key, otel_value_bytes(p, n));
}

/* Arrays of one type; one of several types, or of arrays, is an array of values: otel_value_array(). */
static inline void otel_set_strs(struct otel_span *span, const char *key, const char *const *texts, size_t n)
{
	otel_set_value(span, key, otel_value_strs(texts, n));
}

static inline void otel_set_ints(struct otel_span *span, const char *key, const int64_t *values, size_t n)
{
	otel_set_value(span, key, otel_value_ints(values, n));
}

static inline void otel_set_doubles(struct otel_span *span, const char *key, const double *values, size_t n)
{
	otel_set_value(span, key, otel_value_doubles(values, n));
}

static inline void otel_set_bools(struct otel_span *span, const char *key, const bool *values, size_t n)
{
	otel_set_value(span, key, otel_value_bools(values, n));
}

/* A key-value list: otel_value.h shows one. */
static inline void otel_set_pairs(struct otel_span *span, const char *key, const struct otel_attr *pairs, size_t n)
{
	otel_set_value(span, key, otel_value_pairs(pairs, n));
}

/* ---- events: at most OTEL_SPAN_EVENT_COUNT_LIMIT; one that finds no room is left out and counted in the span ---- */

static inline void otel_add_event(struct otel_span *span, const char *name, const struct otel_attr *attrs,
                                  size_t attr_count)
{
	otel_put_event(span, 0, name, __builtin_strlen(name), attrs, attr_count);
}

static inline void otel_add_event_at(struct otel_span *span, int64_t unix_ns, const char *name,
                                     const struct otel_attr *attrs, size_t attr_count)
{
	otel_put_event(span, unix_ns, name, __builtin_strlen(name), attrs, attr_count);
}

/*
 * Something went wrong, and this is what: an exception event (semantic conventions, exceptions on spans), the attribute error.type, and the
 * status as otel_error() sets it. OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=logs makes a log record of it instead, also where the trace is not sampled.
 */
static inline void otel_exception(struct otel_span *span, const char *type, const char *message, size_t n)
{
	otel_put_exception(span, type, __builtin_strlen(type), message, n);
}

static inline void otel_exception_stack(struct otel_span *span, const char *type, const char *message, size_t n,
                                        const char *stack, size_t stack_n)
{
	otel_put_exception_stack(span, type, __builtin_strlen(type), message, n, stack, stack_n);
}

#ifdef __cplusplus
}
#endif

#include "otel_context.h"
#include "otel_metric.h"
#include "otel_log.h"
#include "otel_trigger.h"
