// SPDX-License-Identifier: MIT
#include "aws/endpoint.h"

#include "net/addr.h"

#include <string.h>

/* Regions are a prefix, a word and a number. Only one row can fit a region, as a word has no '-'. */
static const struct partition {
	str prefix, suffix, dual_stack;
} partitions[] = {
	{ { "us-", 3 }, { "amazonaws.com", 13 }, { "api.aws", 7 } },
	{ { "eu-", 3 }, { "amazonaws.com", 13 }, { "api.aws", 7 } },
	{ { "ap-", 3 }, { "amazonaws.com", 13 }, { "api.aws", 7 } },
	{ { "sa-", 3 }, { "amazonaws.com", 13 }, { "api.aws", 7 } },
	{ { "ca-", 3 }, { "amazonaws.com", 13 }, { "api.aws", 7 } },
	{ { "me-", 3 }, { "amazonaws.com", 13 }, { "api.aws", 7 } },
	{ { "af-", 3 }, { "amazonaws.com", 13 }, { "api.aws", 7 } },
	{ { "il-", 3 }, { "amazonaws.com", 13 }, { "api.aws", 7 } },
	{ { "mx-", 3 }, { "amazonaws.com", 13 }, { "api.aws", 7 } },
	{ { "us-gov-", 7 }, { "amazonaws.com", 13 }, { "api.aws", 7 } },
	{ { "cn-", 3 }, { "amazonaws.com.cn", 16 }, { "api.amazonwebservices.com.cn", 28 } },
	{ { "eusc-de-", 8 }, { "amazonaws.eu", 12 }, { "api.amazonwebservices.eu", 24 } },
	{ { "us-iso-", 7 }, { "c2s.ic.gov", 10 }, { "api.aws.ic.gov", 14 } },
	{ { "us-isob-", 8 }, { "sc2s.sgov.gov", 13 }, { "api.aws.scloud", 14 } },
	{ { "eu-isoe-", 8 }, { "cloud.adc-e.uk", 14 }, { "api.cloud-aws.adc-e.uk", 22 } },
	{ { "us-isof-", 8 }, { "csp.hci.ic.gov", 14 }, { "api.aws.hci.ic.gov", 18 } },
};

/* What stands before the region, and the name that goes into the scope. */
static const struct {
	str label, signing;
} services[] = {
	{ { "xray", 4 }, { "xray", 4 } },
	{ { "logs", 4 }, { "logs", 4 } },
	{ { "monitoring", 10 }, { "monitoring", 10 } },
	{ { "aps-workspaces", 14 }, { "aps", 3 } },
	{ { "dataplane.rum", 13 }, { "rum", 3 } },
	{ { "s3", 2 }, { "s3", 2 } },
	{ { "s3.dualstack", 12 }, { "s3", 2 } },
	{ { "s3-fips.dualstack", 17 }, { "s3", 2 } },
	{ { "kinesis", 7 }, { "kinesis", 7 } },
	{ { "firehose", 8 }, { "firehose", 8 } },
	{ { "lambda-url", 10 }, { "lambda", 6 } },
	{ { "es", 2 }, { "es", 2 } },
	{ { "aoss", 4 }, { "aoss", 4 } },
};

static bool letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool region_in(const struct partition *p, str region)
{
	str word, number;

	if (!str_starts(region, p->prefix))
		return false;
	if (!str_cut((str){ region.p + p->prefix.n, region.n - p->prefix.n }, '-', &word, &number) || !word.n || !number.n)
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (!letter(word.p[i]) && !digit(word.p[i]))
			return false;
	for (size_t i = 0; i < number.n; i++)
		if (!digit(number.p[i]))
			return false;
	return true;
}

/* Takes ".tail" off the end. */
static bool cut_end(str *host, str tail)
{
	if (host->n <= tail.n || host->p[host->n - tail.n - 1] != '.' ||
	    !str_ieq((str){ host->p + host->n - tail.n, tail.n }, tail))
		return false;
	host->n -= tail.n + 1;
	return true;
}

static bool cut_last_label(str *host, str *label)
{
	size_t at = host->n;

	while (at && host->p[at - 1] != '.')
		at--;
	if (!at)
		return false;
	*label = (str){ host->p + at, host->n - at };
	host->n = at - 1;
	return true;
}

/* The label that a VPC endpoint has in front: vpce-0123456789abcdef0-abcdefgh, or with a zone behind it. */
static bool cut_vpce(str *host)
{
	str id, rest;
	bool cut = str_cut(*host, '.', &id, &rest);

	if (!cut || id.n <= 5 || !str_ieq((str){ id.p, 5 }, S("vpce-")))
		return false;
	for (size_t i = 0; i < id.n; i++)
		if (!letter((char)(id.p[i] | 0x20)) && !digit(id.p[i]) && id.p[i] != '-')
			return false;
	*host = rest;
	return true;
}

static bool service_of(str label, str *signing)
{
	str plain = label;

	if (label.n > 5 && str_ieq((str){ label.p + label.n - 5, 5 }, S("-fips")))
		plain.n -= 5;
	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (str_ieq(plain, services[i].label)) {
			*signing = services[i].signing;
			return true;
		}
	return false;
}

static bool in_partition(const struct partition *p, str host, struct endpoint *out)
{
	if (cut_end(&host, p->suffix)) {
		if (cut_end(&host, S("vpce")) && !cut_vpce(&host))
			return false;
	} else if (!cut_end(&host, p->dual_stack)) {
		return false;
	}
	return cut_last_label(&host, &out->region) && region_in(p, out->region) && service_of(host, &out->service);
}

bool endpoint_of_host(str host, struct endpoint *out)
{
	for (size_t i = 0; i < sizeof partitions / sizeof *partitions; i++)
		if (in_partition(&partitions[i], host, out))
			return true;
	*out = (struct endpoint){ 0 };
	return false;
}

bool endpoint_loopback(str host)
{
	struct addr a;

	if (str_ieq(host, S("localhost")))
		return true;
	if (!addr_literal(host, 0, &a))
		return false;
	if (a.sa.any.sa_family == AF_INET)
		return ntohl(a.sa.v4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&a.sa.v6.sin6_addr);
}

enum endpoint_signing endpoint_choose(const struct url *url, const struct endpoint_options *o, struct endpoint *out)
{
	bool known = endpoint_of_host(url->host, out);

	if (o->authorized || (!o->service.n && (!known || !url->tls)))
		return ENDPOINT_UNSIGNED;
	if (!url->tls && !endpoint_loopback(url->host))
		return ENDPOINT_PLAIN;
	if (o->service.n)
		out->service = o->service;
	if (o->region.n)
		out->region = o->region;
	else if (!known)
		out->region = o->aws_region.n ? o->aws_region : o->aws_default_region;
	return out->region.n ? ENDPOINT_SIGNED : ENDPOINT_NO_REGION;
}
