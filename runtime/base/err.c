// SPDX-License-Identifier: MIT
#include "base/err.h"

const char *err_text(enum err e)
{
	switch (e) {
	case OK:              return "no error";
	case ERR_ADDRESS:     return "not an address that can be used";
	case ERR_HOST:        return "the host name is not in /etc/hosts, and DNS is not asked for it";
	case ERR_NAME:        return "the host name has no address, neither in /etc/hosts nor in DNS";
	case ERR_RESOLVER:    return "no name server of /etc/resolv.conf answered for the host name";
	case ERR_CONNECT:     return "cannot connect";
	case ERR_TIMEOUT:     return "no answer in time";
	case ERR_CLOSED:      return "the connection was closed before the answer was complete";
	case ERR_SYNTAX:      return "the answer is not HTTP/1.x";
	case ERR_TOO_LARGE:   return "the answer is too large";
	case ERR_TLS:         return "TLS cannot be agreed on";
	case ERR_CERTIFICATE: return "the certificate is not to be trusted";
	case ERR_RECORD:      return "a TLS record was damaged on the way";
	case ERR_PROXY:       return "the proxy refuses to carry it on";
	case ERR_STOPPED:     return "the process is asked to end";
	case ERR_SYSTEM:      return "the kernel refused a socket";
	}
	return "unknown error";
}
