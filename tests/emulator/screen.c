// SPDX-License-Identifier: MIT
#include "screen.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct slice slice_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static void put_time(FILE *out, const struct ink_style *s, uint64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[16];
	struct tm t;

	localtime_r(&seconds, &t);
	strftime(text, sizeof text, "%H:%M:%S", &t);
	ink_on(out, s, INK_DIM);
	fprintf(out, "%s.%03u", text, (unsigned)(ms % 1000));
	ink_off(out, s, INK_DIM);
}

void screen_log(const struct ink_style *s, const char *text, size_t n)
{
	struct slice rest = { text, n };

	fputs("  ", stdout);
	while (rest.n) {
		size_t tab = 0;
		while (tab < rest.n && rest.p[tab] != '\t')
			tab++;
		text_print(stdout, (struct slice){ rest.p, tab }, s, SIZE_MAX);
		if (tab < rest.n)
			fputs("  ", stdout);
		tab += tab < rest.n;
		rest = (struct slice){ rest.p + tab, rest.n - tab };
	}
	putchar('\n');
	fflush(stdout);
}

static const char *outcome(const struct invocation *inv)
{
	return inv->outcome == INVOCATION_ANSWERED ? "ok"
	       : inv->error_type                   ? inv->error_type
	                                           : invocation_outcome_name(inv->outcome);
}

void screen_call(const struct ink_style *s, FILE *out, const struct call *call)
{
	const struct invocation *inv = &call->inv;
	bool ok = inv->outcome == INVOCATION_ANSWERED && !call->why;

	put_time(out, s, call->wall_ms);
	fprintf(out, "  %s  ", call->id);
	ink_on(out, s, INK_BOLD);
	text_print(out, slice_of(call->what), s, 200);
	ink_off(out, s, INK_BOLD);
	fputs("  ", out);
	ink_on(out, s, ok ? INK_GREEN : INK_RED);
	if (call->hung_up)
		fputs("(caller hung up) ", out);
	else if (call->status)
		fprintf(out, "%d ", call->status);
	text_print(out, slice_of(call->why ? call->why : outcome(inv)), s, 200);
	ink_off(out, s, ok ? INK_GREEN : INK_RED);
	if (inv->response_last_ns > inv->event_ns && inv->event_ns)
		fprintf(out, "  %.3f ms", (double)(inv->response_last_ns - inv->event_ns) / 1e6);
	fputs("  ", out);
	ink_on(out, s, inv->cold ? INK_CYAN : INK_DIM);
	fputs(inv->cold ? "cold" : "warm", out);
	ink_off(out, s, inv->cold ? INK_CYAN : INK_DIM);
	putc('\n', out);
	if (inv->outcome != INVOCATION_ANSWERED && inv->response.n) {
		fputs("  ", out);
		text_print(out, (struct slice){ inv->response.p, inv->response.n }, s, 1000);
		putc('\n', out);
	}
}

void screen_refused(const struct ink_style *s, const char *what, int status, const char *why)
{
	put_time(stdout, s, wall_ms());
	fputs("  ", stdout);
	text_print(stdout, slice_of(what), s, 200);
	fprintf(stdout, "  %d", status);
	if (why) {
		fputs(": ", stdout);
		text_print(stdout, slice_of(why), s, 400);
	}
	putchar('\n');
	fflush(stdout);
}

void screen_note(const struct ink_style *s, enum ink ink, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	ink_on(stdout, s, ink);
	vprintf(format, args);
	ink_off(stdout, s, ink);
	putchar('\n');
	va_end(args);
	fflush(stdout);
}
