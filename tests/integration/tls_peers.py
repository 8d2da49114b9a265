# SPDX-License-Identifier: MIT
"""Peers of a TLS client: certificates of every kind, a server of Python's ssl, and somebody in between who changes records."""

import base64
import contextlib
import datetime
import hashlib
import select
import socket
import ssl
import struct
import subprocess
import threading

CA = """[ca]
default_ca=d
[d]
dir={folder}
database={folder}/index
serial={folder}/serial
new_certs_dir={folder}
default_md=sha256
policy=p
unique_subject=no
[p]
commonName=supplied
"""
SERVER = "subjectAltName=DNS:localhost,DNS:*.example.test,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\n"
AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
PSS = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"]
KEYS = {
    "rsa1024": ["RSA", "rsa_keygen_bits:1024"],
    "rsa2048": ["RSA", "rsa_keygen_bits:2048"],
    "rsa4096": ["RSA", "rsa_keygen_bits:4096"],
    "p256": ["EC", "ec_paramgen_curve:P-256"],
    "p384": ["EC", "ec_paramgen_curve:P-384"],
    "p521": ["EC", "ec_paramgen_curve:P-521"],
    "ed25519": ["ED25519"],
}


def day(n):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=n)).strftime("%Y%m%d%H%M%SZ")


class Pki:
    """Certificates as files, made once a name by openssl."""

    def __init__(self, folder):
        self.folder, self.made = folder, set()
        (folder / "ca.conf").write_text(CA.format(folder=folder))
        (folder / "index").touch()
        (folder / "serial").write_text("1000")

    def openssl(self, *args):
        subprocess.run(["openssl", *map(str, args)], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def path(self, name):
        return self.folder / name

    def key(self, kind):
        path = self.path(f"{kind}.key")
        if not path.exists():
            algorithm, *options = KEYS[kind]
            self.openssl("genpkey", "-algorithm", algorithm, *[o for option in options for o in ("-pkeyopt", option)], "-out", path)
        return path

    def root(self, name="root", kind="p256"):
        path = self.path(f"{name}.pem")
        if not path.exists():
            self.openssl("req", "-x509", "-new", "-key", self.key(kind), "-days", "30", "-subj", f"/CN={name}", "-addext",
                         "basicConstraints=critical,CA:TRUE", "-out", path)
        return path, self.key(kind)

    def issue(self, name, kind="rsa2048", by=None, extensions=SERVER, start=-1, end=30, more=(), subject=None):
        """A certificate for kind's key, signed by (certificate, key)."""
        path = self.path(f"{name}.pem")
        if not path.exists():
            certificate, key = by or self.root()
            self.path(f"{name}.ext").write_text(extensions)
            self.openssl("req", "-new", "-key", self.key(kind), "-subj", f"/CN={subject or name}", "-out", f"{name}.csr")
            self.openssl("ca", "-batch", "-notext", "-config", "ca.conf", "-in", f"{name}.csr", "-cert", certificate, "-keyfile", key,
                         "-startdate", day(start), "-enddate", day(end), "-extfile", f"{name}.ext", "-out", path, *more)
        return path, self.key(kind)

    def chain(self, name, *parts):
        path = self.path(f"{name}.pem")
        path.write_bytes(b"".join(p.read_bytes() for p in parts))
        return path


class Server:
    """HTTP over TLS 1.2 with a body that ends with the connection: whatever record is missing, the reply is not whole."""

    def __init__(self, certificate, key, pieces=(b"the first half, ", b"and the second"), length=False):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.context.load_cert_chain(certificate, key)
        self.pieces, self.length = pieces, length
        self.digests = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.connection, args=(s,), daemon=True).start()

    def connection(self, s):
        s.settimeout(5)
        with s, contextlib.suppress(OSError, ValueError):
            self.serve(self.context.wrap_socket(s, server_side=True))

    def serve(self, tls):
        with tls, contextlib.suppress(OSError):
            self.request(tls)
            tls.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + (b"Content-Length: %d\r\n" % sum(map(len, self.pieces)) if self.length else b"")
                     + b"\r\n")
            for piece in self.pieces:
                tls.send(piece)
            tls.unwrap()

    def request(self, tls):
        def more():
            data = tls.recv(65536)
            if not data:
                raise ConnectionError
            return data

        data = b""
        while b"\r\n\r\n" not in data:
            data += more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        while len(body) < length:
            body += more()
        self.digests.append(hashlib.sha256(body).hexdigest())

    def close(self):
        self.listener.close()


IDLE = 0.5


class Between:
    """Hands on what the client sends, and what the server sends record by record: as change(number, record) makes it, a list of bytes; None
    in it ends the connection, and False resets it."""

    def __init__(self, port, change):
        self.port_behind, self.change = port, change
        self.records = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        with contextlib.suppress(OSError):
            client, _ = self.listener.accept()
            with client, socket.create_connection(("127.0.0.1", self.port_behind)) as server:
                self.hand_on(client, server)

    def hand_on(self, client, server):
        listened_to, data = [client, server], b""
        while True:
            ready = select.select(listened_to, [], [], IDLE)[0]
            if not ready:
                return  # each waits for the other: who is in between ends it
            for s in ready:
                got = s.recv(65536)
                if s is client:
                    server.sendall(got)
                    if not got:
                        listened_to.remove(client)
                        server.shutdown(socket.SHUT_WR)
                    continue
                data += got
                while len(data) >= 5 and len(data) >= (n := 5 + struct.unpack(">H", data[3:5])[0]):
                    if not self.record(client, data[:n]):
                        return
                    data = data[n:]
                if not got:
                    return

    def record(self, client, record):
        self.records.append(record)
        for piece in self.change(len(self.records) - 1, record):
            if piece is False:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if not piece:
                return False
            client.sendall(piece)
        return True

    def close(self):
        self.listener.close()


# ---- DER, for keys that openssl does not make ----


def der(tag, content):
    n = len(content)
    length = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + length + content


def rsa_key(*sizes):
    """A private key (RFC 8017 A.1.2) with integers of so many bytes: n, e, d, p, q, dP, dQ, qInv."""
    content = der(2, b"\0") + b"".join(der(2, b"\x7f" * n) for n in sizes)
    text = base64.encodebytes(der(0x30, content))
    return b"-----BEGIN RSA PRIVATE KEY-----\n" + text + b"-----END RSA PRIVATE KEY-----\n"
