// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "environment.h"
#include "json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHUNKED_ABOVE 2048u
#define PAD_LINE 8000u
#define SPLIT_ALL_MAX 65536u /* bytes sent one by one; the rest of a larger reply goes at once */

static bool named(char *const *list, size_t n, const char *field)
{
	while (n--)
		if (!strcasecmp(list[n], field))
			return true;
	return false;
}

bool fault_hides(const struct fault *f, const char *field)
{
	return named(f->without, f->without_count, field) || named(f->empty, f->empty_count, field);
}

static void add_name(struct buf *b, const char *name, enum fault_case letters)
{
	for (size_t i = 0; name[i]; i++) {
		bool up = letters == CASE_UPPER || (letters == CASE_ODD && i % 2);
		char c = letters == CASE_USUAL ? name[i]
		                               : (char)(up ? toupper((unsigned char)name[i]) : tolower((unsigned char)name[i]));

		buf_add(b, &c, 1);
	}
}

static void add_field(struct buf *b, const struct fault *f, const char *name, const char *value)
{
	if (named(f->without, f->without_count, name))
		return;
	add_name(b, name, f->letters);
	buf_printf(b, ": %s\r\n", named(f->empty, f->empty_count, name) ? "" : value);
}

static void add_fields(struct buf *b, const struct fault *f, const char *fields)
{
	while (*fields) {
		size_t n = strcspn(fields, "\r\n"), colon = strcspn(fields, ":");
		char *name = must_copy(fields, colon), *value = must_copy(fields + colon + 1, n - colon - 1);

		add_field(b, f, name, value + strspn(value, " "));
		free(name);
		free(value);
		fields += n;
		fields += strspn(fields, "\r\n");
	}
}

static void add_pad(struct buf *b, size_t n)
{
	for (unsigned i = 0; n; i++) {
		size_t line = n > PAD_LINE ? PAD_LINE : n;

		buf_printf(b, "X-Pad-%04u: ", i);
		memset(buf_room(b, line), 'p', line);
		b->n += line;
		buf_puts(b, "\r\n");
		n -= line;
	}
}

static void add_chunked(struct buf *b, const struct fault *f, const char *p, size_t n)
{
	size_t size = f->chunk_size ? f->chunk_size : f->chunks > 1 && n > f->chunks ? n / f->chunks : n;

	buf_room(b, n + 64);
	while (n) {
		size_t take = n > size ? size : n;

		buf_printf(b, f->chunk_ext ? "000%zX;name=value;quoted=\"a;b\"\r\n" : "%zx\r\n", take);
		buf_add(b, p, take);
		buf_puts(b, "\r\n");
		p += take;
		n -= take;
	}
	buf_puts(b, f->chunk_ext ? "0;last\r\n" : "0\r\n");
	if (f->trailers)
		buf_puts(b, "X-Trailer: one\r\nLambda-Runtime-Aws-Request-Id: not-this-one\r\n");
	buf_puts(b, "\r\n");
}

/* The bytes of the reply; *head is where its body begins. */
static void render(struct buf *b, size_t *head, const struct reply *r, const struct fault *f)
{
	bool chunked = f->framing == FRAMING_CHUNKED || f->chunks || f->chunk_size || f->chunk_ext || f->trailers ||
	               (r->n > CHUNKED_ABOVE && f->framing == FRAMING_USUAL);
	char date[32], length[24];

	http_date(date);
	snprintf(length, sizeof length, "%zu", r->n);
	buf_printf(b, "HTTP/1.%d %u %s\r\n", !f->http10, r->status, http_reason((int)r->status));
	add_pad(b, f->pad / 2);
	add_fields(b, f, r->fields);
	for (size_t i = 0; i < f->add_count; i++)
		buf_printf(b, "%s\r\n", f->add[i]);
	add_field(b, f, "Date", date);
	if (r->status == 204)
		chunked = false;
	else if (chunked && !f->http10)
		add_field(b, f, "Transfer-Encoding", "chunked");
	else
		add_field(b, f, "Content-Length", length);
	if (f->close)
		add_field(b, f, "Connection", "close");
	add_pad(b, f->pad - f->pad / 2);
	buf_puts(b, "\r\n");
	*head = b->n;
	if (r->status == 204)
		return;
	if (chunked && !f->http10)
		add_chunked(b, f, r->body, r->n);
	else
		buf_add(b, r->body, r->n);
}

static void freeze_before(struct http_conn *c, void *e)
{
	(void)c;
	environment_freeze_for(e, ((struct environment *)e)->freeze_ns[0]);
}

static void freeze_amid(struct http_conn *c, void *e)
{
	(void)c;
	environment_freeze_for(e, ((struct environment *)e)->freeze_ns[1]);
}

