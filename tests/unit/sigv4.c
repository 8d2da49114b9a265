// SPDX-License-Identifier: MIT
#include "aws/sigv4.h"

#include "base/date.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

/* The keys that AWS's documentation and public suites use. */
#define ID "AKIDEXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TOKEN "SESSIONTOKENEXAMPLE"

#define FIELD(name, value) { { name, sizeof(name) - 1 }, { value, sizeof(value) - 1 } }
#define PROTOBUF FIELD("Content-Type", "application/x-protobuf")

/* One span, service.name my-fn: the smallest batch that a collector takes. */
static const char span_hex[] =
	"0a630a190a170a0c736572766963652e6e616d6512070a056d792d666e12460a050a036c6962123d0a1067748580"
	"a006649127e371903a2de979120853995c3f42cd8ad82a0568656c6c6f300239000057c07e68161841404266c07e"
	"681618850101010000";

static struct iovec span_body(void)
{
	static unsigned char bytes[(sizeof span_hex - 1) / 2];

	for (size_t i = 0; i < sizeof bytes; i++) {
		unsigned v = 0;

		sscanf(span_hex + 2 * i, "%2x", &v);
		bytes[i] = (unsigned char)v;
	}
	return (struct iovec){ bytes, sizeof bytes };
}

static struct sigv4_signer signer(const char *service, const char *region, const char *token, const char *time)
{
	struct sigv4_signer s = { .id = S(ID), .secret = S(SECRET) };

	s.token = str_of(token);
	s.region = str_of(region);
	s.service = str_of(service);
	CHECK(date_read_amz(str_of(time), &s.at));
	return s;
}

/* Signs with the payload of body; what was made stays in static memory until the next call. */
static struct sigv4_signed signed_by(const struct sigv4_signer *s, struct sigv4_request r, struct iovec body,
                                     str *added)
{
	static char scratch[65536], out[8192], payload[SIGV4_HEX_BYTES];
	struct buf room = BUF(scratch), lines = BUF(out);
	struct sigv4_signed result = { 0 };

	sigv4_payload(&body, 1, payload);
	r.payload = (str){ payload, sizeof payload };
	CHECK(sigv4_sign(s, &r, &room, &lines, &result));
	if (added)
		*added = buf_str(&lines);
	return result;
}

static bool is_hex_of(const char *hex, const unsigned char *bytes, size_t n)
{
	char text[2 * SIGV4_HASH_BYTES];
	struct buf b = BUF(text);

	buf_hex(&b, bytes, n);
	return str_eq(buf_str(&b), str_of(hex));
}

static bool gives(const struct sigv4_signed *result, const char *canonical_hash, const char *signature)
{
	char hash[SIGV4_HEX_BYTES];
	struct iovec canonical = { (void *)(uintptr_t)result->canonical.p, result->canonical.n };

	sigv4_payload(&canonical, 1, hash);
	return (!canonical_hash || str_eq((str){ hash, sizeof hash }, str_of(canonical_hash))) &&
	       str_eq((str){ result->signature, sizeof result->signature }, str_of(signature));
}

TEST(the_published_signing_key_of_iam_is_derived)
{
	struct sigv4_signer s = signer("iam", "us-east-1", NULL, "20120215T000000Z");
	unsigned char key[SIGV4_HASH_BYTES];

	sigv4_derive(&s, key);
	CHECK(is_hex_of("f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d", key, sizeof key));
}

