"""Read files that may be anything, plans and profiles, and replace them without ever leaving half a file behind."""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from lcc.cli.console import BadInput, Usage, bad_input
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.source import Source, Span
from lcc.grammar.values import Json, read_json
from lcc.runtime.text_files import NotText, Unreadable, read_text_file

if TYPE_CHECKING:
    from lcc.passes.analysis.costs import Costs
    from lcc.passes.analysis.profile import Profile

STDIN: Final = "-"
STDIN_NAME: Final = "<stdin>"

_ENCODING: Final = "P016"
_TOO_LARGE: Final = "P015"
_UNREADABLE: Final = "P090"
_INPUTS: Final = "X002"


def read_source(path: str) -> Source:
    """Read a plan file, or standard input for `-`; raise BadInput for what isn't text within the size limit.

    A byte order mark is left out.
    """
    name = STDIN_NAME if path == STDIN else path
    return Source(name, _decode(_read_bytes(path, name), name))


def plan_files(paths: Iterable[str], suffixes: Sequence[str] = (".plan",)) -> Iterator[str]:
    """Yield the files that a command line names, of a folder the plan files in it and below; raise Usage for one without any.

    What is hidden is left out, and so are folders of installed packages.
    """
    for path in paths:
        if path == STDIN or not os.path.isdir(path):
            yield path
            continue
        found = False
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NOT_OWN)
            for name in sorted(files):
                if name.endswith(tuple(suffixes)) and not name.startswith("."):
                    found = True
                    yield os.path.join(folder, name)
        if not found:
            raise Usage(
                f"{escape(path)}: there is no {' or '.join(f'*{suffix}' for suffix in suffixes)} in this folder"
            )


_NOT_OWN: Final = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})


def read_inputs_file(path: str) -> dict[str, Json]:
    """Return the inputs that a JSON file holds by name; raise BadInput for what isn't such a file."""
    source = read_source(path)
    try:
        found = read_json(source.text)
    except (ValueError, RecursionError) as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "it"
        raise bad_input(_INPUTS, f"the inputs are not JSON: {place} can't be read", Source(source.path, "")) from None
    if not isinstance(found, dict):
        help = 'write an object by name: {"city": "Paris"}'
        raise bad_input(_INPUTS, "the inputs are not a JSON object", Source(source.path, ""), help)
    return found


def _read_bytes(path: str, name: str) -> bytes:
    limit = DEFAULT_LIMITS.size
    try:
        if path == STDIN:
            if sys.stdin is None:
                raise OSError(errno.EBADF, "standard input is closed")
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with open(path, "rb") as file:
                if os.fstat(file.fileno()).st_size > limit:
                    _too_large(name)
                data = file.read(limit + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise bad_input(_UNREADABLE, f"can't read the file: {_lower(reason)}", Source(name, "")) from None
    if len(data) > limit:
        _too_large(name)
    return data


def _too_large(name: str) -> NoReturn:
    limit = DEFAULT_LIMITS.size
    raise bad_input(
        _TOO_LARGE,
        f"the file is larger than {limit:,} bytes",
        Source(name, ""),
        "split the plan, or fan out with `each` instead of writing every call",
    )


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(data, error, name) from None


def _not_utf8(data: bytes, error: UnicodeDecodeError, name: str) -> BadInput:
    at = error.start + (len(data) - len(error.object))  # utf-8-sig counts from behind a byte order mark
    before = data[:at].decode("utf-8-sig", errors="replace")
    source = Source(name, before)
    binary = b"\0" in data[:1024]
    help_ = "this is a binary file" if binary else "save the file as UTF-8"
    return bad_input(
        _ENCODING, f"byte {data[at]:#04x} at offset {at} is not UTF-8", source, help_, Span(len(before), len(before))
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def replace_file(path: str, text: str) -> None:
    """Replace a file's content in one step, keeping its permissions; raise BadInput where that is refused.

    A symbolic link stays one: the file that it points to is replaced.
    """
    target = Path(path).resolve()
    with writing(path):
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if target.exists() and not target.is_file():  # a pipe or a device is written to, not replaced
            target.write_text(text, encoding="utf-8", newline="")
        else:
            _write_beside(target, text)


def _write_beside(target: Path, text: str) -> None:
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _mode(target: Path) -> int:
    """Return the permissions to give a file: those it has, or those of any new one."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


UNUSABLE: Final = "X011"
_MOST_BYTES: Final = 64 * 1024 * 1024


def read_costs(args: argparse.Namespace) -> Costs:
    """Return the cost model: of the profile that the command line names, if it names one."""
    from lcc.passes.analysis.costs import Costs

    path = getattr(args, "profile", None)
    return Costs() if path is None else Costs(_read(path))


def add_to_profile(path: str, measured: Profile) -> None:
    """Merge what was measured into a profile file, which is made if it isn't there; it is replaced as a whole."""
    profile = _read(path) if Path(path).exists() else None
    if profile is not None:
        profile.merge(measured)
    replace_file(path, (profile or measured).dumps())


def check_profile_out(args: argparse.Namespace) -> None:
    """Raise BadInput if `--profile-out` names what a profile can't be added to, which else is found when the run is over."""
    path = args.profile_out
    if path is None or not Path(path).exists():
        return
    if not Path(path).is_file():
        message = "can't write the file: a profile is read and replaced, and this is no regular file"
        raise bad_input(_UNREADABLE, message, Source(path, ""))
    _read(path)


@contextlib.contextmanager
def writing(path: str) -> Iterator[None]:
    """Report a file that can't be written as bad input."""
    try:
        yield
    except OSError as error:
        reason = _lower(error.strerror or str(error))
        raise bad_input(_UNREADABLE, f"can't write the file: {reason}", Source(path, "")) from None


def _read(path: str) -> Profile:
    from lcc.passes.analysis.profile import Profile, ProfileError

    try:
        return Profile.loads(read_text_file(Path(path), _MOST_BYTES))
    except (ProfileError, NotText) as error:
        help_ = "name a file that `lcc run --profile-out` wrote"
        raise bad_input(UNUSABLE, str(error), Source(path, ""), help_) from None
    except Unreadable as error:
        raise bad_input(_UNREADABLE, f"can't read the file: {error}", Source(path, "")) from None
