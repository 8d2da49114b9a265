# SPDX-License-Identifier: MIT
"""TLS before the driver's OTLP receiver: it decrypts, counts handshakes and passes on. Its own time is in every turnaround of a
candidate that uses it.
"""

import contextlib
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading

NAME = "localhost"  # what the certificate is for


def certificates(room):
    """An authority and a server's certificate, P-256, for a day. None: there is no openssl."""
    if not shutil.which("openssl"):
        return None

    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=room, check=True, capture_output=True, timeout=60)

    for name in "ca", "server":
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
    openssl("req", "-x509", "-new", "-key", "ca.key", "-sha256", "-days", "1", "-subj", "/CN=bench", "-out", "ca.pem")
    openssl("req", "-new", "-key", "server.key", "-subj", f"/CN={NAME}", "-out", "server.csr")
    (room / "names").write_text(f"subjectAltName=DNS:{NAME}\n", encoding="utf-8")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1", "-sha256",
            "-extfile", "names", "-out", "server.pem")
    return room / "ca.pem"


def pump(source, to):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            to.sendall(data)
    for end in source, to:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class TlsSink:
    """A context: `address` and `ca` for start commands, None where it cannot be; `handshakes` grows."""

    def __init__(self, upstream_port):
        self.upstream_port, self.handshakes = upstream_port, 0
        self.address = self.ca = None

    def __enter__(self):
        self.room = tempfile.TemporaryDirectory()
        ca = certificates(pathlib.Path(self.room.name))
        if not ca:
            return self
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(ca.with_name("server.pem"), ca.with_name("server.key"))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address, self.ca = f"{NAME}:{self.listener.getsockname()[1]}", ca
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def __exit__(self, *_):
        if self.address:
            self.listener.close()
        self.room.cleanup()

    def listen(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            peer = self.tls.wrap_socket(plain, server_side=True)
            self.handshakes += 1
            upstream = socket.create_connection(("127.0.0.1", self.upstream_port))
        except OSError:  # ssl's errors are some; the candidate's own log says what it thinks of it
            plain.close()
            return
        upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=pump, args=(upstream, peer), daemon=True).start()
        pump(peer, upstream)
