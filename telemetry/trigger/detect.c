// SPDX-License-Identifier: MIT
#include "trigger/own.h"
#include "trigger/trigger.h"

#include <string.h>

/*
 * Which source an event is of. Its top level is walked key by key, values passed over; after each key that some
 * source knows, a row of the table whose wants are all there is asked whether the event is its own, and a yes
 * ends the walk. The member that completes a row is not even passed over when it is an object or an array:
 * records, or a request context in front of a body of 6 MB, are read by their source as far as it needs. When
 * nothing decides, all of the event has been seen, and the first row whose needs are there and that says yes
 * has it.
 *
 * An event of somebody's own has no member but such as are anybody's: one that shows no other within FIRST_LOOK
 * bytes is not read on.
 */
#define FIRST_LOOK 65536

#define B(name) BIT(PART_##name)
static const uint64_t anybodys = B(VERSION) | B(ID) | B(TIME) | B(SOURCE) | B(DETAIL) | B(RESOURCE) | B(RESOURCES) |
                                 B(PATH) | B(BROKER_RECORDS) | B(MESSAGES) | B(INFO) | B(REQUEST) | B(BOT) |
                                 B(SERIAL_NUMBER);

/* The commonest first: each key is compared in this order. */
static const struct {
	str name;
	unsigned char part;
} members[] = {
#define MEMBER(name, part) { { name, sizeof(name) - 1 }, part }
	MEMBER("Records", PART_RECORDS),
	MEMBER("version", PART_VERSION),
	MEMBER("routeKey", PART_ROUTE_KEY),
	MEMBER("rawPath", PART_RAW_PATH),
	MEMBER("rawQueryString", PART_RAW_QUERY),
	MEMBER("headers", PART_HEADERS),
	MEMBER("requestContext", PART_REQUEST_CONTEXT),
	MEMBER("resource", PART_RESOURCE),
	MEMBER("path", PART_PATH),
	MEMBER("httpMethod", PART_METHOD),
	MEMBER("multiValueHeaders", PART_MULTI_HEADERS),
	MEMBER("queryStringParameters", PART_QUERY),
	MEMBER("multiValueQueryStringParameters", PART_MULTI_QUERY),
	MEMBER("body", PART_BODY),
	MEMBER("source", PART_SOURCE),
	MEMBER("detail-type", PART_DETAIL_TYPE),
	MEMBER("id", PART_ID),
	MEMBER("time", PART_TIME),
	MEMBER("resources", PART_RESOURCES),
	MEMBER("detail", PART_DETAIL),
	MEMBER("eventSource", PART_EVENT_SOURCE),
	MEMBER("records", PART_BROKER_RECORDS),
	MEMBER("messages", PART_MESSAGES),
	MEMBER("rmqMessagesByQueue", PART_QUEUES),
	MEMBER("awslogs", PART_AWSLOGS),
	MEMBER("info", PART_INFO),
	MEMBER("request", PART_REQUEST),
	MEMBER("triggerSource", PART_TRIGGER_SOURCE),
	MEMBER("userPoolId", PART_USER_POOL),
	MEMBER("identityPoolId", PART_IDENTITY_POOL),
	MEMBER("datasetName", PART_DATASET),
	MEMBER("bot", PART_BOT),
	MEMBER("sessionState", PART_SESSION_STATE),
	MEMBER("currentIntent", PART_INTENT),
	MEMBER("Execution", PART_EXECUTION),
	MEMBER("StateMachine", PART_STATE_MACHINE),
	MEMBER("CodePipeline.job", PART_PIPELINE_JOB),
	MEMBER("methodArn", PART_METHOD_ARN),
	MEMBER("routeArn", PART_ROUTE_ARN),
	MEMBER("protocolData", PART_PROTOCOL_DATA),
	MEMBER("clickType", PART_CLICK_TYPE),
	MEMBER("serialNumber", PART_SERIAL_NUMBER),
	MEMBER("deviceEvent", PART_DEVICE_EVENT),
	MEMBER("placementInfo", PART_PLACEMENT),
	MEMBER("claimCertificateId", PART_CLAIM_CERTIFICATE),
	MEMBER("templateArn", PART_TEMPLATE),
#undef MEMBER
};

static unsigned part_of(str key)
{
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (members[i].name.n == key.n && members[i].name.p[0] == key.p[0] &&
		    memcmp(members[i].name.p, key.p, key.n) == 0)
			return members[i].part;
	return PARTS;
}

