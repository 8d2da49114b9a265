// SPDX-License-Identifier: MIT
#include "otlp/outcome.h"

#include "encode/wire_read.h"
#include "lambda_json.h"
#include "net/retry_after.h"

#include <string.h>

#define STATUS_MESSAGE 2 /* google.rpc.Status, which an OTLP receiver answers errors with */

/* ---- what the body is in, and what it says ---- */

enum body_type { BODY_PROTOBUF, BODY_JSON, BODY_OTHER };

static str find_field(const struct http_reply *reply, str wanted)
{
	str fields = reply->head.fields, name, value;

	while (http_field_next(&fields, &name, &value))
		if (str_ieq(name, wanted))
			return value;
	return (str){ 0 };
}

/* The type of the request when the reply does not say (OTLP/HTTP response). */
static enum body_type type_of(const struct http_reply *reply, bool json)
{
	str type, parameters;

	str_cut(find_field(reply, S("content-type")), ';', &type, &parameters);
	type = str_trim(type);
	if (!type.n)
		return json ? BODY_JSON : BODY_PROTOBUF;
	if (str_ieq(type, S("application/x-protobuf")))
		return BODY_PROTOBUF;
	return str_ieq(type, S("application/json")) || str_starts(type, S("application/x-amz-json")) ? BODY_JSON
	                                                                                             : BODY_OTHER;
}

/* The first line, as much as fits: what follows in AWS's messages quotes the request, token included. */
static void keep_line(struct buf *b, str text)
{
	str line, rest;

	str_cut(text, '\n', &line, &rest);
	if (line.n > b->cap)
		line.n = b->cap;
	b->n = 0;
	buf_put(b, line);
}

/* Of a body that is said to be something else, or nothing: what people can read, which a page is not. */
static void keep_text(struct buf *b, str text)
{
	if (text.n && text.p[0] == '<')
		return;
	keep_line(b, text);
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] < ' ' || b->p[i] > '~')
			b->n = i;
}

static void keep_json(struct buf *b, str value)
{
	char room[4096];
	str text;

	if (value.n && value.n <= sizeof room && lambda_json_string(value, room, sizeof room, &text))
		keep_line(b, text);
}

/* AccessDeniedException out of com.amazon.coral.service#AccessDeniedException:http://... */
static void keep_code(struct outcome *o, str text)
{
	str left, right;

	if (str_cut(text, '#', &left, &right))
		text = right;
	str_cut(text, ':', &left, &right);
	left = str_trim(left);
	if (o->code.n || !left.n || left.n > o->code.cap)
		return;
	for (size_t i = 0; i < left.n; i++)
		if ((unsigned)(left.p[i] | 0x20) - 'a' >= 26 && (unsigned)left.p[i] - '0' >= 10 && left.p[i] != '.')
			return;
	buf_put(&o->code, left);
}

static void keep_json_error(struct outcome *o, str body)
{
	static const char *const paths[] = { "__type", "code", "Code", "message", "Message", "errorMessage" };
	str found[6];
	char room[64];
	struct buf code = BUF(room);

	if (!lambda_json_valid(body))
		return;
	lambda_json_find_all(body, paths, found, 6);
	for (int i = 0; i < 3; i++) {
		keep_json(&code, found[i]);
		keep_code(o, buf_str(&code));
	}
	for (int i = 3; i < 6 && !o->said.message.n; i++)
		keep_json(&o->said.message, found[i]);
}

static void keep_xml(struct buf *b, str body, const char *open)
{
	const char *at = body.n ? memmem(body.p, body.n, open, strlen(open)) : NULL;
	str rest, text;

	if (!at)
		return;
	at += strlen(open);
	str_cut((str){ at, body.n - (size_t)(at - body.p) }, '<', &text, &rest);
	keep_line(b, text);
}

