"""The peers, each with a configuration of its own in the bench's folder."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bench.harness import Bench, Running, need

_NGINX: Final = """
worker_processes 1; daemon off; pid {folder}/nginx-{port}.pid; error_log {folder}/nginx-{port}.log; {user}
events {{ worker_connections 16384; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000; keepalive_timeout 75s;
  open_file_cache max=1000 inactive=60s; gzip_static on;
  client_body_temp_path {folder}/nginx-body; proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi; uwsgi_temp_path {folder}/nginx-uwsgi; scgi_temp_path {folder}/nginx-scgi;
  types {{ audio/mp4 m4s mp4; application/vnd.apple.mpegurl m3u8; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096{tls}; root {folder}/www;
    add_header Cache-Control "public, max-age=1209600, immutable";
    add_header Access-Control-Allow-Origin *; add_header Access-Control-Expose-Headers "Age, Date";
  }}
}}
"""

_ICECAST: Final = """
<icecast>
  <limits><clients>100000</clients><sources>4</sources><queue-size>524288</queue-size><client-timeout>30</client-timeout>
    <header-timeout>15</header-timeout><source-timeout>10</source-timeout><burst-size>{burst}</burst-size></limits>
  <authentication><source-password>bench</source-password><relay-password>bench</relay-password>
    <admin-user>admin</admin-user><admin-password>bench</admin-password></authentication>
  <hostname>127.0.0.1</hostname>
  <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <fileserve>0</fileserve>
  <paths><basedir>{folder}</basedir><logdir>{folder}</logdir><webroot>/usr/share/icecast2/web</webroot>
    <adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <logging><accesslog>icecast-access.log</accesslog><errorlog>icecast-error.log</errorlog><loglevel>2</loglevel></logging>
  <security><chroot>0</chroot>{owner}</security>
</icecast>
"""


def certificate(folder: Path) -> Path:
    """A key (ECDSA, P-256) and a certificate for 127.0.0.1 that signs itself, in one file."""
    made = folder / "house.pem"
    wish = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    subprocess.run([*wish.split(), "-keyout", made, "-out", folder / "chain.pem"], check=True, capture_output=True)
    made.write_bytes(made.read_bytes() + (folder / "chain.pem").read_bytes())
    return made


def nginx(bench: Bench, files: Mapping[str, bytes], *, tls: Path | None = None) -> tuple[Running, str]:
    """One nginx worker over `files`; the process and its address. tls: key and certificate, None for plain HTTP."""
    port = bench.port()
    root = bench.folder / "www"
    root.mkdir(exist_ok=True)
    for name, content in files.items():
        (root / name).write_bytes(content)
    config = bench.folder / f"nginx-{port}.conf"
    user = f"user {pwd.getpwuid(os.geteuid()).pw_name};"
    listens = f" ssl; ssl_certificate {tls}; ssl_certificate_key {tls}" if tls else ""
    config.write_text(_NGINX.format(folder=bench.folder, port=port, user=user, tls=listens))
    started = bench.start(f"nginx-{port}", [need("nginx"), "-c", str(config)], port=port)
    return started, f"{'https' if tls else 'http'}://127.0.0.1:{port}"


def icecast(bench: Bench, *, burst_bytes: int) -> tuple[Running, int]:
    """Icecast without a source yet; the process and its port. It refuses to run as root, so root hands it over."""
    port = bench.port()
    config = bench.folder / "icecast.xml"
    owner = ""
    if os.geteuid() == 0:
        group = grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name
        owner = f"<changeowner><user>nobody</user><group>{group}</group></changeowner>"
        _writable(bench.folder)
    config.write_text(_ICECAST.format(folder=bench.folder, port=port, burst=burst_bytes, owner=owner))
    return bench.start("icecast", [need("icecast2"), "-c", str(config)], port=port), port


def _writable(folder: Path) -> None:
    folder.chmod(0o777)
