"""The server behind a proxy: the real nginx where there is one, and what a proxy says tried by hand."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sim.classroom.server import origin, serve
from sim.errors import ConfigurationError
from tests.web.command import free_port
from tests.web.driver import Ear, Served, ask, parsed, until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
NAME = "class.example"
PAGE = Path(__file__).parents[2] / "docs" / "proxies.md"
AROUND = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {server}
}}
"""
BARE = "server { listen 127.0.0.1:80; location / { proxy_pass http://127.0.0.1:8123; } }"  # and nothing else


def told_in_page() -> str:
    """The server block that docs/proxies.md tells readers to write."""
    text = PAGE.read_text(encoding="utf-8")
    return text.partition("```nginx\n")[2].partition("```")[0]


@contextmanager
def nginx(folder: Path, server: str, port: int) -> Iterator[int]:
    """nginx with a server block before a port; the port it listens on."""
    assert NGINX is not None
    folder.mkdir()
    mine = free_port()
    plain = server.replace("127.0.0.1:8123", f"127.0.0.1:{port}")
    for line in ("listen 127.0.0.1:80;", "listen 443 ssl;"):
        plain = plain.replace(line, f"listen 127.0.0.1:{mine};")
    plain = "\n".join(line for line in plain.splitlines() if "ssl_" not in line)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, server=plain))
    process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        until(lambda: listens(mine) or process.poll() is not None)
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        yield mine
    finally:
        process.terminate()
        process.wait(10)
        if process.stderr:
            process.stderr.close()


def listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def play_through(served: Served, port: int, asked: dict[str, str]) -> None:
    """Join, listen and say through a proxy as a browser does, each answer at once."""
    table = served.link("table")
    told = ask(port, "POST", f"/api/join/{served.link('join')}", {"seat": "leader"}, headers=asked)
    assert told.status == 200, told.text
    token = told.data["url"].rsplit("/", 1)[1]
    ear = Ear.__new__(Ear)
    ear.line, ear.raw = socket.create_connection(("127.0.0.1", port), 20), b""
    ear.line.sendall(f"GET /api/seat/{token}/events HTTP/1.1\r\nHost: {asked['Host']}\r\n\r\n".encode())
    ear.read(lambda raw: b"event: view" in raw, seconds=5)
    act = {"id": "start", "action": "start", "given": {}}
    assert ask(port, "POST", f"/api/table/{table}/act", act, headers=asked).status == 200
    ear.read(lambda raw: raw.count(b"event: view") > 1, seconds=5)
    for k in range(3):  # one event after another, none kept back to fill a buffer
        say = {"id": f"s{k}", "text": f"word-{k}"}
        assert ask(port, "POST", f"/api/seat/{token}/say", say, headers=asked).status == 200
        ear.read(lambda raw, k=k: f"word-{k}".encode() in raw, seconds=5)
    ear.close()


@needs_nginx
@pytest.mark.parametrize("block", ["as the page tells", "bare"])
def test_a_game_goes_through_the_real_nginx(tmp_path: Path, block: str) -> None:
    """With `address=`, which the links need anyway; a bare one passes on another Host than the visitor asked for."""
    with Served(tmp_path, address=f"http://{NAME}") as served:
        server = BARE if block == "bare" else told_in_page()
        assert "proxy_pass http://127.0.0.1:8123" in server
        with nginx(tmp_path / "nginx", server, served.port) as port:
            play_through(served, port, {"Host": NAME, "Origin": f"http://{NAME}"})
            other = {"Host": NAME, "Origin": "http://evil.example"}
            told = ask(port, "POST", f"/api/join/{served.link('join')}", {"seat": "leader"}, headers=other)
            assert told.status == 403


@needs_nginx
def test_a_bare_nginx_without_a_setting_is_told_what_to_set(tmp_path: Path) -> None:
    with Served(tmp_path) as served, nginx(tmp_path / "nginx", BARE, served.port) as port:
        asked = {"Host": NAME, "Origin": f"http://{NAME}"}
        told = ask(port, "POST", f"/api/join/{served.link('join')}", {"seat": "leader"}, headers=asked)
        assert told.status == 403
        assert f"start it with address=http://{NAME}; docs/proxies.md" in told.data["error"]
        # A browser that has compared the two itself says so: where it does (https, localhost), nothing need be set.
        modern = {**asked, "Sec-Fetch-Site": "same-origin"}
        assert ask(port, "POST", f"/api/join/{served.link('join')}", {"seat": "leader"}, headers=modern).status == 200


