// SPDX-License-Identifier: MIT
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "semconv/resource.h"
#include "unit/otlp.h"

#include <stdlib.h>
#include <unistd.h>

/* OTEL_RESOURCE_ATTRIBUTES of any content: the resource is a message of distinct UTF-8 keys, and has the service's name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct lambda_hook_sandbox sandbox = { .function_name = { "f", 1 } };
	static char room[RESOURCE_BYTES_MAX], name[] = "OTEL_RESOURCE_ATTRIBUTES=";
	char *variable = malloc(sizeof name + size), *scratch = malloc(size + 1), **saved = environ;
	char *environment[] = { "AWS_LAMBDA_LOG_LEVEL=FATAL", variable, NULL }; /* no warnings */
	struct resource made;
	str resource;

	memcpy(variable, name, sizeof name - 1);
	memcpy(variable + sizeof name - 1, data, size);
	variable[sizeof name - 1 + size] = 0;
	environ = environment;
	require(resource_encode(&made, &sandbox, (str){ 0 }, (str){ 0 }, room, scratch, size) <= sizeof room);
	environ = saved;

	require(pb_valid(made.resource));
	resource = pb_bytes(made.resource, 1);
	require(pb_valid(resource));
	require(pb_attribute(resource, 1, "service.name").p != NULL);
	for (int i = 0; pb_field(resource, 1, i).number; i++) {
		str pair = pb_field(resource, 1, i).bytes;

		require(pb_valid(pair) && utf8_valid(pb_bytes(pair, 1)) && utf8_valid(pb_bytes(pb_bytes(pair, 2), 1)));
		for (int j = 0; j < i; j++)
			require(!str_eq(pb_bytes(pair, 1), pb_bytes(pb_field(resource, 1, j).bytes, 1)));
	}
	free(variable);
	free(scratch);
	return 0;
}
