"""Tell public IP addresses from those that lead inside: this machine, its network, its provider's services.

What isn't plainly public isn't: private, loopback, link-local (where clouds keep their credentials), shared, reserved, documentation
and multicast addresses, and IPv6 addresses that hold such an IPv4 address.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

_UNICAST: Final = IPv6Network("2000::/3")
"""All that is given out of IPv6 so far."""
_NAT64: Final = IPv6Network("64:ff9b::/96")
"""IPv4 seen from networks without it, RFC 6052."""
_TEREDO: Final = IPv6Network("2001::/32")


def is_public(address: str) -> bool:
    """Whether an address leads to the public internet; False for a text that is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return _is_public_v4(found) if isinstance(found, IPv4Address) else _is_public_v6(found)


def _is_public_v4(address: IPv4Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None or address in _TEREDO:
        return False
    inner = address.ipv4_mapped or address.sixtofour
    if address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFF_FFFF)
    if inner is not None:
        return _is_public_v4(inner)
    return address in _UNICAST and address.is_global