static void freeze_behind(struct http_conn *c, void *e)
{
	(void)c;
	environment_freeze_for(e, ((struct environment *)e)->freeze_ns[2]);
}

/* The next place after `from` where the bytes are cut; n when there is none. */
static size_t next_cut(const struct fault *f, size_t from, size_t head, size_t n)
{
	size_t cut = n;

	if (f->split_all && from < SPLIT_ALL_MAX)
		cut = from + 1;
	for (size_t i = 0; i < f->split_count; i++)
		if (f->splits[i] > from && f->splits[i] < cut)
			cut = f->splits[i];
	if (f->pieces > 1 && n >= f->pieces) {
		size_t piece = n / f->pieces, at = (from / piece + 1) * piece;

		cut = at < cut && at / piece < f->pieces ? at : cut;
	}
	if (f->freeze_mid_ns && !f->split_all && !f->split_count && f->pieces < 2) {
		size_t middle = n > head ? head + (n - head) / 2 : n / 2;

		cut = middle > from && middle < cut ? middle : cut;
	}
	return cut < n ? cut : n;
}

static size_t end_of(const struct fault *f, size_t head, size_t n)
{
	switch (f->drop) {
	case DROP_AT:      return f->drop_at < n ? f->drop_at : n;
	case DROP_IN_HEAD: return head / 2;
	case DROP_IN_BODY: return head + (n - head) / 2;
	case DROP_NOT:
	case DROP_AFTER:   break;
	}
	return n;
}

static void send_cut(struct http_conn *c, const struct fault *f, const char *p, size_t head, size_t n, size_t end)
{
	uint64_t gap = f->has_gap ? f->gap_ns : f->split_all ? NS_PER_MS / 20 : NS_PER_MS;
	bool froze = !f->freeze_mid_ns;

	for (size_t from = 0; from < end;) {
		size_t cut = next_cut(f, from, head, n);

		if (cut > end)
			cut = end;
		http_send(c, p + from, cut - from);
		from = cut;
		if (from == end)
			break;
		if (!froze) {
			http_call(c, freeze_amid, c->server->owner);
			http_pause(c, f->freeze_mid_ns);
			froze = true;
		}
		http_pause(c, gap);
	}
}

void reply_send(struct http_conn *c, const struct reply *r, const struct fault *f)
{
	struct environment *e = c->server->owner;
	struct buf b = { 0 };
	size_t head, end;

	if (f->never)
		return;
	e->freeze_ns[0] = f->freeze_ns;
	e->freeze_ns[1] = f->freeze_mid_ns;
	e->freeze_ns[2] = f->freeze_after_ns;
	render(&b, &head, r, f);
	end = end_of(f, head, b.n);
	if (f->delay_ns)
		http_pause(c, f->delay_ns);
	if (f->freeze_ns) {
		http_call(c, freeze_before, e);
		http_pause(c, f->freeze_ns);
	}
	if (r->before && end)
		http_call(c, r->before, e);
	send_cut(c, f, b.p, head, b.n, end);
	if (r->after && end == b.n)
		http_call(c, r->after, e);
	if (f->freeze_after_ns)
		http_call(c, freeze_behind, e);
	if (f->drop || f->rst || f->close || f->http10 || f->limit_reading)
		http_end(c, f->rst ? HTTP_END_RST : HTTP_END_FIN);
	buf_free(&b);
	http_finish(c);
}

void reply_error(struct http_conn *c, unsigned status, const char *type, const char *message, const struct fault *f)
{
	struct reply r = { .status = status, .fields = "Content-Type: application/json\r\n" };
	struct buf body = { 0 };

	json_open(&body, NULL, '{');
	json_cstr(&body, "errorMessage", message);
	json_cstr(&body, "errorType", type);
	json_close(&body, '}');
	buf_puts(&body, "\n");
	r.body = body.p;
	r.n = body.n;
	reply_send(c, &r, f);
	buf_free(&body);
}

static const char *usual_type(unsigned status)
{
	switch (status) {
	case 400: return "InvalidRequestID";
	case 403: return "InvalidStateTransition";
	case 410: return "Runtime.InvokeTimeout";
	case 413: return "RequestEntityTooLarge";
	}
	return "InternalServerError";
}

void reply_refuse(struct http_conn *c, const struct fault *f)
{
	struct reply none = { .status = f->status, .fields = "", .body = "" };
	struct reply text = { .status = f->status, .fields = "Content-Type: text/html\r\n", .body = "<p>no\n", .n = 6 };

	if (f->body == BODY_NONE || (f->body == BODY_USUAL && f->status == 204))
		reply_send(c, &none, f);
	else if (f->body == BODY_TEXT)
		reply_send(c, &text, f);
	else
		reply_error(c, f->status, usual_type(f->status), "the fault script wants it so", f);
}
