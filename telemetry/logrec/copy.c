// SPDX-License-Identifier: MIT
#include "logrec/logrec.h"

#define FIELDS_MAX 64 /* of one record: the others are left out of the copy */

static struct otel_attr attr_of(const struct lambda_field *f)
{
	switch (f->type) {
	case LAMBDA_FIELD_INT:    return otel_attr_int(f->key, f->value.integer);
	case LAMBDA_FIELD_DOUBLE: return otel_attr_double(f->key, f->value.number);
	case LAMBDA_FIELD_BOOL:   return otel_attr_bool(f->key, f->value.boolean);
	default:                  return otel_attr_str(f->key, f->value.string.p, f->value.string.n);
	}
}

bool logrec_copy(const struct lambda_hook_log *log)
{
	struct otel_attr attrs[FIELDS_MAX];
	uint64_t lost;

	if (!logrec_wanted())
		return false;
	lost = logrec.count.dropped[DROP_SIZE] + logrec.count.dropped[DROP_SPOOL];
	for (size_t i = 0; i < log->field_count && i < FIELDS_MAX; i++)
		attrs[i] = attr_of(&log->fields[i]);
	/* both count in steps: TRACE is 0 there and 1 here, DEBUG 1 and 5 */
	otel_log_attrs((enum otel_severity)(1 + 4 * log->level), log->message.p, log->message.n, attrs,
	               log->field_count < FIELDS_MAX ? log->field_count : FIELDS_MAX);
	return !logrec.copied && lost == logrec.count.dropped[DROP_SIZE] + logrec.count.dropped[DROP_SPOOL];
}
