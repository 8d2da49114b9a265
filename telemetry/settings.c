// SPDX-License-Identifier: MIT
#include "settings.h"

#include "diag.h"

#include <unistd.h>

#define SHOWN_BYTES_MAX 200

str setting(const char *name)
{
	for (char **entry = environ; entry && *entry; entry++) {
		size_t n = 0;

		while (name[n] && (*entry)[n] == name[n])
			n++;
		if (!name[n] && (*entry)[n] == '=')
			return str_of(*entry + n + 1);
	}
	return (str){ 0 };
}

bool setting_bool(const char *name)
{
	str value = setting(name);

	if (str_ieq(value, S("true")))
		return true;
	if (value.n && !str_ieq(value, S("false")))
		setting_warn(str_of(name), value, "is neither true nor false: it counts as false");
	return false;
}

void settings_check(void)
{
	static const char *const files[] = { "OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE" };

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		if (setting(files[i]).n)
			setting_warn(str_of(files[i]), setting(files[i]),
			             "files of configuration are not read: it is ignored, and the other variables are used");
}

static bool look_up(struct otlp_setting *s, str prefix, const char *what)
{
	struct buf name = BUF(s->room);

	buf_put(&name, prefix);
	buf_put(&name, str_of(what));
	s->name = buf_str(&name);
	buf_putc(&name, 0);
	s->value = setting(s->room);
	return s->value.n > 0;
}

bool otlp_setting(struct otlp_setting *s, enum signal signal, const char *what)
{
	static const char *const own[] = { "OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_METRICS_",
		                               "OTEL_EXPORTER_OTLP_LOGS_" };

	return look_up(s, str_of(own[signal]), what) || (look_up(s, S("OTEL_EXPORTER_OTLP_"), what), false);
}

void setting_warn(str name, str value, const char *what)
{
	struct diag d;
	struct buf *b = diag_open(&d, DIAG_WARN);

	buf_put(b, name);
	if (value.n)
		buf_putc(b, '=');
	buf_put(b, value.n > SHOWN_BYTES_MAX ? (str){ value.p, SHOWN_BYTES_MAX } : value);
	buf_put(b, S(": "));
	buf_put(b, str_of(what));
	diag_close(&d);
}
