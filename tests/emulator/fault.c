// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "fault.h"
#include "buf.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *const step_names[FAULT_STEPS] = {
	"connect", "next", "response", "error", "init-error", "register", "event-next", "idle",
};

static bool read_number(const char **at, uint64_t max, uint64_t *out)
{
	const char *s = *at;
	uint64_t v = 0;

	for (; *s >= '0' && *s <= '9'; s++) {
		if (v > (UINT64_MAX - 9) / 10)
			return false;
		v = v * 10 + (uint64_t)(*s - '0');
	}
	if (s == *at || v > max)
		return false;
	*at = s;
	*out = v;
	return true;
}

static bool whole_number(const char *s, uint64_t max, uint64_t *out)
{
	return read_number(&s, max, out) && !*s;
}

static bool read_ms(const char *s, uint64_t *ns) /* 20, or 0.05 */
{
	uint64_t ms, scale = NS_PER_MS;

	if (!read_number(&s, 600000, &ms))
		return false;
	*ns = ms * NS_PER_MS;
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9' && scale > 1; s++)
			*ns += (uint64_t)(*s - '0') * (scale /= 10);
	return !*s;
}

static bool read_count(const char *s, size_t *out)
{
	uint64_t v;

	if (!whole_number(s, 1u << 30, &v))
		return false;
	*out = (size_t)v;
	return true;
}

static bool read_word(const char *s, const char *words, int *out)
{
	size_t n = strlen(s);

	*out = 0;
	for (const char *w = words; *w; w += strcspn(w, " "), w += strspn(w, " ")) {
		++*out;
		if (strcspn(w, " ") == n && !memcmp(w, s, n))
			return true;
	}
	return false;
}

/* %20 stands for a space: rules are cut at spaces. */
static bool keep_text(char **list, size_t *count, const char *s)
{
	char *copy, *to;

	if (*count == FAULT_FIELDS_MAX || !*s)
		return false;
	copy = to = must_copy(s, strlen(s));
	for (const char *from = copy; *from; to++) {
		char digits[3] = { from[1], *from == '%' && from[1] ? from[2] : 0, 0 };

		if (*from == '%' && isxdigit((unsigned char)digits[0]) && isxdigit((unsigned char)digits[1])) {
			*to = (char)strtoul(digits, NULL, 16);
			from += 3;
		} else {
			*to = *from++;
		}
	}
	*to = 0;
	list[(*count)++] = copy;
	return true;
}

static bool read_splits(struct fault *f, const char *s)
{
	uint64_t v;

	if (!strcmp(s, "every"))
		return f->split_all = true;
	do {
		if (f->split_count == FAULT_SPLITS_MAX || !read_number(&s, 1u << 30, &v))
			return false;
		f->splits[f->split_count++] = (size_t)v;
	} while (*s++ == '+');
	return !s[-1];
}

static bool read_drop(struct fault *f, const char *s)
{
	int word;

	if (!*s) {
		f->drop = DROP_AT;
		f->drop_at = 0;
		return true;
	}
	if (read_word(s, "head body end", &word)) {
		f->drop = (enum fault_drop)(DROP_AT + word);
		return true;
	}
	f->drop = DROP_AT;
	return read_count(s, &f->drop_at);
}

static bool read_action(struct fault *f, const char *name, const char *value)
{
	static const char *const flags = "never http10 close rst chunk-ext trailers length chunked";
	uint64_t v;
	int word;

	if (!strcmp(name, "drop"))
		return read_drop(f, value);
	if (!*value) {
		if (!read_word(name, flags, &word))
			return false;
		switch (word) {
		case 1: f->never = true; break;
		case 2: f->http10 = true; break;
		case 3: f->close = true; break;
		case 4: f->rst = true; break;
		case 5: f->chunk_ext = true; break;
		case 6: f->trailers = true; break;
		case 7: f->framing = FRAMING_LENGTH; break;
		case 8: f->framing = FRAMING_CHUNKED; break;
		}
		return true;
	}
	if (!strcmp(name, "status")) {
		if (!whole_number(value, 599, &v) || v < 200)
			return false;
		f->status = (unsigned)v;
		return true;
	}
	if (!strcmp(name, "read"))
		return f->limit_reading = whole_number(value, 1u << 30, &f->read_limit);
	if (!strcmp(name, "body")) {
		if (!read_word(value, "none text json", &word))
			return false;
		f->body = (enum fault_body)word;
		return true;
	}
	if (!strcmp(name, "case")) {
		if (!read_word(value, "lower upper odd", &word))
			return false;
		f->letters = (enum fault_case)word;
		return true;
	}
	if (!strcmp(name, "split"))
		return read_splits(f, value);
	if (!strcmp(name, "gap"))
		return f->has_gap = read_ms(value, &f->gap_ns);
	if (!strcmp(name, "delay"))
		return read_ms(value, &f->delay_ns);
	if (!strcmp(name, "freeze"))
		return read_ms(value, &f->freeze_ns);
	if (!strcmp(name, "freeze-mid"))
		return read_ms(value, &f->freeze_mid_ns);
	if (!strcmp(name, "freeze-after"))
		return read_ms(value, &f->freeze_after_ns);
	if (!strcmp(name, "pieces"))
		return read_count(value, &f->pieces) && f->pieces;
	if (!strcmp(name, "chunks"))
		return read_count(value, &f->chunks) && f->chunks;
	if (!strcmp(name, "chunk-size"))
		return read_count(value, &f->chunk_size) && f->chunk_size;
	if (!strcmp(name, "pad"))
		return read_count(value, &f->pad);
	if (!strcmp(name, "event-size"))
		return read_count(value, &f->event_size);
	if (!strcmp(name, "header"))
		return strchr(value, ':') && keep_text(f->add, &f->add_count, value);
	if (!strcmp(name, "without"))
		return keep_text(f->without, &f->without_count, value);
	if (!strcmp(name, "empty"))
		return keep_text(f->empty, &f->empty_count, value);
	return false;
}

