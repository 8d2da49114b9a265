// SPDX-License-Identifier: MIT
#include "record/boot.h"

#include "base/clock.h"
#include "record/recorder.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

static struct {
	bool noted, wanted;
	int64_t main_mono, ready_mono, event_mono;
	struct otel_context parent;
} boot;

void boot_note(const struct lambda_hook_event *event)
{
	boot.wanted = false;
	boot.noted = event->cold_start && event->main_mono_ns && event->ready_mono_ns;
	if (!boot.noted)
		return;
	boot.main_mono = event->main_mono_ns;
	boot.ready_mono = event->ready_mono_ns;
	boot.event_mono = clock_mono_ns();
}

void boot_wanted(const struct otel_context *parent)
{
	boot.wanted = boot.noted;
	boot.parent = *parent;
	boot.parent.trace_state = NULL; /* its text has gone with the span */
	boot.parent.trace_state_n = 0;
}

/* ---- when the kernel started us ---- */

#define STARTTIME \
	22 /* the field's number in proc(5), counted from 1; the second is a name in parentheses that may hold anything */
#define TICKS_PER_SECOND 100 /* USER_HZ: what the kernel says to user space, on both architectures */
#define TICK (1000000000 / TICKS_PER_SECOND)

bool boot_start_ticks(str stat, uint64_t *ticks)
{
	size_t n = stat.n;
	str field;

	while (n && stat.p[n - 1] != ')')
		n--;
	if (!n)
		return false;
	stat = str_trim((str){ stat.p + n, stat.n - n });
	for (int i = 3; i <= STARTTIME; i++)
		if (!str_cut(stat, ' ', &field, &stat))
			return false;
	return str_u64(field, INT64_MAX / 1000000000 * TICKS_PER_SECOND, ticks);
}

/* By the clock of spans, the beginning of its tick. False: it cannot be known. */
static bool process_start(int64_t *wall)
{
	char room[1024];
	struct timespec now;
	uint64_t ticks;
	int fd = open("/proc/self/stat", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, room, sizeof room);
	int64_t ago;

	if (fd >= 0)
		close(fd);
	if (n <= 0 || !boot_start_ticks((str){ room, (size_t)n }, &ticks) || clock_gettime(CLOCK_BOOTTIME, &now))
		return false;
	ago = now.tv_sec * INT64_C(1000000000) + now.tv_nsec - (int64_t)(ticks * TICK);
	*wall = recorder_now() - ago;
	return ago >= 0;
}

/*
 * A tick is ten milliseconds, thirty times what all of it takes. The process's CPU clock says where in the tick: since main all was work but the
 * wait for the event, and what the clock has beyond that work was before.
 */
static int64_t within_tick(int64_t tick, int64_t main_at, int64_t ready_at, int64_t event_at)
{
	int64_t start = main_at, work = ready_at - main_at + recorder_now() - event_at, cpu;
	struct timespec t;

	if (!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t)) {
		cpu = t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
		start -= cpu > work ? cpu - work : 0;
	}
	if (start > tick + TICK)
		start = tick + TICK;
	return start < tick ? tick : start;
}

/* ---- the tree ---- */

/* No span is open now: the first slot's bytes are free. */
static void put(str name, const unsigned char id[8], const unsigned char parent[8], int64_t from, int64_t to)
{
	struct span_start start = {
		.trace_id = boot.parent.trace_id,
		.span_id = id,
		.parent_id = parent,
		.name = name,
		.kind = Span_SpanKind_SPAN_KIND_INTERNAL,
		.flags = boot.parent.flags | 0x100u, /* the parent is in this process */
		.time = from,
	};
	char *bytes = recorder_open[0].bytes;
	struct slot slot;

	span_open(&slot, bytes, &start);
	span_close(&slot, bytes, to, false);
	recorder.count.made++;
	if (!recorder_put(bytes, slot.n, 0, slot.flags, true))
		recorder.count.dropped[DROP_SPOOL]++;
}

void boot_spans(void)
{
	int64_t less = recorder.wall_less_mono, main_at = less + boot.main_mono, ready_at = less + boot.ready_mono;
	int64_t event_at = less + boot.event_mono, start;
	unsigned char init[8], part[8];

	if (!boot.wanted)
		return;
	boot.wanted = false;
	start = process_start(&start) && start <= main_at ? within_tick(start, main_at, ready_at, event_at) : main_at;
	id_span(&recorder.ids, init);
	id_span(&recorder.ids, part);
	put(S("init.exec"), part, init, start, main_at);
	id_span(&recorder.ids, part);
	put(S("init.function"), part, init, main_at, ready_at);
	id_span(&recorder.ids, part);
	put(S("init.next"), part, init, ready_at, event_at);
	put(S("init"), init, boot.parent.span_id, start, event_at);
}