static uint64_t bits_of(unsigned part)
{
	uint64_t bits = BIT(part);

	if (part == PART_HEADERS || part == PART_MULTI_HEADERS)
		bits |= BIT(PART_ANY_HEADERS);
	if (part == PART_QUERY || part == PART_MULTI_QUERY)
		bits |= BIT(PART_ANY_QUERY);
	return bits;
}

static bool take(struct trigger *t, const struct trigger_row *row)
{
	t->row = row;
	t->trigger = row->trigger;
	t->kind = row->kind;
	return row->read(t);
}

/* A row that became complete with the last member and takes the event. */
static bool complete(struct trigger *t, uint64_t new, uint64_t *refused)
{
	for (size_t i = 0; i < trigger_rows_count; i++) {
		const struct trigger_row *row = &trigger_rows[i];

		if (!(row->wants & new) || (row->wants & ~t->seen) || (*refused >> i & 1))
			continue;
		if (take(t, row))
			return true;
		*refused |= UINT64_C(1) << i;
	}
	return false;
}

static bool opens(str rest)
{
	return rest.n && (rest.p[0] == '{' || rest.p[0] == '[');
}

/* From here on, and behind white space. */
static str rest_of(const struct lambda_json *json, str event)
{
	const char *p = json->p_, *end = event.p + event.n;

	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return (str){ p, (size_t)(end - p) };
}

/*
 * Header fields are read on the way, since the propagators want them whatever the source; all else is passed
 * over, and known by where it stands.
 */
static bool pass(struct trigger *t, struct lambda_json *json, unsigned part, str rest)
{
	if ((part == PART_HEADERS || part == PART_MULTI_HEADERS) && rest.n && rest.p[0] == '{')
		return headers_read(t, json, part == PART_MULTI_HEADERS);
	return lambda_json_skip(json);
}

enum walk { WALK_FOUND, WALK_ALL, WALK_CUT };

/* look: as much of the event as is looked at. */
static enum walk walk(struct trigger *t, str look, uint64_t *refused)
{
	struct lambda_json json;

	lambda_json_init(&json, look);
	if (lambda_json_next(&json) != LAMBDA_JSON_OBJECT)
		return WALK_ALL;
	while (lambda_json_next(&json) == LAMBDA_JSON_KEY) {
		unsigned part = json.escaped || !json.text.n ? PARTS : part_of(json.text);
		str rest = rest_of(&json, t->event);
		bool open = opens(rest), headers = part == PART_HEADERS || part == PART_MULTI_HEADERS;
		uint64_t new;

		if (part == PARTS || (t->seen & BIT(part))) {
			if (!lambda_json_skip(&json))
				return WALK_CUT;
			continue;
		}
		new = bits_of(part);
		t->seen |= new;
		t->part[part] = rest;
		if (open && !headers && complete(t, new, refused))
			return WALK_FOUND;
		if (!pass(t, &json, part, rest))
			return WALK_CUT;
		if (!open)
			t->part[part] = json.text;
		if ((!open || headers) && complete(t, new, refused))
			return WALK_FOUND;
	}
	return lambda_json_next(&json) == LAMBDA_JSON_END ? WALK_ALL : WALK_CUT;
}

static bool ours(struct trigger *t)
{
	str look = t->event;
	uint64_t refused = 0;
	enum walk how;

	if (look.n > FIRST_LOOK)
		look.n = FIRST_LOOK;
	how = walk(t, look, &refused);
	if (how == WALK_CUT && look.n < t->event.n && (t->seen & ~anybodys)) {
		t->seen = 0;
		memset(t->part, 0, sizeof t->part);
		t->headers = 0;
		how = walk(t, t->event, &refused);
	}
	if (how == WALK_FOUND)
		return true;
	for (size_t i = 0; i < trigger_rows_count; i++)
		if (!(trigger_rows[i].needs & ~t->seen) && !(refused >> i & 1) && take(t, &trigger_rows[i]))
			return true;
	return false;
}

struct trigger *trigger_last;

bool trigger_detect(str event, struct trigger *t)
{
	trigger_last = t;
	memset(t, 0, offsetof(struct trigger, attr));
	t->carrier.get = headers_get;
	t->event = event;
	t->name = BUF(t->name_room);
	t->room = BUF(t->bytes);
	if (own_detect(t) || ours(t))
		return true;
	t->row = NULL;
	t->trigger = "other";
	t->kind = OTEL_SERVER;
	return false;
}
