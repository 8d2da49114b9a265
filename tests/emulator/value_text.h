// SPDX-License-Identifier: MIT
// Attribute values as text: a string bare where nothing can be mistaken, quoted where it has spaces or looks like
// another type, so that 5 and "5" differ.
#pragma once
#include "otlp_decode.h"

char *value_text(const struct value *v, size_t *size); // from malloc; NULL: out of memory
