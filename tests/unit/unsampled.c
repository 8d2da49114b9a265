// SPDX-License-Identifier: MIT
#include "test.h"
#include "trace.h"

#include "base/clock.h"
#include "sample/sampler.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

/* What the sampler leaves out, recorded for the X-Ray daemon: MOTE_XRAY_UDP_UNSAMPLED. */
#define SILENT "{\"headers\":{\"traceparent\":\"00-67748580a006649127e371903a2de979-53995c3f42cd8ad8-00\"}}"
#define HEARD "{\"headers\":{\"traceparent\":\"" TRACEPARENT "\"}}"
#define HEAD "{\"format\":\"json\",\"version\":1}\n"

static int daemon_fd = -1;
static char address[64];

static void listen_as_daemon(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	if (daemon_fd >= 0)
		close(daemon_fd);
	daemon_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	CHECK(!bind(daemon_fd, (struct sockaddr *)&a, n) && !getsockname(daemon_fd, (struct sockaddr *)&a, &n));
	snprintf(address, sizeof address, "AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:%d", ntohs(a.sin_port));
}

static void start_with(const char *exporters, const char *more)
{
	listen_as_daemon();
	telemetry_start((const char *const[]){ "MOTE_XRAY_UDP_UNSAMPLED=true", address, exporters,
	                                       "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", more, NULL });
}

static void flush(void)
{
	struct captured c = capture(STDERR_FILENO);

	telemetry_end();
	otel_hooks.flush(clock_mono_ns() + 1000000000);
	capture_end(&c);
}

/* The prefixes of the datagrams that have come: "T1S T1U". */
static const char *prefixes(void)
{
	static char text[64], datagram[65536];
	ssize_t n;

	text[0] = 0;
	while ((n = recv(daemon_fd, datagram, sizeof datagram, 0)) > (ssize_t)sizeof HEAD + 3) {
		CHECK(!memcmp(datagram, HEAD, sizeof HEAD - 1));
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.3s", text[0] ? " " : "",
		         datagram + sizeof HEAD - 1);
	}
	return text;
}

TEST(what_is_not_sampled_is_recorded_with_flags_that_say_so)
{
	struct otel_opening context = { .context = &remote }, root = { .root = true };
	struct otel_context own;

	start_with("OTEL_TRACES_EXPORTER=xray-udp", NULL);
	telemetry_begin(SILENT, NULL);
	CHECK(otel_recording(otel_invocation()) && otel_context_of(otel_invocation(), &own) && !(own.flags & OTEL_SAMPLED));
	otel_end(otel_start("child"));
	otel_end(otel_start_with("sampled", &context));
	otel_end(otel_start_with("root", &root));
	telemetry_end();
	CHECK(number(named("child"), FLAGS) == 0x100 && number(named("sampled"), FLAGS) == 0x301);
	CHECK(number(named("root"), FLAGS) == 0x103);
	CHECK(recorder.count.made == 4 && recorder.unsampled == 2 && telemetry_adds_up());
}

TEST(without_the_switch_it_is_not_recorded)
{
	const char *const without[] = { "MOTE_XRAY_UDP_UNSAMPLED=", "MOTE_XRAY_UDP_UNSAMPLED=false" };

	for (size_t i = 0; i < 2; i++) {
		listen_as_daemon();
		telemetry_start((const char *const[]){ without[i], address, "OTEL_TRACES_EXPORTER=xray-udp", NULL });
		telemetry_begin(SILENT, NULL);
		CHECK(!otel_recording(otel_invocation()) && !otel_recording(otel_start("child")));
		telemetry_end();
		CHECK(recorder.count.made == 0);
	}
}

TEST(always_off_is_never_recorded)
{
	static const unsigned char id[16] = { 1 };
	const struct {
		const char *sampler;
		bool never;
	} cases[] = { { "OTEL_TRACES_SAMPLER=always_off", true },
		          { "OTEL_TRACES_SAMPLER=parentbased_always_off", true },
		          { "OTEL_TRACES_SAMPLER=always_on", false } };

	for (size_t i = 0; i < 3; i++) {
		struct sampling s;

		start_with("OTEL_TRACES_EXPORTER=xray-udp", cases[i].sampler);
		telemetry_begin(SILENT, NULL);
		CHECK(otel_recording(otel_invocation()) == (i != 0));
		telemetry_end();
		sampler_decide(&s, NULL, id);
		CHECK(s.never == cases[i].never && s.record == !s.never);
	}
}

TEST(what_a_receiver_keeps_waits_without_them)
{
	struct otel_opening context = { .context = &remote };
	size_t held;

	start_with("OTEL_TRACES_EXPORTER=xray-udp,otlp", NULL);
	telemetry_begin(HEARD, NULL);
	flush(); /* nobody listens there */
	held = recorder.spool.held;
	CHECK(held && recorder.spool.items == held && telemetry_adds_up() && !strcmp(prefixes(), "T1S"));
	telemetry_begin(SILENT, NULL);
	otel_end(otel_start("child"));
	CHECK(recorder.spool.items == held + 1);
	flush();
	CHECK(recorder.spool.items == held && recorder.spool.held == held && !strcmp(prefixes(), "T1U"));
	CHECK(telemetry_adds_up() && recorder.count.handed_over == recorder.unsampled &&
	      count_dropped(&recorder.count) == 0);
	telemetry_begin(SILENT, NULL);
	otel_end(otel_start("before"));
	otel_end(otel_start_with("sampled", &context));
	otel_end(otel_start("behind"));
	flush();
	CHECK(recorder.spool.items == held + 1 && recorder.spool.held == held + 1 && !strcmp(prefixes(), "T1U T1S"));
	CHECK(named("sampled").n && !named("before").n && !named("behind").n && telemetry_adds_up());
}
