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
 *
 * The walk pauses where the header fields are known, and goes on when the rest is wanted:
 *
 *   NEW --the carrier is asked--> AT_HEADERS --trigger_finish()--> FINISHED
 *
 * It does so only where what is behind them cannot change them; else it is finished at once.
 */
enum state { NEW, AT_HEADERS, FINISHED };

#define FIRST_LOOK 65536

#define B(name) BIT(PART_##name)
static const uint64_t anybodys = B(VERSION) | B(ID) | B(TIME) | B(SOURCE) | B(DETAIL) | B(RESOURCE) | B(RESOURCES) |
                                 B(PATH) | B(BROKER_RECORDS) | B(MESSAGES) | B(INFO) | B(REQUEST) | B(BOT) |
                                 B(SERIAL_NUMBER);

/* A request's: no row is complete with such alone, each wants another one too. */
static const uint64_t requests = B(VERSION) | B(ROUTE_KEY) | B(RAW_PATH) | B(RAW_QUERY) | B(HEADERS) | B(ANY_HEADERS) |
                                 B(RESOURCE) | B(PATH) | B(METHOD) | B(MULTI_HEADERS) | B(QUERY) | B(ANY_QUERY) |
                                 B(MULTI_QUERY) | B(BODY);

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
		if (members[i].name.n == key.n && members[i].name.p[0] == key.p[0] && str_eq(members[i].name, key))
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
static bool complete(struct trigger *t, uint64_t new)
{
	const struct trigger_row *row = trigger_rows, *end = row + trigger_rows_count;
	uint64_t missing = ~t->seen;

	if (!(t->seen & ~requests))
		return false;
	for (; row < end; row++) {
		uint64_t bit = UINT64_C(1) << (row - trigger_rows);

		if (row->wants & missing || !(row->wants & new) || t->refused & bit)
			continue;
		if (take(t, row))
			return true;
		t->refused |= bit;
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

/* Payload format 2.0 has one object of them, 1.0 has two. */
static bool headers_known(const struct trigger *t)
{
	return t->seen & BIT(PART_HEADERS) && t->seen & (BIT(PART_RAW_PATH) | BIT(PART_MULTI_HEADERS));
}

enum walk { WALK_PAUSED, WALK_FOUND, WALK_ALL, WALK_CUT };

static enum walk walk(struct trigger *t, bool pause)
{
	struct lambda_json *json = &t->json;

	while (lambda_json_next(json) == LAMBDA_JSON_KEY) {
		unsigned part = json->escaped || !json->text.n ? PARTS : part_of(json->text);
		str rest = rest_of(json, t->event);
		bool open = opens(rest), headers = part == PART_HEADERS || part == PART_MULTI_HEADERS;
		uint64_t new;

		if (part == PARTS || (t->seen & BIT(part))) {
			if (!lambda_json_skip(json))
				return WALK_CUT;
			continue;
		}
		new = bits_of(part);
		t->seen |= new;
		t->part[part] = rest;
		if (open && !headers && complete(t, new))
			return WALK_FOUND;
		if (!pass(t, json, part, rest))
			return WALK_CUT;
		if (!open)
			t->part[part] = json->text;
		if ((!open || headers) && complete(t, new))
			return WALK_FOUND;
		if (pause && headers && headers_known(t))
			return WALK_PAUSED;
	}
	return lambda_json_next(json) == LAMBDA_JSON_END ? WALK_ALL : WALK_CUT;
}

/* look: as much of the event as is looked at. */
static enum walk walk_from_start(struct trigger *t, str look, bool pause)
{
	lambda_json_init(&t->json, look);
	return lambda_json_next(&t->json) == LAMBDA_JSON_OBJECT ? walk(t, pause) : WALK_ALL;
}

/* The event was cut at FIRST_LOOK and is not somebody's own. */
static bool goes_on(const struct trigger *t)
{
	return t->event.n > FIRST_LOOK && (t->seen & ~anybodys);
}

static bool ours(struct trigger *t, enum walk how)
{
	if (how == WALK_CUT && goes_on(t)) {
		t->seen = 0;
		memset(t->part, 0, sizeof t->part);
		t->headers = 0;
		how = walk_from_start(t, t->event, false);
	}
	if (how == WALK_FOUND)
		return true;
	for (size_t i = 0; i < trigger_rows_count; i++)
		if (!(trigger_rows[i].needs & ~t->seen) && !(t->refused >> i & 1) && take(t, &trigger_rows[i]))
			return true;
	return false;
}

static void finished(struct trigger *t, bool found)
{
	t->state = FINISHED;
	t->known = found;
	if (found)
		return;
	t->row = NULL;
	t->trigger = "other";
	t->kind = OTEL_SERVER;
}

/* ---- what telemetry calls ---- */

static struct trigger *last;

void trigger_begin(str event, struct trigger *t)
{
	last = t;
	t->carrier.get = headers_get;
	t->event = event;
	t->state = NEW;
	if (own_any()) /* they are promised to be asked before the span opens */
		trigger_look(t);
}

static void look(struct trigger *t, bool pause)
{
	str event = t->event;
	enum walk how;

	memset(t, 0, offsetof(struct trigger, attr));
	t->carrier.get = headers_get;
	t->event = event;
	t->name = BUF(t->name_room);
	t->room = BUF(t->bytes);
	t->state = FINISHED; /* sources may ask for header fields */
	if ((t->known = own_detect(t)))
		return;
	how = walk_from_start(t, (str){ event.p, event.n < FIRST_LOOK ? event.n : FIRST_LOOK }, pause);
	if (how == WALK_PAUSED)
		t->state = AT_HEADERS;
	else
		finished(t, ours(t, how));
}

void trigger_look(struct trigger *t)
{
	if (t->state == NEW)
		look(t, true);
}

bool trigger_finish(struct trigger *t)
{
	if (t->state == NEW) {
		look(t, false);
	} else if (t->state == AT_HEADERS) {
		t->state = FINISHED;
		finished(t, ours(t, walk(t, false)));
	}
	return t->known;
}

bool trigger_detect(str event, struct trigger *t)
{
	trigger_begin(event, t);
	return trigger_finish(t);
}

struct trigger *trigger_last(void)
{
	if (last)
		trigger_finish(last);
	return last;
}
