// SPDX-License-Identifier: MIT
#include "aws/endpoint.h"

#include "test.h"

#include <string.h>

struct known {
	const char *host, *service, *region;
};

static const struct known hosts[] = {
	{ "xray.us-east-1.amazonaws.com", "xray", "us-east-1" },
	{ "logs.eu-central-1.amazonaws.com", "logs", "eu-central-1" },
	{ "monitoring.ap-southeast-12.amazonaws.com", "monitoring", "ap-southeast-12" },
	{ "aps-workspaces.sa-east-1.amazonaws.com", "aps", "sa-east-1" },
	{ "dataplane.rum.ca-west-1.amazonaws.com", "rum", "ca-west-1" },
	{ "s3.me-south-1.amazonaws.com", "s3", "me-south-1" },
	{ "s3.dualstack.af-south-1.amazonaws.com", "s3", "af-south-1" },
	{ "s3-fips.dualstack.us-west-2.amazonaws.com", "s3", "us-west-2" },
	{ "kinesis.il-central-1.amazonaws.com", "kinesis", "il-central-1" },
	{ "firehose.mx-central-1.amazonaws.com", "firehose", "mx-central-1" },
	{ "lambda-url.us-east-2.amazonaws.com", "lambda", "us-east-2" },
	{ "es.us-east-2.amazonaws.com", "es", "us-east-2" },
	{ "aoss.us-east-2.amazonaws.com", "aoss", "us-east-2" },
	{ "xray-fips.us-east-1.amazonaws.com", "xray", "us-east-1" },
	{ "dataplane.rum-fips.us-east-1.amazonaws.com", "rum", "us-east-1" },
	{ "xray.us-gov-west-1.amazonaws.com", "xray", "us-gov-west-1" },
	{ "logs.cn-north-1.amazonaws.com.cn", "logs", "cn-north-1" },
	{ "xray.eusc-de-east-1.amazonaws.eu", "xray", "eusc-de-east-1" },
	{ "xray.us-iso-east-1.c2s.ic.gov", "xray", "us-iso-east-1" },
	{ "xray.us-isob-east-1.sc2s.sgov.gov", "xray", "us-isob-east-1" },
	{ "xray.eu-isoe-west-1.cloud.adc-e.uk", "xray", "eu-isoe-west-1" },
	{ "xray.us-isof-south-1.csp.hci.ic.gov", "xray", "us-isof-south-1" },
	{ "xray.us-east-1.api.aws", "xray", "us-east-1" },
	{ "logs-fips.us-gov-east-1.api.aws", "logs", "us-gov-east-1" },
	{ "logs.cn-northwest-1.api.amazonwebservices.com.cn", "logs", "cn-northwest-1" },
	{ "logs.eusc-de-east-1.api.amazonwebservices.eu", "logs", "eusc-de-east-1" },
	{ "logs.us-iso-west-1.api.aws.ic.gov", "logs", "us-iso-west-1" },
	{ "logs.us-isob-west-1.api.aws.scloud", "logs", "us-isob-west-1" },
	{ "logs.eu-isoe-west-1.api.cloud-aws.adc-e.uk", "logs", "eu-isoe-west-1" },
	{ "logs.us-isof-east-1.api.aws.hci.ic.gov", "logs", "us-isof-east-1" },
	{ "vpce-0123456789abcdef0-abcdefgh.xray.us-east-1.vpce.amazonaws.com", "xray", "us-east-1" },
	{ "vpce-0123456789abcdef0-abcdefgh-us-east-1a.logs.us-east-1.vpce.amazonaws.com", "logs", "us-east-1" },
	{ "vpce-0a-b.monitoring.cn-north-1.vpce.amazonaws.com.cn", "monitoring", "cn-north-1" },
	{ "XRay.us-east-1.AmazonAWS.com", "xray", "us-east-1" },
};

static bool recognises(const char *host, struct endpoint *e)
{
	size_t n = strlen(host);

	return endpoint_of_host((str){ test_guarded(host, n), n }, e);
}

TEST(service_and_region_are_read_off_a_host_of_any_partition)
{
	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct endpoint e;
		bool known = recognises(hosts[i].host, &e);

		CHECK(known && str_eq(e.service, str_of(hosts[i].service)) && str_eq(e.region, str_of(hosts[i].region)));
		if (!known)
			test_failed(__FILE__, __LINE__, hosts[i].host);
	}
}