def test_streams_tell_proxies_not_to_keep_them_back(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        ear = served.listen(f"/api/wall/{served.link('wall')}/events")
        ear.first()
        ear.close()
        found = parsed(ear.raw).headers
        assert found["x-accel-buffering"] == "no"
        assert "no-transform" in found["cache-control"]


# what a proxy says


@pytest.mark.parametrize(
    ("proxies", "headers", "status"),
    [
        ([], {"X-Forwarded-Host": NAME}, 403),  # the Origin is not the Host, and nobody vouches for another
        (["127.0.0.1"], {"X-Forwarded-Host": NAME}, 200),
        (["127.0.0.0/8"], {"X-Forwarded-Host": f"evil.example, {NAME}"}, 200),
        (["127.0.0.1"], {"X-Forwarded-Host": "evil.example"}, 400),
        (["10.0.0.0/8"], {"X-Forwarded-Host": NAME}, 403),
        (["127.0.0.1"], {"X-Forwarded-Host": ""}, 403),
        ([], {"Host": "evil.example", "X-Forwarded-Host": "127.0.0.1"}, 400),  # a page that points its own name here
    ],
)
def test_a_host_is_taken_from_proxies_that_are_named_only(
    tmp_path: Path, proxies: list[str], headers: dict[str, str], status: int
) -> None:
    with Served(tmp_path, proxies=proxies, hosts=[NAME]) as served:
        told = served.ask(
            "POST",
            f"/api/join/{served.link('join')}",
            {"seat": "ruler"},
            headers={"Origin": f"https://{NAME}", **headers},
        )
        assert told.status == status, told.text


def test_names_and_addresses_that_are_shown_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve.socket, "gethostname", lambda: "MyPC.lan")
    for host in ("0.0.0.0", "::", "mypc.local", "192.0.2.7", "2001:db8::7", "class.example"):
        names = origin.Names(serve.allowed_hosts(host))
        shown = [serve.address_of(host), *serve.other_addresses(host)]
        for one in shown:
            header = serve.url(one, 8123).partition("://")[2]
            assert names.know(scope(header)), (host, header)
    assert "mypc.local" in serve.other_addresses("0.0.0.0")
    everywhere = origin.Names(serve.allowed_hosts("0.0.0.0"))
    for header, reached, known in (
        ("MYPC.local.:8123", "127.0.0.1", True), ("10.1.2.3:8123", "10.1.2.3", True), ("10.1.2.3", "10.1.2.4", False),
        ("[2001:db8::1]:1", "2001:db8:0::1", True), ("evil.example", "10.1.2.3", False), ("", "", False),
        ("10.1.2.3.evil.example", "10.1.2.3", False), ("[::ffff:10.1.2.3]", "10.1.2.3", False),
    ):  # fmt: skip
        assert everywhere.know(scope(header, reached)) is known, header


def scope(host: str, reached: str = "198.51.100.1") -> dict[str, Any]:
    return {"type": "http", "headers": [(b"host", host.encode())], "server": (reached, 8123)}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]", "localhost", "0.0.0.0", "::"])
def test_a_server_listens_where_it_says(host: str) -> None:
    try:
        found = serve.listen(host, 0)
    except serve.ServeError:
        if ":" in host:
            pytest.skip("this machine has no IPv6")
        raise
    port = found.getsockname()[1]
    address = serve.url(serve.address_of(host), port)
    assert origin.origin_of(address) == address
    with found, socket.create_connection((address.partition("://")[2].rsplit(":", 1)[0].strip("[]"), port), 5):
        pass


def test_this_machines_own_name_stands_for_all_its_interfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve.socket, "gethostname", lambda: "mypc")
    with serve.listen("mypc.local", 0) as found:
        assert found.getsockname()[0] == "0.0.0.0"
    assert not serve.is_loopback("mypc.local")
    with pytest.raises(serve.ServeError, match=r"cannot listen on host=nobody\.invalid"):
        serve.listen("nobody.invalid", 0)
    with pytest.raises(serve.ServeError, match="cannot listen"):
        serve.listen("x" * 300, 0)


@pytest.mark.parametrize(
    "address",
    ["class.example", "ftp://x", "http://", "http://[::1", "http://x:99999", "http://x/sub", "http://a@b"],
)
def test_an_address_that_no_browser_could_open_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="address="):
        origin.checked_address(address)


@pytest.mark.parametrize("proxies", ["127.0.0.1", ["nginx"], [None], {"a": 1}, ["1.2.3.4/99"]])
def test_a_proxy_is_an_address(proxies: Any) -> None:
    with pytest.raises(ConfigurationError, match="proxies"):
        origin.networks(proxies)
