// SPDX-License-Identifier: MIT

/*
 * What a span with four attributes costs (two strings, an int, a bool), from otel_start() to its bytes in the spool, both clock reads
 * included: through otel.h as handlers call it, and the same bytes written with nanopb's encoder primitives and nothing else, no checks, no
 * nesting. The best of many rounds: what the machine does beside it only ever adds.
 */
#include "base/clock.h"
#include "hooks.h"
#include "otel.h"
#include "record/recorder.h"

#include "common.pb.h"

#include <pb_encode.h>
#include <stdio.h>

#define ROUNDS 400
#define SPANS 500

#define NAME "compose greeting"
#define METHOD "http.request.method"
#define PATH "url.path"
#define PATH_VALUE "/hello/world/this/is/it"
#define STATUS "http.response.status_code"
#define COLD "faas.coldstart"

static __attribute__((noinline)) void ours(void)
{
	struct otel_span *span = otel_start(NAME);

	otel_set_str(span, METHOD, "GET", 3);
	otel_set_str(span, PATH, PATH_VALUE, sizeof PATH_VALUE - 1);
	otel_set_int(span, STATUS, 200);
	otel_set_bool(span, COLD, true);
	otel_end(span);
}

static void disabled(void)
{
	struct otel_span *span = NULL;

	otel_set_str(span, METHOD, "GET", 3);
	otel_set_str(span, PATH, PATH_VALUE, sizeof PATH_VALUE - 1);
	otel_set_int(span, STATUS, 200);
	otel_set_bool(span, COLD, true);
	otel_end(span);
}

static void clocks(void)
{
	clock_mono_ns();
	clock_mono_ns();
}

/* ---- with nanopb ---- */

static char slot[OTEL_SPAN_BYTES], arena[REGION_SPOOL_BYTES];
static size_t slot_n, end_at;

static pb_ostream_t rest_of_slot(void)
{
	return pb_ostream_from_buffer((pb_byte_t *)slot + slot_n, sizeof slot - slot_n);
}

static void nanopb_bytes(pb_ostream_t *o, unsigned field, const void *p, size_t n)
{
	pb_encode_tag(o, PB_WT_STRING, field);
	pb_encode_string(o, p, n);
}

static __attribute__((noinline)) void nanopb_start(const char *name, size_t n)
{
	pb_ostream_t o;
	int64_t now = clock_mono_ns();

	slot_n = 0;
	o = rest_of_slot();
	nanopb_bytes(&o, Span_trace_id_tag, recorder_open[0].bytes + SPAN_TRACE_ID_AT, 16);
	nanopb_bytes(&o, Span_span_id_tag, recorder_open[0].bytes + SPAN_ID_AT, 8);
	nanopb_bytes(&o, Span_parent_span_id_tag, recorder_open[0].bytes + SPAN_ID_AT, 8);
	nanopb_bytes(&o, Span_name_tag, name, n);
	pb_encode_tag(&o, PB_WT_VARINT, Span_kind_tag);
	pb_encode_varint(&o, Span_SpanKind_SPAN_KIND_INTERNAL);
	pb_encode_tag(&o, PB_WT_64BIT, Span_start_time_unix_nano_tag);
	pb_encode_fixed64(&o, &now);
	pb_encode_tag(&o, PB_WT_64BIT, Span_end_time_unix_nano_tag);
	end_at = o.bytes_written;
	pb_encode_fixed64(&o, &now);
	slot_n = o.bytes_written;
}

static void nanopb_head(pb_ostream_t *o, const char *key, size_t key_n, size_t value_n)
{
	pb_encode_tag(o, PB_WT_STRING, Span_attributes_tag);
	pb_encode_varint(o, wire_bytes_size(1, key_n) + wire_bytes_size(2, value_n));
	nanopb_bytes(o, KeyValue_key_tag, key, key_n);
	pb_encode_tag(o, PB_WT_STRING, KeyValue_value_tag);
	pb_encode_varint(o, value_n);
}

static __attribute__((noinline)) void nanopb_str(const char *key, size_t key_n, const char *p, size_t n)
{
	pb_ostream_t o = rest_of_slot();

	nanopb_head(&o, key, key_n, wire_bytes_size(1, n));
	nanopb_bytes(&o, AnyValue_string_value_tag, p, n);
	slot_n += o.bytes_written;
}

static __attribute__((noinline)) void nanopb_number(const char *key, size_t key_n, unsigned field, uint64_t v)
{
	pb_ostream_t o = rest_of_slot();

	nanopb_head(&o, key, key_n, 1 + wire_varint_size(v));
	pb_encode_tag(&o, PB_WT_VARINT, field);
	pb_encode_varint(&o, v);
	slot_n += o.bytes_written;
}

static __attribute__((noinline)) void nanopb_end(void)
{
	pb_ostream_t time = pb_ostream_from_buffer((pb_byte_t *)slot + end_at, 8), o = rest_of_slot();
	pb_ostream_t out = pb_ostream_from_buffer((pb_byte_t *)arena, sizeof arena);
	int64_t now = clock_mono_ns();
	uint32_t flags = 0x101;

	pb_encode_fixed64(&time, &now);
	pb_encode_tag(&o, PB_WT_32BIT, Span_flags_tag);
	pb_encode_fixed32(&o, &flags);
	slot_n += o.bytes_written;
	nanopb_bytes(&out, ScopeSpans_spans_tag, slot, slot_n);
}

