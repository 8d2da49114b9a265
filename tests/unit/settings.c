// SPDX-License-Identifier: MIT
#include "test.h"

#include "settings.h"

#include <unistd.h>

static char **saved;

static void use(char **environment)
{
	saved = saved ? saved : environ;
	environ = environment;
}

static void done(void)
{
	environ = saved;
}

TEST(a_variable_is_found_by_its_whole_name)
{
	use((char *[]){ "A", "AB=long", "=A", "", "XA=1", "A=value=more", "A=second", "EMPTY=", NULL });
	CHECK(str_eq(setting("A"), S("value=more")) && str_eq(setting("AB"), S("long")));
	CHECK(!setting("EMPTY").n && !setting("ABSENT").n && !setting("X").n);
	use((char *[]){ NULL });
	CHECK(!setting("A").n);
	use(NULL);
	CHECK(!setting("A").n);
	done();
}

TEST(a_setting_for_traces_wins_over_the_one_for_all_signals)
{
	struct otlp_setting s;

	use((char *[]){ "OTEL_EXPORTER_OTLP_TIMEOUT=1", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=2",
	                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=", NULL });
	CHECK(otlp_setting(&s, SIGNAL_TRACES, "TIMEOUT") && str_eq(s.value, S("2")) &&
	      str_eq(s.name, S("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT")));
	use((char *[]){ "OTEL_EXPORTER_OTLP_TIMEOUT=1", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=", NULL });
	CHECK(!otlp_setting(&s, SIGNAL_TRACES, "TIMEOUT") && str_eq(s.value, S("1")) &&
	      str_eq(s.name, S("OTEL_EXPORTER_OTLP_TIMEOUT")));
	CHECK(!otlp_setting(&s, SIGNAL_TRACES, "PROTOCOL") && !s.value.n);
	done();
}
