// SPDX-License-Identifier: MIT
#include "aws/canonical.h"

#include "base/percent.h"

#include <string.h>

static int compare_names(str a, str b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return ascii_lower(a.p[i]) < ascii_lower(b.p[i]) ? -1 : 1;
	return (a.n > b.n) - (a.n < b.n);
}

static int compare(str a, str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static void put_lower(struct buf *out, str name)
{
	for (size_t i = 0; i < name.n; i++)
		buf_putc(out, (char)ascii_lower(name.p[i]));
}

/* ---- path ---- */

static void put_segment(struct buf *out, str segment)
{
	buf_putc(out, '/');
	percent_encode(out, segment);
}

static void drop_segment(struct buf *out, size_t start)
{
	while (out->n > start && out->p[--out->n] != '/')
		;
}

/*
 * Dot segments and empty ones go, ".." with the one before it, as far as there is one. A slash at the end
 * stays; "/a/." and "/a/.." end without one: not as RFC 3986 5.2.4 has it, but as AWS's own signers do.
 */
static void put_normal_path(struct buf *out, str path)
{
	size_t start = out->n;
	bool slash = path.n && path.p[path.n - 1] == '/';
	str segment;

	while (path.n) {
		str_cut(path, '/', &segment, &path);
		if (str_eq(segment, S("..")))
			drop_segment(out, start);
		else if (segment.n && !str_eq(segment, S(".")))
			put_segment(out, segment);
	}
	if (slash || out->n == start)
		buf_putc(out, '/');
}

static bool escape_at(str text, size_t i)
{
	return text.n - i > 2 && text.p[i] == '%' && ascii_hex(text.p[i + 1]) >= 0 && ascii_hex(text.p[i + 2]) >= 0;
}

/* Each byte encoded, except slashes and escapes where asked for. */
static void put_bytes(struct buf *out, str text, bool keep_slashes, bool keep_escapes)
{
	for (size_t i = 0; i < text.n; i++) {
		if (keep_escapes && escape_at(text, i)) {
			buf_put(out, (str){ text.p + i, 3 });
			i += 2;
		} else if (keep_slashes && text.p[i] == '/') {
			buf_putc(out, '/');
		} else {
			percent_encode(out, (str){ text.p + i, 1 });
		}
	}
}

void canonical_put_path(struct buf *out, str path, unsigned flags)
{
	if (!(flags & (SIGV4_S3 | SIGV4_AS_IS))) {
		put_normal_path(out, path);
		return;
	}
	if (!path.n || path.p[0] != '/')
		buf_putc(out, '/');
	put_bytes(out, path, true, flags & SIGV4_S3);
}

/* ---- query ---- */

static str put_piece(struct buf *out, str text)
{
	size_t start = out->n;

	put_bytes(out, text, false, true);
	return (str){ out->p + start, out->n - start };
}

bool canonical_params_add(struct canonical_params *params, struct buf *out, str name, str value)
{
	if (params->n == SIGV4_PARAMS_MAX)
		return false;
	name = put_piece(out, name);
	params->at[params->n++] = (struct canonical_param){ name, put_piece(out, value) };
	return true;
}

static bool param_before(const struct canonical_param *a, const struct canonical_param *b)
{
	int order = compare(a->name, b->name);

	return order ? order < 0 : compare(a->value, b->value) < 0;
}

void canonical_put_params(struct buf *out, struct canonical_params *params)
{
	for (size_t i = 1; i < params->n; i++) {
		struct canonical_param moved = params->at[i];
		size_t at = i;

		for (; at && param_before(&moved, &params->at[at - 1]); at--)
			params->at[at] = params->at[at - 1];
		params->at[at] = moved;
	}
	for (size_t i = 0; i < params->n; i++) {
		if (i)
			buf_putc(out, '&');
		buf_put(out, params->at[i].name);
		buf_putc(out, '=');
		buf_put(out, params->at[i].value);
	}
}

/* ---- header fields ---- */

bool canonical_fields_add(struct canonical_fields *fields, str name, str value)
{
	size_t at = fields->n;

	if (fields->n == sizeof fields->at / sizeof *fields->at)
		return false;
	for (; at && compare_names(name, fields->at[at - 1].name) < 0; at--)
		fields->at[at] = fields->at[at - 1];
	fields->at[at] = (struct sigv4_field){ name, value };
	fields->n++;
	return true;
}

static bool same_name(const struct canonical_fields *fields, size_t i)
{
	return i && str_ieq(fields->at[i].name, fields->at[i - 1].name);
}

void canonical_put_names(struct buf *out, const struct canonical_fields *fields)
{
	for (size_t i = 0; i < fields->n; i++) {
		if (same_name(fields, i))
			continue;
		if (i)
			buf_putc(out, ';');
		put_lower(out, fields->at[i].name);
	}
}

static bool white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * No white space at the ends, and one space for each run of it: also for a line end and what follows it. Word
 * by word, as a session token is one of a kilobyte and more.
 */
static void put_value(struct buf *out, str value)
{
	bool first = true;

	for (;;) {
		size_t n = 0;

		for (; value.n && white(*value.p); value.p++)
			value.n--;
		if (!value.n)
			return;
		while (n < value.n && !white(value.p[n]))
			n++;
		if (!first)
			buf_putc(out, ' ');
		buf_put(out, (str){ value.p, n });
		value = (str){ value.p + n, value.n - n };
		first = false;
	}
}

void canonical_put_fields(struct buf *out, const struct canonical_fields *fields)
{
	for (size_t i = 0; i < fields->n; i++) {
		if (same_name(fields, i)) {
			buf_putc(out, ',');
		} else {
			if (i)
				buf_putc(out, '\n');
			put_lower(out, fields->at[i].name);
			buf_putc(out, ':');
		}
		put_value(out, fields->at[i].value);
	}
	if (fields->n)
		buf_putc(out, '\n');
}
