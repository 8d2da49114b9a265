// SPDX-License-Identifier: MIT
#include "json/scan.h"

/*
 * What the next token may be, white space aside:
 *
 *   VALUE        a value: at the start, or behind a key and its colon
 *   FIRST_KEY    behind '{': a key, or '}'
 *   FIRST_VALUE  behind '[': a value, or ']'
 *   AFTER        behind a value: ',' with the next key or value, the closing bracket, or at depth 0 the end
 */
enum state { STATE_VALUE, STATE_FIRST_KEY, STATE_FIRST_VALUE, STATE_AFTER, STATE_END, STATE_BAD };

void lambda_json_init(struct lambda_json *json, str document)
{
	json->text = (str){ 0 };
	json->escaped = false;
	json->state_ = STATE_VALUE;
	json->depth_ = 0;
	json->p_ = document.p;
	json->end_ = document.n ? document.p + document.n : document.p;
}

static bool in_object(const struct lambda_json *json)
{
	return json->in_object_[(json->depth_ - 1) / 64] >> (json->depth_ - 1) % 64 & 1;
}

static enum lambda_json_kind bad(struct lambda_json *json)
{
	json->text = (str){ 0 };
	json->state_ = STATE_BAD;
	return LAMBDA_JSON_BAD;
}

/*
 * A token that starts at start and ends before p; NULL when it turned out to be none. Inside a container it
 * cannot be the last thing there is: a document that was cut would give half a number.
 */
static inline enum lambda_json_kind token(struct lambda_json *json, enum lambda_json_kind kind, enum state next,
                                          const char *start, const char *p)
{
	if (!p || (p == json->end_ && json->depth_ > 0))
		return bad(json);
	json->text = (str){ start, (size_t)(p - start) };
	json->p_ = p;
	json->state_ = (unsigned char)next;
	return kind;
}

/* Behind the quote. */
static enum lambda_json_kind string(struct lambda_json *json, const char *p)
{
	const char *quote;

	json->escaped = false;
	quote = scan_string(p, json->end_, &json->escaped);
	if (!quote || (quote + 1 == json->end_ && json->depth_ > 0))
		return bad(json);
	json->text = (str){ p, (size_t)(quote - p) };
	json->p_ = quote + 1;
	json->state_ = STATE_AFTER;
	return LAMBDA_JSON_STRING;
}

static enum lambda_json_kind key(struct lambda_json *json, const char *p)
{
	json->escaped = false;
	if (!(p = scan_key(p, json->end_, &json->text, &json->escaped)))
		return bad(json);
	json->p_ = p;
	json->state_ = STATE_VALUE;
	return LAMBDA_JSON_KEY;
}

static enum lambda_json_kind open(struct lambda_json *json, const char *p)
{
	uint64_t bit = UINT64_C(1) << json->depth_ % 64, *word;

	if (json->depth_ == LAMBDA_JSON_DEPTH_MAX)
		return bad(json);
	word = &json->in_object_[json->depth_ / 64];
	*word = (json->depth_ % 64 ? *word & ~bit : 0) | (*p == '{' ? bit : 0);
	json->depth_++;
	if (*p == '{')
		return token(json, LAMBDA_JSON_OBJECT, STATE_FIRST_KEY, p, p + 1);
	return token(json, LAMBDA_JSON_ARRAY, STATE_FIRST_VALUE, p, p + 1);
}

static enum lambda_json_kind close(struct lambda_json *json, const char *p)
{
	enum lambda_json_kind kind = in_object(json) ? LAMBDA_JSON_OBJECT_END : LAMBDA_JSON_ARRAY_END;

	if (*p != (in_object(json) ? '}' : ']'))
		return bad(json);
	json->depth_--;
	return token(json, kind, STATE_AFTER, p, p + 1);
}

static enum lambda_json_kind value(struct lambda_json *json, const char *p)
{
	const char *end = json->end_;

