// SPDX-License-Identifier: MIT
#pragma once

/*
 * Static memory that a start does not touch, or that fills pages of its own: it is placed behind all that is small
 * (layer/toolchain/late.ld), so that what every start does touch, libc's part included, shares a page or two. Each page
 * touched before the first /next is a fault that the cold start waits for.
 */
#define LATE __attribute__((section(".bss.late")))
