// SPDX-License-Identifier: MIT
#include "value_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A string that could be taken for a value of another type, or that has no visible end, is quoted.
static bool is_bare(struct slice s)
{
	static const char *const words[] = { "true", "false", "inf", "-inf", "nan" };
	char digits[64], *end;

	if (!s.n || strchr("[{(", *s.p))
		return false;
	if (s.n < sizeof digits && strchr("+-.0123456789", *s.p)) {
		memcpy(digits, s.p, s.n);
		digits[s.n] = 0;
		strtod(digits, &end);
		if (end == digits + s.n)
			return false;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (slice_is(s, words[i]))
			return false;
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || strchr(" \"'=,", s.p[i]))
			return false;
	return true;
}

static void put_string(FILE *out, struct slice s)
{
	if (is_bare(s)) {
		fwrite(s.p, 1, s.n, out);
		return;
	}
	putc('"', out);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			putc('\\', out);
		putc(s.p[i], out);
	}
	putc('"', out);
}

// The fewest digits that read back as the same double, and never the look of an integer.
static void put_double(FILE *out, double d)
{
	char digits[40];

	if (!isfinite(d)) {
		fputs(isnan(d) ? "nan" : d < 0 ? "-inf" : "inf", out);
		return;
	}
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(digits, sizeof digits, "%.*g", precision, d);
		if (!(strtod(digits, NULL) < d) && !(strtod(digits, NULL) > d))
			break;
	}
	fprintf(out, "%s%s", digits, strpbrk(digits, ".e") ? "" : ".0");
}

static void put_value(FILE *out, const struct value *v)
{
	switch (v->type) {
	case VALUE_EMPTY:  fputs("(empty)", out); break;
	case VALUE_STRING: put_string(out, v->text); break;
	case VALUE_BOOL:   fputs(v->yes ? "true" : "false", out); break;
	case VALUE_INT:    fprintf(out, "%" PRId64, v->integer); break;
	case VALUE_DOUBLE: put_double(out, v->real); break;
	case VALUE_ARRAY:
		putc('[', out);
		for (size_t i = 0; i < v->array.n; i++) {
			fputs(i ? ", " : "", out);
			put_value(out, &v->array.at[i]);
		}
		putc(']', out);
		break;
	case VALUE_KVLIST:
		putc('{', out);
		for (size_t i = 0; i < v->fields.n; i++) {
			fprintf(out, "%s%.*s=", i ? ", " : "", (int)v->fields.at[i].key.n, v->fields.at[i].key.p);
			put_value(out, &v->fields.at[i].value);
		}
		putc('}', out);
		break;
	case VALUE_BYTES:
		fputs("0x", out);
		for (size_t i = 0; i < v->text.n; i++)
			fprintf(out, "%02x", (unsigned char)v->text.p[i]);
		break;
	}
}

char *value_text(const struct value *v, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	if (!out)
		return NULL;
	put_value(out, v);
	return fclose(out) ? NULL : text;
}
