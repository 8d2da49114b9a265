// SPDX-License-Identifier: MIT
// The commands `emulator serve` and `emulator show`; argv[0] is the command's name.
#pragma once
#include <stdio.h>

int serve_main(int argc, char **argv);
void serve_help(FILE *to);
int show_main(int argc, char **argv);
