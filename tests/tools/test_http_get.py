"""Check `http_get`: what it fetches, and that names, redirects and answers that mean harm get nowhere."""

from __future__ import annotations

import gzip
import json
import shutil
import ssl
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from fake_model_server import FakeModelServer, Gate, Text
from hypothesis import given, strategies as st
from local_web import Asked, LocalWeb, Page

import lcc
from lcc.__main__ import main
from lcc.python_tools.function import tool_of
from lcc.tools.allowed_hosts import WrongHost, is_public, may_reach, read_hosts
from lcc.tools.fetching import Fetched, Fetcher, NotFetched, Refused, decompressor
from lcc.tools.web import Unreadable, read_page, readable

PUBLIC = "93.184.215.14"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LCC_ALLOW_HOSTS", raising=False)


class Names:
    """A name server whose every name leads to this machine, and which keeps what it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.asked: list[tuple[str, int]] = []
        self._answers = list(answers)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self._answers.pop(0) if self._answers else ["127.0.0.1"]


def fetcher(web: LocalWeb, *, names: Names | None = None, **more: Any) -> Fetcher:
    """Return a fetcher for `site.example` and `other.example` at the port of the local server, which counts as public."""
    allowed = read_hosts([f"site.example:{web.port}", f"other.example:{web.port}", f"*.deep.example:{web.port}"])
    permits = more.pop("permits", lambda address: address == "127.0.0.1")
    return Fetcher(allowed, resolve=names or Names(), permits=permits, **more)


def fetch(using: Fetcher, url: str, backend: str = "asyncio") -> Fetched:
    page: Fetched = anyio.run(using.fetch, url, backend=backend)
    return page


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_page_is_fetched_from_the_address_that_was_looked_at(backend: str) -> None:
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    with LocalWeb(lambda asked: Page(b"hello")) as web:
        page = fetch(fetcher(web, names=names), f"http://Site.Example:{web.port}/a?b=c#d", backend)
    assert (page.body, page.media_type, page.charset) == (b"hello", "text/plain", "utf-8")
    assert names.asked == [("site.example", web.port)]
    [asked] = web.asked
    assert (asked.path, asked.query) == ("/a", {"b": "c"})
    assert asked.headers["host"].lower() == f"site.example:{web.port}"
    assert "cookie" not in asked.headers


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with LocalWeb(lambda asked: Page(b"hello")) as web:
        assert fetch(fetcher(web), f"http://site.example:{web.port}/").body == b"hello"


needs_certificate = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")


def certified(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return what serves as `site.example`, with a certificate that the fetcher trusts."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    names = ["-subj", "/CN=site.example", "-addext", "subjectAltName=DNS:site.example"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", "-x509", "-nodes", *curve, *files, *names], check=True, capture_output=True)
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr("lcc.tools.fetching.tls_context", lambda: trusting)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    return serving


@needs_certificate
def test_a_certificate_is_checked_against_the_name_although_the_address_is_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = certified(tmp_path, monkeypatch)
    with LocalWeb(lambda asked: Page(asked.headers["host"].encode()), tls=serving) as web:
        assert fetch(fetcher(web), f"https://site.example:{web.port}/").body == b"site.example:%d" % web.port
        with pytest.raises(NotFetched, match=r"can.t reach other\.example"):
            fetch(fetcher(web), f"https://other.example:{web.port}/")
        assert len(web.asked) == 1


@needs_certificate
def test_no_redirect_leads_from_https_to_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serving = certified(tmp_path, monkeypatch)
    with LocalWeb(lambda asked: Page(b"plain")) as plain:
        moved = Page(status=302, headers={"Location": f"http://site.example:{plain.port}/"})
        with LocalWeb(lambda asked: moved, tls=serving) as web:
            allowed = read_hosts([f"*:{web.port}", f"*:{plain.port}"])
            using = Fetcher(allowed, resolve=Names(), permits=lambda address: True)
            with pytest.raises(Refused, match="redirects from https to http"):
                fetch(using, f"https://site.example:{web.port}/")
        assert not plain.asked


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
        ),
        *("192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1"),
        *("::ffff:a9fe:a9fe", "::127.0.0.1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "64:ff9b::10.0.0.1", "64:ff9b:1::1"),
        *("2001:0:7f00:1::", "fec0::1", "localhost", "", "2130706433", "0x7f000001", "127.1"),
    ],
)
def test_an_address_that_leads_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_no_writing_of_an_inner_address_is_public(address: Any) -> None:
    number = int(address)
    for text in (
        str(address),
        f"::ffff:{address}",
        f"64:ff9b::{address}",
        f"2002:{number >> 16:x}:{number & 0xFFFF:x}::",
    ):
        assert not is_public(text)


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["10.0.0.1"], ["::1"], ["169.254.169.254"], ["::ffff:127.0.0.1"], [PUBLIC, "192.168.0.1"], []],
)
def test_a_name_that_leads_inside_is_refused_and_nothing_is_sent(found: list[str]) -> None:
    with LocalWeb(lambda asked: Page(b"secret")) as web:
        with pytest.raises(Refused, match="not a public one"):
            fetch(fetcher(web, names=Names(found), permits=is_public), f"http://site.example:{web.port}/")
        assert not web.asked


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "017700000001", "localhost", "[::1]", "[::ffff:7f00:1]", "127.1"]
)
def test_inner_addresses_are_refused_however_they_are_written_even_if_allowed(host: str) -> None:
    with LocalWeb(lambda asked: Page(b"secret")) as web:
        using = Fetcher(read_hosts([f"{host}:{web.port}", f"*:{web.port}"]))
        with pytest.raises((Refused, NotFetched), match=r"not a public one|can't find the address"):
            fetch(using, f"http://{host}:{web.port}/")
        assert not web.asked


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/", "//localhost:{port}/", "http://[::1]:{port}/", "http://evil.example/"]
)
def test_a_redirect_to_a_host_that_is_not_allowed_is_refused(target: str) -> None:
    def answer(asked: Asked) -> Page:
        return Page(status=302, headers={"Location": target.replace("{port}", str(web.port))})

    with LocalWeb(answer) as web:
        with pytest.raises(Refused, match=r"is redirected to .* which is not among the hosts"):
            fetch(fetcher(web), f"http://site.example:{web.port}/")
        assert len(web.asked) == 1


def test_a_redirect_is_looked_up_and_checked_anew() -> None:
    def answer(asked: Asked) -> Page:
        if asked.path == "/":
            return Page(status=307, headers={"Location": f"http://other.example:{web.port}/next"})
        return Page(b"there")

    with LocalWeb(answer) as web:
        page = fetch(fetcher(web), f"http://site.example:{web.port}/")
        assert (page.body, page.url) == (b"there", f"http://other.example:{web.port}/next")
        rebound = fetcher(web, names=Names(["127.0.0.1"], ["10.0.0.7"]))
        with pytest.raises(Refused, match=r"other.example has the address 10.0.0.7"):
            fetch(rebound, f"http://site.example:{web.port}/")


def test_redirects_end() -> None:
    with LocalWeb(lambda asked: Page(status=301, headers={"Location": "/again"})) as web:
        with pytest.raises(NotFetched, match="more than 5 times"):
            fetch(fetcher(web), f"http://site.example:{web.port}/")
        assert len(web.asked) == 6


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "site.example",
            "ftp://site.example/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
            "http:///x",
        ),
        *("http://user:pass@site.example/", "http://a b/", "http://site.example:99999/", "http://site.example\x00/"),
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(Refused, match=r"no address|a name or a password|not among"):
        fetch(Fetcher(read_hosts(["site.example"])), url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://evil.example/", "http://site.example.evil.example/", "http://evil.example/site.example"),
        *("http://evil.example#@site.example/", "http://evil.example\\@site.example/", "http://site.example:8080/"),
        *("http://deep.example/", "http://xdeep.example/", "http://evil.example?.deep.example"),
    ],
)
def test_a_host_that_is_not_allowed_is_not_even_looked_up(url: str) -> None:
    names = Names()
    with pytest.raises(Refused):
        fetch(Fetcher(read_hosts(["site.example", "*.deep.example"]), resolve=names), url)
    assert names.asked == []


def test_without_allowed_hosts_the_error_says_how_to_allow_one() -> None:
    error = lcc.run('1. http_get("https://example.org/")\n2. join($1)', tools=[lcc.tools.http_get]).tasks[1].error
    assert error is not None
    assert "no host is allowed: name those that may be reached with --allow-host" in error.message
    assert error.kind == "arguments"


@pytest.mark.parametrize(
    ("pattern", "host", "port", "matches"),
    [
        ("example.org", "example.org", 443, True),
        ("Example.ORG.", "example.org", 80, True),
        ("example.org", "www.example.org", 443, False),
        ("example.org", "example.org", 8443, False),
        ("example.org:8443", "example.org", 8443, True),
        ("example.org:8443", "example.org", 443, False),
        ("*.example.org", "a.b.example.org", 443, True),
        ("*.example.org", "example.org", 443, False),
        ("*.example.org", "evilexample.org", 443, False),
        ("*", "anything.example", 443, True),
        ("*", "anything.example", 22, False),
        ("bücher.example", "xn--bcher-kva.example", 443, True),
    ],
)
def test_patterns_of_hosts(pattern: str, host: str, port: int, matches: bool) -> None:
    assert may_reach(host, port, read_hosts([pattern])) is matches


@pytest.mark.parametrize(
    "pattern", ["https://example.org", "example.org/path", "exa mple", "*.*.org", "a*b.org", "x:y", "@", "."]
)
def test_what_names_no_host_is_said(pattern: str) -> None:
    with pytest.raises(WrongHost, match="names no host"):
        read_hosts([pattern])


def answer_once(page: Page, **more: Any) -> Fetched:
    with LocalWeb(lambda asked: page) as web:
        return fetch(fetcher(web, **more), f"http://site.example:{web.port}/")


def test_a_huge_page_is_left_at_the_limit() -> None:
    with pytest.raises(NotFetched, match="longer than 1,000 bytes"):
        answer_once(Page(b"x" * 3_000_000), max_bytes=1_000)
    assert len(answer_once(Page(b"x" * 1_000), max_bytes=1_000).body) == 1_000


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_page_is_read_and_a_bomb_is_not(encoding: str, pack: Any) -> None:
    headers = {"Content-Encoding": encoding}
    assert answer_once(Page(pack(b"hello" * 100), headers=headers)).body == b"hello" * 100
    with pytest.raises(NotFetched, match="longer than"):
        answer_once(Page(pack(bytes(60_000_000)), headers=headers))


def test_no_more_is_decompressed_than_the_limit_allows() -> None:
    decompress, _ = decompressor("gzip")
    assert len(decompress(gzip.compress(bytes(1_000_000)), 1_001)) == 1_001


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (Page(b"not gzip", headers={"Content-Encoding": "gzip"}), "not the 'gzip' that it says"),
        (Page(gzip.compress(b"x" * 1000)[:-9], headers={"Content-Encoding": "gzip"}), "breaks off"),
        (Page(b"x", headers={"Content-Encoding": "br"}), "encoded as 'br', which wasn't asked for"),
        (Page(b"x", headers={"Content-Encoding": "gzip, gzip"}), "which wasn't asked for"),
        (Page(status=404), "answers with status 404"),
        (Page(status=204), None),
        (Page(status=304), "answers with status 304"),
    ],
)
def test_an_answer_that_is_none_is_reported(page: Page, message: str | None) -> None:
    if message is None:
        assert answer_once(page).body == b""
        return
    with pytest.raises(NotFetched, match=message):
        answer_once(page)


def test_a_page_that_breaks_off_is_no_page() -> None:
    def cut(asked: Asked) -> Page:
        return Page(b"half", length=1_000, headers={"Connection": "close"})

    with LocalWeb(cut) as web, pytest.raises(NotFetched, match=r"broke off|in whole within"):
        fetch(fetcher(web, seconds=1.0), f"http://site.example:{web.port}/")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_server_that_hangs_is_left_in_time(backend: str) -> None:
    with LocalWeb(lambda asked: Page(length=10, hangs=True)) as web, pytest.raises(NotFetched, match=r"within 0\.2 s"):
        fetch(fetcher(web, seconds=0.2), f"http://site.example:{web.port}/", backend)


def test_a_busy_server_tells_the_runtime_when_to_come_again() -> None:
    with pytest.raises(NotFetched) as caught:
        answer_once(Page(status=503, headers={"Retry-After": "7"}))
    assert caught.value.retry_after == "7"


@pytest.mark.parametrize(
    ("media_type", "charset", "body", "value"),
    [
        ("application/json", "", b'\xef\xbb\xbf{"a": [1, null]}', {"a": [1, None]}),
        ("application/ld+json", "utf-8", b"[1.5]", [1.5]),
        ("text/plain", "iso-8859-1", b"caf\xe9", "café"),
        ("text/plain", "rot13", b"hello", "hello"),
        ("text/plain", "punycode", b"hello-", "hello-"),
        ("text/csv", "", b"a,b\n", "a,b\n"),
        ("text/html", "", b"<title>T</title><p>a <b>b</b>&lt;c", "T\na b<c"),
        ("application/atom+xml", "", b"<feed/>", "<feed/>"),
    ],
)
def test_a_page_is_read_as_what_it_is(media_type: str, charset: str, body: bytes, value: object) -> None:
    assert read_page(media_type, charset, body) == value


@pytest.mark.parametrize(
    ("media_type", "body", "message"),
    [
        ("image/png", b"\x89PNG", "'image/png', which is no text"),
        ("application/octet-stream", b"x", "which is no text"),
        ("", b"x", "doesn't say what it is"),
        ("application/json", b"<html>", "not the JSON that it says it is"),
        ("application/json", b"[" * 200_000, "not the JSON that it says it is"),
        ("application/json", b"1" * 10_000, "not the JSON that it says it is"),
    ],
)
def test_a_page_that_is_no_text_is_refused(media_type: str, body: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read_page(media_type, "", body)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("a<script>if (a < b) alert('</p>')</script>b<style>p{}</style>c", "a\nb\nc"),
        ("a<!-- <p>hidden</p> -->b <b>c</b>  d", "ab c d"),
        ("1 < 2 & 3 &gt; 2", "1 < 2 & 3 > 2"),
        ("<SCRIPT>never ends", ""),
        ("text <!-- never ends", "text"),
        ("text <a href='", "text"),
        ("<li>x<li>y</ul>", "x\ny"),
        ("<!DOCTYPE html><?xml?>z", "z"),
        ("", ""),
    ],
)
def test_a_reader_sees_the_text_of_a_page(page: str, text: str) -> None:
    assert readable(page) == text


@pytest.mark.parametrize(
    "piece", ["<", "<a", "<!--", "<script>", "</script", "&", "&#", "<p>", "<a href='", "<![CDATA["]
)
def test_reading_a_hostile_page_takes_linear_time(piece: str) -> None:
    assert len(readable(piece * (500_000 // len(piece)))) <= 500_000


def test_a_call_with_a_result_in_its_address_waits_for_the_whole_plan() -> None:
    gate = Gate()
    sent: list[str] = []
    sent_before: list[list[str]] = []

    @lcc.tool(effect="read")
    async def secret() -> str:
        return "secret"

    @lcc.tool(effect="read")
    async def look(after: str) -> str:
        sent_before.append(list(sent))
        gate.open()
        return "looked"

    @lcc.tool(effect="read", discloses=True)
    async def get(url: str) -> str:
        sent.append(url)
        return "page"

    calls = '1. secret()\n2. get("https://a.example/$1")\n3. get("https://b.example/")\n4. look("$3")\n'
    plan = Text([calls, gate, "5. join()\n<END_OF_PLAN>"])
    with FakeModelServer({"planner": [plan], "joiner": ["Action: Finish(done)"]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, timeout=100.0)
        assert anyio.run(lcc.Agent([secret, look, get], model).ask, "?").ok
    assert sent_before == [["https://b.example/"]]
    assert sent == ["https://b.example/", "https://a.example/secret"]
    assert tool_of(lcc.tools.http_get).signature.discloses


def test_a_plan_with_errors_has_looked_up_no_host_that_a_result_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[object] = []

    async def look_up(host: str, *args: object, **more: object) -> list[Any]:
        looked_up.append(host)
        raise OSError

    @lcc.tool(effect="read")
    async def secret() -> str:
        return "secret"

    monkeypatch.setattr("lcc.tools.fetching.getaddrinfo", look_up)
    monkeypatch.setenv("LCC_ALLOW_HOSTS", "*.example, constant.example")
    calls = '1. secret()\n2. http_get("https://$1.example/")\n3. http_get("https://constant.example/")\n'
    plan = f"{calls}4. secret($2)\n5. join()\n<END_OF_PLAN>"
    with FakeModelServer({"planner": [plan, plan]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, timeout=100.0)
        with pytest.raises(lcc.AskFailed):
            anyio.run(lcc.Agent([secret, lcc.tools.http_get], model).ask, "?")
    assert set(looked_up) <= {"constant.example"}


def run_plan(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    Path("p.plan").write_text('1. http_get("http://127.0.0.1/x")\n2. join($1)', encoding="utf-8")
    capsys.readouterr()
    return (main(["run", "p.plan", "--tools", "lcc.tools", *options]), *capsys.readouterr())


def test_hosts_are_allowed_by_option_environment_and_trusted_project_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Allowed, the request gets as far as its address, which is refused for another reason."""
    monkeypatch.chdir(tmp_path)
    denied, allowed = "not among the hosts", "which is not a public one"
    assert "no host is allowed" in run_plan(capsys)[2]
    assert allowed in run_plan(capsys, "--allow-host", "127.0.0.1")[2]
    assert denied in run_plan(capsys, "--allow-host", "example.org")[2]
    Path("pyproject.toml").write_text('[tool.lcc]\nallow-hosts = ["127.0.0.1"]\n', encoding="utf-8")
    assert "no host is allowed" in run_plan(capsys)[2]
    assert allowed in run_plan(capsys, "--trust-project")[2]
    monkeypatch.setenv("LCC_ALLOW_HOSTS", "example.org, example.com")
    assert denied in run_plan(capsys, "--trust-project")[2]
    assert allowed in run_plan(capsys, "--allow-host", "127.0.0.1")[2]
    assert run_plan(capsys, "--allow-host", "http://x/")[0] == 2


def test_a_program_allows_hosts_by_its_options() -> None:
    options = lcc.Options(settings={"allow_hosts": ["example.org"]})
    plan = f"1. http_get({json.dumps('http://127.0.0.1/')})\n2. join($1)"
    error = lcc.run(plan, tools=[lcc.tools.http_get], options=options).tasks[1].error
    assert error is not None
    assert "not among the hosts" in error.message
