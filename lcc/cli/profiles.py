"""Read and write profiles of what calls took."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lcc.cli.bad_input import bad_input
from lcc.grammar.source import Source
from lcc.runtime.text_files import NotText, Unreadable, read_text_file

if TYPE_CHECKING:
    from lcc.passes.analysis.costs import Costs
    from lcc.passes.analysis.profile import Profile

UNUSABLE: Final = "X011"
_MOST_BYTES: Final = 64 * 1024 * 1024


def add_profile(parser: argparse.ArgumentParser) -> None:
    """Declare `--profile`."""
    parser.add_argument("--profile", metavar="P", help="what calls took before, as `lcc run --profile-out` wrote it")


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
    with writing(path):
        new = Path(f"{path}.{os.getpid()}.new")
        new.write_text((profile or measured).dumps(), encoding="utf-8")
        new.replace(path)


@contextlib.contextmanager
def writing(path: str) -> Iterator[None]:
    """Report a file that can't be written as bad input."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise bad_input("P090", f"can't write the file: {reason}", Source(path, "")) from None


def _read(path: str) -> Profile:
    from lcc.passes.analysis.profile import Profile, ProfileError

    try:
        return Profile.loads(read_text_file(Path(path), _MOST_BYTES))
    except (ProfileError, NotText) as error:
        help_ = "name a file that `lcc run --profile-out` wrote"
        raise bad_input(UNUSABLE, str(error), Source(path, ""), help_) from None
    except Unreadable as error:
        raise bad_input("P090", f"can't read the file: {error}", Source(path, "")) from None
