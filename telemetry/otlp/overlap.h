// SPDX-License-Identifier: MIT
#pragma once

#include "region.h"
#include "source.h"

/*
 * Requests that are ready to go, whole and encrypted (otlp_prepare() and its like in ship.h): one a signal, each with a connection that nobody else may
 * use until it is finished.
 */
#define OVERLAP_BYTES REGION_READY_BYTES /* with what TLS adds; what is longer goes the usual way */

void overlap_give_way(enum signal
                          signal); /* this signal is about to use its connection: whoever is ready on that makes room */
void overlap_forget(void);