static void keep_error(struct outcome *o, const struct http_reply *reply, enum body_type type)
{
	str body = reply->body;
	char room[64];
	struct buf code = BUF(room);

	keep_code(o, find_field(reply, S("x-amzn-errortype")));
	if (str_trim(body).n && str_trim(body).p[0] == '{') {
		keep_json_error(o, body);
	} else if (type == BODY_PROTOBUF) {
		keep_line(&o->said.message, wire_bytes_of(body, STATUS_MESSAGE));
	} else if (body.n && memmem(body.p, body.n, "<Code>", 6)) {
		keep_xml(&code, body, "<Code>");
		keep_code(o, buf_str(&code));
		keep_xml(&o->said.message, body, "<Message>");
	}
	if (!o->said.message.n && !o->code.n)
		keep_text(&o->said.message, body);
	if (o->said.message.n && !memchr(o->said.message.p, ' ', o->said.message.n))
		keep_code(o, buf_str(&o->said.message)); /* some say nothing else */
	if (o->code.n && str_eq(buf_str(&o->code), buf_str(&o->said.message)))
		o->said.message.n = 0;
}

/* ---- why ---- */

static bool is_code(const struct outcome *o, const char *const *codes)
{
	for (; *codes; codes++)
		if (str_eq(buf_str(&o->code), str_of(*codes)))
			return true;
	return false;
}

static bool says(const struct outcome *o, const char *part)
{
	return o->said.message.n && memmem(o->said.message.p, o->said.message.n, part, strlen(part));
}

static enum cause find_cause(const struct outcome *o)
{
	static const char *const expired[] = { "ExpiredToken", "ExpiredTokenException", NULL };
	static const char *const clock[] = { "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", NULL };
	static const char *const denied[] = { "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", NULL };
	static const char *const keys[] = { "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId",
		                                "InvalidToken", NULL };
	static const char *const wrong[] = { "SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", NULL };
	static const char *const unsigned_[] = { "MissingAuthenticationToken", "MissingAuthenticationTokenException",
		                                     "IncompleteSignature", "IncompleteSignatureException", NULL };

	if (says(o, "Trace Segment Destination"))
		return CAUSE_SEARCH;
	if (says(o, "should be scoped to a valid region") ||
	    is_code(o, (const char *const[]){ "AuthorizationHeaderMalformed", NULL }))
		return CAUSE_REGION;
	if (is_code(o, expired) || says(o, "security token included in the request is expired"))
		return CAUSE_EXPIRED;
	if (is_code(o, clock) || says(o, "Signature expired") || says(o, "Signature not yet current"))
		return CAUSE_CLOCK;
	if (says(o, "log stream") && (says(o, "not exist") || says(o, "not found")))
		return CAUSE_LOG_STREAM;
	if (says(o, "log group") && (says(o, "not exist") || says(o, "not found")))
		return CAUSE_LOG_GROUP;
	if (is_code(o, (const char *const[]){ "ResourceNotFoundException", NULL }))
		return CAUSE_LOG_GROUP;
	if (is_code(o, denied) || says(o, "not authorized to perform"))
		return CAUSE_DENIED;
	if (is_code(o, keys) || says(o, "security token included in the request is invalid"))
		return CAUSE_KEY;
	if (is_code(o, wrong))
		return CAUSE_SIGNATURE;
	return is_code(o, unsigned_) ? CAUSE_UNSIGNED : CAUSE_UNKNOWN;
}

