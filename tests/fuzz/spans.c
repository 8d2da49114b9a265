// SPDX-License-Identifier: MIT
#include "base/utf8.h"
#include "record/recorder.h"
#include "unit/otlp.h"

#include "hooks.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held)
{
	if (!held)
		abort();
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
		case 0:
		case 1: *span = otel_start_n(text, n); break;
		case 2: otel_end(*span); break;
		case 3: otel_put_str(*span, text, key_n, text, n); break;
		case 4: otel_put_int(*span, text, key_n, (int64_t)i * data[i]); break;
		case 5: otel_error(*span, text, n); break;
		case 6: otel_put_exception(*span, text, key_n, text, n); break;
		case 7: otel_put_bool(otel_invocation(), text, key_n, true); break;
		}
	}
}

static void check(str span)
{
	int seen[17] = { 0 };
	bool good = true;
	struct field f;

	require(span.n <= OTEL_SPAN_BYTES);
	require(pb_field(span, 7, 0).value <= pb_field(span, 8, 0).value);
	while (pb_next(&span, &f, &good)) {
		require(f.number <= 16);
		seen[f.number]++;
		if (f.number == 5)
			require(utf8_valid(f.bytes));
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
	require(recorder.count.made == recorder.spool_spans + count_dropped(&recorder.count));
	for (size_t n = 0; pb_next(&spool, &span, &good); n++)
		check(span.bytes);
	require(good && !spool.n);
	recorder_spool_empty();
	return 0;
}
