// SPDX-License-Identifier: MIT
#include "lambda.h"
#include "net/dns.h"
#include "otel.h"

#include <stdlib.h>

/* Names are asked of the servers in RESOLV_CONF, on port RESOLV_PORT, instead of those of the machine. */
struct dns dns_system;

static int resolving(struct lambda_call *call)
{
	lambda_puts(call, "{}");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lambda_function functions[] = { { "resolving", resolving }, { NULL, NULL } };
	static const struct lambda_app app = { .functions = functions, .hooks = OTEL_HOOKS };

	dns_system.conf = getenv("RESOLV_CONF");
	dns_system.port = (uint16_t)strtoul(getenv("RESOLV_PORT"), NULL, 10);
	return lambda_run(&app, argc, argv);
}
