// SPDX-License-Identifier: MIT
#include "base/base64.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "json/number.h"
#include "json/plain.h"
#include "json/write.h"
#include "lambda.h"

static void start(struct lambda_json_writer *w, struct lambda_call *call, char *room, size_t size)
{
	w->call_ = call;
	w->p_ = room;
	w->n_ = 0;
	w->size_ = size;
	w->depth_ = 0;
	w->bad_ = w->comma_ = w->key_ = w->done_ = false;
}

void lambda_json_to_call(struct lambda_json_writer *w, struct lambda_call *call)
{
	start(w, call, NULL, 0);
}

void lambda_json_to_memory(struct lambda_json_writer *w, char *room, size_t size)
{
	start(w, NULL, room, size);
}

static void emit(struct lambda_json_writer *w, const char *p, size_t n)
{
	if (w->bad_ || n == 0)
		return;
	if (w->call_) {
		lambda_write(w->call_, p, n);
	} else if (n > w->size_ - w->n_) {
		w->bad_ = true;
	} else {
		memcpy(w->p_ + w->n_, p, n);
		w->n_ += n;
	}
}

/* One byte that may not stand in a string as it is. */
static void emit_escape(struct lambda_json_writer *w, char c)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char b = (unsigned char)c;
	char shortly[] = { '\\', c }, hex[] = { '\\', 'u', '0', '0', digits[b >> 4], digits[b & 15] };

	switch (c) {
	case '"':
	case '\\': break;
	case '\b': shortly[1] = 'b'; break;
	case '\f': shortly[1] = 'f'; break;
	case '\n': shortly[1] = 'n'; break;
	case '\r': shortly[1] = 'r'; break;
	case '\t': shortly[1] = 't'; break;
	default:   emit(w, hex, sizeof hex); return;
	}
	emit(w, shortly, sizeof shortly);
}

/* The inside of a string: what may stand as it is goes out in runs. */
static void emit_text(struct lambda_json_writer *w, str text)
{
	const char *p = text.p, *end = text.n ? p + text.n : p, *run = p;

	while ((p = plain_end(p, end)) < end) {
		int step = (unsigned char)*p < 0x80 ? 0 : utf8_step(p, (size_t)(end - p));

		if (step > 0) {
			p += step;
			continue;
		}
		emit(w, run, (size_t)(p - run));
		if (step == 0)
			emit_escape(w, *p++);
		else
			emit(w, "\xef\xbf\xbd", 3);
		p -= step;
		run = p;
	}
	emit(w, run, (size_t)(p - run));
}

static bool in_object(const struct lambda_json_writer *w)
{
	return w->depth_ > 0 && (w->in_object_[(w->depth_ - 1) / 64] >> (w->depth_ - 1) % 64 & 1);
}

/* May a value come now? Then its comma goes out. */
static bool value_begins(struct lambda_json_writer *w)
{
	if (w->depth_ == 0 ? w->done_ : in_object(w) != w->key_)
		w->bad_ = true;
	if (w->comma_ && !w->key_)
		emit(w, ",", 1);
	w->key_ = false;
	return !w->bad_;
}

static void value_ends(struct lambda_json_writer *w)
{
	w->comma_ = true;
	w->done_ = w->depth_ == 0;
}

static void put(struct lambda_json_writer *w, str json)
{
	if (!value_begins(w))
		return;
	emit(w, json.p, json.n);
	value_ends(w);
}

static void open(struct lambda_json_writer *w, bool object)
{
	uint64_t bit = UINT64_C(1) << w->depth_ % 64, *word;

	if (!value_begins(w))
		return;
	if (w->depth_ == LAMBDA_JSON_DEPTH_MAX) {
		w->bad_ = true;
		return;
	}
	emit(w, object ? "{" : "[", 1);
	word = &w->in_object_[w->depth_ / 64];
	*word = (w->depth_ % 64 ? *word & ~bit : 0) | (object ? bit : 0);
	w->depth_++;
	w->comma_ = false;
}

void lambda_json_open_object(struct lambda_json_writer *w)
{
	open(w, true);
}

void lambda_json_open_array(struct lambda_json_writer *w)
{
	open(w, false);
}

void lambda_json_close(struct lambda_json_writer *w)
{
	if (w->depth_ == 0 || w->key_)
		w->bad_ = true;
	if (w->bad_)
		return;
	emit(w, in_object(w) ? "}" : "]", 1);
	w->depth_--;
	value_ends(w);
}

void lambda_json_put_key_n(struct lambda_json_writer *w, str key)
{
	if (!in_object(w) || w->key_)
		w->bad_ = true;
	if (w->comma_)
		emit(w, ",", 1);
	emit(w, "\"", 1);
	emit_text(w, key);
	emit(w, "\":", 2);
	w->key_ = true;
}

void lambda_json_put_key(struct lambda_json_writer *w, const char *key)
{
	lambda_json_put_key_n(w, str_of(key));
}

void json_string_begin(struct lambda_json_writer *w)
{
	if (value_begins(w))
		emit(w, "\"", 1);
}

void json_string_piece(struct lambda_json_writer *w, str text)
{
	emit_text(w, text);
}

void json_string_end(struct lambda_json_writer *w)
{
	emit(w, "\"", 1);
	value_ends(w);
}

void lambda_json_put_str(struct lambda_json_writer *w, str text)
{
	json_string_begin(w);
	json_string_piece(w, text);
	json_string_end(w);
}

void lambda_json_put_text(struct lambda_json_writer *w, const char *text)
{
	lambda_json_put_str(w, str_of(text));
}

/* In pieces through a small buffer, whole groups of three bytes at a time. */
static void emit_base64(struct lambda_json_writer *w, const char *bytes, size_t n)
{
	char text[1024];

	while (n > 0) {
		size_t piece = n < sizeof text / 4 * 3 ? n : sizeof text / 4 * 3;

		base64_encode(text, bytes, piece);
		emit(w, text, base64_size(piece));
		bytes += piece;
		n -= piece;
	}
}

void lambda_json_put_base64(struct lambda_json_writer *w, const void *bytes, size_t n)
{
	json_string_begin(w);
	emit_base64(w, bytes, n);
	json_string_end(w);
}

void lambda_json_put_int(struct lambda_json_writer *w, int64_t v)
{
	char text[20];
	struct buf b = BUF(text);

	buf_i64(&b, v);
	put(w, buf_str(&b));
}

void lambda_json_put_double(struct lambda_json_writer *w, double v)
{
	char text[NUMBER_TEXT_MAX];

	put(w, (str){ text, number_text(text, v) });
}

void lambda_json_put_bool(struct lambda_json_writer *w, bool v)
{
	put(w, v ? S("true") : S("false"));
}

void lambda_json_put_null(struct lambda_json_writer *w)
{
	put(w, S("null"));
}

void lambda_json_put_raw(struct lambda_json_writer *w, str value)
{
	if (!lambda_json_valid(value))
		w->bad_ = true;
	put(w, value);
}

bool lambda_json_done(const struct lambda_json_writer *w)
{
	return w->done_ && !w->bad_;
}

str lambda_json_written(const struct lambda_json_writer *w)
{
	return (str){ w->p_, w->n_ };
}

void lambda_write_json(struct lambda_call *call, const char *text, size_t n)
{
	struct lambda_json_writer w;

	lambda_json_to_call(&w, call);
	emit_text(&w, (str){ text, n });
}

void lambda_write_base64(struct lambda_call *call, const void *bytes, size_t n)
{
	struct lambda_json_writer w;

	lambda_json_to_call(&w, call);
	emit_base64(&w, bytes, n);
}