static void nanopb(void)
{
	nanopb_start(NAME, sizeof NAME - 1);
	nanopb_str(METHOD, sizeof METHOD - 1, "GET", 3);
	nanopb_str(PATH, sizeof PATH - 1, PATH_VALUE, sizeof PATH_VALUE - 1);
	nanopb_number(STATUS, sizeof STATUS - 1, AnyValue_int_value_tag, 200);
	nanopb_number(COLD, sizeof COLD - 1, AnyValue_bool_value_tag, 1);
	nanopb_end();
}

/* ---- with nanopb's message encoder: the generated descriptors, a callback for each field that has no size ---- */

static bool put_text(pb_ostream_t *o, const pb_field_t *field, void *const *arg)
{
	const char *text = *arg;

	return pb_encode_tag_for_field(o, field) && pb_encode_string(o, (const pb_byte_t *)text, strlen(text));
}

struct bytes {
	const void *p;
	size_t n;
};

static bool put_id(pb_ostream_t *o, const pb_field_t *field, void *const *arg)
{
	const struct bytes *id = *arg;

	return pb_encode_tag_for_field(o, field) && pb_encode_string(o, id->p, id->n);
}

static bool put_attributes(pb_ostream_t *o, const pb_field_t *field, void *const *arg)
{
	const KeyValue *attributes = *arg;

	for (int i = 0; i < 4; i++)
		if (!pb_encode_tag_for_field(o, field) || !pb_encode_submessage(o, KeyValue_fields, &attributes[i]))
			return false;
	return true;
}

#define TEXT(text) { { .encode = put_text }, (void *)(uintptr_t)(text) }

static void nanopb_message(void)
{
	struct bytes trace = { recorder_open[0].bytes + SPAN_TRACE_ID_AT, 16 },
				 id = { recorder_open[0].bytes + SPAN_ID_AT, 8 };
	KeyValue attributes[4] = {
		{ .key = TEXT(METHOD),
		  .has_value = true,
		  .value = { .which_value = AnyValue_string_value_tag, .value.string_value = TEXT("GET") } },
		{ .key = TEXT(PATH),
		  .has_value = true,
		  .value = { .which_value = AnyValue_string_value_tag, .value.string_value = TEXT(PATH_VALUE) } },
		{ .key = TEXT(STATUS),
		  .has_value = true,
		  .value = { .which_value = AnyValue_int_value_tag, .value.int_value = 200 } },
		{ .key = TEXT(COLD),
		  .has_value = true,
		  .value = { .which_value = AnyValue_bool_value_tag, .value.bool_value = true } },
	};
	Span span = {
		.trace_id = { { .encode = put_id }, &trace },
		.span_id = { { .encode = put_id }, &id },
		.parent_span_id = { { .encode = put_id }, &id },
		.name = TEXT(NAME),
		.kind = Span_SpanKind_SPAN_KIND_INTERNAL,
		.start_time_unix_nano = (uint64_t)clock_mono_ns(),
		.attributes = { { .encode = put_attributes }, attributes },
		.flags = 0x101,
	};
	pb_ostream_t o = pb_ostream_from_buffer((pb_byte_t *)arena, sizeof arena);

	span.end_time_unix_nano = (uint64_t)clock_mono_ns();
	pb_encode_tag(&o, PB_WT_STRING, ScopeSpans_spans_tag);
	if (!pb_encode_submessage(&o, Span_fields, &span))
		arena[0] = 0;
}

/* ---- */

static double best_ns(void (*span)(void))
{
	int64_t best = INT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		int64_t start = clock_mono_ns(), took;

		for (int i = 0; i < SPANS; i++)
			span();
		took = clock_mono_ns() - start;
		if (took < best)
			best = took;
		recorder_spool_empty();
	}
	return (double)best / SPANS;
}

int main(int argc, char **argv)
{
	static const struct lambda_hook_sandbox sandbox = { .function_name = { "bench", 5 } };
	static const struct lambda_hook_event event = { .request_id = { "id", 2 } };
	double own, theirs;

	otel_hooks.init(&sandbox);
	otel_hooks.begin(&event);
	if (argc > 1 && !strcmp(argv[1], "--once")) { /* for callgrind to count */
		for (int i = 0; i < 1000; i++)
			ours();
		return 0;
	}
	own = best_ns(ours);
	theirs = best_ns(nanopb);
	printf("span with 4 attributes      %6.0f ns\n", own);
	printf("  nanopb's primitives alone %6.0f ns\n", theirs);
	printf("  nanopb's messages         %6.0f ns\n", best_ns(nanopb_message));
	printf("  two clock reads alone     %6.0f ns\n", best_ns(clocks));
	printf("the same when not recorded  %6.0f ns\n", best_ns(disabled));
	return 0;
}
