// SPDX-License-Identifier: MIT
/* proc.h: what the kernel knows about a process or a file beside what the sandbox measures. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_status { /* over all threads that live now */
	unsigned threads;
	uint64_t switches, switches_forced; /* given up the CPU; had it taken away */
};

void proc_read(pid_t pid, struct proc_status *s); /* 0 where nothing can be read */
bool proc_forget_pages(const char *program);      /* out of the page cache; false: the kernel kept some */
