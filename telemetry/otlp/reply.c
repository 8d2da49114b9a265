// SPDX-License-Identifier: MIT
#include "otlp/reply.h"

#include "lambda_json.h"

#include "logs_service.pb.h"
#include "metrics_service.pb.h"
#include "trace_service.pb.h"

#include <assert.h>
#include <pb_decode.h>
#include <string.h>

static_assert((int)ExportTracePartialSuccess_rejected_spans_tag ==
                      (int)ExportMetricsPartialSuccess_rejected_data_points_tag &&
                  (int)ExportTracePartialSuccess_rejected_spans_tag ==
                      (int)ExportLogsPartialSuccess_rejected_log_records_tag &&
                  (int)ExportTracePartialSuccess_error_message_tag ==
                      (int)ExportMetricsPartialSuccess_error_message_tag &&
                  (int)ExportTracePartialSuccess_error_message_tag == (int)ExportLogsPartialSuccess_error_message_tag,
              "the signals number alike");

/*
 * Two fields are wanted, so nanopb's primitives read them by its generated tags; its message decoder would bring 5 kB along. They check
 * every length against what is left.
 */
static bool read_message(pb_istream_t *stream, struct buf *out)
{
	pb_istream_t text;
	size_t n;

	if (!pb_make_string_substream(stream, &text))
		return false;
	n = text.bytes_left < out->cap ? text.bytes_left : out->cap;
	out->n = n;
	return pb_read(&text, (pb_byte_t *)out->p, n) && pb_close_string_substream(stream, &text);
}

static bool read_partial_success(pb_istream_t *stream, struct export_reply *out)
{
	pb_wire_type_t type;
	uint32_t tag;
	bool end;

	while (pb_decode_tag(stream, &type, &tag, &end)) {
		bool good;

		if (tag == ExportTracePartialSuccess_rejected_spans_tag && type == PB_WT_VARINT)
			good = pb_decode_varint(stream, &out->rejected) && out->rejected <= INT64_MAX;
		else if (tag == ExportTracePartialSuccess_error_message_tag && type == PB_WT_STRING)
			good = read_message(stream, &out->message);
		else
			good = pb_skip_field(stream, type);
		if (!good)
			return false;
	}
	return end;
}

bool export_reply_read(str body, struct export_reply *out)
{
	pb_istream_t stream = pb_istream_from_buffer((const pb_byte_t *)body.p, body.n), inner;
	pb_wire_type_t type;
	uint32_t tag;
	bool end;

	out->rejected = out->message.n = 0;
	while (pb_decode_tag(&stream, &type, &tag, &end)) {
		if (tag != ExportTraceServiceResponse_partial_success_tag || type != PB_WT_STRING) {
			if (!pb_skip_field(&stream, type))
				return false;
			continue;
		}
		if (!pb_make_string_substream(&stream, &inner) || !read_partial_success(&inner, out) ||
		    !pb_close_string_substream(&stream, &inner))
			return false;
	}
	return end;
}

/* ---- OTLP/JSON ---- */

/* int64 is a string, and a number is to be taken too (OTLP 1.11, "JSON Protobuf Encoding"). */
static bool read_count(str value, uint64_t *out)
{
	int64_t n;

	if (lambda_json_kind_of(value) == LAMBDA_JSON_STRING)
		return value.n > 2 && str_u64((str){ value.p + 1, value.n - 2 }, INT64_MAX, out);
	if (!lambda_json_int(value, &n) || n < 0)
		return false;
	*out = (uint64_t)n;
	return true;
}

bool export_reply_read_json(str body, struct export_reply *out)
{
	static const char *const paths[] = { "partialSuccess.rejectedSpans", "partialSuccess.rejectedDataPoints",
		                                 "partialSuccess.rejectedLogRecords", "partialSuccess.errorMessage" };
	str values[4], message;

	out->rejected = out->message.n = 0;
	if (!str_trim(body).n)
		return true;
	if (!lambda_json_valid(body) || lambda_json_kind_of(str_trim(body)) != LAMBDA_JSON_OBJECT)
		return false;
	lambda_json_find_all(body, paths, values, 4);
	for (int i = 0; i < 3; i++)
		if (values[i].n && !read_count(values[i], &out->rejected))
			return false;
	if (lambda_json_string(values[3], out->message.p, out->message.cap, &message)) {
		out->message.n = message.n < out->message.cap ? message.n : out->message.cap;
		memmove(out->message.p, message.p, out->message.n);
	}
	return true;
}
