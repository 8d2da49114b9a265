// SPDX-License-Identifier: MIT
/* sandbox.h: one process started as Lambda starts a bootstrap: given environment and nothing else, own session, stdin
 * from /dev/null, stdout and stderr into pipes, no other descriptor, default signals, dies with the emulator. The owner
 * places the struct and keeps it until sandbox_free. */
#pragma once

#include "buf.h"
#include "loop.h"

#include <sys/resource.h>
#include <sys/types.h>

#define SANDBOX_LINE_MAX (1u << 20) /* a longer line is cut there */

enum sandbox_stream { SANDBOX_STDOUT = 1, SANDBOX_STDERR = 2 };

struct sandbox_usage { /* of a living process, out of /proc; 0 where it cannot be read */
	unsigned long rss_kb, minor_faults, major_faults;
	uint64_t cpu_ns;
};

struct sandbox {
	struct loop *loop; /* filled by the owner, then sandbox_start */
	void *owner;
	void (*line)(struct sandbox *s, enum sandbox_stream stream, const char *text, size_t n); /* without newline */
	void (*exited)(struct sandbox *s); /* status, usage and exit_ns are set, all output was delivered */
	int procs_fd;                      /* cgroup.procs of a group to join before execve; 0: none */

	pid_t pid;                           /* 0: not running */
	uint64_t spawn_ns, exec_ns, exit_ns; /* before vfork; in the child right before execve; seen dead */
	unsigned long faults_before_exec;
	int status; /* as wait4 gives it */
	struct rusage usage;
	bool frozen;

	struct loop_fd out, err, pidfd; /* private from here on */
	struct buf out_line, err_line;
};

/* argv and env end with NULL; argv[0] is what the process sees, path is what runs. 0, or the errno of what failed (execve
 * included). */
int sandbox_start(struct sandbox *s, const char *path, char *const argv[], char *const env[], const char *cwd);
void sandbox_signal(struct sandbox *s, int signal); /* to the whole group; nothing when it is gone */
void sandbox_freeze(struct sandbox *s);             /* SIGSTOP; returns when it has stopped */
void sandbox_thaw(struct sandbox *s);
void sandbox_drain(struct sandbox *s); /* delivers the lines that are already in the pipes */
void sandbox_measure(const struct sandbox *s, struct sandbox_usage *u);
const char *sandbox_fate(const struct sandbox *s, char out[static 48]); /* "exit status 1", "signal: 9" */
void sandbox_free(struct sandbox *s);                                   /* kills what still runs */
