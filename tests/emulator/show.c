// SPDX-License-Identifier: MIT
// emulator show [FILE...]: draws traces that were kept: a log with stdout lines in it, or an OTLP request as it was sent.
// A trace spread over several files, or lines, becomes one picture.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector.h"
#include "buf.h"
#include "serve.h"

// A log is text, and its lines are told by their first key; everything else is taken for protobuf.
static bool add_lines(struct collector *c, const struct buf *b)
{
	const char *at = b->p, *end = b->p + b->n;
	bool found = false;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end, *brace = memchr(at, '{', (size_t)(stop - at));
		if (brace)
			found |= collector_line(c, brace, (size_t)(stop - brace));
		at = stop + 1;
	}
	return found;
}

static bool show_file(struct collector *c, const char *path)
{
	FILE *from = strcmp(path, "-") != 0 ? fopen(path, "rb") : stdin;
	struct buf b = { 0 };
	bool ok = from && buf_read(&b, from);

	if (!ok)
		fprintf(stderr, "emulator show: %s: %s\n", path, strerror(errno));
	else if (b.n && !add_lines(c, &b))
		collector_add(c, OTLP_TRACES, b.p, b.n, from == stdin ? "standard input" : path);
	if (from && from != stdin)
		fclose(from);
	buf_free(&b);
	return ok;
}

int show_main(int argc, char **argv)
{
	struct collector c = { .waterfall.style = ink_style_of(STDOUT_FILENO) };
	bool ok = argc > 1 || show_file(&c, "-");

	for (int i = 1; i < argc; i++)
		ok &= show_file(&c, argv[i]);
	collector_draw_rest(&c, stdout);
	if (ok && !c.spans && !c.others)
		fputs("emulator show: no span in there\n", stderr);
	ok &= c.spans + c.others > 0 && c.errors == 0;
	collector_free(&c);
	return fflush(stdout) || !ok;
}
