"""Turn tokens into money by the price list that genai-prices brings along; nothing is fetched."""

from __future__ import annotations

import warnings
from urllib.parse import urlsplit

from lcc.models.local.files import is_local
from lcc.models.usage import TokenUsage


def price(usage: TokenUsage, model: str, base_url: str | None) -> float | None:
    """Return the USD that calls of a model cost; None if the list doesn't know the model at that address.

    A model in a file, and one that is served on this machine or in a private network costs nothing by the token.
    """
    host = urlsplit(base_url or "https://api.openai.com").hostname or ""
    if is_local(model) or is_private(host):
        return 0.0
    if usage.silent:
        return None
    from genai_prices import Usage, calc_price

    counted = Usage(input_tokens=usage.prompt, cache_read_tokens=usage.cached, output_tokens=usage.completion)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(calc_price(counted, model, provider_api_url=base_url or "https://api.openai.com").total_price)
    except (LookupError, ValueError):
        return None


def is_private(host: str) -> bool:
    """Whether a host is this machine or in a private network, as far as its name tells."""
    from ipaddress import ip_address

    if host == "localhost" or host.endswith((".localhost", ".local")):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
