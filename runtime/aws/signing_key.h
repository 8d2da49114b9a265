// SPDX-License-Identifier: MIT
#pragma once

#include "aws/sigv4.h"

/*
 * SHA-256 and the keys made with it: all that signing needs of BearSSL, wiped where it was used. Only sigv4.c
 * needs this.
 */

#define SIGNING_KEY_TERMINATOR "aws4_request" /* ends the scope, and is the last thing that a key is made of */

/* The key of a day (YYYYMMDD), from the signer's cache when it is there. */
void signing_key(const struct sigv4_signer *signer, str day, unsigned char key[SIGV4_HASH_BYTES]);

void signing_key_mac(const unsigned char key[SIGV4_HASH_BYTES], str text, unsigned char mac[SIGV4_HASH_BYTES]);
