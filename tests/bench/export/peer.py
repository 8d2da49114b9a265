# SPDX-License-Identifier: MIT
"""Whom is shipped to: nginx, without TLS and behind chains of two kinds of keys. It answers 200 to everything, and forgets it."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

CHAINS = {"rsa2048": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "p256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]}
CONFIGURATION = """daemon off; master_process off; pid nginx.pid; error_log stderr error; events {{ worker_connections 512; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 3600; client_max_body_size 8m; client_body_buffer_size 1m;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets off; ssl_session_cache shared:all:8m; default_type application/x-protobuf;
  server {{ listen 127.0.0.1:{plain}; location / {{ return 200; }} }}
  server {{ listen 127.0.0.1:{rsa2048} ssl; ssl_certificate rsa2048.pem; ssl_certificate_key rsa2048.key; location / {{ return 200; }} }}
  server {{ listen 127.0.0.1:{p256} ssl; ssl_certificate p256.pem; ssl_certificate_key p256.key; location / {{ return 200; }} }}
}}
"""


def cpus():
    """(whoever is measured, whom it talks to)."""
    allowed = sorted(os.sched_getaffinity(0))
    return {allowed[-1]}, {allowed[0]}


def chain(folder, kind):
    """ca.pem of it, and a server's certificate behind an intermediate one."""

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=60)

    def issue(name, subject, by, extensions):
        openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={subject}", "-out", f"{name}.csr")
        (folder / "extensions").write_text(extensions + "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n", encoding="utf-8")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-CAcreateserial", "-days", "2", "-sha256",
                "-extfile", "extensions", "-out", f"{name}.pem")

    for name in f"{kind}-ca", f"{kind}-middle", kind:
        openssl("genpkey", *CHAINS[kind], "-out", f"{name}.key")
    openssl("req", "-x509", "-new", "-key", f"{kind}-ca.key", "-sha256", "-days", "2", "-subj", f"/CN=bench {kind}", "-addext",
            "keyUsage=critical,keyCertSign", "-out", f"{kind}-ca.pem")
    issue(f"{kind}-middle", f"bench {kind} middle", f"{kind}-ca", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n")
    issue(kind, "localhost", f"{kind}-middle", "subjectAltName=DNS:localhost\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n")
    leaf = folder / f"{kind}.pem"
    leaf.write_bytes(leaf.read_bytes() + (folder / f"{kind}-middle.pem").read_bytes())


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def peer():
    """nginx, which answers 200 to everything, on another CPU: {plain, rsa2048, p256, folder}."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program or not shutil.which("openssl"):
        sys.exit("bench-export: nginx and openssl are needed: layer/toolchain/install export")
    with tempfile.TemporaryDirectory(prefix="mote-export-") as name:
        folder, (_, theirs) = pathlib.Path(name), cpus()
        ports = {"plain": free_port(), "rsa2048": free_port(), "p256": free_port()}
        for kind in CHAINS:
            chain(folder, kind)
        (folder / "nginx.conf").write_text(CONFIGURATION.format(**ports), encoding="utf-8")
        server = subprocess.Popen([program, "-p", folder, "-e", "stderr", "-c", "nginx.conf"], stdin=subprocess.DEVNULL,
                                  preexec_fn=lambda: os.sched_setaffinity(0, theirs))
        try:
            end = time.monotonic() + 10
            while not all(map(answers, ports.values())):
                if server.poll() is not None or time.monotonic() > end:
                    sys.exit("bench-export: nginx does not start")
                time.sleep(0.02)
            yield {**ports, "folder": folder}
        finally:
            server.terminate()
            server.wait()
