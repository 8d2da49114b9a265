// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"

/* What an Export...ServiceResponse of any signal says that matters: how many items were not taken, and why. */
struct otlp_reply {
	uint64_t rejected;
	struct buf message; /* over memory of the caller; what does not fit is cut */
};

/* body: of a reply with status 2xx. An empty one means that all was taken. False: it is not such a message. */
bool otlp_reply_read(str body, struct otlp_reply *out);
bool otlp_reply_read_json(str body, struct otlp_reply *out); /* of a reply in OTLP/JSON */
