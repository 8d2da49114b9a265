// SPDX-License-Identifier: MIT
#include "json/scan.h"

#include <string.h>

/*
 * All paths are looked for in one pass. A path waits at one container at a time, for its current segment;
 * once its key or index has come by it is used up there, whatever it led to: of equal keys the first
 * counts. A container in which nobody waits any more is only passed over.
 */
struct path {
	const char *rest; /* of the path, behind this segment */
	str name;         /* of a member */
	size_t index;     /* of an element */
	bool is_index;
};

struct level {
	uint32_t waiting; /* bit i: path i */
	bool object, begun;
	size_t index; /* of the element */
};

struct search {
	struct path path[LAMBDA_JSON_PATHS_MAX];
	struct level level[LAMBDA_JSON_SEGMENTS_MAX];
	unsigned depth;
	uint32_t pending; /* paths that wait somewhere */
	size_t found;
	str *values;
};

_Static_assert(LAMBDA_JSON_PATHS_MAX <= 32, "a path is a bit in struct level");

/* [12] */
static bool path_index(struct path *path, const char *p)
{
	const char *start = ++p;
	uint64_t index;

	while (*p >= '0' && *p <= '9')
		p++;
	if (*p != ']' || !str_u64((str){ start, (size_t)(p - start) }, SIZE_MAX, &index))
		return false;
	path->is_index = true;
	path->index = (size_t)index;
	path->rest = p + 1;
	return true;
}

/* name or "name" */
static bool path_name(struct path *path, const char *p)
{
	bool quoted = *p == '"';
	const char *start = p += quoted;

	while (*p && (quoted ? *p != '"' : *p != '.' && *p != '[' && *p != '"'))
		p++;
	if (quoted ? *p != '"' : p == start)
		return false;
	path->is_index = false;
	path->name = (str){ start, (size_t)(p - start) };
	path->rest = p + quoted;
	return true;
}

/* The segment that rest begins with. False: there is none, or the path is not one. */
static bool path_step(struct path *path, bool first)
{
	const char *p = path->rest;

	if (*p == '[')
		return path_index(path, p);
	if (!first && *p++ != '.')
		return false;
	return path_name(path, p);
}

/* Which of the paths waiting here want the value that has this key or index. */
static uint32_t wanted(const struct search *s, const struct level *level, str key, bool escaped)
{
	uint32_t hits = 0;

	for (uint32_t left = level->waiting; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);
		const struct path *path = &s->path[i];

		if (path->is_index == level->object)
			continue;
		if (!level->object ? path->index == level->index
		    : escaped      ? lambda_json_text_is(key, true, path->name)
		                   : key.n == path->name.n && str_eq(key, path->name))
			hits |= UINT32_C(1) << i;
	}
	return hits;
}

/* The value at p is what these paths lead to so far: keeps it for those that end here, opens it for the others. */
static const char *arrive(struct search *s, uint32_t paths, const char *p, const char *end)
{
	uint32_t ending = 0, going = 0;
	const char *stop = p;

	for (uint32_t left = paths; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		if (*s->path[i].rest == '\0')
			ending |= UINT32_C(1) << i;
		else if (path_step(&s->path[i], s->depth == 0))
			going |= UINT32_C(1) << i;
	}
	if (p == end || (*p != '{' && *p != '[') || s->depth == LAMBDA_JSON_SEGMENTS_MAX)
		going = 0;
	s->pending = (s->pending & ~paths) | going;
	if (ending || !going) {
		stop = p < end ? scan_value(p, end, LAMBDA_JSON_DEPTH_MAX - s->depth) : NULL;
		if (!stop || (stop == end && s->depth > 0)) { /* the latter may be half a number: the document was cut */
			if (!going)
				return NULL;
			ending = 0; /* bad somewhere inside; the others may end before that */
		}
	}
	for (; ending; ending &= ending - 1, s->found++)
		s->values[__builtin_ctz(ending)] = (str){ p, (size_t)(stop - p) };
	if (!going)
		return stop;
	s->level[s->depth++] = (struct level){ .waiting = going, .object = *p == '{' };
	return p + 1;
}

/* From behind an opening bracket, or behind a value: over the next value, into it, or out of the container. */
static const char *advance(struct search *s, const char *p, const char *end)
{
	struct level *level = &s->level[s->depth - 1];
	const char *stop = NULL;
	str key = { 0 };
	bool escaped = false;
	uint32_t hits;

	if ((p = scan_space(p, end)) == end)
		return NULL;
	if (*p == (level->object ? '}' : ']')) {
		s->pending &= ~level->waiting;
		s->depth--;
		return p + 1;
	}
	if (level->begun) {
		if (*p != ',' || (p = scan_space(p + 1, end)) == end)
			return NULL;
		level->index++;
	}
	level->begun = true;
	if (level->object && !(p = scan_member(p, end, &key, &escaped, &stop)))
		return NULL;
	hits = wanted(s, level, key, escaped);
	level->waiting &= ~hits;
	if (hits)
		return arrive(s, hits, p, end);
	if (stop)
		return stop;
	return p < end ? scan_likely_string(p, end, LAMBDA_JSON_DEPTH_MAX - s->depth, &escaped) : NULL;
}

size_t lambda_json_find_all(str document, const char *const *paths, str *values, size_t count)
{
	const char *p = document.p, *end = document.n ? document.p + document.n : document.p;
	struct search s;

	for (size_t i = 0; i < count; i++)
		values[i] = (str){ 0 };
	if (count == 0)
		return 0;
	if (count > LAMBDA_JSON_PATHS_MAX)
		count = LAMBDA_JSON_PATHS_MAX;
	for (size_t i = 0; i < count; i++)
		s.path[i].rest = paths[i];
	s.pending = UINT32_MAX >> (32 - count);
	s.depth = 0;
	s.found = 0;
	s.values = values;
	p = arrive(&s, s.pending, scan_space(p, end), end);
	while (p && s.pending)
		p = advance(&s, p, end);
	return s.found;
}

bool lambda_json_find(str document, const char *path, str *value)
{
	return lambda_json_find_all(document, &path, value, 1) == 1;
}
