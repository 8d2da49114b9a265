// SPDX-License-Identifier: MIT
#include "trigger/sources.h"

/* Events of AWS services and applications, and services that call a function by its name. */

static void link_one(struct trigger *t, str traceparent, str tracestate, str id)
{
	if (traceparent.n && t->links < TRIGGER_LINKS_MAX)
		t->link[t->links++] = (struct trigger_message){ .id = id,
			                                            .traceparent = traceparent,
			                                            .tracestate = tracestate };
}

/*
 * A rule or a schedule: the clock called. What a schedule sends is up to whoever made it; this is what it sends
 * when nobody chose.
 */
static bool scheduled(struct trigger *t, str type, str source)
{
	if (!str_eq(type, S("Scheduled Event")) || !(str_eq(source, S("aws.events")) || str_eq(source, S("aws.scheduler"))))
		return false;
	t->trigger = "timer";
	trigger_name(t, type);
	trigger_json(t, "faas.time", t->part[PART_TIME]);
	return true;
}

#define DETAIL_LOOK 16384 /* whoever puts a trace into an event does so in front of his data, or has little */

/*
 * There is no place for a trace in an event but its detail, and nobody's rule for it: both spellings that are
 * seen.
 */
static void detail_link(struct trigger *t, str id)
{
	static const char *const paths[] = { "traceparent", "tracestate", "_traceparent", "_tracestate" };
	str found[4], detail = t->part[PART_DETAIL];

	if (detail.n > DETAIL_LOOK)
		detail.n = DETAIL_LOOK;
	if (!lambda_json_find_all(detail, paths, found, 4))
		return;
	link_one(t, trigger_text(t, found[found[0].n ? 0 : 2]), trigger_text(t, found[found[0].n ? 1 : 3]), id);
}

bool read_eventbridge(struct trigger *t)
{
	str type = trigger_text(t, t->part[PART_DETAIL_TYPE]), source = trigger_text(t, t->part[PART_SOURCE]), id;

	if (!type.n || !source.n)
		return false;
	if (scheduled(t, type, source))
		return true;
	id = trigger_text(t, t->part[PART_ID]);
	trigger_name(t, type);
	trigger_str(t, "messaging.system", S("aws.eventbridge"));
	trigger_str(t, "messaging.operation.name", S("process"));
	trigger_str(t, "messaging.operation.type", S("process"));
	trigger_str(t, "messaging.message.id", id);
	trigger_str(t, "aws.eventbridge.source", source);
	trigger_str(t, "aws.eventbridge.detail_type", type);
	detail_link(t, id);
	return true;
}

/* What it holds is compressed, and stays so. */
bool read_logs(struct trigger *t)
{
	str data;

	return lambda_json_find(t->part[PART_AWSLOGS], "data", &data) && lambda_json_kind_of(data) == LAMBDA_JSON_STRING;
}

/* A resolver: the client's headers come with it. */
bool read_appsync(struct trigger *t)
{
	static const char *const paths[] = { "fieldName", "parentTypeName" };
	str found[2], headers, parent;

	if (lambda_json_find_all(t->part[PART_INFO], paths, found, 2) != 2)
		return false;
	if (lambda_json_find(t->part[PART_REQUEST], "headers", &headers))
		trigger_headers(t, headers);
	parent = trigger_text(t, found[1]); /* of the schema's roots it is the operation; below them it is any type */
	if (str_eq(parent, S("Query")))
		trigger_str(t, "graphql.operation.type", S("query"));
	else if (str_eq(parent, S("Mutation")))
		trigger_str(t, "graphql.operation.type", S("mutation"));
	else if (str_eq(parent, S("Subscription")))
		trigger_str(t, "graphql.operation.type", S("subscription"));
	return true;
}

bool read_cognito_sync(struct trigger *t)
{
	trigger_json(t, "faas.document.collection", t->part[PART_DATASET]);
	trigger_str(t, "faas.document.operation", S("edit"));
	return true;
}

/* The context object, for a state machine that hands it on; any other input looks like a direct call. */
bool read_step_functions(struct trigger *t)
{
	str arn;

	if (!lambda_json_find(t->part[PART_STATE_MACHINE], "Id", &arn))
		return false;
	trigger_json(t, "aws.step_functions.state_machine.arn", arn);
	return true;
}

/* Over HTTP it brings the headers of the request. */
bool read_iot_authorizer(struct trigger *t)
{
	str headers;

	if (lambda_json_kind_of(t->part[PART_PROTOCOL_DATA]) != LAMBDA_JSON_OBJECT)
		return false;
	if (lambda_json_find(t->part[PART_PROTOCOL_DATA], "http.headers", &headers))
		trigger_headers(t, headers);
	return true;
}
