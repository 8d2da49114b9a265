// SPDX-License-Identifier: MIT
#include "otlp/trim.h"

#include "encode/wire_read.h"

#define KEY_VALUE_KEY 1
#define COUNT_BYTES_MAX (2 + 5) /* of dropped_attributes_count, a uint32 */

/* An attribute's rank: the largest first, among equals the first. What is before the line, and on it, is left out. */
struct rank {
	size_t size, at;
};

static bool is_before(struct rank a, struct rank b)
{
	return a.size > b.size || (a.size == b.size && a.at < b.at);
}

static bool is_attribute(const struct trim *t, const struct wire_field *f)
{
	return f->number == t->attributes && f->type == WIRE_BYTES &&
	       !(t->is_needed && t->is_needed(wire_bytes_of(f->bytes, KEY_VALUE_KEY)));
}

/* The first rank behind the line; false: there is none. */
static bool find_next(const struct trim *t, str message, struct rank line, struct rank *out)
{
	struct wire_field f;
	bool found = false;

	for (size_t at = 0; wire_next(&message, &f); at++) {
		struct rank r = { f.whole.n, at };

		if (!is_attribute(t, &f) || !is_before(line, r) || (found && !is_before(r, *out)))
			continue;
		*out = r;
		found = true;
	}
	return found;
}

static size_t write_rest(const struct trim *t, str message, struct rank line, size_t left_out, char *to)
{
	uint64_t before = 0;
	struct wire_field f;
	char *p = to;

	for (size_t at = 0; wire_next(&message, &f); at++) {
		struct rank r = { f.whole.n, at };

		if (f.number == t->dropped && f.type == WIRE_VARINT) {
			before = f.value;
			continue;
		}
		if (is_attribute(t, &f) && !is_before(line, r))
			continue;
		memcpy(p, f.whole.p, f.whole.n);
		p += f.whole.n;
	}
	return (size_t)(wire_int(p, t->dropped, (uint32_t)(before + left_out)) - to);
}

size_t trim_message(const struct trim *t, str message, char *to, size_t most, size_t *left_out)
{
	struct rank line = { SIZE_MAX, 0 };
	size_t n = message.n;

	*left_out = 0;
	while (most < COUNT_BYTES_MAX || n > most - COUNT_BYTES_MAX) {
		if (!find_next(t, message, line, &line))
			return 0;
		n -= line.size;
		++*left_out;
	}
	return write_rest(t, message, line, *left_out, to);
}
