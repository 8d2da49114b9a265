// SPDX-License-Identifier: MIT
#include "base/late.h"
#include "diag.h"
#include "export/route.h"
#include "logrec/logrec.h"
#include "record/recorder.h"
#include "settings.h"

#include <string.h>

struct logrec logrec;
struct spool log_spool;

static char room[REGION_LOG_BYTES] LATE;

static struct {
	bool enabled;       /* between init and the end of the process, and not with OTEL_SDK_DISABLED */
	uint64_t said_lost; /* of the records that could not be made */
} source;

/* "logs": in place of the span's event; "logs/dup": beside it. Others are for signals of their own. */
static void read_exceptions(void)
{
	str rest = setting("OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN"), one;
	bool logs = false, both = false;

	while (rest.n) {
		str_cut(rest, ',', &one, &rest);
		one = str_trim(one);
		if (str_eq(one, S("logs")))
			logs = true;
		else if (str_eq(one, S("logs/dup")))
			both = true;
		else if (one.n)
			setting_warn(S("OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN"), one, "is neither logs nor logs/dup: it is ignored");
	}
	logrec.as_events = logs || both;
	logrec.on_spans = both || !logs;
}

static void read_settings(void)
{
	logrec.read = true;
	logrec.wanted = source.enabled && route_wanted(SIGNAL_LOGS);
	logrec.on_spans = true;
	if (!logrec.wanted)
		return;
	logrec.limits = (struct value_limits){ VALUE_UNLIMITED, 128 };
	if (!limit_setting("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", &logrec.limits.chars))
		limit_setting("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", &logrec.limits.chars);
	if (!limit_setting("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", &logrec.limits.max))
		limit_setting("OTEL_ATTRIBUTE_COUNT_LIMIT", &logrec.limits.max);
	logrec.copied = !setting("MOTE_LOG_STDOUT").n || setting_bool("MOTE_LOG_STDOUT");
	read_exceptions();
}

bool logrec_wanted(void)
{
	if (!logrec.read && source.enabled)
		read_settings();
	return logrec.wanted;
}

/* ---- for hooks.c ---- */

static void init(void)
{
	memset(&logrec, 0, sizeof logrec);
	spool_reset(&log_spool, room, sizeof room);
	source.enabled = true;
	source.said_lost = 0;
	recorder.exception = logrec_exception;
}

static void say_lost(void)
{
	uint64_t sum = logrec.count.dropped[DROP_SIZE] + logrec.count.dropped[DROP_SPOOL];
	struct diag d;
	struct buf *b;

	if (sum == source.said_lost)
		return;
	b = diag_open(&d, DIAG_WARN);
	buf_put(b, S("no room for all log records: dropped "));
	buf_u64(b, sum - source.said_lost);
	diag_close(&d);
	source.said_lost = sum;
}

static void begin(const struct lambda_hook_event *event, int64_t wall_ns)
{
	(void)event, (void)wall_ns;
	spool_mark(&log_spool);
}

const struct signal_source log_source = {
	.signal = SIGNAL_LOGS,
	.count = &logrec.count,
	.init = init,
	.begin = begin,
	.say = say_lost,
	.spool = &log_spool,
};
