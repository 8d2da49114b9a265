// SPDX-License-Identifier: MIT
#include "sink.h"

#include "http_server.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static void received(struct http_conn *c)
{
	struct sink *s = c->server->owner;

	s->count->requests++;
	s->count->bytes += c->request.body_n;
	http_answer(c, 200, "Content-Type: application/x-protobuf\r\n", "", 0);
}

bool sink_start(struct sink *s)
{
	struct loop loop = { 0 };
	struct http_server server = { .loop = &loop, .owner = s, .request = received };
	pid_t parent = getpid(), pid;

	s->count = mmap(NULL, sizeof *s->count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->count == MAP_FAILED || !http_listen(&server, "127.0.0.1", 0))
		return false;
	snprintf(s->address, sizeof s->address, "127.0.0.1:%u", server.port);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		loop_run(&loop);
		_exit(0);
	}
	http_server_close(&server);
	loop_free(&loop);
	return pid > 0;
}
