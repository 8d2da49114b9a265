// SPDX-License-Identifier: MIT
#pragma once

/* otel_minimal.h: the calls of otel.h under -DMOTE_MINIMAL, which do nothing. Included by otel.h alone. */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define OTEL_HOOKS NULL

static inline struct otel_span *otel_start_n(const char *name, size_t name_n)
{
	return NULL;
}

static inline struct otel_span *otel_start_with_n(const char *name, size_t name_n, const struct otel_opening *opening)
{
	return NULL;
}

static inline void otel_put_str(struct otel_span *span, const char *key, size_t key_n, const char *p, size_t n)
{
}

static inline void otel_put_int(struct otel_span *span, const char *key, size_t key_n, int64_t value)
{
}

static inline void otel_put_double(struct otel_span *span, const char *key, size_t key_n, double value)
{
}

static inline void otel_put_bool(struct otel_span *span, const char *key, size_t key_n, bool value)
{
}

static inline void otel_put_value(struct otel_span *span, const char *key, size_t key_n, const struct otel_value *value)
{
}

static inline void otel_put_exception(struct otel_span *span, const char *type, size_t type_n, const char *message,
                                      size_t message_n)
{
}

static inline void otel_put_exception_stack(struct otel_span *span, const char *type, size_t type_n,
                                            const char *message, size_t message_n, const char *stack, size_t stack_n)
{
}

static inline void otel_put_event(struct otel_span *span, int64_t unix_ns, const char *name, size_t name_n,
                                  const struct otel_attr *attrs, size_t attr_count)
{
}

static inline void otel_end(struct otel_span *span)
{
}

static inline void otel_end_at(struct otel_span *span, int64_t unix_ns)
{
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
	return false;
}

static inline bool otel_context_of(struct otel_span *span, struct otel_context *out)
{
	return false;
}

static inline void otel_rename(struct otel_span *span, const char *name, size_t n)
{
}

static inline void otel_add_link(struct otel_span *span, const struct otel_context *to, const struct otel_attr *attrs,
                                 size_t attr_count)
{
}

static inline void otel_error(struct otel_span *span, const char *message, size_t n)
{
}

static inline void otel_ok(struct otel_span *span)
{
}

static inline void otel_set_location(struct otel_span *span, const char *file, int line, const char *function)
{
}

static inline void otel_reseed(void)
{
}

static inline void otel_init(const struct otel_setup *setup)
{
}

static inline bool otel_flush(int timeout_ms)
{
	return true;
}

static inline bool otel_shutdown(int timeout_ms)
{
	return true;
}

#pragma GCC diagnostic pop
