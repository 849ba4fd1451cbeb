"""Hold which hosts tools may reach: what the person who runs the plan allows, and never the plan.

`example.org` is that host, `*.example.org` all below it, `*` every public one; `:8443` adds a port to http's and https's own.

Whatever is allowed, only public addresses are reached. What isn't plainly public isn't: private, loopback, link-local (where clouds
keep their credentials), shared, reserved, documentation and multicast addresses, and IPv6 addresses that hold such an IPv4 address.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

SETTING: Final = "allow_hosts"
"""The name among `Options.settings`."""
VARIABLE: Final = "LCC_ALLOW_HOSTS"
NONE_ALLOWED: Final = (
    "no host is allowed: name those that may be reached with --allow-host HOST or LCC_ALLOW_HOSTS "
    '(in Python: lcc.Options(settings={"allow_hosts": ["example.org"]}))'
)

_PATTERN: Final = re.compile(
    r"(?P<host>\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?\.?"
)


class WrongHost(ValueError):
    """A pattern that names no hosts."""


def allowed_hosts(settings: Mapping[str, object]) -> tuple[str, ...]:
    """Return the patterns that a run's settings hold, else those in the environment, checked; raise WrongHost."""
    given = settings.get(SETTING)
    if given is None:
        return read_hosts(re.split(r"[\s,]+", os.environ.get(VARIABLE, "").strip(" ,\t\n")))
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise WrongHost(f"the setting `{SETTING}` must be a list of hosts")
    return read_hosts(str(host) for host in given)


def read_hosts(given: Iterable[str]) -> tuple[str, ...]:
    """Return patterns in the form in which they are compared; raise WrongHost for what is none."""
    return tuple(_read(text.strip()) for text in given if text.strip())


def _read(text: str) -> str:
    plain = text.lower() if text.isascii() else _ascii(text)
    if not _PATTERN.fullmatch(plain):
        raise WrongHost(f"{text[:80]!r} names no host: write it like example.org, *.example.org or example.org:8443")
    return plain.rstrip(".")


def _ascii(text: str) -> str:
    import idna

    host, colon, port = text.partition(":")
    star = "*." if host.startswith("*.") else ""
    try:
        return f"{star}{idna.encode(host.removeprefix(star), uts46=True).decode()}{colon}{port}"
    except idna.IDNAError:
        raise WrongHost(f"{text[:80]!r} names no host") from None


def may_reach(host: str, port: int, allowed: Iterable[str]) -> bool:
    """Whether a host, in ASCII and lower case, may be reached at a port."""
    return any(_matches(host, port, pattern) for pattern in allowed)


def _matches(host: str, port: int, pattern: str) -> bool:
    match = _PATTERN.fullmatch(pattern)
    assert match is not None
    wanted, given = match["host"].strip("[]"), match["port"]
    if port not in ((int(given),) if given else (80, 443)):
        return False
    return wanted == "*" or host == wanted or (wanted.startswith("*.") and host.endswith(wanted[1:]))


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
