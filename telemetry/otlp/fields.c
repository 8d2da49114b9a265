// SPDX-License-Identifier: MIT
#include "otlp/fields.h"

#include "base/field.h"
#include "settings.h"

static bool is_good(const struct list_pair *pairs, size_t n)
{
	while (n--)
		if (!field_is_name(pairs[n].key) || !field_is_value(pairs[n].value))
			return false;
	return true;
}

void fields_read(struct fields *h, enum signal signal)
{
	static const char *const own[] = { "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
		                               "OTEL_EXPORTER_OTLP_LOGS_HEADERS" };
	const char *const names[] = { "OTEL_EXPORTER_OTLP_HEADERS", own[signal] };

	for (int i = 0; i < 2; i++) {
		str list = setting(names[i]);

		h->n[i] = 0;
		if (list.n <= FIELDS_TEXT_BYTES && list_parse(list, h->text[i], h->pairs[i], FIELDS_MAX, &h->n[i]) &&
		    is_good(h->pairs[i], h->n[i]))
			continue;
		h->n[i] = 0;
		setting_warn(str_of(names[i]), (str){ 0 },
		             "is not a list of at most 64 header=value with percent-encoded values: all of it is ignored");
	}
}

/* Whether the name is said once more: behind k in list i, or in the list that wins over it. */
static bool again(const struct fields *h, int i, size_t k, str name)
{
	for (k++; k < h->n[i]; k++)
		if (str_ieq(h->pairs[i][k].key, name))
			return true;
	return i == 0 && again(h, 1, (size_t)-1, name);
}

str fields_find(const struct fields *h, str name)
{
	for (int i = 2; i--;)
		for (size_t k = h->n[i]; k--;)
			if (str_ieq(h->pairs[i][k].key, name))
				return (str){ h->pairs[i][k].value.p ? h->pairs[i][k].value.p : "", h->pairs[i][k].value.n };
	return (str){ 0 };
}

static bool one_of(const char *names, str name)
{
	for (str s = str_of(names); s.n; s = str_of(s.p + s.n + 1))
		if (str_ieq(name, s))
			return true;
	return false;
}

/* What the request says about itself is not the user's to say: another value would make it a different message. */
static bool is_ours(str name, bool is_signed)
{
	static const char ours[] = "host\0content-type\0content-length\0content-encoding\0transfer-encoding\0connection\0"
							   "expect\0proxy-authorization\0";
	static const char signatures[] = "x-amz-date\0x-amz-security-token\0x-amz-content-sha256\0";

	return one_of(ours, name) || (is_signed && one_of(signatures, name));
}

void fields_line(struct buf *b, str name, str value)
{
	buf_put(b, name);
	buf_put(b, S(": "));
	buf_put(b, value);
	buf_put(b, S("\r\n"));
}

void fields_put(struct buf *b, const struct fields *h, bool is_signed)
{
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < h->n[i]; k++) {
			str name = h->pairs[i][k].key;

			if (!is_ours(name, is_signed) && !again(h, i, k, name))
				fields_line(b, name, h->pairs[i][k].value);
		}
}
