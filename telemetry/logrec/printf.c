// SPDX-License-Identifier: MIT
#include "base/format.h"
#include "base/late.h"
#include "logrec/logrec.h"

/* Apart from otel_emit(), which knows no format. */
void otel_logf(enum otel_severity severity, const char *format, ...)
{
	static char text[OTEL_LOG_TEXT_MAX] LATE;
	va_list args;
	size_t n;

	if (!logrec_wanted())
		return;
	va_start(args, format);
	n = format_text(text, sizeof text, format, args);
	va_end(args);
	otel_log(severity, text, n < sizeof text ? n : sizeof text);
}
