// SPDX-License-Identifier: MIT
/*
 * floor-nolibc: the floor (floor.c) without a C library: no start-up code, no thread pointer, one page of stack. What a libc costs is the difference. The
 * same bounds: no reconnecting, no error is handled, an event fits the buffer.
 */
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define ID "Lambda-Runtime-Aws-Request-Id: "
#define LENGTH "Content-Length: "
#define API "AWS_LAMBDA_RUNTIME_API="
#define SIZE(literal) (sizeof(literal) - 1)

static const char next[] = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: lambda\r\n\r\n";
static const char post[] = "POST /2018-06-01/runtime/invocation/";
static const char answer[] = "/response HTTP/1.1\r\nHost: lambda\r\nContent-Length: 15\r\n\r\n\"Hello, floor!\"";
static char in[65536], out[512], *id;

#if defined __x86_64__
static long call(long n, long a, long b, long c)
{
	__asm__ volatile("syscall" : "+a"(n) : "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return n;
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
#elif defined __aarch64__
static long call(long n, long a, long b, long c)
{
	register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}

__asm__(".globl _start\n_start: mov x0, sp\n and sp, x0, #-16\n bl begin\n");
#endif

static void leave(void)
{
	call(SYS_exit, 1, 0, 0);
}

static int begins(const char *p, const char *with)
{
	while (*with && *p == *with)
		p++, with++;
	return !*with;
}

static size_t copy(char *to, const char *p, char end)
{
	size_t n = 0;

	for (; p[n] != end; n++) {
		to[n] = p[n];
		__asm__ volatile(""
		                 :
		                 :
		                 : "memory"); /* or the compiler makes a call of memcpy of this, which a C library would have */
	}
	return n;
}

static size_t number(const char *p)
{
	size_t n = 0;

	while (*p >= '0' && *p <= '9')
		n = n * 10 + (size_t)(*p++ - '0');
	return n;
}

/* True when the n bytes of `in` are a whole reply: by its length, or by the last chunk (data that ends like one would deceive it). */
static int whole(size_t n)
{
	size_t length = 0;
	char *line = in, *end = in + n, *lf;

	for (;; line = lf + 1) {
		for (lf = line; lf < end && *lf != '\n'; lf++)
			;
		if (lf == end)
			return 0;
		if (*line == '\r')
			return length ? (size_t)(end - lf - 1) >= length : begins(end - 5, "0\r\n\r\n");
		if (begins(line, LENGTH))
			length = number(line + SIZE(LENGTH));
		else if (begins(line, ID))
			id = line + SIZE(ID);
	}
}

static void exchange(long fd, const char *request, size_t size)
{
	size_t n = 0;
	long got;

	if (call(SYS_write, fd, (long)request, (long)size) != (long)size)
		leave();
	do {
		got = call(SYS_read, fd, (long)(in + n), (long)(sizeof in - 1 - n));
		if (got <= 0)
			leave();
		n += (size_t)got;
		in[n] = 0;
	} while (!whole(n));
}

static long open_api(const char *api)
{
	unsigned char at[16] = { AF_INET };
	long fd = call(SYS_socket, AF_INET, SOCK_STREAM, 0);
	size_t port;

	for (int i = 4; i < 8; i++) {
		at[i] = (unsigned char)number(api);
		while (*api != '.' && *api != ':')
			api++;
		api++;
	}
	port = number(api);
	at[2] = (unsigned char)(port >> 8);
	at[3] = (unsigned char)port;
	if (call(SYS_connect, fd, (long)at, sizeof at))
		leave();
	return fd;
}

void begin(char **stack);
__attribute__((used, noreturn)) void begin(char **stack)
{
	char **env = stack + 1;
	size_t head, n;
	long fd;

	while (*env++) /* arguments, then a NULL, then variables */
		;
	while (*env && !begins(*env, API))
		env++;
	if (!*env)
		leave();
	fd = open_api(*env + SIZE(API));
	head = copy(out, post, 0);
	for (;;) {
		exchange(fd, next, SIZE(next));
		n = head + copy(out + head, id, '\r');
		n += copy(out + n, answer, 0);
		exchange(fd, out, n);
	}
}
