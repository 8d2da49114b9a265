// SPDX-License-Identifier: MIT
// Watches folders of source files and runs a command when one changes. A change while the command runs makes it run once
// more; an editor's many small writes are one change.
#pragma once
#include "buf.h"
#include "loop.h"
#include "sandbox.h"

struct rebuild {
	struct loop *loop; // filled by the owner, then rebuild_open
	const char *const *folders;
	size_t n_folders;
	const char *command; // for /bin/sh
	void *owner;
	void (*started)(struct rebuild *r, const char *path);                       // what changed
	void (*ended)(struct rebuild *r, bool ok, const char *output, uint64_t ns); // output: all that the command wrote

	struct loop_fd watch; // private from here on
	struct loop_timer quiet;
	struct watched *watched;
	struct sandbox sandbox;
	struct buf output;
	char *changed;
	bool running, again;
	uint64_t started_ns;
};

bool rebuild_open(struct rebuild *r, char why[static 160]);
void rebuild_close(struct rebuild *r);
