// SPDX-License-Identifier: MIT
#include "export/ship.h"

#include "diag.h"
#include "settings.h"

static const struct exporter exporters[] = {
	{ "otlp", otlp_ship },
	{ "otlpstdout", stdout_line_ship },
};

enum { OTLP, STDOUT_LINE };

const struct exporter *ship_choose(void)
{
	str name = str_trim(setting("OTEL_TRACES_EXPORTER"));
	struct otlp_setting endpoint;

	for (size_t i = 0; i < sizeof exporters / sizeof exporters[0]; i++)
		if (str_ieq(name, str_of(exporters[i].name)))
			return &exporters[i];
	if (name.n) /* none is no exporter: then there are no spans to ask for one */
		setting_warn(S("OTEL_TRACES_EXPORTER"), name, "is none of otlp, otlpstdout, none: it is ignored");
	otlp_setting(&endpoint, "ENDPOINT");
	return &exporters[endpoint.value.n ? OTLP : STDOUT_LINE];
}

void ship_dropped(const struct batch *batch, enum drop reason, size_t n, str what, str cause)
{
	struct diag d;
	struct buf *b = diag_open(&d, DIAG_ERROR);

	batch->count->dropped[reason] += n;
	buf_put(b, what);
	buf_put(b, S(": "));
	buf_put(b, cause);
	buf_put(b, S(", dropped "));
	buf_u64(b, n);
	buf_put(b, n == 1 ? S(" span") : S(" spans"));
	diag_close(&d);
}
