// SPDX-License-Identifier: MIT
#include "trigger/options.h"

#include "settings.h"

static struct trigger_options options;
static bool known;

bool list_has(str list, str item)
{
	str one;

	while (list.n) {
		str_cut(list, ',', &one, &list);
		if (str_eq(str_trim(one), item))
			return true;
	}
	return false;
}

const struct trigger_options *trigger_options(void)
{
	if (!known) {
		options.methods = setting("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS");
		options.request_headers = setting("OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS");
		options.response_headers = setting("OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS");
		options.legacy = list_has(setting("OTEL_SEMCONV_STABILITY_OPT_IN"), S("http/dup"));
		known = true;
	}
	return &options;
}

void trigger_options_forget(void)
{
	known = false;
}