const char *outcome_remedy(enum cause cause)
{
	switch (cause) {
	case CAUSE_REGION:
		return "wrong region: it is signed for another one than the endpoint's; set OTEL_EXPORTER_OTLP_SIGV4_REGION";
	case CAUSE_EXPIRED:
		return "the credentials have expired, and there are no newer ones: whoever set AWS_SESSION_TOKEN must renew it";
	case CAUSE_CLOCK:
		return "the clock is more than five minutes off: set it; signing for the service's time did not help";
	case CAUSE_SEARCH:
		return "X-Ray's Transaction Search is off: aws xray update-trace-segment-destination --destination "
			   "CloudWatchLogs turns it on for account and region; or use OTEL_TRACES_EXPORTER=xray-udp";
	case CAUSE_LOG_GROUP:
		return "there is no log group of the name in x-aws-log-group: create it, or correct "
			   "OTEL_EXPORTER_OTLP_LOGS_HEADERS";
	case CAUSE_LOG_STREAM:
		return "there is no log stream of the name in x-aws-log-stream: create it, or correct "
			   "OTEL_EXPORTER_OTLP_LOGS_HEADERS";
	case CAUSE_DENIED:
		return "the role needs xray:PutTraceSegments for traces, logs:PutLogEvents for logs, cloudwatch:PutMetricData "
			   "for metrics";
	case CAUSE_KEY: return "the service does not know these credentials: check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN";
	case CAUSE_SIGNATURE:
		return "it is not what the service computes: check AWS_SECRET_ACCESS_KEY, and who changes requests on the way";
	case CAUSE_UNSIGNED:
		return "the service wants a signature: use its https endpoint, or set OTEL_EXPORTER_OTLP_SIGV4_SERVICE";
	case CAUSE_PROXY:
		return "the proxy, which it went through, may have said that: check user and password in http_proxy";
	default: return NULL;
	}
}

/* ---- what it means ---- */

static bool is_retryable(const struct outcome *o, bool is_aws)
{
	static const char *const throttled[] = { "ThrottlingException",  "Throttling", "TooManyRequestsException",
		                                     "RequestLimitExceeded", "SlowDown",   NULL };

	switch (o->status) {
	case 429:
	case 502:
	case 503:
	case 504: return true;
	case 408:
	case 500: return is_aws;
	case 400: return is_aws && is_code(o, throttled);
	default:  return false;
	}
}

static enum verdict judge_error(const struct outcome *o, const struct asked *asked)
{
	bool may_be_signature = asked->is_signed && (o->status == 400 || o->status == 401 || o->status == 403);

	if (may_be_signature && o->cause == CAUSE_EXPIRED)
		return VERDICT_KEYS;
	if (may_be_signature && (o->cause == CAUSE_CLOCK || o->cause == CAUSE_SIGNATURE))
		return VERDICT_CLOCK;
	if (is_retryable(o, asked->is_aws))
		return VERDICT_AGAIN;
	return o->status == 413 ? VERDICT_HALVE : VERDICT_REFUSED;
}

/* A receiver that answers in a type that nobody asked for has still taken the batch. */
static enum verdict judge_success(struct outcome *o, str body, enum body_type type)
{
	bool good = type == BODY_PROTOBUF ? export_reply_read(body, &o->said)
	            : type == BODY_JSON   ? export_reply_read_json(body, &o->said)
	                                  : true;

	return good ? VERDICT_TAKEN : VERDICT_NONSENSE;
}

void outcome_read(struct outcome *o, const struct http_reply *reply, const struct asked *asked, int64_t now_s)
{
	enum body_type type = type_of(reply, asked->json);

	o->status = reply->head.status;
	o->cause = CAUSE_UNKNOWN;
	o->after_s = -1;
	o->said.rejected = 0;
	o->said.message = BUF(o->text);
	o->code = BUF(o->code_text);
	if (o->status / 100 == 2) {
		o->verdict = judge_success(o, reply->body, type);
		return;
	}
	keep_error(o, reply, type);
	o->cause = find_cause(o);
	/* 407 is no other's; some proxies say 401. */
	if (asked->by_proxy && o->cause == CAUSE_UNKNOWN && (o->status == 401 || o->status == 407))
		o->cause = CAUSE_PROXY;
	retry_after(&reply->head, now_s, OUTCOME_AFTER_MAX_S, &o->after_s);
	o->verdict = judge_error(o, asked);
}
