// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "tls/tls.h"

#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a server might say, in the clear: no input gets through the handshake, and each failure has its reason. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tls_settings settings = { .host = S("localhost") };
	struct stream s = { .fd = -1 };
	int fd[2];

	if (size > 60000 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd))
		return 0;
	s.fd = fd[0];
	if (write(fd[1], data, size) == (ssize_t)size && !shutdown(fd[1], SHUT_WR)) {
		if (tls_configure(0, &settings) != OK || tls_start(&s, 0, clock_mono_ns() + 100000000) == OK)
			__builtin_trap();
		if (!tls_problem(0).n || s.fd >= 0 || s.layer)
			__builtin_trap();
	}
	stream_close(&s);
	close(fd[1]);
	return 0;
}
