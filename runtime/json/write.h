// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "lambda_json.h"

/* One string value in pieces, each of which is whole characters. Nothing else may be written in between. */
void json_string_begin(struct lambda_json_writer *w);
void json_string_piece(struct lambda_json_writer *w, str text);
void json_string_end(struct lambda_json_writer *w);
