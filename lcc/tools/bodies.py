"""Read the body of an HTTP reply up to a limit, also when it is compressed to a fraction of that.

The HTTP library would decompress a piece whole, which may be a thousand times as large; here no more is made than the limit allows.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ssl import SSLContext

    from httpx2 import Response

ACCEPTED: Final = "gzip, deflate"
"""What a request may accept as `Accept-Encoding`."""
_ZLIB_OR_GZIP: Final = 47


@cache
def tls_context() -> SSLContext:
    """Return what connections are secured by. Reading the list of authorities takes a tenth of a second, so it is read once."""
    from ssl import create_default_context

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
