// SPDX-License-Identifier: MIT
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "record/recorder.h"
#include "unit/otlp.h"

#include "hooks.h"

static const struct otel_scope scopes[3] = { { .name = "a" }, { .name = "b", .version = "1" }, { .name = "c" } };

/* The bytes of the input decide what is open about it. */
static struct otel_span *open_span(struct otel_span *parent, const char *text, size_t n, size_t key_n)
{
	struct otel_value value = otel_value_array((const struct otel_value[]){ otel_value_str(text, n),
	                                                                        otel_value_int((int64_t)n) },
	                                           2);
	struct otel_attr attr = { text, key_n, value };
	struct otel_context context = {
		.flags = (unsigned char)text[0], .remote = n & 2, .trace_state = text, .trace_state_n = n
	};
	struct otel_link link = { context, &attr, 1 };
	struct otel_opening o = { .current = n & 1,
		                      .root = n & 4,
		                      .attrs = &attr,
		                      .attr_count = n & 1,
		                      .links = &link,
		                      .link_count = n & 3 ? 1 : 0 };

	memcpy(context.trace_id, text, n < 16 ? n : 16);
	memcpy(context.span_id, text, n < 8 ? n : 8);
	link.to = context;
	if (key_n == 1)
		o.context = &context;
	if (key_n == 2)
		o.parent = parent;
	if (key_n == 3)
		o.scope = &scopes[n % 3];
	return otel_start_with_n(text, n, &o);
}

static void say_more(struct otel_span *span, const char *text, size_t n, size_t key_n)
{
	struct otel_attr attrs[] = { { text, key_n, otel_value_bytes(text, n) }, { text, n, otel_value_str(text, key_n) } };

	otel_put_value(span, text, key_n, &(struct otel_value){ .type = OTEL_PAIRS, .n = 2, .of.pairs = attrs });
	otel_put_event(span, (int64_t)n, text, n, attrs, 2);
	if (key_n == 1)
		otel_rename(span, text, n);
	if (key_n == 2)
		otel_ok(span);
}

/* The input is a handler: each byte a call on one of the last handles, with the bytes behind it as text. */
static void handle(const uint8_t *data, size_t size)
{
	struct otel_span *handles[16] = { NULL };

	for (size_t i = 0; i < size; i++) {
		struct otel_span **span = &handles[data[i] >> 4];
		size_t key_n = size - i < 5 ? size - i : data[i] % 5u, n = size - i;
		const char *text = (const char *)data + i;

		if (data[i] & 8 && n > 40)
			n = data[i] % 40u;
		switch (data[i] & 7) {
		case 0: *span = otel_start_n(text, n); break;
		case 1: *span = open_span(*span, text, n, key_n); break;
		case 2:
			if (n & 1)
				otel_end(*span);
			else
				otel_end_at(*span, INT64_MAX);
			break;
		case 3: otel_put_str(*span, text, key_n, text, n); break;
		case 4: otel_put_int(*span, text, key_n, (int64_t)i * data[i]); break;
		case 5: otel_error(*span, text, n); break;
		case 6: otel_put_exception(*span, text, key_n, text, n); break;
		case 7: say_more(n & 1 ? *span : otel_invocation(), text, n, key_n); break;
		}
	}
}

static void check(str span)
{
	int seen[17] = { 0 };
	bool good = true;
	struct field f;

	require(span.n <= OTEL_SPAN_BYTES);
	while (pb_next(&span, &f, &good)) {
		require(f.number <= 16);
		seen[f.number]++;
		if (f.number == 5)
			require(utf8_valid(f.bytes));
		if (f.number == 11 || f.number == 13)
			require(pb_valid(f.bytes));
		if (f.number == 9) {
			require(pb_valid(f.bytes) && pb_valid(pb_bytes(f.bytes, 2)));
			require(pb_bytes(f.bytes, 1).n && utf8_valid(pb_bytes(f.bytes, 1)));
		}
	}
	require(good && seen[1] == 1 && seen[2] == 1 && seen[4] <= 1 && seen[5] == 1 && seen[15] <= 1 && seen[16] == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct lambda_hook_sandbox sandbox;
	static const struct lambda_hook_event event;
	struct lambda_hook_result result = { .failed = size & 1, .error_message = { (const char *)data, size } };
	struct field span;
	bool good = true;
	str spool;

	otel_hooks.init(&sandbox);
	otel_hooks.begin(&event);
	handle(data, size);
	otel_hooks.end(&result);
	otel_hooks.answered();
	spool = recorder_spool();
	require(recorder.count.made == recorder.spool.items + count_dropped(&recorder.count));
	while (pb_next(&spool, &span, &good))
		check(span.bytes);
	require(good && !spool.n);
	recorder_spool_empty();
	return 0;
}