/* Adds the actions of one rule to f; NULL, or the word that is not understood (static). */
static const char *read_actions(struct fault *f, const char *text)
{
	static char word[128];

	for (;;) {
		const char *value = "";
		char *equals;
		size_t n;

		text += strspn(text, " \t,");
		if (!*text)
			return NULL;
		n = strcspn(text, " \t,");
		snprintf(word, sizeof word, "%.*s", (int)n, text);
		if (n >= sizeof word)
			return word;
		if ((equals = strchr(word, '='))) {
			*equals = 0;
			value = equals + 1;
		}
		if (!read_action(f, word, value)) {
			if (equals)
				*equals = '=';
			return word;
		}
		f->any = true;
		text += n;
	}
}

/* STEP[@N[-M]|@*][xTIMES|x*] and the rest */
static bool read_where(struct fault_rule *r, const char **at)
{
	const char *s = *at;
	size_t n = 0;
	uint64_t v;
	int step = 0;

	for (; step < FAULT_STEPS; step++) {
		n = strlen(step_names[step]);
		if (!strncmp(s, step_names[step], n) && strchr("@x \t,", s[n])) /* or the NUL */
			break;
	}
	if (step == FAULT_STEPS)
		return false;
	r->step = (enum fault_step)step;
	r->times = 1;
	s += n;
	if (*s == '@' && s[1] == '*') {
		r->from = 1;
		r->to = UINT_MAX;
		s += 2;
	} else if (*s == '@') {
		s++;
		if (!read_number(&s, UINT_MAX, &v) || !v)
			return false;
		r->from = r->to = (unsigned)v;
		if (*s == '-') {
			s++;
			if (!read_number(&s, UINT_MAX, &v) || v < r->from)
				return false;
			r->to = (unsigned)v;
		}
	}
	if (*s == 'x' && s[1] == '*') {
		r->times = 0;
		s += 2;
	} else if (*s == 'x') {
		s++;
		if (!read_number(&s, UINT_MAX, &v) || !v)
			return false;
		r->times = (unsigned)v;
	}
	*at = s;
	return !*s || strchr(" \t,", *s);
}

bool fault_parse(struct fault_plan *plan, const char *text, char why[static 160])
{
	struct fault_rule r = { 0 };
	struct fault trial = { 0 };
	const char *word, *rest = text + strspn(text, " \t");

	if (!read_where(&r, &rest)) {
		snprintf(why, 160, "fault `%.60s`: it does not start with a step such as response@2x3", text);
		return false;
	}
	word = read_actions(&trial, rest);
	bool any = trial.any;
	r.reading = trial.limit_reading;
	fault_free(&trial);
	if (word || !any) {
		snprintf(why, 160, "fault `%.60s`: %s%.60s", text, word ? "cannot use " : "no action", word ? word : "");
		return false;
	}
	r.actions = must_copy(rest, strlen(rest));
	plan->rules = must_grow(plan->rules, plan->n + 1, sizeof r);
	plan->rules[plan->n++] = r;
	return true;
}

bool fault_parse_file(struct fault_plan *plan, const char *path, char why[static 160])
{
	FILE *in = fopen(path, "re");
	char line[1024];
	bool ok = true;

	if (!in) {
		snprintf(why, 160, "%.100s: %s", path, strerror(errno));
		return false;
	}
	while (ok && fgets(line, sizeof line, in)) {
		line[strcspn(line, "#\r\n")] = 0;
		if (line[strspn(line, " \t")])
			ok = fault_parse(plan, line, why);
	}
	fclose(in);
	return ok;
}

static void take(struct fault_plan *plan, enum fault_step step, unsigned number, bool reading, struct fault *f)
{
	*f = (struct fault){ 0 };
	for (size_t i = 0; plan && i < plan->n; i++) {
		struct fault_rule *r = &plan->rules[i];

		if (r->step != step || r->reading != reading || (r->from && (number < r->from || number > r->to)))
			continue;
		if (r->from && r->last != number) {
			r->last = number;
			r->used = 0;
		}
		if (r->times && r->used >= r->times)
			continue;
		r->used++;
		read_actions(f, r->actions);
	}
	if (f->rst && !f->drop && !f->limit_reading)
		f->drop = DROP_AT; /* of nothing */
}

void fault_take(struct fault_plan *plan, enum fault_step step, unsigned number, struct fault *f)
{
	take(plan, step, number, false, f);
}

void fault_take_reading(struct fault_plan *plan, enum fault_step step, unsigned number, struct fault *f)
{
	take(plan, step, number, true, f);
}

static void free_texts(char **list, size_t n)
{
	while (n--)
		free(list[n]);
}

void fault_free(struct fault *f)
{
	free_texts(f->add, f->add_count);
	free_texts(f->without, f->without_count);
	free_texts(f->empty, f->empty_count);
	*f = (struct fault){ 0 };
}

void fault_plan_free(struct fault_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		free(plan->rules[i].actions);
	free(plan->rules);
	*plan = (struct fault_plan){ 0 };
}
