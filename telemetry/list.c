// SPDX-License-Identifier: MIT
#include "list.h"

#include "base/percent.h"
#include "base/utf8.h"

#include <string.h>

static bool decode(str *s, char **room)
{
	bool strict = true;

	if (s->n && memchr(s->p, '%', s->n)) {
		size_t n = percent_decode(*s, false, *room, &strict);

		*s = (str){ *room, n };
		*room += n;
	}
	return strict && utf8_valid(*s);
}

bool list_parse(str text, char *room, struct list_pair *pairs, size_t max, size_t *count)
{
	size_t n = 0;

	while (text.n) {
		struct list_pair pair;
		str member;

		str_cut(text, ',', &member, &text);
		member = str_trim(member);
		if (!member.n)
			continue;
		if (!str_cut(member, '=', &pair.key, &pair.value))
			return false;
		pair.key = str_trim(pair.key);
		pair.value = str_trim(pair.value);
		if (!pair.key.n || n == max || !decode(&pair.key, &room) || !decode(&pair.value, &room))
			return false;
		pairs[n++] = pair;
	}
	*count = n;
	return true;
}
