// SPDX-License-Identifier: MIT
// The commands `emulator serve` and `emulator show`; argv[0] is the command's name.
#pragma once

int serve_main(int argc, char **argv);
int show_main(int argc, char **argv);
