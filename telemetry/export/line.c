// SPDX-License-Identifier: MIT
#include "export/line.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Standard output usually blocks, here as for every log line: then the deadline is the reader's to keep. */
bool line_write(str line, int64_t deadline)
{
	while (line.n) {
		ssize_t n = write(STDOUT_FILENO, line.p, line.n);
		struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };
		int64_t left = deadline - clock_mono_ns();

		if (n >= 0) {
			line = (str){ line.p + n, line.n - (size_t)n };
		} else if (errno == EAGAIN) {
			if (left <= 0 || poll(&p, 1, left / 1000000 >= 1000 ? 1000 : (int)(left / 1000000) + 1) < 0)
				return false;
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

void line_hand_over(const struct batch *b, str line, size_t n, str what, int64_t deadline)
{
	if (line_write(line, deadline))
		b->count->handed_over += n;
	else
		ship_dropped(b, DROP_WRITE, n, what, S("standard output takes no more"));
}

void line_ship(const struct batch *b, str line, const struct signal_items *run, str what, int64_t deadline)
{
	if (line_write(line, deadline))
		b->count->handed_over += run->count;
	else
		ship_undelivered(b, run, DROP_WRITE, what, S("standard output takes no more"));
}
