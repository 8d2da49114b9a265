// SPDX-License-Identifier: MIT
// The far end of an exporter: POST /v1/traces, /v1/metrics and /v1/logs over HTTP/1.1 on the loop. Every request is kept, byte for byte and with
// its times; what a strict collector would refuse is refused and told. It can misbehave by script (otlp_fault.h).
#pragma once
#include "http_server.h"
#include "json.h"
#include "otlp_decode.h"
#include "otlp_fault.h"

struct otlp_request {
	unsigned number, connection; // from 1, in order of arrival; of connections, in order of accept
	uint64_t accepted_ns;        // of the connection
	uint64_t first_ns, last_ns;  // first and last byte read
	uint64_t answered_ns;        // last byte handed to the kernel; 0: never
	enum otlp_kind kind;         // of the path
	struct buf head, body;       // as decoded from chunks; of a request that was never complete, the head only
	bool complete;
	int status;            // as answered; 0: not answered with one
	const char *complaint; // why it was refused, NULL: it was not
};

struct otlp_receiver {
	struct loop *loop;                // filled by the owner, then otlp_receiver_open
	const struct otlp_faults *faults; // NULL: none
	void *owner;
	void (*received)(struct otlp_receiver *r, struct otlp_request *q); // a complete, well-formed one; may be NULL

	char endpoint[64]; // for OTEL_EXPORTER_OTLP_ENDPOINT, after otlp_receiver_open
	struct otlp_request **requests;
	size_t n;
	unsigned connections;

	struct http_server server; // private from here on
	int refusing;
	size_t forgotten;
};

bool otlp_receiver_open(struct otlp_receiver *r, uint16_t port); // 0: any. false: errno says why
void otlp_receiver_close(struct otlp_receiver *r);               // stops listening; requests stay
void otlp_receiver_forget(struct otlp_receiver *r);              // frees the bytes of those received: for long runs
void otlp_receiver_free(struct otlp_receiver *r);
void otlp_receiver_json(const struct otlp_receiver *r, struct buf *to, const char *key); // an array, bodies as base64
