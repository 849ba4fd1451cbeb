"""Say why a model gave no whole reply, in words that help, with no key in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

_LIMIT: Final = 500
"""Characters of an endpoint's own message that are kept."""


class FaultKind(StrEnum):
    """What went wrong. `BROKEN`: the reply had begun. `TIMEOUT`: none began. `PROTOCOL`: what came is no reply of a model at all."""

    KEY = "key"
    MODEL = "model"
    TOO_LONG = "too long"
    RATE = "rate"
    REFUSED = "refused"
    SERVER = "server"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    GARBAGE = "garbage"
    PROTOCOL = "protocol"


PASSING: Final = frozenset({FaultKind.BROKEN, FaultKind.GARBAGE})
"""Faults of one reply, after which the same may be asked once more. The client has retried all others that may pass."""
OUT_OF_QUOTA: Final = "insufficient_quota"
"""The code of a 429 that no waiting helps against."""


class ModelFault(Exception):
    """A model gave no whole reply. The message says what happened and what to do; `kind` is for programs."""

    def __init__(self, kind: FaultKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class EndpointFailed(Exception):
    """An endpoint says in a reply, whose status was 200, that it failed; `body`: how it says so."""

    def __init__(self, body: object, kind: FaultKind, said: str) -> None:
        super().__init__(f"{said}: {message_of(body)}")
        self.body = body
        self.kind = kind


class NoModel(Exception):
    """No model is configured, or the configuration can't be used. The message says how to get one."""


_WHOLE: Final = 8
"""Characters of a key that is looked for inside of words, too."""
_KEYS: Final = re.compile(r"\b(?:sk|key|gsk|xai|hf|AIza)[-_][\w*.-]{6,}")
_LONG: Final = re.compile(r"context[ _](?:length|window|size)|maximum context|too many tokens|too long", re.IGNORECASE)


def without_keys(text: str, key: str | None) -> str:
    """Return a message with what is, or looks like, a key taken out, and cut to a readable length.

    One of fewer than eight characters, as servers on one's own machine are given, is taken out where it stands by itself.
    """
    if key:
        whole = re.escape(key) if len(key) >= _WHOLE else rf"(?<![^\W_]){re.escape(key)}(?![^\W_])"
        text = re.sub(whole, "[key]", text)
    text = _KEYS.sub("[key]", text)
    return text if len(text) <= _LIMIT else f"{text[:_LIMIT]}…"


def status_fault(
    status: int, body: object, *, model: str, where: str, key: str | None, retries: int = 0, location: str | None = None
) -> ModelFault:
    """Return what an HTTP error status of an endpoint means. `retries`: how often it was asked again. `location`: of a redirect."""
    said = without_keys(message_of(body), key)
    tail = f": {said}" if said else ""
    code = str(_error(body).get("code") or "")
    after = f", after {retries} {'retry' if retries == 1 else 'retries'}" if retries else ""
    if 300 <= status < 400:
        there = f" to {without_keys(location, key)}" if location else ""
        return ModelFault(
            FaultKind.PROTOCOL,
            f"{where} redirects{there} ({status}), which is not followed; name the address that answers itself",
        )
    if status in (401, 403):
        advice = (
            "set OPENAI_API_KEY (or LCC_API_KEY) to a key for it"
            if not key
            else "check the key in OPENAI_API_KEY or LCC_API_KEY"
        )
        return ModelFault(FaultKind.KEY, f"{where} refused the key ({status}){tail}; {advice}")
    if code == "context_length_exceeded" or status == 413 or (status in (400, 422) and _LONG.search(said)):
        return ModelFault(
            FaultKind.TOO_LONG,
            f"the prompt is too long for `{model}`{tail}; use fewer tools or examples, or a lower cap on results",
        )
    if status == 404 or code == "model_not_found":
        return ModelFault(FaultKind.MODEL, f"{where} has no model `{model}`, or the address is wrong ({status}){tail}")
    if status == 429 and is_out_of_quota(body):
        return ModelFault(
            FaultKind.RATE, f"the account's quota at {where} is spent (429){tail}; see its plan and billing"
        )
    if status == 429:
        return ModelFault(FaultKind.RATE, f"{where} turns requests away (429){after}{tail}")
    if status >= 500:
        return ModelFault(FaultKind.SERVER, f"{where} failed ({status}){after}{tail}")
    return ModelFault(FaultKind.REFUSED, f"{where} refused the request ({status}){tail}")


_STATUSES: Final = {
    OUT_OF_QUOTA: 429,
    "invalid_api_key": 401,
    "model_not_found": 404,
    "context_length_exceeded": 400,
}
"""What endpoints that say no at once answer with, by the codes of their errors."""


_PASSING: Final = (408, 409, 429)


def reply_fault(failed: EndpointFailed, *, model: str, where: str, key: str | None) -> ModelFault:
    """Return what an error inside a reply means: what no repetition mends is what it would have been as a status."""
    code = _error(failed.body).get("code")
    status = 429 if is_out_of_quota(failed.body) else _STATUSES.get(code) if isinstance(code, str) else code
    if isinstance(status, int) and 400 <= status < 500 and (is_out_of_quota(failed.body) or status not in _PASSING):
        return status_fault(status, failed.body, model=model, where=where, key=key)
    return ModelFault(failed.kind, f"{where}: {without_keys(str(failed), key)}")


def is_out_of_quota(body: object) -> bool:
    """Whether an error says that the account may spend no more."""
    error = _error(body)
    return OUT_OF_QUOTA in (error.get("code"), error.get("type"))


def message_of(body: object) -> str:
    """Return the message in an endpoint's error, empty where there is none."""
    error = _error(body)
    message = error.get("message") or error.get("detail") or ""
    return " ".join(str(message).split()) if message else ""


def _error(body: object) -> Mapping[str, object]:
    if isinstance(body, Mapping):
        inner = body.get("error")
        if isinstance(inner, Mapping):
            return inner
        return {"message": inner} if isinstance(inner, str) else body
    return {"message": body} if isinstance(body, str) else {}
