# SPDX-License-Identifier: MIT
"""Proxies: tinyproxy and nginx, which nobody here has written, and what curl makes of the same variables."""

import subprocess

import pytest
from conftest import PATIENCE, built, free_port, until
from daemons import Nginx, tinyproxy
from http_peer import Handler, HttpServer

# A way to this machine that is not one of the loopback addresses, which are reached without a proxy.
HERE = "0.0.0.0"
USER, PASSWORD = "user", "pass.word"
QUOTED = "us%65r:pass%2Eword"


class Site(Handler):
    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        self.reply(200, f"you asked for {self.path}".encode())


@pytest.fixture
def site():
    with HttpServer(Site, HERE) as server:
        server.seen = []
        yield server


@pytest.fixture(scope="module")
def proxy(start_once, tmp_path_factory):
    """proxy("open"), proxy("secret"): the port of a tinyproxy that lets all pass, or who has the password."""
    running = {}

    def run(kind):
        if kind not in running:
            secret = [f"BasicAuth {USER} {PASSWORD}"] if kind == "secret" else []
            running[kind] = tinyproxy(start_once, tmp_path_factory.mktemp(kind), "DisableViaHeader Yes", *secret)
        return running[kind]

    return run


def fetch(url, **env):
    done = subprocess.run([built("drivers/fetch"), url], env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert not done.stderr
    return done.stdout.splitlines()


def curl(url, **env):
    """What curl gets that way; plain text in tunnels too."""
    tunnel = ["--proxytunnel"] if url.startswith("https") else []
    done = subprocess.run(["curl", "-sS", "-m", "10", "-w", "\n%{http_code}", *tunnel, url.replace("https:", "http:")], env=env,
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.stdout.splitlines()


@pytest.mark.parametrize("scheme, way", [("http", "forward"), ("https", "tunnel")])
def test_a_proxy_carries_it_on(proxy, site, scheme, way):
    url = f"{scheme}://{HERE}:{site.port}/a?b=c"
    assert fetch(url, **{f"{scheme}_proxy": f"http://127.0.0.1:{proxy('open')}"}) == [way, "200", "you asked for /a?b=c"]
    path, headers = site.seen[-1]
    assert headers["Host"] == f"{HERE}:{site.port}" and "Proxy-Authorization" not in headers
    assert curl(url, http_proxy=f"http://127.0.0.1:{proxy('open')}") == ["you asked for /a?b=c", "200"]


@pytest.mark.parametrize("scheme, way", [("http", "forward"), ("https", "tunnel")])
def test_a_proxy_that_wants_a_password_gets_it_and_nobody_else_does(proxy, site, scheme, way):
    url, at = f"{scheme}://{HERE}:{site.port}/", f"127.0.0.1:{proxy('secret')}"
    assert fetch(url, **{f"{scheme}_proxy": f"http://{QUOTED}@{at}"}) == [way, "200", "you asked for /"]
    assert "Proxy-Authorization" not in site.seen[-1][1]
    refused = ["forward", "407"] if scheme == "http" else ["tunnel", "the proxy refuses to carry it on 407"]
    assert fetch(url, **{f"{scheme}_proxy": f"http://{at}"})[:2] == refused
    assert fetch(url, **{f"{scheme}_proxy": f"http://user:wrong@{at}"})[:2] in (refused, [refused[0], refused[1].replace("407", "401")])


def test_a_tunnel_to_nowhere_is_the_proxys_refusal(proxy):
    way, said = fetch(f"https://{HERE}:{free_port()}", https_proxy=f"http://127.0.0.1:{proxy('open')}")
    assert way == "tunnel" and said.startswith("the proxy refuses to carry it on ") and said.split()[-1][0] in "45"


def test_a_proxy_that_is_not_there_is_no_way_around_it(site):
    url = f"http://{HERE}:{site.port}/"
    assert fetch(url, http_proxy=f"http://127.0.0.1:{free_port()}") == ["forward", "cannot connect 0"]
    assert fetch(url, http_proxy="socks5://127.0.0.1:1") == ["bad", "http_proxy"]
    assert site.seen == []


@pytest.mark.parametrize("none", ["*", HERE, "0.0.0.0/8", "a.example, 0.0.0.0"])
def test_no_proxy_is_honoured_as_curl_does(site, none):
    url, env = f"http://{HERE}:{site.port}/", {"http_proxy": "http://127.0.0.1:1", "no_proxy": none}
    assert fetch(url, **env) == ["straight", "200", "you asked for /"]
    assert curl(url, **env) == ["you asked for /", "200"]


def test_what_is_here_needs_no_proxy(site):
    assert fetch(f"http://127.0.0.1:{site.port}/", http_proxy="http://127.0.0.1:1") == ["straight", "200", "you asked for /"]


def test_nginx_takes_the_absolute_form(start, site, tmp_path):
    block = 'location / { proxy_pass http://$http_host$request_uri; proxy_set_header Host $http_host; proxy_set_header Proxy-Authorization ""; }'
    nginx = Nginx(start, tmp_path, {"proxy": (block, None)}, "$request|$http_proxy_authorization|$http_host")
    url = f"http://{HERE}:{site.port}/x?y"
    assert fetch(url, http_proxy=f"http://user:pass@127.0.0.1:{nginx.ports['proxy']}") == ["forward", "200", "you asked for /x?y"]
    request, secret, host = until("nginx has written its log", nginx.log)[-1].split("|")
    assert request == f"GET {url} HTTP/1.1" and secret == "Basic dXNlcjpwYXNz" and host == f"{HERE}:{site.port}"
