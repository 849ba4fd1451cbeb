"""Build the documentation as a site: `python -m docs.site OUT VERSION[=CHECKOUT] …`, which `make docs` calls.

Each version is a folder of OUT with a whole site; what other versions are there is kept, and OUT/versions.json names them all for the choice in the head of
every page. A CHECKOUT is built by its own sources; by default it is that of the tag vVERSION, or this one where there is no such tag. The first version named
is what OUT itself leads to.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

from docs.site.checks import faults
from docs.site.explorer import embedded
from docs.site.pages import lay_out
from docs.site.reference import write_reference

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_ASKED = re.compile(r"https?://(?!www\.w3\.org/)[\w.-]+")
"""The theme's scripts can fetch diagrams, formulas and counts of stars from hosts of others, where a page has any. No page has."""
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'self'; form-action 'self'; object-src 'none'"
)


class NotBuilt(Exception):
    """A version can't be built without a warning. The message is what the generator says."""


def main(arguments: list[str]) -> int:
    """Build the versions that are named, check all that is there, and return 1 if something is wrong with it."""
    if len(arguments) < 2:
        print("usage: python -m docs.site OUT VERSION[=CHECKOUT] …", file=sys.stderr)
        return 2
    out, *versions = arguments
    site = Path(out).resolve()
    for one in versions:
        name, _, checkout = one.partition("=")
        tree = Path(checkout).resolve() if checkout else _tagged(name, site.parent / "docs" / f"{name}-checkout")
        try:
            if tree == ROOT:
                build(site, name)
            else:
                _build_elsewhere(tree, site, name)
        except NotBuilt as error:
            print(error, file=sys.stderr)
            return 1
    name_versions(site, versions[0].partition("=")[0])
    found = faults(site)
    for fault in found:
        print(fault, file=sys.stderr)
    pages = sum(1 for _ in site.rglob("*.html"))
    print(f"{pages} pages in {os.path.relpath(site)}, {len(found)} of their links or scripts are wrong" if found else f"{pages} pages in {os.path.relpath(site)}")  # fmt: skip
    return 1 if found else 0


def _tagged(version: str, into: Path) -> Path:
    """Return a checkout of a version's tag, or this one where there is no such tag."""
    git = shutil.which("git")
    command = [git or "git", "-C", str(ROOT), "archive", "--format=tar", f"v{version}"]
    done = subprocess.run(command, capture_output=True, check=False) if git else None
    if done is None or done.returncode != 0:
        return ROOT
    shutil.rmtree(into, ignore_errors=True)
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(into, filter="data")
    return into


def build(site: Path, version: str) -> None:
    """Build this checkout as a version of a site; raise NotBuilt where its generator warns of anything."""
    work = site.parent / "docs" / version
    shutil.rmtree(work, ignore_errors=True)
    pages = work / "pages"
    lay_out(ROOT, pages, embedded(pages / "explorer", ROOT))
    write_reference(pages / "reference")
    for name in ("site.css", "site.js"):
        shutil.copyfile(HERE / name, pages / name)
    shutil.copyfile(HERE / "zensical.toml", work / "zensical.toml")
    made = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"], cwd=work, capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        said = re.sub(r"\x1b\[[\d;]*m", "", made.stdout + made.stderr).partition("Traceback")[0]
        raise NotBuilt(said or made.stderr)
    for path in sorted((work / "site").rglob("*")):
        if path.suffix in (".html", ".js"):
            path.write_text(_kept_here(path), encoding="utf-8")
    shutil.rmtree(site / version, ignore_errors=True)
    shutil.copytree(work / "site", site / version)


def _kept_here(path: Path) -> str:
    """Return a page with a policy that keeps it from asking other hosts, or a script without their addresses."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return _ASKED.sub("about:invalid#", text)
    if "Content-Security-Policy" in text:
        return text
    return text.replace("<head>", f'<head>\n<meta http-equiv="Content-Security-Policy" content="{_POLICY}">', 1)


def _build_elsewhere(tree: Path, site: Path, version: str) -> None:
    """Build a version in a process that finds that checkout's sources under their installed names."""
    names = site.parent / "docs" / f"{version}-sources" / "lcc"
    shutil.rmtree(names.parent, ignore_errors=True)
    names.mkdir(parents=True)
    for path in [*(tree / "lcc").iterdir(), *(tree / name for name in ("grammar", "passes", "runtime"))]:
        (names / path.name).symlink_to(path)
    command = [sys.executable, "-P", "-m", "docs.site", str(site), f"{version}={tree}"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(names.parent), str(tree)])}
    if subprocess.run(command, cwd=tree, env=environment, check=False).returncode != 0:
        raise NotBuilt(f"version {version}, of {tree}, isn't built")


def name_versions(site: Path, latest: str) -> None:
    """Write the list of versions that every page's choice shows, newest first, and a page that leads to the latest."""
    names = sorted((path.name for path in site.iterdir() if (path / "index.html").is_file()), key=_order, reverse=True)
    listed = [{"version": name, "title": name, "aliases": ["latest"] if name == latest else []} for name in names]
    (site / "versions.json").write_text(json.dumps(listed, indent=1), encoding="utf-8")
    (site / "index.html").write_text(
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={latest}/"><title>lcc</title></head>'
        f'<body><p><a href="{latest}/">Documentation of lcc, version {latest}</a></p></body></html>\n',
        encoding="utf-8",
    )


def _order(name: str) -> tuple[bool, list[int]]:
    return name[:1].isdigit(), [int(part) for part in re.findall(r"\d+", name)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
