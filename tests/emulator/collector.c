// SPDX-License-Identifier: MIT
// An export may hold spans of several invocations, and an invocation's spans may come in several exports: what is kept is
// exports, what is drawn is spans, and an export goes when its last span was drawn.
#include "collector.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "otlp_stdout.h"
#include "signals.h"

struct export
{
	struct buf request; // the spans point into it
	struct otlp otlp;
	bool *drawn; // for each span
	bool told;   // its problems were
	char *error; // instead of all this: why there is nothing to draw
	struct export *next;
};

static struct export *add(struct collector *c)
{
	struct export *e = must_alloc(1, sizeof *e);

	*(c->last ? &c->last->next : &c->exports) = e;
	return c->last = e;
}

static void add_error(struct collector *c, const char *how, const char *why)
{
	add(c)->error = must_print("an export by %s cannot be shown: %s", how, why);
	c->errors++;
}

void collector_refuse(struct collector *c, const char *how, const char *why)
{
	add_error(c, how, why);
}

void collector_add(struct collector *c, enum otlp_kind kind, const void *request, size_t n, const char *how)
{
	struct buf copy = { 0 };
	struct otlp o;

	buf_add(&copy, request, n);
	if (!otlp_decode(&o, kind, (struct slice){ copy.p ? copy.p : "", copy.n })) {
		add_error(c, how, o.error);
		otlp_free(&o);
		buf_free(&copy);
		return;
	}
	struct export *e = add(c);
	e->request = copy;
	e->otlp = o;
	e->drawn = must_alloc(o.n_spans + 1, sizeof *e->drawn);
	c->spans += o.n_spans;
	c->others += o.n_points + o.n_records;
}

bool collector_line(struct collector *c, const char *line, size_t n)
{
	struct buf request = { 0 };
	enum otlp_kind kind;
	const char *why = NULL;

	if (!otlp_stdout_is(line, n))
		return false;
	if (otlp_stdout_read(&request, &kind, line, n, &why))
		collector_add(c, kind, request.p, request.n, "a line on stdout");
	else
		add_error(c, "a line on stdout", why);
	buf_free(&request);
	return true;
}

static void free_export(struct export *e)
{
	otlp_free(&e->otlp);
	buf_free(&e->request);
	free(e->drawn);
	free(e->error);
	free(e);
}

static bool is_spent(const struct export *e)
{
	if (!e->told)
		return false;
	for (size_t i = 0; i < e->otlp.n_spans; i++)
		if (!e->drawn[i])
			return false;
	return true;
}

static void forget_spent(struct collector *c)
{
	c->last = NULL;
	for (struct export **at = &c->exports; *at;) {
		struct export *e = *at;
		if (is_spent(e)) {
			*at = e->next;
			free_export(e);
		} else {
			at = &e->next;
			c->last = e;
		}
	}
}

// The trace of the invocation: that of the span which says so itself, so that nothing else has to be known.
static struct slice trace_of(const struct collector *c, const char *request_id)
{
	for (const struct export *e = c->exports; e; e = e->next)
		for (size_t i = 0; i < e->otlp.n_spans; i++) {
			const struct value *v = attributes_get(&e->otlp.spans[i].attributes, "faas.invocation_id");
			if (!e->drawn[i] && v && v->type == VALUE_STRING && slice_is(v->text, request_id))
				return e->otlp.spans[i].trace_id;
		}
	return (struct slice){ 0 };
}

static bool has_others(const struct export *e)
{
	return e->otlp.n_points || e->otlp.n_records;
}

static void draw_others(struct collector *c, FILE *out)
{
	for (struct export *e = c->exports; e; e = e->next) {
		if (!has_others(e) || e->told)
			continue;
		waterfall_problems(&c->waterfall, out, &e->otlp);
		signals_print(&c->waterfall.style, out, &e->otlp);
		e->told = true;
	}
}

static size_t draw(struct collector *c, FILE *out, const struct slice *trace)
{
	const struct span **spans = must_alloc(c->spans + 1, sizeof *spans);
	size_t n = 0;

	for (struct export *e = c->exports; e; e = e->next) {
		size_t before = n;
		if (has_others(e))
			continue;
		for (size_t i = 0; i < e->otlp.n_spans; i++) {
			const struct slice id = e->otlp.spans[i].trace_id;
			if (e->drawn[i] || (trace && (id.n != trace->n || memcmp(id.p, trace->p, id.n) != 0)))
				continue;
			e->drawn[i] = true;
			spans[n++] = &e->otlp.spans[i];
		}
		if (n == before && (trace || e->told))
			continue;
		if (e->error)
			fprintf(out, "! %s\n", e->error);
		if (!e->told)
			waterfall_problems(&c->waterfall, out, &e->otlp);
		e->told = true;
	}
	waterfall_print(&c->waterfall, out, spans, n);
	free(spans);
	return n;
}

size_t collector_draw(struct collector *c, FILE *out, const char *request_id)
{
	struct slice trace = trace_of(c, request_id);

	size_t n = trace.n ? draw(c, out, &trace) : 0;
	draw_others(c, out);
	forget_spent(c);
	return n;
}

size_t collector_draw_rest(struct collector *c, FILE *out)
{
	size_t n = draw(c, out, NULL);

	draw_others(c, out);
	forget_spent(c);
	return n;
}

void collector_free(struct collector *c)
{
	while (c->exports) {
		struct export *e = c->exports;
		c->exports = e->next;
		free_export(e);
	}
	waterfall_free(&c->waterfall);
}
