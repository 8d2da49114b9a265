// SPDX-License-Identifier: MIT
#include "net/dns.h"

struct dns dns_system = { "/etc/resolv.conf", 53 };
