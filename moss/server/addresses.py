"""Addresses and names of hosts: which are this machine's own, and which are one client's. Not here: who may do what."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from starlette.requests import HTTPConnection

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
"""Headers of a request that a proxy passed on: it is not this machine's own, whatever address it comes from."""


def is_loopback(name: str) -> bool:
    """Whether a host name or address is this machine's loopback (names under .localhost are, RFC 6761)."""
    address = ip_of(name)
    return address.is_loopback if address else name == "localhost" or name.endswith(".localhost")


def ip_of(host: str | None) -> IPv4Address | IPv6Address | None:
    """The IP address; None for what is none. An IPv4 address in IPv6 form is the IPv4 address."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def address_of(connection: HTTPConnection) -> str:
    """The client's address as limits count it: of IPv6 the network of 64 bits, since one client has all of it."""
    host = connection.client.host if connection.client else "local"
    match ip_of(host):
        case IPv6Address() as address:
            return str(IPv6Network((address, 64), strict=False))
        case None:
            return host
        case address:
            return str(address)


_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@/\\?#\s]+)(:\d{1,5})?", re.IGNORECASE)


def host_name(header: str) -> str | None:
    """The name in a Host header, without port and brackets; None where it is no such header."""
    found = _HOST.fullmatch(header)
    return None if found is None else found[1].strip("[]").rstrip(".").lower()
