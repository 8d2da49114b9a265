# SPDX-License-Identifier: MIT
"""TLS against servers that nobody here has written: nginx, OpenSSL, Python's ssl, and one that tampers."""

import hashlib
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import BUILD, built, free_port, until
from daemons import Nginx
from tls_peers import AUTHORITY, PSS, SERVER, Between, Server, rsa_key

TLS, CERTIFICATE, RECORD, CLOSED = 11, 12, 13, 8


class Done:
    """What the driver said."""

    def __init__(self, done):
        self.status, self.text = done.returncode, done.stdout.decode("utf-8", "replace")
        found = re.search(r"handshakes (\d+) full (\d+) resumed (\d+) failed", self.text)
        self.full, self.resumed, self.failed = map(int, found.groups()) if found else (0, 0, 0)
        self.replies = [int(s) for s in re.findall(r"^(\d{3}) \d+$", self.text, re.M)]
        self.errors = re.findall(r"^failed \d+: (.*)$", self.text, re.M)

    def says(self, pattern):
        """No reply, and this is the reason."""
        assert self.status == 1 and not self.replies and len(self.errors) == 1, self.text
        assert re.search(pattern, self.errors[0]), self.errors[0]
        assert "  " not in self.errors[0] and "%" not in self.errors[0]


def driver(sanitized=False):
    path = BUILD / "asan" / "drivers/tls"
    if not sanitized:
        return built("drivers/tls")
    if not path.exists():
        pytest.fail(f"{path} is missing: make build/asan/drivers/tls", pytrace=False)
    return path


def get(port, *options, sanitized=False):
    argv = [driver(sanitized), "--to", f"127.0.0.1:{port}", *options]
    done = subprocess.run([str(a) for a in argv], capture_output=True, timeout=30, check=False)
    assert done.returncode in (0, 1), (done.returncode, done.stdout, done.stderr[-4000:])
    return Done(done)


@pytest.fixture
def trusting(pki):
    """get() that trusts the root of all these peers."""
    return lambda port, *options, **more: get(port, "--ca", pki.root()[0], *options, **more)


# ---- nginx ----

IDS = "ssl_protocols TLSv1.2; ssl_session_tickets off; ssl_session_cache shared:{name}:1m;"
KINDS = {
    "rsa": ("rsa2048", IDS + "keepalive_requests 3;"),
    "ec": ("p256", IDS + "keepalive_requests 1;"),
    "kept": ("rsa2048", IDS),
    "tickets": ("p256", "ssl_protocols TLSv1.2; ssl_session_tickets on; ssl_session_cache none;"),
    "tls13": ("rsa2048", "ssl_protocols TLSv1.3;"),
    "both": ("rsa2048", "ssl_protocols TLSv1.2 TLSv1.3; keepalive_timeout 0;"),
    "mutual": ("rsa2048", IDS + "ssl_verify_client on; ssl_client_certificate {root};"),
}


class Witness(Nginx):
    def handshakes(self, kind):
        """Of each connection that had a request: whether its session was resumed."""
        seen = {}
        for line in self.log():
            port, connection, reused = line.split()
            if int(port) == self.ports[kind]:
                seen[connection] = reused == "r"
        return list(seen.values())


@pytest.fixture(scope="module")
def nginx(pki, start_once, tmp_path_factory):
    servers = {name: (f"{options.format(name=name, root=pki.root()[0])} location / {{ return 200 {name}; }}", pki.issue(f"nginx-{kind}", kind))
               for name, (kind, options) in KINDS.items()}
    return Witness(start_once, tmp_path_factory.mktemp("nginx"), servers, "$server_port $connection $ssl_session_reused")


