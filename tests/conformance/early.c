// SPDX-License-Identifier: MIT
#include "otel.h"

/* Measures before telemetry has started: in a constructor, in main(), and then as usual. */
static struct otel_instrument steps = OTEL_COUNTER("steps", "{step}", "Taken so far");

__attribute__((constructor)) static void step_before_main(void)
{
	otel_add(&steps, 1);
}

int main(void)
{
	struct otel_setup setup = { .service_name = "early" };

	otel_add(&steps, 2);
	otel_init(&setup);
	otel_add(&steps, 4);
	return !otel_shutdown(1000);
}
