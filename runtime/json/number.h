// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

/* The longest: -2.2250738585072014e-308. */
#define NUMBER_TEXT_MAX 25

/*
 * The shortest decimal that reads back as v, and of those the closest: plain from 1e-6 to below 1e21, else with an
 * exponent, as ECMAScript writes numbers. "null" when v is not finite. Returns the bytes written, no NUL.
 */
size_t number_text(char out[NUMBER_TEXT_MAX], double v);
