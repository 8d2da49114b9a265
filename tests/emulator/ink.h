// SPDX-License-Identifier: MIT
// Text for people: how wide the terminal is, whether it takes colour, and foreign text made harmless for it.
#pragma once
#include "wire.h"

#include <stdio.h>

enum ink { INK_PLAIN, INK_DIM, INK_BOLD, INK_CYAN, INK_GREEN, INK_MAGENTA, INK_YELLOW, INK_RED, INK_BADGE };

struct ink_style {
	unsigned width; // columns
	bool colour;
	bool ascii; // the locale names a charset other than UTF-8
};

struct ink_style ink_style_of(int fd); // COLUMNS, the terminal's size, NO_COLOR, TERM, LC_ALL and LANG
void ink_on(FILE *out, const struct ink_style *s, enum ink ink);
void ink_off(FILE *out, const struct ink_style *s, enum ink ink);

// One thing to print: a character, or a byte that must not reach a terminal, written as an escape.
struct glyph {
	char text[8];
	unsigned columns; // 0, 1, 2, or 4 for an escape
};

struct slice glyph_next(struct slice s, const struct ink_style *style, struct glyph *g); // s is not empty; what is left
size_t text_columns(struct slice s, const struct ink_style *style);
size_t text_print(FILE *out, struct slice s, const struct ink_style *style, size_t columns); // cut to fit; columns used