@pytest.mark.parametrize("kind,requests,full,resumed", [
    ("kept", 9, 1, 0),  # one connection
    ("rsa", 9, 1, 2),  # a new one every three requests
    ("ec", 4, 1, 3),
    ("both", 3, 3, 0),  # closes after each; with tickets alone, each is a full handshake
])
def test_a_session_is_resumed_on_each_new_connection(nginx, trusting, kind, requests, full, resumed):
    done = trusting(nginx.ports[kind], "--repeat", requests)
    assert done.replies == [200] * requests and (done.full, done.resumed, done.failed) == (full, resumed, 0)
    until("nginx has written its log", lambda: len(nginx.handshakes(kind)) == full + resumed)
    assert nginx.handshakes(kind) == [False] * full + [True] * resumed


def test_tickets_alone_cost_a_full_handshake_a_connection(nginx, trusting):
    done = trusting(nginx.ports["tickets"], "--repeat", 3, "--fresh")
    assert done.replies == [200] * 3 and (done.full, done.resumed) == (3, 0)
    assert trusting(nginx.ports["tickets"], "--repeat", 5).full == 1
    until("nginx has written its log", lambda: len(nginx.handshakes("tickets")) == 4)
    assert not any(nginx.handshakes("tickets"))


def test_a_peer_of_tls_1_3_alone_is_named(nginx, trusting):
    trusting(nginx.ports["tls13"]).says(r"localhost does not speak TLS 1\.2.*TLS 1\.3 only.*allow 1\.2")


@pytest.mark.parametrize("form", ["pkcs8", "traditional"])
@pytest.mark.parametrize("kind", ["rsa2048", "rsa4096", "p256", "p384"])
def test_a_client_certificate(nginx, trusting, pki, kind, form):
    certificate, key = pki.issue(f"client-{kind}", kind)
    if form == "traditional":
        pki.openssl("pkey", "-in", key, "-traditional", "-out", f"{kind}-traditional.key")
        key = pki.path(f"{kind}-traditional.key")
        assert b"BEGIN RSA" in key.read_bytes() or b"BEGIN EC" in key.read_bytes()
    done = trusting(nginx.ports["mutual"], "--cert", certificate, "--key", key, "--repeat", 2, "--fresh")
    assert done.replies == [200, 200] and (done.full, done.resumed) == (1, 1)
    assert trusting(nginx.ports["mutual"]).replies == [400]  # what nginx says to who has none


def test_a_client_certificate_through_an_intermediate_and_in_one_file(nginx, trusting, pki):
    middle = pki.issue("client-middle", "p384", extensions=AUTHORITY)
    certificate, key = pki.issue("client-below", "p256", by=middle)
    chain = pki.chain("client-chain", certificate, middle[0], key)
    assert trusting(nginx.ports["mutual"], "--cert", chain, "--key", chain).replies == [200]


def test_what_a_client_certificate_can_lack(nginx, trusting, pki):
    mutual = nginx.ports["mutual"]
    certificate, key = pki.issue("client-p256", "p256")
    other = pki.key("p384")
    trusting(mutual, "--cert", certificate, "--key", other).says("key belong together|ends the handshake|refuses the client cert")
    trusting(mutual, "--cert", certificate).says("no key for it")
    trusting(mutual, "--key", key).says("no certificate for it")
    trusting(mutual, "--cert", certificate, "--key", "/nowhere").says("/nowhere: it cannot be read")
    trusting(mutual, "--cert", key, "--key", key).says("there is no certificate in it")
    trusting(mutual, "--cert", certificate, "--key", certificate).says("there is no private key in it")
    pki.openssl("pkey", "-in", key, "-aes128", "-passout", "pass:x", "-out", "locked.key")
    trusting(mutual, "--cert", certificate, "--key", pki.path("locked.key")).says("encrypted")
    pki.key("ed25519")
    for name, sizes in {"large": (513, 3, 513, 257, 257, 257, 257, 257), "lopsided": (3, 3, 3, 8, 1544, 1, 1, 1), "over": (3, 3, 3, 260, 260, 260, 260, 260),
                        "last": (3, 3, 3, 311, 311, 311, 311, 311), "much over": (3, 3, 3, 400, 400, 400, 400, 400)}.items():
        pki.path(f"{name}.key").write_bytes(rsa_key(*sizes))
    for name in "ed25519", "large", "lopsided", "over", "last", "much over":
        trusting(mutual, "--cert", certificate, "--key", pki.path(f"{name}.key"), sanitized=True).says("RSA up to 4096 bits")


