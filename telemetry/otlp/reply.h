// SPDX-License-Identifier: MIT
#pragma once

#include "base/buf.h"

/* What an Export...ServiceResponse of any signal says that matters: how many items were not taken, and why. */
struct export_reply {
	uint64_t rejected;
	struct buf message; /* over memory of the caller; what does not fit is cut */
};

/* body: of a reply with status 2xx. An empty one means that all was taken. False: it is not such a message. */
bool export_reply_read(str body, struct export_reply *out);
bool export_reply_read_json(str body, struct export_reply *out); /* of a reply in OTLP/JSON */