TEST(hosts_that_only_look_like_those_of_aws_are_not_theirs)
{
	static const char *const t[] = {
		"",
		".",
		"amazonaws.com",
		"us-east-1.amazonaws.com",
		".us-east-1.amazonaws.com",
		"xray.amazonaws.com",
		"xray..amazonaws.com",
		"xray.us-east-1.amazonaws.com.",
		"xray.us-east-1.amazonaws.com.evil.example",
		"xray.us-east-1.amazonaws.comx",
		"xray.us-east-1.amazonaws.com.cn",
		"xray.us-east-1.amazonaws.eu",
		"xray.us-east-1.xamazonaws.com",
		"xray.us-east-1-amazonaws.com",
		"xray.us-east-1amazonaws.com",
		"xray.us-east-1.evil.amazonaws.com",
		"xray.us-east-1.evil.com",
		"evil.xray.us-east-1.amazonaws.com",
		"evil-xray.us-east-1.amazonaws.com",
		"xray-evil.us-east-1.amazonaws.com",
		"xray-fips-fips.us-east-1.amazonaws.com",
		"-fips.us-east-1.amazonaws.com",
		"xray.us-east-1a.amazonaws.com",
		"xray.us-east-.amazonaws.com",
		"xray.us--1.amazonaws.com",
		"xray.us-east.amazonaws.com",
		"xray.us-east-1-2.amazonaws.com",
		"xray.zz-east-1.amazonaws.com",
		"xray.us-gov-1.amazonaws.com.cn",
		"xray.US-EAST-1.amazonaws.com",
		"xray.cn-north-1.amazonaws.com",
		"xray.us-iso-east-1.amazonaws.com",
		"xray.us-isob-east-1.c2s.ic.gov",
		"xray.us-iso-east-1.hci.ic.gov",
		"xray.eusc-fr-east-1.amazonaws.eu",
		"xray.us-east-1.aws",
		"xray.us-east-1.api.aws.scloud",
		"bucket.us-east-1.amazonaws.com",
		"bucket.s3.us-east-1.amazonaws.com",
		"s3.bucket.us-east-1.amazonaws.com",
		"ec2-203-0-113-25.us-west-2.compute.amazonaws.com",
		"ec2-203-0-113-25.compute-1.amazonaws.com",
		"xray-1234567890.us-west-2.elb.amazonaws.com",
		"abcdefghij.lambda-url.us-east-1.on.aws",
		"abc.execute-api.us-east-1.amazonaws.com",
		"vpce-.xray.us-east-1.vpce.amazonaws.com",
		"vpce.xray.us-east-1.vpce.amazonaws.com",
		"evil.xray.us-east-1.vpce.amazonaws.com",
		"vpce-a.evil.xray.us-east-1.vpce.amazonaws.com",
		"vpce-a_b.xray.us-east-1.vpce.amazonaws.com",
		"vpce-a.xray.us-east-1.amazonaws.com",
		"vpce-a.xray.us-east-1.vpce.api.aws",
		"xray.us-east-1.vpce.amazonaws.com",
		"localhost",
		"127.0.0.1",
		"::1",
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct endpoint e;
		bool known = recognises(t[i], &e);

		CHECK(!known && !e.service.n && !e.region.n);
		if (known)
			test_failed(__FILE__, __LINE__, t[i]);
	}
}

/* Each row with each byte lost, doubled or changed: none but a change in a region's name may still be AWS's. */
TEST(a_host_with_one_byte_wrong_is_not_signed_for_another_service_or_partition)
{
	for (size_t i = 0; i < COUNT(hosts); i++) {
		str host = str_of(hosts[i].host);
		const char *region = strstr(hosts[i].host, hosts[i].region);

		for (size_t at = 0; at < host.n; at++) {
			char cut[128];
			struct endpoint e;
			size_t begin = (size_t)(region - host.p), end = begin + strlen(hosts[i].region);

			if ((at >= begin && at < end) || str_starts(host, S("vpce-")))
				continue;
			memcpy(cut, host.p, at);
			memcpy(cut + at, host.p + at + 1, host.n - at - 1);
			CHECK(!endpoint_of_host((str){ cut, host.n - 1 }, &e));
			memcpy(cut, host.p, host.n);
			cut[at] = cut[at] == '.' ? '-' : '.';
			CHECK(!endpoint_of_host((str){ cut, host.n }, &e));
		}
	}
}

