// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "hooks.h"

/*
 * What every batch says about this process, in wire form, encoded once: who made the spans (Resource, semantic conventions 1.44, "AWS Lambda resource" and
 * "telemetry.sdk"), by which instrumentation (InstrumentationScope), by which version of the conventions.
 */
struct resource {
	str resource;  /* ResourceSpans.resource, tag and length included */
	str scope;     /* ScopeSpans.scope */
	str scope_url; /* ScopeSpans.schema_url */
	str url;       /* ResourceSpans.schema_url */
	str head;      /* scope and scope_url, one behind the other: what stands in front of a scope's spans */
};

/* Beyond what anybody says about a function. What a receiver takes may be less: AWS's own take 16 KB (otlp/limits.h). */
#define RESOURCE_BYTES_MAX 65536

/*
 * Writes all of it to room, at least RESOURCE_BYTES_MAX of it, and returns the bytes used. sandbox: NULL outside Lambda. service_name
 * (OTEL_SERVICE_NAME) wins over OTEL_RESOURCE_ATTRIBUTES, which wins over name and over what is detected. Attributes that do not fit are counted in
 * the resource. scratch: as long as OTEL_RESOURCE_ATTRIBUTES.
 */
size_t resource_encode(struct resource *r, const struct lambda_hook_sandbox *sandbox, str service_name, str name,
                       char *room, char *scratch, size_t scratch_n);
