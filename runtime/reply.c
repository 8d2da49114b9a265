// SPDX-License-Identifier: MIT
#include "base/format.h"
#include "base/late.h"
#include "invocation.h"

#include <string.h>

#define ALIGNMENT 16

void invocation_begin(struct invocation *inv, char *room, size_t n)
{
	inv->room = (struct arena){ room, room + n };
	inv->reply_start = room;
	inv->borrowed = (str){ 0 };
	inv->scratch_left = LAMBDA_SCRATCH_MAX;
	inv->reply_too_large = inv->failed = false;
	inv->content_type = S("application/json");
	inv->error_type = inv->error_message = (str){ 0 };
}

str invocation_reply(const struct invocation *inv)
{
	return inv->borrowed.p ? inv->borrowed : (str){ inv->reply_start, (size_t)(inv->room.next - inv->reply_start) };
}

void *lambda_alloc(struct lambda_call *call, size_t n)
{
	struct invocation *inv = invocation_of(call);
	size_t pad;

	if (n > inv->scratch_left || n > (size_t)(inv->room.end - inv->room.next))
		return NULL;
	pad = (uintptr_t)(inv->room.end - n) & (ALIGNMENT - 1);
	if (pad > inv->scratch_left - n || pad > (size_t)(inv->room.end - inv->room.next) - n)
		return NULL;
	inv->scratch_left -= n + pad;
	inv->room.end -= n + pad;
	return memset(inv->room.end, 0, n);
}

/* What the reply may still grow by. */
static size_t reply_left(const struct invocation *inv)
{
	size_t used = (size_t)(inv->room.next - inv->reply_start), room = (size_t)(inv->room.end - inv->room.next);

	return inv->reply_too_large ? 0 : room < LAMBDA_PAYLOAD_MAX - used ? room : LAMBDA_PAYLOAD_MAX - used;
}

void lambda_write(struct lambda_call *call, const void *bytes, size_t n)
{
	struct invocation *inv = invocation_of(call);

	if (!n)
		return;
	if (n > reply_left(inv)) {
		inv->reply_too_large = true;
		return;
	}
	memcpy(inv->room.next, bytes, n);
	inv->room.next += n;
}

void lambda_puts(struct lambda_call *call, const char *text)
{
	lambda_write(call, text, strlen(text));
}

void lambda_printf(struct lambda_call *call, const char *format, ...)
{
	struct invocation *inv = invocation_of(call);
	size_t left = reply_left(inv), n;
	va_list args;

	va_start(args, format);
	n = format_text(inv->room.next, left, format, args);
	va_end(args);
	if (n > left)
		inv->reply_too_large = true;
	else
		inv->room.next += n;
}

void lambda_borrow(struct lambda_call *call, const void *bytes, size_t n)
{
	struct invocation *inv = invocation_of(call);

	inv->borrowed = (str){ n ? bytes : "", n };
	if (n > LAMBDA_PAYLOAD_MAX)
		inv->reply_too_large = true;
}

void lambda_content_type(struct lambda_call *call, const char *content_type)
{
	invocation_of(call)->content_type = str_of(content_type);
}

static char failure_type[ERROR_TYPE_MAX] LATE, failure_message[ERROR_MESSAGE_MAX] LATE;

int lambda_fail(struct lambda_call *call, const char *type, const char *format, ...)
{
	struct invocation *inv = invocation_of(call);
	str name = str_of(type ? type : "");
	va_list args;
	size_t n;

	if (inv->failed)
		return -1;
	inv->failed = true;
	inv->error_type = (str){ failure_type, name.n < sizeof failure_type ? name.n : sizeof failure_type };
	memcpy(failure_type, name.p, inv->error_type.n);
	va_start(args, format);
	n = format_text(failure_message, sizeof failure_message, format, args);
	va_end(args);
	inv->error_message = (str){ failure_message, n < sizeof failure_message ? n : sizeof failure_message };
	return -1;
}
