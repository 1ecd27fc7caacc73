"""Which addresses of the network are the public internet's."""

import ipaddress
from collections.abc import Iterator
from typing import Final, TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

# What is handed out as public unicast; all else of IPv6 is local, reserved, or a form of something else.
_GLOBAL_UNICAST: Final = ipaddress.ip_network("2000::/3")
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.ip_network("::/96")
# Nobody's services live there, whatever the tables of this Python's version say.
_NOT_PUBLIC: Final = [
    ipaddress.ip_network(network)
    for network in ("192.88.99.0/24", "2001:db8::/32", "3fff::/20", "2001::/23", "100.64.0.0/10")
]


def is_public(address: Address) -> bool:
    """Whether a request to it leaves for the internet. An IPv6 address that carries an IPv4 one (mapped, compatible,
    6to4, NAT64, Teredo) is as public as what it carries."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = list(_carried(address))
        if not all(is_public(inner) for inner in carried):
            return False
        if not carried and address not in _GLOBAL_UNICAST:
            return False
        if address.ipv4_mapped is not None or address in _NAT64:
            return True
    return not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or not address.is_global
        or any(address in network for network in _NOT_PUBLIC)
    )


def _carried(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64 or address in _COMPATIBLE:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
