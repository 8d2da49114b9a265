// SPDX-License-Identifier: MIT
#include "export/ship.h"

#include "diag.h"

static const struct exporter exporters[] = {
	{ { "otlp", 4 }, otlp_ship },
	{ { "otlpstdout", 10 }, stdout_line_ship },
	{ { "none", 4 }, NULL },
};

enum { OTLP, STDOUT_LINE };

const struct exporter *ship_choose(const struct settings *env)
{
	str name = str_trim(env->traces_exporter);

	for (size_t i = 0; i < sizeof exporters / sizeof exporters[0]; i++)
		if (str_ieq(name, exporters[i].name))
			return &exporters[i];
	if (name.n)
		diag_variable(S("OTEL_TRACES_EXPORTER"), name, S("is none of otlp, otlpstdout, none: it is ignored"));
	return &exporters[settings_first(env->traces_endpoint, env->endpoint).n ? OTLP : STDOUT_LINE];
}

void ship_dropped(const struct batch *batch, enum drop reason, size_t n, str what, str cause)
{
	struct diag d;
	struct buf *b = diag_open(&d, DIAG_ERROR);

	batch->count->dropped[reason] += n;
	buf_put(b, what);
	buf_put(b, S(": "));
	buf_put(b, cause.n ? cause : drop_text(reason));
	buf_put(b, S(", dropped "));
	buf_u64(b, n);
	buf_put(b, n == 1 ? S(" span") : S(" spans"));
	diag_close(&d);
}