TEST(a_plain_request_has_the_published_signature)
{
	struct sigv4_signer s = signer("service", "us-east-1", NULL, "20150830T123600Z");
	static const struct sigv4_field fields[] = { FIELD("Host", "example.amazonaws.com") };
	struct sigv4_request r = { .method = S("GET"), .path = S("/"), .fields = fields, .field_count = 1 };
	struct sigv4_signed got = signed_by(&s, r, (struct iovec){ 0 }, NULL);

	CHECK(str_eq(got.canonical,
	             S("GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
	               "host;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")));
	CHECK(gives(&got, NULL, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"));
}

TEST(telemetry_is_signed_as_botocore_signs_it)
{
	static const struct sigv4_field xray[] = { FIELD("Host", "xray.us-east-1.amazonaws.com"), PROTOBUF,
		                                       FIELD("Content-Encoding", "gzip") };
	static const struct sigv4_field logs[] = { FIELD("Host", "logs.eu-central-1.amazonaws.com"), PROTOBUF,
		                                       FIELD("x-aws-log-group", "/aws/lambda/my-fn"),
		                                       FIELD("x-aws-log-stream", "2025/01/01/[$LATEST]abc") };
	static const struct sigv4_field monitoring[] = { FIELD("Host", "monitoring.us-west-2.amazonaws.com"), PROTOBUF };
	const struct {
		const char *service, *region, *token, *path;
		const struct sigv4_field *fields;
		size_t n;
		bool span;
		const char *canonical, *signature;
	} t[] = {
		{ "xray", "us-east-1", NULL, "/v1/traces", xray, 2, true,
		  "1a8239201e05b07471a8f42846c6cd2668b3aabaadb78d3a5e8f7d6631a61630",
		  "ea24967e10f398894e202810ddf2bc44ec414734d02f8970a38951448f3cafdf" },
		{ "xray", "us-east-1", TOKEN, "/v1/traces", xray, 2, true,
		  "39d8cc1b0cdfa2877ce1bd5687b03a81607449558d1d5d16dc03f0fe937ba082",
		  "cda2a115491f4234f8b80d098a47354e69af26c3a9525d86d42e8fda77fb546d" },
		{ "xray", "us-east-1", TOKEN, "/v1/traces", xray, 3, true,
		  "2bd4ac4f6f9fbc84b4e0223d8487e333c40b9c9b524647ba7a1ace97085f1876",
		  "55901698a36674f387be78ff007151cde787cf4512a9be0b25199b24f15d945e" },
		{ "logs", "eu-central-1", TOKEN, "/v1/logs", logs, 4, false,
		  "db062a1078bca0da357f195af00d44acfeb5320e77b90f3a963513355bef1341",
		  "c37f65db6fcc4994987b36bd8a8c7ab07d4168533918561280fb3562e4f110f1" },
		{ "monitoring", "us-west-2", NULL, "/v1/metrics", monitoring, 2, false,
		  "4c5d1fa5038cf658832075ce37d03314bc39ad09ef565906554b5de44a318c93",
		  "246c168b4dca44686c92fa13bfb346922f2bee17ad296cf6b03850ebc0540a2c" },
	};
	struct sigv4_keys keys = { 0 };

	for (int twice = 0; twice < 2; twice++)
		for (size_t i = 0; i < COUNT(t); i++) {
			struct sigv4_signer s = signer(t[i].service, t[i].region, t[i].token, "20250101T000000Z");
			struct sigv4_request r = {
				.method = S("POST"), .path = str_of(t[i].path), .fields = t[i].fields, .field_count = t[i].n
			};
			struct sigv4_signed got;

			s.keys = &keys;
			got = signed_by(&s, r, t[i].span ? span_body() : (struct iovec){ 0 }, NULL);
			CHECK(gives(&got, t[i].canonical, t[i].signature));
		}
	CHECK(keys.used == 3);
}

TEST(s3_is_signed_as_botocore_signs_it)
{
	struct sigv4_signer s = signer("s3", "us-east-1", TOKEN, "20250101T000000Z");
	static const struct sigv4_field put[] = { FIELD("Host", "my-bucket.s3.us-east-1.amazonaws.com"),
		                                      FIELD("Content-Type", "application/json"),
		                                      FIELD("Content-Encoding", "gzip") };
	struct sigv4_request r = { .flags = SIGV4_S3,
		                       .method = S("PUT"),
		                       .path = S("/otel/traces/2025/01/01/00/spans-20250101000000-AbCd1234.json.gz"),
		                       .fields = put,
		                       .field_count = 3 };
	struct sigv4_signed got = signed_by(&s, r, (struct iovec){ (char[]){ "{}" }, 2 }, NULL);

	CHECK(gives(&got, "bf05ea0b0c2cc21cfb16d405cc464cddf3be1b8266f99b04baee01b5618bf765",
	            "6997887fac3b6f37124a3c98bc4002c4a759aae98779e7469a90cd19e95da70c"));
	r.method = S("GET");
	r.path = S("/");
	r.query = S("list-type=2&prefix=otel%2Ftraces%2F2025%2F01%2F01%2F00%2F&start-after=otel%2Ftraces%2Fx");
	r.field_count = 1;
	got = signed_by(&s, r, (struct iovec){ 0 }, NULL);
	CHECK(gives(&got, "e12544400932482c166c3b11012571c0b2fcdb378a0e66ae91e9f553c89db8bd",
	            "0c46844baf51a2fe2eb49d6a0d74a40848232ffc8123107a1999797a95465dfa"));
}

/* The line of the canonical request, from 0. */
static str line_of(str text, int number)
{
	str line;

	do
		str_cut(text, '\n', &line, &text);
	while (number--);
	return line;
}

static struct sigv4_signed plain(unsigned flags, const char *path, const char *query, const struct sigv4_field *fields,
                                 size_t n)
{
	struct sigv4_signer s = signer("service", "us-east-1", TOKEN, "20150830T123600Z");
	struct sigv4_request r = { .flags = flags,
		                       .method = S("GET"),
		                       .path = str_of(path),
		                       .query = str_of(query),
		                       .fields = fields,
		                       .field_count = n,
		                       .expires = 60 };

	return signed_by(&s, r, (struct iovec){ 0 }, NULL);
}

TEST(paths_are_normalised_and_encoded_once_more_except_for_s3)
{
	static const struct {
		const char *path, *normal, *as_is, *s3;
	} t[] = {
		{ "", "/", "/", "/" },
		{ "/", "/", "/", "/" },
		{ "//", "/", "//", "//" },
		{ "/a", "/a", "/a", "/a" },
		{ "/a/", "/a/", "/a/", "/a/" },
		{ "/a//b/", "/a/b/", "/a//b/", "/a//b/" },
		{ "/./a/./b/.", "/a/b", "/./a/./b/.", "/./a/./b/." },
		{ "/a/..", "/", "/a/..", "/a/.." },
		{ "/a/../", "/", "/a/../", "/a/../" },
		{ "/a/b/../../c", "/c", "/a/b/../../c", "/a/b/../../c" },
		{ "/../../a", "/a", "/../../a", "/../../a" },
		{ "/a/b/..", "/a", "/a/b/..", "/a/b/.." },
		{ "/...", "/...", "/...", "/..." },
		{ "/a b", "/a%20b", "/a%20b", "/a%20b" },
		{ "/a%20b", "/a%2520b", "/a%2520b", "/a%20b" },
		{ "/a%2", "/a%252", "/a%252", "/a%252" },
		{ "/a%2fb%zz", "/a%252fb%25zz", "/a%252fb%25zz", "/a%2fb%25zz" },
		{ "/-._~", "/-._~", "/-._~", "/-._~" },
		{ "/\xe1\x88\xb4", "/%E1%88%B4", "/%E1%88%B4", "/%E1%88%B4" },
		{ "/a+b:c@d", "/a%2Bb%3Ac%40d", "/a%2Bb%3Ac%40d", "/a%2Bb%3Ac%40d" },
		{ "a", "/a", "/a", "/a" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct sigv4_signed got = plain(0, t[i].path, "", NULL, 0);

		CHECK(str_eq(line_of(got.canonical, 1), str_of(t[i].normal)));
		got = plain(SIGV4_AS_IS, t[i].path, "", NULL, 0);
		CHECK(str_eq(line_of(got.canonical, 1), str_of(t[i].as_is)));
		got = plain(SIGV4_S3, t[i].path, "", NULL, 0);
		CHECK(str_eq(line_of(got.canonical, 1), str_of(t[i].s3)));
	}
}

TEST(parameters_are_encoded_and_sorted_by_name_then_value)
{
	static const struct {
		const char *query, *canonical;
	} t[] = {
		{ "", "" },
		{ "b=2&a=1", "a=1&b=2" },
		{ "a=2&a=1&a", "a=&a=1&a=2" },
		{ "a-=1&a=2", "a=2&a-=1" }, /* the name alone counts first: '-' sorts before '=' */
		{ "B=1&a=2&A=3", "A=3&B=1&a=2" },
		{ "a=b=c", "a=b%3Dc" },
		{ "a=%2f%2F", "a=%2f%2F" },
		{ "a=%0a%AF%9F%fa%0g%G0", "a=%0a%AF%9F%fa%250g%25G0" },
		{ "a=100%&b=%4", "a=100%25&b=%254" },
		{ "\xe1\x88\xb4=bar", "%E1%88%B4=bar" },
		{ "p=a b+c", "p=a%20b%2Bc" },
		{ "b&", "=&b=" },
		{ "&&b", "=&=&b=" },
		{ "=x", "=x" },
		{ "a?b=c/d", "a%3Fb=c%2Fd" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct sigv4_signed got = plain(0, "/", t[i].query, NULL, 0);

		CHECK(str_eq(line_of(got.canonical, 2), str_of(t[i].canonical)));
	}
}

TEST(header_fields_are_lowered_sorted_joined_and_trimmed)
{
	static const struct sigv4_field fields[] = {
		FIELD("My-Header2", "  \"a   b\t c\"  "),
		FIELD("Host", "h"),
		FIELD("my-header1", "b"),
		FIELD("MY-HEADER1", ""),
		FIELD("My-Header1", "a"),
		FIELD("My-Header10", "one\r\n  two\n\tthree"),
		FIELD("Content-Length", "0"),
	};
	struct sigv4_signed got = plain(0, "/", "", fields, COUNT(fields));

	CHECK(str_starts((str){ got.canonical.p + 7, got.canonical.n - 7 },
	                 S("content-length:0\nhost:h\nmy-header1:b,,a\nmy-header10:one two three\nmy-header2:\"a b c\"\n"
	                   "x-amz-date:20150830T123600Z\nx-amz-security-token:" TOKEN "\n\n"
	                   "content-length;host;my-header1;my-header10;my-header2;x-amz-date;x-amz-security-token\n")));
}

TEST(what_a_connection_or_a_proxy_owns_is_not_signed)
{
	static const struct sigv4_field fields[] = {
		FIELD("Host", "h"),
		FIELD("Connection", "close"),
		FIELD("Expect", "100-continue"),
		FIELD("Keep-Alive", "1"),
		FIELD("Proxy-Anything", "1"),
		FIELD("TE", "trailers"),
		FIELD("Trailer", "X"),
		FIELD("Transfer-Encoding", "chunked"),
		FIELD("Upgrade", "h2c"),
		FIELD("User-Agent", "mote"),
		FIELD("X-Amzn-Trace-Id", "Root=1"),
		FIELD("Sec-WebSocket-Key", "1"),
		FIELD("Authorization", "Bearer t"),
		FIELD("X-Amz-Date", "19700101T000000Z"),
		FIELD("x-amz-security-token", "another"),
	};
	struct sigv4_signed got = plain(0, "/", "", fields, COUNT(fields));

	CHECK(str_eq(line_of(got.canonical, 7), S("host;x-amz-date;x-amz-security-token")));
	CHECK(!sigv4_unsigned(S("proxy")) && !sigv4_unsigned(S("tea")) && !sigv4_unsigned(S("date")));
}

TEST(what_is_added_is_whole_lines)
{
	struct sigv4_signer s = signer("service", "us-east-1", TOKEN, "20150830T123600Z");
	struct sigv4_request r = { .flags = SIGV4_SIGN_BODY | SIGV4_TOKEN_AFTER, .method = S("GET"), .path = S("/") };
	str added;
	struct sigv4_signed got = signed_by(&s, r, (struct iovec){ 0 }, &added);
	str signature = { got.signature, sizeof got.signature };

	CHECK(str_starts(added,
	                 S("x-amz-date: 20150830T123600Z\r\nx-amz-security-token: " TOKEN "\r\nx-amz-content-sha256: "
	                   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\nauthorization: "
	                   "AWS4-HMAC-SHA256 Credential=" ID "/20150830/us-east-1/service/aws4_request, SignedHeaders="
	                   "x-amz-content-sha256;x-amz-date, Signature=")));
	CHECK(str_starts((str){ added.p + added.n - 66, 66 }, signature));
	CHECK(str_eq((str){ added.p + added.n - 2, 2 }, S("\r\n")));
	CHECK(!memmem(got.canonical.p, got.canonical.n, TOKEN, sizeof TOKEN - 1));
}

TEST(what_signing_sets_is_known_to_whoever_sends_the_request)
{
	struct sigv4_signer s = signer("service", "us-east-1", TOKEN, "20150830T123600Z");
	const str hash = S("X-Amz-Content-Sha256"), token = S("X-Amz-Security-Token"), date = S("X-Amz-Date");

	CHECK(sigv4_sets(&s, 0, date) && sigv4_sets(&s, SIGV4_QUERY, date) && sigv4_sets(&s, 0, token));
	CHECK(!sigv4_sets(&s, 0, hash) && sigv4_sets(&s, SIGV4_SIGN_BODY, hash) && sigv4_sets(&s, SIGV4_S3, hash));
	CHECK(!sigv4_sets(&s, SIGV4_QUERY | SIGV4_SIGN_BODY, hash) && !sigv4_sets(&s, SIGV4_QUERY | SIGV4_S3, hash));
	CHECK(sigv4_sets(&s, 0, S("Authorization")) && !sigv4_sets(&s, SIGV4_QUERY, S("Authorization")));
	CHECK(!sigv4_sets_param(&s, 0, date) && sigv4_sets_param(&s, SIGV4_QUERY, date) &&
	      sigv4_sets_param(&s, SIGV4_QUERY, token));
	CHECK(!sigv4_sets_param(&s, SIGV4_QUERY, S("x-amz-date")) && !sigv4_sets_param(&s, SIGV4_QUERY, S("x")));
	s.token.n = 0;
	CHECK(!sigv4_sets(&s, 0, token) && sigv4_sets(&s, SIGV4_TOKEN_AFTER, token));
	CHECK(!sigv4_sets_param(&s, SIGV4_QUERY, token));
}

TEST(a_query_takes_all_that_signing_adds)
{
	static const struct sigv4_field fields[] = { FIELD("Host", "h"), FIELD("X-Amz-Date", "19700101T000000Z") };
	struct sigv4_signer s = signer("service", "us-east-1", "a/b+c=%41", "20150830T123600Z");
	struct sigv4_request r = { .flags = SIGV4_QUERY | SIGV4_SIGN_BODY,
		                       .method = S("GET"),
		                       .path = S("/"),
		                       .query = S("x=1&X-Amz-Date=old&X-Amz-Signature=old&X-Amz-Security-Token=old"),
		                       .fields = fields,
		                       .field_count = 2,
		                       .expires = SIGV4_EXPIRES_MAX };
	str added;
	struct sigv4_signed got = signed_by(&s, r, (struct iovec){ 0 }, &added);

	CHECK(str_starts(added,
	                 S("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" ID
	                   "%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires="
	                   "604800&X-Amz-SignedHeaders=host&X-Amz-Security-Token=a%2Fb%2Bc%3D%2541&X-Amz-Signature=")));
	CHECK(str_starts(got.canonical, S("GET\n/\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=")));
	CHECK(!memmem(got.canonical.p, got.canonical.n, "old", 3) && memmem(got.canonical.p, got.canonical.n, "&x=1\n", 5));
	r.flags |= SIGV4_TOKEN_AFTER;
	got = signed_by(&s, r, (struct iovec){ 0 }, &added);
	CHECK(!memmem(got.canonical.p, got.canonical.n, "Token", 5));
	CHECK(memmem(added.p, added.n, "&X-Amz-Security-Token=a%2Fb%2Bc%3D%2541", 39) == added.p + added.n - 39);
	r.flags |= SIGV4_S3;
	got = signed_by(&s, r, (struct iovec){ 0 }, &added);
	CHECK(str_eq((str){ got.canonical.p + got.canonical.n - 16, 16 }, S("UNSIGNED-PAYLOAD")));
}

TEST(every_short_buffer_is_refused_and_none_is_overrun)
{
	static const struct sigv4_field fields[] = { FIELD("Host", "example.amazonaws.com"), FIELD("X-A", "b  c") };
	static char scratch[4096], out[2048];
	char payload[SIGV4_HEX_BYTES];

	sigv4_payload(NULL, 0, payload);
	for (unsigned flags = 0; flags < 32; flags++) {
		struct sigv4_signer s = signer("service", "us-east-1", TOKEN, "20150830T123600Z");
		struct sigv4_request r = { .flags = flags,
			                       .method = S("GET"),
			                       .path = S("/a/../b%20/"),
			                       .query = S("b=1&a"),
			                       .fields = fields,
			                       .field_count = 2,
			                       .payload = { payload, sizeof payload },
			                       .expires = 1 };
		struct buf room = BUF(scratch), lines = BUF(out);
		struct sigv4_signed whole, cut;

		CHECK(sigv4_sign(&s, &r, &room, &lines, &whole));
		for (size_t n = 0; n <= room.n; n++) {
			struct buf small = { .p = test_guarded(scratch, n), .cap = n }, again = BUF(out);

			CHECK(sigv4_sign(&s, &r, &small, &again, &cut) == (n == room.n));
		}
		CHECK(!memcmp(whole.signature, cut.signature, sizeof cut.signature));
		for (size_t n = 0; n <= lines.n; n++) {
			struct buf again = BUF(scratch), small = { .p = test_guarded(out, n), .cap = n };

			CHECK(sigv4_sign(&s, &r, &again, &small, &cut) == (n == lines.n));
		}
	}
}

static bool refused(const struct sigv4_signer *s, const struct sigv4_request *r)
{
	static char scratch[65536], out[65536];
	struct buf room = BUF(scratch), lines = BUF(out);
	struct sigv4_signed got;

	return !sigv4_sign(s, r, &room, &lines, &got);
}

TEST(what_could_end_a_header_line_is_refused)
{
	const struct sigv4_signer good = signer("service", "us-east-1", TOKEN, "20150830T123600Z");
	const struct sigv4_request request = { .method = S("GET"), .payload = S("UNSIGNED-PAYLOAD"), .expires = 1 };
	static const char *const bad[] = { "a b", "a\r\nx: y", "a\n", "\ta", "a\x7f", "a\xc3\xa9" };

	CHECK(!refused(&good, &request));
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct sigv4_signer s = good;

		s.id = str_of(bad[i]);
		CHECK(refused(&s, &request));
		s = good, s.token = str_of(bad[i]);
		CHECK(refused(&s, &request));
		s = good, s.region = str_of(bad[i]);
		CHECK(refused(&s, &request));
		s = good, s.service = str_of(bad[i]);
		CHECK(refused(&s, &request));

		struct sigv4_field field = { str_of(bad[i]), S("") };
		struct sigv4_request r = request;

		r.fields = &field, r.field_count = 1;
		CHECK(refused(&good, &r));
	}
	for (int i = 0; i < 4; i++) {
		struct sigv4_signer s = good;

		*(str *[]){ &s.id, &s.secret, &s.region, &s.service }[i] = (str){ 0 };
		CHECK(refused(&s, &request));
	}
}

TEST(limits_are_kept)
{
	static struct sigv4_field fields[SIGV4_FIELDS_MAX + 1];
	static char query[2 * (SIGV4_PARAMS_MAX + 1)], secret[SIGV4_SECRET_MAX + 1];
	struct sigv4_signer s = signer("service", "us-east-1", TOKEN, "20150830T123600Z");
	struct sigv4_request r = { .method = S("GET"), .payload = S("UNSIGNED-PAYLOAD"), .fields = fields };

	for (size_t i = 0; i < COUNT(fields); i++)
		fields[i] = (struct sigv4_field)FIELD("x", "y");
	r.flags = SIGV4_SIGN_BODY;
	r.field_count = SIGV4_FIELDS_MAX;
	CHECK(!refused(&s, &r));
	r.field_count++;
	CHECK(refused(&s, &r));
	r.field_count = 0;

	for (size_t i = 0; i < sizeof query; i += 2)
		memcpy(query + i, "a&", 2);
	r.query = (str){ query, 2 * SIGV4_PARAMS_MAX - 1 };
	CHECK(!refused(&s, &r));
	r.query.n += 1; /* "a&": the empty one behind it counts */
	CHECK(refused(&s, &r));
	r.query.n += 1;
	CHECK(refused(&s, &r));
	r.query.n = 0;

	memset(secret, 's', sizeof secret);
	s.secret = (str){ secret, SIGV4_SECRET_MAX };
	CHECK(!refused(&s, &r));
	s.secret.n++;
	CHECK(refused(&s, &r));
	s.secret.n--;
	r.path = S("/");
	struct sigv4_signed whole = signed_by(&s, r, (struct iovec){ 0 }, NULL);
	secret[SIGV4_SECRET_MAX - 1] = 't'; /* all of it counts */
	struct sigv4_signed other = signed_by(&s, r, (struct iovec){ 0 }, NULL);
	CHECK(memcmp(whole.signature, other.signature, sizeof whole.signature) != 0);

	r.flags = SIGV4_QUERY;
	r.expires = SIGV4_EXPIRES_MAX;
	CHECK(!refused(&s, &r));
	r.expires++;
	CHECK(refused(&s, &r));
	r.expires = 0;
	CHECK(refused(&s, &r));
}

TEST(keys_are_kept_for_their_day_region_service_and_secret)
{
	static const char *const days[] = { "20250101T000000Z", "20250101T235959Z", "20250102T000000Z" };
	struct sigv4_request r = { .method = S("GET"), .path = S("/") };
	struct sigv4_keys keys = { 0 };
	struct sigv4_keys zero = { 0 };

	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < 2 * COUNT(days); i++) {
			struct sigv4_signer s = signer(i % 2 ? "xray" : "logs", "us-east-1", NULL, days[i / 2]), fresh = s;
			struct sigv4_signed got, expected = signed_by(&fresh, r, (struct iovec){ 0 }, NULL);

			s.keys = &keys;
			got = signed_by(&s, r, (struct iovec){ 0 }, NULL);
			CHECK(!memcmp(got.signature, expected.signature, sizeof got.signature));
			s.secret = S("another");
			got = signed_by(&s, r, (struct iovec){ 0 }, NULL);
			CHECK(memcmp(got.signature, expected.signature, sizeof got.signature) != 0);
		}
	CHECK(keys.used == SIGV4_SERVICES);
	sigv4_keys_wipe(&keys);
	CHECK(!memcmp(&keys, &zero, sizeof keys));
}

TEST(a_body_in_pieces_has_one_hash)
{
	struct iovec whole = span_body();
	char expected[SIGV4_HEX_BYTES], got[SIGV4_HEX_BYTES];

	sigv4_payload(&whole, 1, expected);
	CHECK(!memcmp(expected, "bd6104087293e9caad0c6cff30e0ba0631ec149efb5d3a89d6ec4d1424bad2a5", sizeof expected));
	for (size_t cut = 0; cut <= whole.iov_len; cut++) {
		struct iovec two[] = { { whole.iov_base, cut }, { (char *)whole.iov_base + cut, whole.iov_len - cut } };

		sigv4_payload(two, 2, got);
		CHECK(!memcmp(got, expected, sizeof got));
	}
}
