// SPDX-License-Identifier: MIT
#include "base/field.h"

bool field_is_name(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!field_name_char(s.p[i]))
			return false;
	return s.n > 0;
}

bool field_is_value(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!field_value_char(s.p[i]))
			return false;
	return true;
}
