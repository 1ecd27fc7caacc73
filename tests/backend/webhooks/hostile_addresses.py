"""Where a webhook must not lead, in many ways of writing it, and a resolver that knows the names in them."""

import socket
from typing import Any

import pytest

# What names resolve to in these tests.
NAMES = {
    "example.com": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "inside.example.com": ["10.0.0.7"],
    "half.example.com": ["93.184.215.14", "192.168.1.1"],
    "loop.example.com": ["127.0.0.1"],
    "loop6.example.com": ["::1"],
    "metadata.example.com": ["169.254.169.254"],
    "mapped.example.com": ["::ffff:10.0.0.1"],
    "nat.example.com": ["64:ff9b::a00:1"],
    "nat-public.example.com": ["64:ff9b::5db8:d70e"],
    "local": ["fe80::1%eth0"],
    "localhost": ["127.0.0.1"],
    "many.example.com": [f"93.184.215.{n}" for n in range(20)],
}

# And the code of each, behind `webhook.`.
BAD = [
    # Schemes, and things that are no address of a server at all.
    ("http://example.com/", "scheme"),
    ("ftp://example.com/", "scheme"),
    ("file:///etc/passwd", "scheme"),
    ("gopher://example.com/", "scheme"),
    ("//example.com/", "scheme"),
    ("example.com", "scheme"),
    ("", "url"),
    ("https://", "url"),
    ("https:///path", "url"),
    ("https://example.com/#part", "url"),
    ("https://exa mple.com/", "url"),
    ("https://example.com\\@127.0.0.1/", "url"),
    ("https://example.com/\r\nX-Header: 1", "url"),
    ("https://example.com/\t", "url"),
    ("https://ⓛocalhost/", "url"),
    ("https://%6c%6fcalhost/", "url"),
    ("https://example.com:port/", "url"),
    ("https://example.com:99999/", "url"),
    ("https://-example.com/", "url"),
    ("https://example..com/", "url"),
    ("https://[::1/", "url"),
    ("https://[v1.x]/", "url"),
    ("https://example.com/" + "x" * 500, "url"),
    # Who one is there.
    ("https://user@example.com/", "userinfo"),
    ("https://user:secret@example.com/", "userinfo"),
    ("https://example.com@127.0.0.1/", "userinfo"),
    # Ports of other things.
    ("https://example.com:22/", "port"),
    ("https://example.com:25/", "port"),
    ("https://example.com:6379/", "port"),
    ("https://example.com:0/", "port"),
    # This machine.
    ("https://127.0.0.1/", "address"),
    ("https://127.1.2.3/", "address"),
    ("https://localhost/", "address"),
    ("https://localhost./", "address"),
    ("https://LOCALHOST/", "address"),
    ("https://0.0.0.0/", "address"),
    ("https://[::]/", "address"),
    ("https://[::1]/", "address"),
    ("https://[0:0:0:0:0:0:0:1]/", "address"),
    # Numbers in other clothes.
    ("https://2130706433/", "url"),
    ("https://0x7f000001/", "url"),
    ("https://0x7f.0.0.1/", "url"),
    ("https://0177.0.0.1/", "url"),
    ("https://017700000001/", "url"),
    ("https://127.1/", "url"),
    ("https://127.0.0.1.0x1/", "url"),
    ("https://10.0.0.0x1/", "url"),
    # Networks inside.
    ("https://10.0.0.1/", "address"),
    ("https://172.16.0.1/", "address"),
    ("https://192.168.0.1/", "address"),
    ("https://100.64.0.1/", "address"),
    ("https://169.254.169.254/latest/meta-data/", "address"),
    ("https://224.0.0.1/", "address"),
    ("https://240.0.0.1/", "address"),
    ("https://255.255.255.255/", "address"),
    ("https://198.18.0.1/", "address"),
    ("https://192.0.2.1/", "address"),
    ("https://192.88.99.1/", "address"),
    ("https://[fd00::1]/", "address"),
    ("https://[fd00:ec2::254]/", "address"),
    ("https://[fe80::1]/", "address"),
    ("https://[fec0::1]/", "address"),
    ("https://[ff02::1]/", "address"),
    ("https://[2001:db8::1]/", "address"),
    ("https://[3fff::1]/", "address"),
    ("https://[4000::1]/", "address"),
    # IPv4 within IPv6.
    ("https://[::ffff:127.0.0.1]/", "address"),
    ("https://[::ffff:a00:1]/", "address"),
    ("https://[::127.0.0.1]/", "address"),
    ("https://[64:ff9b::7f00:1]/", "address"),
    ("https://[64:ff9b:1::a00:1]/", "address"),
    ("https://[2002:7f00:1::]/", "address"),
    ("https://[2002:a9fe:a9fe::]/", "address"),
    ("https://[2001:0:7f00:1::]/", "address"),
    # Names that lead there.
    ("https://inside.example.com/", "address"),
    ("https://half.example.com/", "address"),
    ("https://loop.example.com/", "address"),
    ("https://loop6.example.com/", "address"),
    ("https://metadata.example.com/", "address"),
    ("https://mapped.example.com/", "address"),
    ("https://nat.example.com/", "address"),
    ("https://local/", "address"),
    # Names that lead nowhere, or everywhere.
    ("https://nobody.example.com/", "dns"),
    ("https://many.example.com/", "dns"),
]


def resolve_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are those of NAMES; numbers are read by the real resolver, other names by nobody."""
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *arguments: Any, **options: Any) -> Any:
        if host not in NAMES:
            return real(host, port, *arguments, **options | {"flags": socket.AI_NUMERICHOST})
        return [(0, 0, 0, "", (address, port)) for address in NAMES[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
