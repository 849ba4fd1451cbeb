"""Fetch a page of an allowed public host, whatever its name, its redirects and its answer try.

A name is resolved once; every address must be public, and the connection goes to the very address that was looked at, so that a second
answer of the name's server changes nothing. Each redirect is a new address with the same rules. Size and time are bounded. No
proxy, cookie or credential is used.

The HTTP library would decompress a piece of a body whole, which may be a thousand times as large; here no more is made than the
limit allows.
"""

from __future__ import annotations

import socket
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from ssl import SSLContext, create_default_context
from typing import Final

from anyio import fail_after, getaddrinfo
from httpx2 import URL, AsyncClient, InvalidURL, Response, TransportError

from lcc.runtime.tool import ArgumentError
from lcc.tools.allowed_hosts import NONE_ALLOWED, is_public, may_reach

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
        address = _parse(url)
        self._check(address)
        headers = {"User-Agent": user_agent(), "Accept-Encoding": ACCEPTED, "Accept": "*/*"}
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


ACCEPTED: Final = "gzip, deflate"
"""What a request may accept as `Accept-Encoding`."""
_ZLIB_OR_GZIP: Final = 47


@cache
def user_agent() -> str:
    """Return what a request says it comes from."""
    return f"lcc/{version('lcc-toolchain')}"


@cache
def tls_context() -> SSLContext:
    """Return what connections are secured by. Reading the list of authorities takes a tenth of a second, so it is read once."""
    return create_default_context()


class BadBody(ValueError):
    """A body that is too large, or not what its headers say."""


async def read_body(response: Response, limit: int) -> bytes:
    """Return a streamed response's body, decompressed; raise BadBody for one of more than `limit` bytes, or a broken one."""
    decompress, whole = decompressor(response.headers.get("content-encoding", ""))
    body = bytearray()
    async for piece in response.aiter_raw():
        body += decompress(piece, limit + 1 - len(body))
        if len(body) > limit:
            raise BadBody(f"the reply is longer than {limit:,} bytes")
    if not whole():
        raise BadBody("the compressed reply breaks off")
    return bytes(body)


def decompressor(encoding: str) -> tuple[Callable[[bytes, int], bytes], Callable[[], bool]]:
    """Return what turns a piece into at most so many bytes, and what tells whether the body has come to its end."""
    match encoding.strip().lower():
        case "" | "identity":
            return lambda piece, most: piece, lambda: True
        case "gzip" | "x-gzip" | "deflate":
            inflate = zlib.decompressobj(_ZLIB_OR_GZIP)

            def decompress(piece: bytes, most: int) -> bytes:
                try:
                    return inflate.decompress(piece, most)
                except zlib.error:
                    raise BadBody(f"the reply is not the {encoding.strip()[:20]!r} that it says it is") from None

            return decompress, lambda: inflate.eof
        case other:
            raise BadBody(f"the reply is encoded as {other[:40]!r}, which wasn't asked for")