	if (p == end)
		return bad(json);
	switch (*p) {
	case '"': return string(json, p + 1);
	case '{':
	case '[': return open(json, p);
	case 't': return token(json, LAMBDA_JSON_TRUE, STATE_AFTER, p, scan_literal(p, end));
	case 'f': return token(json, LAMBDA_JSON_FALSE, STATE_AFTER, p, scan_literal(p, end));
	case 'n': return token(json, LAMBDA_JSON_NULL, STATE_AFTER, p, scan_literal(p, end));
	default:  return token(json, LAMBDA_JSON_NUMBER, STATE_AFTER, p, scan_number(p, end));
	}
}

/* Behind a value: a comma and what it promises, the end of the container, or of the document. */
static enum lambda_json_kind after(struct lambda_json *json, const char *p)
{
	if (json->depth_ == 0)
		return p == json->end_ ? token(json, LAMBDA_JSON_END, STATE_END, p, p) : bad(json);
	if (p == json->end_)
		return bad(json);
	if (*p != ',')
		return close(json, p);
	p = scan_space(p + 1, json->end_);
	return in_object(json) ? key(json, p) : value(json, p);
}

enum lambda_json_kind lambda_json_next(struct lambda_json *json)
{
	const char *p = scan_space(json->p_, json->end_);

	switch ((enum state)json->state_) {
	case STATE_VALUE:       return value(json, p);
	case STATE_FIRST_VALUE: return p < json->end_ && *p == ']' ? close(json, p) : value(json, p);
	case STATE_FIRST_KEY:   return p < json->end_ && *p == '}' ? close(json, p) : key(json, p);
	case STATE_AFTER:       return after(json, p);
	case STATE_END:         return LAMBDA_JSON_END;
	case STATE_BAD:         break;
	}
	return LAMBDA_JSON_BAD;
}

/* At the next pair or element, behind the comma before it; NULL when there is none. Inline, as the next one: every header field comes by here. */
static inline __attribute__((always_inline)) const char *another(const struct lambda_json *json)
{
	const char *p = scan_space(json->p_, json->end_);

	switch ((enum state)json->state_) {
	case STATE_FIRST_KEY:   return p;
	case STATE_FIRST_VALUE: return p < json->end_ && *p == ']' ? NULL : p;
	case STATE_AFTER:       return p < json->end_ && *p == ',' ? scan_space(p + 1, json->end_) : NULL;
	default:                return NULL;
	}
}

/* Over the value at p, which then is the text. stop: where it ends, when that is known. */
static inline __attribute__((always_inline)) bool pass(struct lambda_json *json, const char *p, const char *stop)
{
	json->escaped = false;
	if (!stop && p < json->end_)
		stop = scan_likely_string(p, json->end_, LAMBDA_JSON_DEPTH_MAX - json->depth_, &json->escaped);
	return token(json, LAMBDA_JSON_STRING, STATE_AFTER, p, stop) != LAMBDA_JSON_BAD;
}

bool lambda_json_skip(struct lambda_json *json)
{
	const char *p = NULL;

	if (json->state_ == STATE_VALUE)
		p = scan_space(json->p_, json->end_);
	else if (json->depth_ > 0 && !in_object(json))
		p = another(json);
	return p && pass(json, p, NULL);
}

static bool enters(struct lambda_json *json)
{
	enum lambda_json_kind kind = json->state_ == STATE_VALUE ? lambda_json_next(json) : LAMBDA_JSON_BAD;

	return kind == LAMBDA_JSON_OBJECT || kind == LAMBDA_JSON_ARRAY;
}

bool lambda_json_each(struct lambda_json *json, str *name, bool *name_escaped, str *value)
{
	const char *p, *stop = NULL;
	bool escaped = false;
	str key = { 0 };

	if (json->depth_ == 0 && !enters(json))
		return false;
	p = another(json);
	if (p && in_object(json))
		p = scan_member(p, json->end_, &key, &escaped, &stop);
	if (!p || !pass(json, p, stop)) {
		lambda_json_next(json); /* the closing bracket, or what is wrong */
		return false;
	}
	if (name)
		*name = key;
	if (name_escaped)
		*name_escaped = escaped;
	*value = json->text;
	return true;
}
