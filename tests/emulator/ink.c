// SPDX-License-Identifier: MIT
#include "ink.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_DEFAULT = 80, WIDTH_LEAST = 60, WIDTH_MOST = 400 };

static const char *const codes[] = {
	[INK_PLAIN] = "",     [INK_DIM] = "2",     [INK_BOLD] = "1", [INK_CYAN] = "36",      [INK_GREEN] = "32",
	[INK_MAGENTA] = "35", [INK_YELLOW] = "33", [INK_RED] = "31", [INK_BADGE] = "1;7;36",
};

static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = "";

	for (size_t i = 0; i < sizeof names / sizeof *names && !*value; i++)
		value = getenv(names[i]) ? getenv(names[i]) : "";
	// A container says nothing, or "C", and its terminal is UTF-8 all the same: only another charset by name counts.
	const char *charset = strchr(value, '.');
	return !charset || !strncasecmp(charset, ".utf-8", 6) || !strncasecmp(charset, ".utf8", 5);
}

static unsigned columns_of(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { 0 };
	long n = columns ? strtol(columns, NULL, 10) : 0;

	if (n <= 0 && !ioctl(fd, TIOCGWINSZ, &size))
		n = size.ws_col;
	if (n <= 0)
		n = WIDTH_DEFAULT;
	return n < WIDTH_LEAST ? WIDTH_LEAST : n > WIDTH_MOST ? WIDTH_MOST : (unsigned)n;
}

struct ink_style ink_style_of(int fd)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	return (struct ink_style){
		.width = columns_of(fd),
		.colour = isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0,
		.ascii = !locale_is_utf8(),
	};
}

void ink_on(FILE *out, const struct ink_style *s, enum ink ink)
{
	if (s->colour && ink)
		fprintf(out, "\x1b[%sm", codes[ink]);
}

void ink_off(FILE *out, const struct ink_style *s, enum ink ink)
{
	if (s->colour && ink)
		fputs("\x1b[0m", out);
}

// The blocks that terminals draw two columns wide, and combining marks; close enough for names and values.
static unsigned columns_of_code(uint32_t c)
{
	static const uint32_t wide[][2] = {
		{ 0x1100, 0x115f }, { 0x2e80, 0xa4cf }, { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },
		{ 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1faff }, { 0x20000, 0x3fffd },
	};

	if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || (c >= 0xfe00 && c <= 0xfe0f))
		return 0;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (c >= wide[i][0] && c <= wide[i][1])
			return 2;
	return 1;
}

// Bytes of the UTF-8 character that s starts with, 0 if it starts with none (RFC 3629).
static size_t decode(struct slice s, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 0;

	if (!n || n > s.n || p[0] >= 0xf8)
		return 0;
	uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	*code = c;
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : n;
}

// Characters that move the cursor, end the line or turn the writing round: escaped byte by byte.
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

struct slice glyph_next(struct slice s, const struct ink_style *style, struct glyph *g)
{
	static const char short_escapes[] = "\nn\tt\rr";
	uint32_t c = 0;
	size_t n = decode(s, &c);

	*g = (struct glyph){ .columns = 1 };
	if (n && !is_control(c) && (n == 1 || !style->ascii)) {
		memcpy(g->text, s.p, n);
		g->columns = columns_of_code(c);
		return (struct slice){ s.p + n, s.n - n };
	}
	for (size_t i = 0; i + 1 < sizeof short_escapes - 1; i += 2)
		if (*s.p == short_escapes[i])
			g->columns = (unsigned)snprintf(g->text, sizeof g->text, "\\%c", short_escapes[i + 1]);
	if (!*g->text)
		g->columns = (unsigned)snprintf(g->text, sizeof g->text, "\\x%02x", (unsigned char)*s.p);
	return (struct slice){ s.p + 1, s.n - 1 };
}

size_t text_columns(struct slice s, const struct ink_style *style)
{
	size_t columns = 0;
	struct glyph g;

	while (s.n) {
		s = glyph_next(s, style, &g);
		columns += g.columns;
	}
	return columns;
}

size_t text_print(FILE *out, struct slice s, const struct ink_style *style, size_t columns)
{
	bool cut = text_columns(s, style) > columns;
	const char *dots = style->ascii ? "~" : "…";
	size_t room = columns - (cut && columns), used = 0;
	struct glyph g;

	while (s.n) {
		s = glyph_next(s, style, &g);
		if (g.columns > room - used)
			break;
		fputs(g.text, out);
		used += g.columns;
	}
	if (cut && columns) {
		fputs(dots, out);
		used++;
	}
	return used;
}
