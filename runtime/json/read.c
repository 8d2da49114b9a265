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
static enum lambda_json_kind token(struct lambda_json *json, enum lambda_json_kind kind, enum state next,
                                   const char *start, const char *p)
{
	if (!p || (p == json->end_ && json->depth_ > 0))
		return bad(json);
	json->text = (str){ start, (size_t)(p - start) };
	json->p_ = p;
	json->state_ = (unsigned char)next;
	return kind;
}

static enum lambda_json_kind string(struct lambda_json *json, enum lambda_json_kind kind, enum state next)
{
	const char *start = json->p_ + 1;

	json->escaped = false;
	kind = token(json, kind, next, start, scan_string(start, json->end_, &json->escaped));
	if (kind != LAMBDA_JSON_BAD)
		json->p_++; /* the quote */
	return kind;
}

static enum lambda_json_kind key(struct lambda_json *json)
{
	if (json->p_ == json->end_ || *json->p_ != '"' || string(json, LAMBDA_JSON_KEY, STATE_VALUE) == LAMBDA_JSON_BAD)
		return bad(json);
	json->p_ = scan_space(json->p_, json->end_);
	if (json->p_ == json->end_ || *json->p_ != ':')
		return bad(json);
	json->p_++;
	return LAMBDA_JSON_KEY;
}

static enum lambda_json_kind open(struct lambda_json *json, bool object)
{
	uint64_t bit = UINT64_C(1) << json->depth_ % 64, *word;

	if (json->depth_ == LAMBDA_JSON_DEPTH_MAX)
		return bad(json);
	word = &json->in_object_[json->depth_ / 64];
	*word = (json->depth_ % 64 ? *word & ~bit : 0) | (object ? bit : 0);
	json->depth_++;
	if (object)
		return token(json, LAMBDA_JSON_OBJECT, STATE_FIRST_KEY, json->p_, json->p_ + 1);
	return token(json, LAMBDA_JSON_ARRAY, STATE_FIRST_VALUE, json->p_, json->p_ + 1);
}

static enum lambda_json_kind close(struct lambda_json *json)
{
	enum lambda_json_kind kind = in_object(json) ? LAMBDA_JSON_OBJECT_END : LAMBDA_JSON_ARRAY_END;

	if (*json->p_ != (in_object(json) ? '}' : ']'))
		return bad(json);
	json->depth_--;
	return token(json, kind, STATE_AFTER, json->p_, json->p_ + 1);
}

static enum lambda_json_kind value(struct lambda_json *json)
{
	const char *p = json->p_;

	if (p == json->end_)
		return bad(json);
	switch (*p) {
	case '{': return open(json, true);
	case '[': return open(json, false);
	case '"': return string(json, LAMBDA_JSON_STRING, STATE_AFTER);
	case 't': return token(json, LAMBDA_JSON_TRUE, STATE_AFTER, p, scan_literal(p, json->end_));
	case 'f': return token(json, LAMBDA_JSON_FALSE, STATE_AFTER, p, scan_literal(p, json->end_));
	case 'n': return token(json, LAMBDA_JSON_NULL, STATE_AFTER, p, scan_literal(p, json->end_));
	default:  return token(json, LAMBDA_JSON_NUMBER, STATE_AFTER, p, scan_number(p, json->end_));
	}
}

/* Behind a value: a comma and what it promises, the end of the container, or of the document. */
static enum lambda_json_kind after(struct lambda_json *json)
{
	if (json->depth_ == 0)
		return json->p_ == json->end_ ? token(json, LAMBDA_JSON_END, STATE_END, json->p_, json->p_) : bad(json);
	if (json->p_ == json->end_)
		return bad(json);
	if (*json->p_ != ',')
		return close(json);
	json->p_ = scan_space(json->p_ + 1, json->end_);
	return in_object(json) ? key(json) : value(json);
}

enum lambda_json_kind lambda_json_next(struct lambda_json *json)
{
	json->p_ = scan_space(json->p_, json->end_);
	switch ((enum state)json->state_) {
	case STATE_VALUE:       return value(json);
	case STATE_FIRST_VALUE: return json->p_ < json->end_ && *json->p_ == ']' ? close(json) : value(json);
	case STATE_FIRST_KEY:   return json->p_ < json->end_ && *json->p_ == '}' ? close(json) : key(json);
	case STATE_AFTER:       return after(json);
	case STATE_END:         return LAMBDA_JSON_END;
	case STATE_BAD:         break;
	}
	return LAMBDA_JSON_BAD;
}

bool lambda_json_skip(struct lambda_json *json)
{
	const char *p = scan_space(json->p_, json->end_);

	switch ((enum state)json->state_) {
	case STATE_VALUE: break;
	case STATE_FIRST_VALUE:
		if (p < json->end_ && *p == ']')
			return false;
		break;
	case STATE_AFTER:
		if (json->depth_ == 0 || in_object(json) || p == json->end_ || *p != ',')
			return false;
		p = scan_space(p + 1, json->end_);
		break;
	default: return false;
	}
	json->escaped = false;
	return token(json, LAMBDA_JSON_STRING, STATE_AFTER, p,
	             scan_value(p, json->end_, LAMBDA_JSON_DEPTH_MAX - json->depth_));
}

bool lambda_json_each(struct lambda_json *json, str *name, bool *name_escaped, str *value)
{
	if (json->state_ == STATE_VALUE && json->depth_ == 0) {
		enum lambda_json_kind kind = lambda_json_next(json);

		if (kind != LAMBDA_JSON_OBJECT && kind != LAMBDA_JSON_ARRAY)
			return false;
	}
	if (json->depth_ == 0)
		return false;

	str text = { 0 };
	bool escaped = false;

	if (in_object(json)) {
		if (lambda_json_next(json) != LAMBDA_JSON_KEY)
			return false;
		text = json->text;
		escaped = json->escaped;
	}
	if (!lambda_json_skip(json)) {
		lambda_json_next(json); /* the closing bracket, or what is wrong */
		return false;
	}
	if (name)
		*name = text;
	if (name_escaped)
		*name_escaped = escaped;
	*value = json->text;
	return true;
}