# ---- OpenSSL ----


@pytest.fixture
def s_server(start):
    def run(certificate, key, *options, chain=None):
        port = free_port()
        argv = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-www", "-quiet", *options]
        start(argv + (["-cert_chain", chain] if chain else []), {"PATH": "/usr/bin:/bin"}).ready(port)
        return port

    return run


GOOD = {
    "aes-128": ("rsa2048", "ECDHE-RSA-AES128-GCM-SHA256"),
    "aes-256": ("rsa2048", "ECDHE-RSA-AES256-GCM-SHA384"),
    "chacha": ("rsa4096", "ECDHE-RSA-CHACHA20-POLY1305"),
    "ec aes-128": ("p256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    "ec aes-256": ("p384", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    "ec chacha": ("p521", "ECDHE-ECDSA-CHACHA20-POLY1305"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_suite_with_small_fragments(s_server, trusting, pki, name):
    kind, cipher = GOOD[name]
    port = s_server(*pki.issue(f"nginx-{kind}", kind), "-tls1_2", "-cipher", cipher, "-max_send_frag", "512")
    done = trusting(port, "--body", "--repeat", 2)
    assert done.replies == [200, 200] and f"Cipher is {cipher}" in done.text and (done.full, done.resumed) == (1, 1)


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384", "P-521"])
def test_a_group(s_server, trusting, pki, group):
    port = s_server(*pki.issue("nginx-rsa2048"), "-tls1_2", "-groups", group)
    assert trusting(port).replies == [200]


@pytest.mark.parametrize("options", [
    ["-cipher", "ECDHE-RSA-AES128-SHA"], ["-cipher", "DHE-RSA-AES128-GCM-SHA256"], ["-cipher", "AES128-GCM-SHA256"],
    ["-sigalgs", "rsa_pss_rsae_sha256"],
], ids=lambda o: o[1])
def test_nothing_in_common(s_server, trusting, pki, options):
    port = s_server(*pki.issue("nginx-rsa2048"), "-tls1_2", *options)
    trusting(port).says("no cipher suite in common.*ECDHE|closed the connection|does not keep|ends the handshake")


def bad_certificates(pki):
    """(certificate, key), what else the server needs, what is said."""
    root = pki.root()
    other = pki.root("elsewhere", "p384")
    middle = pki.issue("middle", "p384", extensions=AUTHORITY)
    twin = pki.issue("twin", "p256", extensions=AUTHORITY, subject="middle")
    named = pki.issue("constrained", "p384", extensions=AUTHORITY + "nameConstraints=critical,permitted;DNS:localhost\n")
    pki.openssl("req", "-x509", "-new", "-key", pki.key("rsa2048"), "-days", "9", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-out", "self.pem")
    rsa = pki.root("rsa root", "rsa2048")
    impostor = pki.path("impostor.pem")
    pki.openssl("req", "-x509", "-new", "-key", pki.key("p384"), "-days", "9", "-subj", "/CN=root", "-out", impostor)
    return {
        "expired": (pki.issue("expired", start=-9, end=-2), [], r"expired on 20\d\d-\d\d-\d\d.*clock says 20\d\d-"),
        "future": (pki.issue("future", start=3, end=9), [], r"begins on 20\d\d-\d\d-\d\d.*clock says 20\d\d-"),
        "other name": (pki.issue("other", extensions=SERVER.replace("localhost", "remote.test")), [], "not one of localhost"),
        "self-signed": ((pki.path("self.pem"), pki.key("rsa2048")), [], "is self-signed"),
        "unknown authority": (pki.issue("unknown", by=other), [], "leads to no trusted root"),
        "impostor": (pki.issue("impostors", by=(impostor, pki.key("p384"))), [], "leads to no trusted root"),
        "another's signature": (pki.issue("forged", by=middle), ["-cert_chain", twin[0]], "signature .* is wrong"),
        "missing intermediate": (pki.issue("below", by=middle), [], "an intermediate that the server does not send"),
        "name constraints": (pki.issue("named", by=named), ["-cert_chain", named[0]], "name constraints"),
        "pss": (pki.issue("pss", by=rsa, more=PSS), [], "RSA-PSS"),
        "ed25519": (pki.issue("edwards", "ed25519"), [], "no cipher suite in common"),
        "weak": (pki.issue("weak", "rsa1024"), ["-cipher", "DEFAULT@SECLEVEL=0"], "under 2048 bits"),
        "encipherment only": (pki.issue("usage", extensions=SERVER.replace("digitalSignature,", "")), [], "key usage digitalSignature"),
        "by a leaf": (pki.issue("leaf's", by=pki.issue("leaf", "p384", extensions=SERVER)),
                      ["-cert_chain", pki.path("leaf.pem")], "no authority"),
    }


BAD = ["expired", "future", "other name", "self-signed", "unknown authority", "impostor", "another's signature", "missing intermediate", "name constraints", "pss",
       "ed25519", "weak", "encipherment only", "by a leaf"]


@pytest.fixture(scope="module")
def bad(pki):
    return bad_certificates(pki)


@pytest.mark.parametrize("name", BAD)
def test_a_certificate_that_is_not_to_be_trusted_says_why(s_server, trusting, pki, bad, name):
    (certificate, key), options, said = bad[name]
    assert set(bad) == set(BAD)
    port = s_server(certificate, key, "-tls1_2", *options)
    extra = ["--ca", pki.path("rsa root.pem")] if name == "pss" else []
    done = trusting(port, *extra)
    done.says(said)
    assert done.failed == 1


def test_good_chains(s_server, trusting, pki, bad):
    del bad  # it made them
    middle = pki.issue("middle", "p384", extensions=AUTHORITY)
    wide = s_server(*pki.issue("below", by=middle), "-tls1_2", chain=middle[0])
    assert trusting(wide).replies == [200]
    assert trusting(wide, "--name", "some.example.test").replies == [200]
    trusting(wide, "--name", "a.b.example.test").says("not one of a.b.example.test")
    own = s_server(pki.path("self.pem"), pki.key("rsa2048"), "-tls1_2")
    assert get(own, "--ca", pki.path("self.pem")).replies == [200]


@pytest.mark.parametrize("name", ["127.0.0.1", "::1", "[::1]"])
def test_an_address_is_no_name(name):
    get(free_port(), "--name", name).says("https to an address.*use the host's name")


def test_what_is_no_tls(trusting, sink):
    trusting(sink.port).says("speaks no TLS on this port")


def test_files_of_roots(pki, s_server, tmp_path):
    port = s_server(*pki.issue("nginx-rsa2048"), "-tls1_2")
    root = pki.root()[0].read_bytes()
    file = tmp_path / "roots.pem"
    for before, after in (b"", b""), (b"text before\n", b"and after"), (pki.key("p256").read_bytes(), b"\n"):
        file.write_bytes(before + root + after)
        assert get(port, "--ca", file).replies == [200]
    for text in root.rstrip(), root.replace(b"\n", b"\r\n"):
        file.write_bytes(text)
        assert get(port, "--ca", file).replies == [200]
    system = tmp_path / "system.pem"
    system.write_bytes(b"".join(p.read_bytes() for p in sorted(Path("/usr/share/ca-certificates/mozilla").glob("*.crt"))))
    assert get(port, "--ca", system, "--ca", file, sanitized=True).replies == [200]
    get(port).says("no trusted root")
    get(port, "--ca", tmp_path / "none").says("none: it cannot be read")
    for text, said in ((b"", "no certificate in it"), (b"-----BEGIN CERTIFICATE-----\nMIIB", "damaged"), (root[:200] + b"!" + root[200:], "damaged"),
                       (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no certificate in it"),
                       (root * 300, "more certificates than")):
        file.write_bytes(text)
        get(port, "--ca", file, sanitized=True).says(said)


# ---- in use ----


@pytest.fixture(scope="module")
def server(pki):
    s = Server(*pki.issue("python", "p256"))
    yield s
    s.close()


@pytest.mark.parametrize("seal", [[], ["--seal"]], ids=["", "sealed"])
@pytest.mark.parametrize("n", [0, 1, 16300, 16384, 16385, 40000, 1 << 20])
def test_a_body_of_any_size_arrives(server, trusting, n, seal):
    before = len(server.digests)
    assert trusting(server.port, "--post", n, "--repeat", 2, *seal).replies == [200, 200]
    assert server.digests[before:] == [hashlib.sha256(b"x" * n).hexdigest()] * 2


def flip(at, bit=0):
    def change(record):
        i = at if at >= 0 else len(record) + at
        return [record[:i] + bytes([record[i] ^ 1 << bit]) + record[i + 1:]] if i < len(record) else [None]

    return change


ALERT = b"\x15\x03\x03\x00\x02\x02\x28"  # fatal, in the clear
KINDS_OF_BAD = {
    "type": flip(0, 1),
    "major version": flip(1),
    "longer": flip(4, 0),
    "much longer": flip(3, 6),
    "first byte": flip(5, 3),
    "second byte": flip(6),
    "ninth byte": flip(13, 7),
    "middle": lambda r: flip(5 + (len(r) - 5) // 2)(r),
    "last byte": flip(-1, 2),
    "left out": lambda r: [],
    "twice": lambda r: [r, r],
    "without its last byte": lambda r: [r[:-1], None],
    "header alone": lambda r: [r[:5], None],
    "half a header": lambda r: [r[:3], None],
    "ends before it": lambda r: [None],
    "reset before it": lambda r: [False],
    "an alert before it": lambda r: [ALERT, r],
    "zeros before it": lambda r: [bytes(64), r],
    "HTTP before it": lambda r: [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", r],
    "empty data before it": lambda r: [b"\x17\x03\x03\x00\x00", r],
    "data in the clear before it": lambda r: [b"\x17\x03\x03\x00\x26HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", r],
    "oversized": lambda r: [r[:3] + b"\xff\xff" + bytes(65535)],
}


@pytest.fixture(scope="module")
def stream(server, pki):
    """The records of one whole reply."""
    between = Between(server.port, lambda n, r: [r])
    assert get(between.port, "--ca", pki.root()[0]).replies == [200]
    between.close()
    return between.records


def tampered(server, trusting, change):
    """No reply comes of it, and one reason."""
    between = Between(server.port, change)
    done = trusting(between.port, sanitized=True)
    between.close()
    assert not done.replies and done.status == 1 and len(done.errors) == 1 and done.errors[0] != "no answer in time", done.text


def at_once(calls):
    with ThreadPoolExecutor(4) as pool:
        for running in [pool.submit(*call) for call in calls]:
            running.result()


@pytest.mark.parametrize("kind", KINDS_OF_BAD)
def test_a_bad_record_is_never_a_reply(server, stream, trusting, kind):
    """At each record of the server's stream, which are its flight, its end of the handshake, head, two halves and close_notify."""
    assert len(stream) >= 6 and {r[0] for r in stream} == {20, 21, 22, 23}
    places = range(len(stream))
    if kind == "twice":
        places = places[:-1]  # all has been said by then
    if kind == "empty data before it":
        places = places[5:]  # an empty record in the clear means nothing, and is passed over

    def change_at(at):
        return lambda n, record: KINDS_OF_BAD[kind](record) if n == at else [record]

    at_once([(tampered, server, trusting, change_at(at)) for at in places])


def test_two_records_swapped(server, stream, trusting):
    def swap_at(at):
        held = []

        def swap(n, record):
            if n == at:
                held.append(record)
                return []
            return [record, *held] if n == at + 1 else [record]

        return swap

    at_once([(tampered, server, trusting, swap_at(at)) for at in range(len(stream) - 1)])