TEST(every_beginning_and_every_end_of_a_host_is_read_within_its_bounds)
{
	for (size_t i = 0; i < COUNT(hosts); i++)
		for (size_t n = 0; n < strlen(hosts[i].host); n++) {
			struct endpoint e;
			size_t whole = strlen(hosts[i].host);

			CHECK(!endpoint_of_host((str){ test_guarded(hosts[i].host, n), n }, &e));
			endpoint_of_host((str){ test_guarded(hosts[i].host + n, whole - n), whole - n }, &e);
		}
}

static enum endpoint_signing choose(const char *address, struct endpoint_options o, struct endpoint *e)
{
	struct url url;

	CHECK(url_parse(str_of(address), &url));
	return endpoint_choose(&url, &o, e);
}

#define NOTHING ((struct endpoint_options){ .aws_region = LAMBDA_STR("eu-west-1") })
#define SERVICE(...) ((struct endpoint_options){ .service = LAMBDA_STR("xray"), __VA_ARGS__ })

TEST(only_hosts_of_aws_are_signed_without_being_asked)
{
	struct endpoint e;

	CHECK(choose("https://xray.us-east-1.amazonaws.com/v1/traces", NOTHING, &e) == ENDPOINT_SIGNED);
	CHECK(str_eq(e.service, S("xray")) && str_eq(e.region, S("us-east-1")));
	CHECK(choose("https://collector.example/v1/traces", NOTHING, &e) == ENDPOINT_UNSIGNED);
	CHECK(choose("https://xray.us-east-1.amazonaws.com.example", NOTHING, &e) == ENDPOINT_UNSIGNED);
	CHECK(choose("https://collector.example/xray.us-east-1.amazonaws.com", NOTHING, &e) == ENDPOINT_UNSIGNED);
}

TEST(any_host_is_signed_for_the_service_that_the_user_names)
{
	struct endpoint e;

	CHECK(choose("https://proxy.example", SERVICE(.aws_region = S("eu-west-1")), &e) == ENDPOINT_SIGNED);
	CHECK(str_eq(e.service, S("xray")) && str_eq(e.region, S("eu-west-1")));
	CHECK(choose("https://proxy.example", SERVICE(.aws_default_region = S("eu-west-2")), &e) == ENDPOINT_SIGNED);
	CHECK(str_eq(e.region, S("eu-west-2")));
	CHECK(choose("https://logs.us-east-1.amazonaws.com", SERVICE(.aws_region = S("eu-west-1")), &e) == ENDPOINT_SIGNED);
	CHECK(str_eq(e.service, S("xray")) && str_eq(e.region, S("us-east-1")));
	CHECK(choose("https://logs.us-east-1.amazonaws.com", SERVICE(.region = S("ap-east-1")), &e) == ENDPOINT_SIGNED);
	CHECK(str_eq(e.region, S("ap-east-1")));
	CHECK(choose("https://proxy.example", SERVICE(.region = { 0 }), &e) == ENDPOINT_NO_REGION);
}

TEST(a_users_authorization_wins)
{
	struct endpoint e;

	CHECK(choose("https://xray.us-east-1.amazonaws.com", SERVICE(.authorized = true), &e) == ENDPOINT_UNSIGNED);
}

TEST(plain_http_is_signed_to_loopback_only_and_only_when_asked)
{
	static const char *const near[] = { "http://localhost:1", "http://127.0.0.1", "http://127.9.9.9:2/",
		                                "http://[::1]:3" };
	static const char *const far[] = { "http://proxy.example", "http://10.0.0.1",          "http://[::2]",
		                               "http://0.0.0.0",       "http://localhost.example", "http://128.0.0.1" };
	struct endpoint e;

	for (size_t i = 0; i < COUNT(near); i++) {
		CHECK(choose(near[i], SERVICE(.aws_region = S("r")), &e) == ENDPOINT_SIGNED);
		CHECK(choose(near[i], NOTHING, &e) == ENDPOINT_UNSIGNED);
	}
	for (size_t i = 0; i < COUNT(far); i++)
		CHECK(choose(far[i], SERVICE(.aws_region = S("r")), &e) == ENDPOINT_PLAIN);
	CHECK(choose("http://xray.us-east-1.amazonaws.com", NOTHING, &e) == ENDPOINT_UNSIGNED);
	CHECK(choose("http://xray.us-east-1.amazonaws.com", SERVICE(.aws_region = S("r")), &e) == ENDPOINT_PLAIN);
}
