// SPDX-License-Identifier: MIT
#pragma once

#include "aws/endpoint.h"
#include "aws/skew.h"
#include "net/proxy.h"
#include "otlp/limits.h"

/*
 * Where a signal goes, out of OTEL_EXPORTER_OTLP_*: read once a process, when it is first wanted. Texts point into the environment. What can be done
 * without (a header list, a time-out, a protocol) is warned about and left out.
 *
 * A host of AWS's own is signed for, over TLS, unless the user brings an authorization header; any other host, and plain http to loopback, only where
 * a variable names the service. "otlp/sigv4" insists: then nothing is sent unsigned.
 */
#define RECEIVER_HEAD_MAX 8192
#define RECEIVER_NAME_MAX 300

struct receiver {
	enum {
		RECEIVER_USABLE,
		RECEIVER_UNUSABLE,    /* problem says why; each batch is a counted drop */
		RECEIVER_UNCONFIGURED /* the signal has no endpoint of its own, which has been said */
	} state;
	const char *problem; /* for people, with nothing of the variables' values */
	enum signal signal;
	struct url url;
	enum proxy_way way;
	struct proxy proxy;
	const char *certificate, *client_certificate, *client_key; /* names of files; NULL: none */
	int64_t timeout_ns;                                        /* of one export; 0: none */
	bool json;                                                 /* OTLP/JSON, not protobuf */
	int level;                                                 /* of gzip; 0: none */

	bool is_aws; /* the host, or what it is signed for, is one of AWS's services */
	bool is_signed, insists;
	struct endpoint as; /* what signatures say */
	struct otlp_limits limits;
	struct skew skew;

	unsigned explained; /* causes that have been, a bit each (outcome.h) */
	bool said_resource, said_unsigned, said_problem;
	unsigned slot; /* of its connection (connection.h) */

	/* "POST target HTTP/1.1" and the fields that are the same for each request. */
	str target; /* path and query, in head */
	size_t head_n, name_n;
	char name[RECEIVER_NAME_MAX]; /* "otlp export to host:port" */
	char head[RECEIVER_HEAD_MAX];
};

struct receiver *receiver_of(enum signal signal);
void receiver_forget(void); /* all of them: as in a new process */

static inline str receiver_name(const struct receiver *r)
{
	return (str){ r->name, r->name_n };
}
