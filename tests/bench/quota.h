// SPDX-License-Identifier: MIT
/* quota.h: the share of a CPU that a Lambda function of a size has, by a control group: all of one at 1769 MB, less below in proportion. */
#pragma once

#include <stdbool.h>

#define QUOTA_WHOLE_MB 1769
#define QUOTA_PERIOD_US 20000 /* what Lambda's schedulers slice by */

struct quota {
	int procs_fd; /* cgroup.procs of the group; what writes 0 there joins it */
	char path[300];
};

bool quota_open(struct quota *q, unsigned memory_mb, const char **why);
void quota_close(struct quota *q);
