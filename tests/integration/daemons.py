# SPDX-License-Identifier: MIT
"""nginx, tinyproxy and dnsmasq, which nobody here has written. Each is run by start(argv, env) of conftest, and ends when that says."""

from conftest import free_port

NGINX = """daemon off; master_process off; pid nginx.pid; error_log stderr info; events {{ worker_connections 64; }}
http {{
  log_format m '{log}'; access_log access.log m; client_max_body_size 8m; client_body_buffer_size 8m;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  {servers}
}}
"""


class Nginx:
    """servers: for each name what its server block says, and (certificate, key) if it speaks TLS. log: what is kept of each request."""

    def __init__(self, start, folder, servers, log):
        self.folder, self.ports, blocks = folder, {name: free_port() for name in servers}, ""
        for name, (block, pair) in servers.items():
            tls = "ssl_certificate {}; ssl_certificate_key {};".format(*pair) if pair else ""
            blocks += f"server {{ listen 127.0.0.1:{self.ports[name]}{' ssl' if pair else ''}; {tls} {block} }}\n"
        (folder / "nginx.conf").write_text(NGINX.format(log=log, servers=blocks))
        process = start(["/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", "nginx.conf"], {"PATH": "/usr/sbin:/usr/bin"})
        for port in self.ports.values():
            process.ready(port)

    def log(self):
        return (self.folder / "access.log").read_text().splitlines()


def tinyproxy(start, folder, *lines):
    """Its port; lines: what else its configuration says."""
    port, conf = free_port(), folder / "tinyproxy.conf"
    conf.write_text("\n".join(["Listen 127.0.0.1", f"Port {port}", "Timeout 20", "MaxClients 20", *lines, ""]))
    start(["/usr/bin/tinyproxy", "-d", "-c", conf], {"PATH": "/usr/bin"}).ready(port)
    return port


def dnsmasq(start, *options):
    """Its port. It knows nothing but what the options say."""
    port = free_port()
    start(["/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=", "--user=", "--log-facility=-",
           "--bind-interfaces", f"--port={port}", *options], {"PATH": "/usr/sbin:/usr/bin"}).ready(port)
    return port
