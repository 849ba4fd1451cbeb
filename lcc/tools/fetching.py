"""Fetch a page of an allowed public host, whatever its name, its redirects and its answer try.

A name is resolved once; every address must be public, and the connection goes to the very address that was looked at, so that a second
answer of the name's server changes nothing. Each redirect is a new address with the same rules. Size and time are bounded. No
proxy, cookie or credential is used.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyio import fail_after, getaddrinfo

from lcc.runtime.tool import ArgumentError
from lcc.tools.allowed_hosts import NONE_ALLOWED, may_reach
from lcc.tools.bodies import ACCEPTED, BadBody, read_body, tls_context
from lcc.tools.public_addresses import is_public

if TYPE_CHECKING:
    from httpx2 import URL, AsyncClient, Response

MAX_BYTES: Final = 2 * 1024 * 1024
SECONDS: Final = 30.0
MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"http": 80, "https": 443}


class Refused(ArgumentError):
    """An address that isn't fetched. The message says why."""


class NotFetched(RuntimeError):
    """A page that couldn't be had. `retry_after`: when the server may be asked again, as it says itself."""

    def __init__(self, message: str, retry_after: str | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: its address after redirects, its media type in lower case, its character set, its bytes."""

    url: str
    media_type: str
    charset: str
    body: bytes


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host; raises OSError."""
    return list(dict.fromkeys(str(found[4][0]) for found in await getaddrinfo(host, port, type=socket.SOCK_STREAM)))


@dataclass(frozen=True, slots=True)
class Fetcher:
    """What may be fetched, and how. `resolve` and `permits` say what a name means, and which addresses are all right."""

    allowed: tuple[str, ...]
    seconds: float = SECONDS
    max_bytes: int = MAX_BYTES
    resolve: Callable[[str, int], Awaitable[Sequence[str]]] = resolve
    permits: Callable[[str], bool] = is_public

    async def fetch(self, url: str) -> Fetched:
        """Return a page; raise Refused or NotFetched."""
        from httpx2 import AsyncClient

        from lcc import __version__

        address = _parse(url)
        self._check(address)
        headers = {"User-Agent": f"lcc/{__version__}", "Accept-Encoding": ACCEPTED, "Accept": "*/*"}
        try:
            with fail_after(self.seconds):
                async with AsyncClient(
                    trust_env=False, headers=headers, timeout=self.seconds, verify=tls_context()
                ) as client:
                    return await self._follow(client, address)
        except TimeoutError:
            raise NotFetched(f"{address.host} didn't answer in whole within {self.seconds:g} s") from None

    async def _follow(self, client: AsyncClient, address: URL) -> Fetched:
        for _ in range(MAX_REDIRECTS + 1):
            found = await self._get(client, address)
            if isinstance(found, Fetched):
                return found
            if address.scheme == "https" and found.scheme == "http":
                raise Refused(f"{address.host} redirects from https to http")
            self._check(found, "is redirected to ")
            address = found
        raise NotFetched(f"{address.host} redirects more than {MAX_REDIRECTS} times")

    def _check(self, address: URL, how: str = "") -> None:
        """Refuse what isn't allowed, before anything is sent or looked up."""
        if not self.allowed:
            raise Refused(NONE_ALLOWED)
        host, port = _host(address), address.port or _PORTS[address.scheme]
        if not may_reach(host, port, self.allowed):
            shown = host if port == _PORTS[address.scheme] else f"{host}:{port}"
            raise Refused(
                f"the request {how or 'is for '}{shown}, which is not among the hosts that --allow-host allows"
            )

    async def _get(self, client: AsyncClient, address: URL) -> Fetched | URL:
        """Make one request; return the page, or where it has moved."""
        from httpx2 import TransportError

        host, problem = _host(address), ""
        for pinned in await self._addresses(host, address.port or _PORTS[address.scheme]):
            request = client.build_request(
                "GET",
                address.copy_with(host=pinned, fragment=None),
                headers={"Host": _authority(address)},
                extensions={"sni_hostname": host},
            )
            try:
                response = await client.send(request, stream=True, follow_redirects=False)
            except TransportError as error:
                problem = str(error) or type(error).__name__
                continue
            try:
                return await self._read(response, address)
            except TransportError as error:
                raise NotFetched(f"{host} broke off its answer: {error or type(error).__name__}") from None
            except BadBody as error:
                raise NotFetched(f"{host}: {error}") from None
            finally:
                await response.aclose()
        raise NotFetched(f"can't reach {host}: {problem}")

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            found = await self.resolve(host, port)
        except (OSError, UnicodeError):
            raise NotFetched(f"can't find the address of {host}") from None
        inside = [one for one in found if not self.permits(one)]
        if inside or not found:
            raise Refused(f"{host} has the address {inside[0] if inside else 'of nothing'}, which is not a public one")
        return found

    async def _read(self, response: Response, address: URL) -> Fetched | URL:
        status, host = response.status_code, _host(address)
        if status in _REDIRECTS and "location" in response.headers:
            return _parse(str(response.headers["location"]), address)
        if not 200 <= status < 300:
            raise NotFetched(f"{host} answers with status {status}", response.headers.get("retry-after"))
        kind, _, rest = response.headers.get("content-type", "").partition(";")
        _, _, charset = rest.lower().partition("charset=")
        body = await read_body(response, self.max_bytes)
        return Fetched(str(address), kind.strip().lower(), charset.partition(";")[0].strip(" \"'"), body)


def _parse(url: str, base: URL | None = None) -> URL:
    """Return an absolute address of http or https, read once, by the library that will connect to it."""
    from httpx2 import URL, InvalidURL

    try:
        address = URL(url) if base is None else base.join(url)
    except (InvalidURL, ValueError, TypeError):
        raise Refused(f"{url[:100]!r} is no address") from None
    if address.scheme not in _PORTS or not address.host:
        raise Refused(f"{url[:100]!r} is no address that begins with http:// or https://")
    if address.userinfo:
        raise Refused("an address with a name or a password in it is not fetched")
    return address


def _host(address: URL) -> str:
    return address.raw_host.decode("ascii").lower().rstrip(".")


def _authority(address: URL) -> str:
    return address.netloc.decode("ascii")
