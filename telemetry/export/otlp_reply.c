// SPDX-License-Identifier: MIT
#include "export/otlp_reply.h"

#include "trace_service.pb.h"

#include <pb_decode.h>

static bool read_message(pb_istream_t *stream, const pb_field_t *field, void **arg)
{
	struct buf *b = *arg;
	size_t room = b->cap - b->n, n = stream->bytes_left < room ? stream->bytes_left : room;

	(void)field;
	if (!pb_read(stream, (pb_byte_t *)b->p + b->n, n))
		return false;
	b->n += n;
	return pb_read(stream, NULL, stream->bytes_left);
}

bool otlp_reply_read(str body, struct otlp_reply *out)
{
	ExportTraceServiceResponse m = ExportTraceServiceResponse_init_zero;
	pb_istream_t stream = pb_istream_from_buffer((const pb_byte_t *)body.p, body.n);

	out->rejected = 0;
	m.partial_success.error_message.funcs.decode = read_message;
	m.partial_success.error_message.arg = &out->message;
	if (!pb_decode_noinit(&stream, ExportTraceServiceResponse_fields, &m))
		return false;
	if (m.partial_success.rejected_spans < 0)
		return false;
	out->rejected = (uint64_t)m.partial_success.rejected_spans;
	return true;
}
