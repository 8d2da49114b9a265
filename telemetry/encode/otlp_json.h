// SPDX-License-Identifier: MIT
#pragma once

#include "encode/text.h"
#include "semconv/resource.h"
#include "source.h"

/*
 * OTLP/JSON (OTLP 1.11, "JSON Protobuf Encoding") out of OTLP's wire form, by one table of names: what was recorded is never held twice. Names in
 * lowerCamelCase, trace and span ids in hex, other bytes in base64, 64-bit integers as strings, enums as numbers, unknown fields left out. A value
 * nested deeper than OTLP_JSON_DEPTH_MAX messages is written as {}.
 */
#define OTLP_JSON_DEPTH_MAX 200

/* A whole request of that signal, {"resourceSpans":[...]}, without line end. */
void otlp_json_request(struct text *t, enum signal signal, const struct resource *r, const struct signal_items *items);

/* What a run of items weighs in it: an upper bound of the bytes of an item, and of all around the items of a scope or of the request. */
size_t otlp_json_item(enum signal signal, str item);
size_t otlp_json_scope(enum signal signal, str head);
size_t otlp_json_around(enum signal signal, const struct resource *r);

/* Any request in wire form. False: it is none; what was written is to be thrown away. */
bool otlp_json_wire(struct text *t, enum signal signal, str request);

/* An AnyValue as JSON that people and query languages expect: "text", 5, [1,2], {"key":true}; bytes as base64. */
void otlp_json_plain(struct text *t, str value);
