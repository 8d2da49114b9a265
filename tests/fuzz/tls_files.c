// SPDX-License-Identifier: MIT
#include "tls/tls.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* PEM as roots, and as a client's certificate and key. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("pem", 0);
	char path[64];
	struct tls_settings roots = { .host = S("localhost"), .roots = { path } };
	struct tls_settings identity = { .host = S("localhost"), .certificate = path, .key = path };

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (fd < 0)
		return 0;
	if (write(fd, data, size) == (ssize_t)size) {
		if (tls_configure(0, &roots) != OK && !tls_problem(0).n)
			__builtin_trap();
		if (tls_configure(0, &identity) != OK && !tls_problem(0).n)
			__builtin_trap();
	}
	close(fd);
	return 0;
}
