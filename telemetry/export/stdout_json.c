// SPDX-License-Identifier: MIT
#include "encode/otlp_json.h"
#include "export/cut.h"
#include "export/line.h"

/*
 * otlp/stdout: a request in OTLP/JSON a line (OTLP file format; OTLP 1.11 names the exporter so), for whoever collects the function's log.
 */
void stdout_json_ship(const struct batch *b, int64_t deadline)
{
	struct cut cut = {
		.batch = b,
		.most = LINE_BYTES_MAX - otlp_json_around(b->signal, b->resource),
		.weigh_item = otlp_json_item,
		.weigh_scope = otlp_json_scope,
	};

	if (otlp_json_around(b->signal, b->resource) > LINE_BYTES_MAX)
		cut.most = 0;
	while (cut_next(&cut)) {
		struct text line = { .p = b->out, .cap = REGION_OUT_BYTES };

		if (cut.too_large) {
			ship_undelivered(b, &cut.run, DROP_SIZE, S("otlp/stdout"), S("larger than a log event may be"));
			continue;
		}
		otlp_json_request(&line, b->signal, b->resource, &cut.run);
		text_char(&line, '\n');
		line_ship(b, (str){ line.p, line.n }, &cut.run, S("otlp/stdout"), deadline);
	}
}
