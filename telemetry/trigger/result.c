// SPDX-License-Identifier: MIT
#include "trigger/capture.h"
#include "trigger/legacy.h"
#include "trigger/options.h"

/*
 * What a web server answers is in the reply's statusCode, wherever it stands. A reply without one is the body
 * itself for payload format 2.0 and function URLs, with status 200; for the others it is none that they
 * understand, and nothing is claimed about it. A status from 500 on is the server's fault, and the number says
 * all there is to say; below that it is the client's.
 */
static int64_t status_of(const struct trigger *t, str reply)
{
	int64_t status;
	str value;

	if (lambda_json_find(reply, "statusCode", &value))
		return lambda_json_int(value, &status) && status >= 100 && status <= 599 ? status : 0;
	return t->seen & BIT(PART_RAW_PATH) ? 200 : 0;
}

void trigger_result(struct trigger *t, str reply, struct otel_span *span)
{
	char room[3];
	struct buf code = BUF(room);
	int64_t status;

	if (!t->http || !otel_recording(span) || !(status = status_of(t, reply)))
		return;
	otel_set_int(span, "http.response.status_code", status);
	if (trigger_options()->legacy)
		otel_set_int(span, legacy_name("http.response.status_code"), status);
	capture_response(t, reply, span);
	if (status < 500)
		return;
	buf_i64(&code, status);
	otel_set_str(span, "error.type", code.p, code.n);
	otel_error(span, NULL, 0);
}
