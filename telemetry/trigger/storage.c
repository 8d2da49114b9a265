// SPDX-License-Identifier: MIT
#include "trigger/sources.h"

#include "base/percent.h"

#include <string.h>

/* Changes in a bucket or a table: faas.document.*. Whose change it was, neither says. */

static bool from(struct trigger *t, str source)
{
	if (!lambda_json_is(records_first(t, FIRST_SOURCE), source))
		return false;
	t->batch = true;
	t->messages = t->part[PART_RECORDS];
	return true;
}

static void collection(struct trigger *t, str name)
{
	trigger_name(t, S("process "));
	trigger_name(t, name.n ? name : S("unknown"));
	trigger_str(t, "faas.document.collection", name);
}

/* ---- S3 ---- */

/* Keys arrive as a form would send them: '+' is a space, the rest percent-encoded. */
static str object_key(struct trigger *t, str value)
{
	str key = trigger_text(t, value);

	if (!key.n || (!memchr(key.p, '%', key.n) && !memchr(key.p, '+', key.n)))
		return key;
	key = trigger_keep(t, key);
	if (key.n)
		key.n = percent_decode(key, true, (char *)(uintptr_t)key.p, NULL);
	return key;
}

bool read_s3(struct trigger *t)
{
	str bucket;

	if (!from(t, S("aws:s3")))
		return false;
	if (!lambda_json_find(records_first(t, FIRST_S3), "bucket.name", &bucket))
		bucket = (str){ 0 };
	bucket = trigger_text(t, bucket);
	collection(t, bucket);
	trigger_str(t, "aws.s3.bucket", bucket);
	return true;
}

/*
 * ObjectCreated:Put, ObjectRemoved:Delete, LifecycleExpiration:Delete, and those that change what is about an
 * object: tags, class, ACL.
 */
static str s3_operation(str event)
{
	if (str_starts(event, S("s3:")))
		event = (str){ event.p + 3, event.n - 3 };
	if (str_starts(event, S("ObjectCreated:")))
		return S("insert");
	if (str_starts(event, S("ObjectRemoved:")) || str_starts(event, S("LifecycleExpiration:")))
		return S("delete");
	return event.n ? S("edit") : (str){ 0 };
}

void message_s3(struct trigger *t, struct lambda_json *json, struct trigger_message *m)
{
	enum { NAME, TIME, OBJECT };
	static const char *const names[] = { "eventName", "eventTime", "s3" };
	static const char *const paths[] = { "object.key", "bucket.arn" };
	str member[3], found[2];

	json_members(json, names, member, 3);
	lambda_json_find_all(member[OBJECT], paths, found, 2);
	m->operation = s3_operation(trigger_text(t, member[NAME]));
	m->time = trigger_text(t, member[TIME]);
	m->document = object_key(t, found[0]);
	m->source = trigger_text(t, found[1]);
}

/* ---- DynamoDB ---- */

bool read_dynamodb(struct trigger *t)
{
	str table, stream;

	if (!from(t, S("aws:dynamodb")))
		return false;
	/* arn:aws:dynamodb:us-east-2:123456789012:table/orders/stream/2024-11-22T15:23:30.123 */
	table = arn_field(trigger_text(t, records_first(t, FIRST_ARN)), 5);
	if (str_starts(table, S("table/")))
		table = (str){ table.p + 6, table.n - 6 };
	str_cut(table, '/', &table, &stream);
	collection(t, table);
	return true;
}

static str dynamodb_operation(str value)
{
	return lambda_json_is(value, S("INSERT"))   ? S("insert")
	       : lambda_json_is(value, S("MODIFY")) ? S("edit")
	       : lambda_json_is(value, S("REMOVE")) ? S("delete")
	                                            : (str){ 0 };
}

static void put_two(struct buf *b, unsigned v)
{
	buf_putc(b, (char)('0' + v / 10 % 10));
	buf_putc(b, (char)('0' + v % 10));
}

/*
 * Seconds since 1970 as ISO 8601; the calendar counts in eras of 400 years that begin with March (H. Hinnant,
 * "chrono-compatible low-level date algorithms").
 */
static str iso_time(struct trigger *t, str value)
{
	struct buf b = { .p = t->scratch, .cap = 32 };
	double seconds;
	unsigned day, time, era, of_era, year, of_year, month;

	if (!lambda_json_double(value, &seconds) || !(seconds >= 0 && seconds < 4e9))
		return (str){ 0 };
	day = (unsigned)(seconds / 86400) + 719468;
	time = (unsigned)((uint64_t)seconds % 86400);
	era = day / 146097;
	of_era = day % 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	day = of_year - (153 * month + 2) / 5 + 1;
	buf_u64(&b, year + era * 400 + (month >= 10));
	buf_putc(&b, '-');
	put_two(&b, month < 10 ? month + 3 : month - 9);
	buf_putc(&b, '-');
	put_two(&b, day);
	buf_putc(&b, 'T');
	put_two(&b, time / 3600);
	buf_putc(&b, ':');
	put_two(&b, time / 60 % 60);
	buf_putc(&b, ':');
	put_two(&b, time % 60);
	buf_putc(&b, 'Z');
	return buf_str(&b);
}

void message_dynamodb(struct trigger *t, struct lambda_json *json, struct trigger_message *m)
{
	enum { ID, NAME, CHANGE, ARN };
	static const char *const names[] = { "eventID", "eventName", "dynamodb", "eventSourceARN" };
	str member[4], time;

	json_members(json, names, member, 4);
	m->id = trigger_text(t, member[ID]);
	m->operation = dynamodb_operation(member[NAME]);
	if (lambda_json_find(member[CHANGE], "ApproximateCreationDateTime", &time))
		m->time = iso_time(t, time);
	m->source = trigger_text(t, member[ARN]);
}
