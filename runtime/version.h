// SPDX-License-Identifier: MIT
#pragma once

#define MOTE_VERSION "0.1.0"
