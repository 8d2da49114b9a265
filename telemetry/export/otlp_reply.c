// SPDX-License-Identifier: MIT
#include "export/otlp_reply.h"

#include "trace_service.pb.h"

#include <pb_decode.h>

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

static bool read_partial_success(pb_istream_t *stream, struct otlp_reply *out)
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

bool otlp_reply_read(str body, struct otlp_reply *out)
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
