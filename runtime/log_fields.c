// SPDX-License-Identifier: MIT
#include "json/number.h"
#include "lambda.h"
#include "log.h"

static void put_text(struct buf *b, const struct log_fields *fields)
{
	char number[NUMBER_TEXT_MAX];

	for (size_t i = 0; i < fields->count; i++) {
		const struct lambda_field *f = &fields->field[i];
		size_t start = b->n;

		buf_putc(b, ' ');
		buf_put(b, str_of(f->key));
		buf_putc(b, '=');
		switch (f->type) {
		case LAMBDA_FIELD_STR:    buf_put(b, f->value.string); break;
		case LAMBDA_FIELD_INT:    buf_i64(b, f->value.integer); break;
		case LAMBDA_FIELD_DOUBLE: buf_put(b, (str){ number, number_text(number, f->value.number) }); break;
		case LAMBDA_FIELD_BOOL:   buf_put(b, f->value.boolean ? S("true") : S("false")); break;
		}
		if (b->full)
			b->n = start; /* half a field would be another one */
	}
}

static void put_json(struct lambda_json_writer *w, const struct log_fields *fields)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct lambda_field *f = &fields->field[i];

		lambda_json_put_key(w, f->key);
		switch (f->type) {
		case LAMBDA_FIELD_STR:    lambda_json_put_str(w, f->value.string); break;
		case LAMBDA_FIELD_INT:    lambda_json_put_int(w, f->value.integer); break;
		case LAMBDA_FIELD_DOUBLE: lambda_json_put_double(w, f->value.number); break;
		case LAMBDA_FIELD_BOOL:   lambda_json_put_bool(w, f->value.boolean); break;
		}
	}
}

void lambda_log_fields(enum lambda_level level, const struct lambda_field *fields, size_t count, const char *format,
                       ...)
{
	struct log_fields own = { put_text, put_json, fields, count };
	va_list args;

	if (!log_wants((enum log_level)level))
		return;
	va_start(args, format);
	log_user((enum log_level)level, &own, format, args);
	va_end(args);
}
