// SPDX-License-Identifier: MIT
#include "settings.h"

#define ROW(name, field) { { name, sizeof name - 1 }, offsetof(struct settings, field) }

static const struct {
	str name;
	size_t at;
} rows[] = {
	ROW("OTEL_SDK_DISABLED", sdk_disabled),
	ROW("OTEL_SERVICE_NAME", service_name),
	ROW("OTEL_RESOURCE_ATTRIBUTES", resource_attributes),
	ROW("OTEL_TRACES_EXPORTER", traces_exporter),
	ROW("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
	ROW("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", traces_endpoint),
	ROW("OTEL_EXPORTER_OTLP_HEADERS", headers),
	ROW("OTEL_EXPORTER_OTLP_TRACES_HEADERS", traces_headers),
	ROW("OTEL_EXPORTER_OTLP_TIMEOUT", timeout),
	ROW("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", traces_timeout),
	ROW("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
	ROW("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", traces_protocol),
	ROW("AWS_REGION", region),
	ROW("AWS_LAMBDA_LOG_FORMAT", log_format),
	ROW("AWS_LAMBDA_LOG_LEVEL", log_level),
};

static void take(struct settings *s, str entry)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		str name = rows[i].name;

		if (entry.n > name.n && entry.p[name.n] == '=' && str_starts(entry, name)) {
			*(str *)((char *)s + rows[i].at) = (str){ entry.p + name.n + 1, entry.n - name.n - 1 };
			return;
		}
	}
}

void settings_read(struct settings *s, char *const *environment)
{
	*s = (struct settings){ 0 };
	for (; environment && *environment; environment++) {
		const char *e = *environment;

		if ((e[0] == 'O' && e[1] == 'T') || (e[0] == 'A' && e[1] == 'W'))
			take(s, str_of(e));
	}
}
