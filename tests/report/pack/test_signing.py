"""Signatures and time stamps: made with real certificates, checked by other programs, and broken ones refused."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pypdf
import pytest

from arlib.errors import ArError, ParameterError, SourceError
from arlib.report.documents.pdf import NotInstalledError
from arlib.report.pack import signing
from arlib.report.pack import timestamp as stamping
from arlib.report.pack.pdfa_check import pdfa_faults
from arlib.report.pack.signing import Signer, is_asked, sign_detached, sign_pdf, signer_from
from arlib.report.pack.timestamp import LARGEST, read_timestamp, timestamp

from ...conftest import need

SECRET = "s3cret-pass"
DIGEST = "ab" * 32
CONFIG = """
[tsa]
default_tsa = stamp
[stamp]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
tsa_name = yes
"""


@pytest.fixture(scope="module")
def openssl() -> str:
    need("openssl", is_present=bool(shutil.which("openssl")), reason="no openssl program")
    return shutil.which("openssl") or ""


@pytest.fixture(scope="module")
def keys(openssl: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a signer with a chain of one, and a time-stamp authority."""
    folder = tmp_path_factory.mktemp("keys")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    ca = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run(
        "req",
        "-x509",
        *new,
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-days",
        "30",
        "-subj",
        "/CN=Test Root",
        *ca,
    )
    for name, subject, extra in (
        ("ann", "/CN=Ann Preparer/O=Harbor Tools Inc", "keyUsage=critical,digitalSignature,nonRepudiation\n"),
        (
            "tsa",
            "/CN=Test Time Stamps",
            "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n",
        ),
    ):
        (folder / "ext").write_text(extra)
        run("req", *new, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
        run(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", f"{name}.pem", "-days", "20", "-extfile", "ext",
        )  # fmt: skip
    run("pkcs12", "-export", "-in", "ann.pem", "-inkey", "ann.key", "-certfile", "ca.pem", "-out", "ann.p12",
        "-passout", f"pass:{SECRET}")  # fmt: skip
    run("ec", "-in", "ann.key", "-aes256", "-passout", f"pass:{SECRET}", "-out", "locked.key")
    (folder / "chain.pem").write_bytes((folder / "ca.pem").read_bytes() + (folder / "ann.pem").read_bytes())
    (folder / "both.pem").write_bytes((folder / "ann.key").read_bytes() + (folder / "ann.pem").read_bytes())
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    return folder


@pytest.fixture(scope="module")
def signer(keys: Path) -> Signer:
    return signer_from(
        {signing.KEY: str(keys / "ann.p12"), signing.PASSPHRASE: SECRET}, now=datetime.now(UTC)
    )


@pytest.fixture(scope="module")
def pdf() -> bytes:
    from arlib.report.pack.pdfa import Attachment, pdf_a3

    page = "<html lang=en><head><title>Reply</title></head><body><h1>Reply</h1><p>All receipts were traced.</p></body></html>"
    attached = (Attachment(name="a.csv", data=b"1\n", media_type="text/csv", description="data"),)
    try:
        return pdf_a3(
            page,
            title="Reply",
            author="Harbor",
            created=datetime(2026, 11, 23, tzinfo=UTC),
            attachments=attached,
        )
    except NotInstalledError as fault:
        need("pango", is_present=False, reason=str(fault))
        raise


# --- keys ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "named",
    [
        {signing.KEY: "ann.p12", signing.PASSPHRASE: SECRET},
        {signing.KEY: "ann.key", signing.CERTIFICATE: "chain.pem"},
        {signing.KEY: "locked.key", signing.CERTIFICATE: "ann.pem", signing.PASSPHRASE: SECRET},
        {signing.KEY: "both.pem"},
    ],
)
def test_a_key_is_read_from_the_forms_that_people_have(keys: Path, named: dict[str, str]) -> None:
    environ = {
        name: value if name == signing.PASSPHRASE else str(keys / value) for name, value in named.items()
    }
    made = signer_from(environ, now=datetime.now(UTC))
    assert "Ann Preparer" in made.subject
    assert "Test Root" in made.issuer
    assert len(made.fingerprint) == 64
    assert SECRET not in repr(made)
    assert is_asked(environ)
    assert not is_asked({})


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({}, "no key to sign with"),
        ({signing.KEY: "ann.p12", signing.PASSPHRASE: "wrong-pass"}, "cannot be opened"),
        ({signing.KEY: "ann.p12"}, "cannot be opened"),
        ({signing.KEY: "locked.key", signing.CERTIFICATE: "ann.pem"}, "cannot be opened"),
        (
            {signing.KEY: "locked.key", signing.CERTIFICATE: "ann.pem", signing.PASSPHRASE: "wrong-pass"},
            "cannot be opened",
        ),
        ({signing.KEY: "ann.key", signing.CERTIFICATE: "tsa.pem"}, "no certificate of the key"),
        ({signing.KEY: "ann.key", signing.CERTIFICATE: "serial"}, "no certificate of the key"),
        ({signing.KEY: "ann.pem"}, "cannot be opened"),
        ({signing.KEY: "gone.p12"}, "cannot be read"),
    ],
)
def test_a_key_that_cannot_be_used_is_said_without_a_secret(
    keys: Path, named: dict[str, str], says: str, caplog: pytest.LogCaptureFixture
) -> None:
    environ = {
        name: value if name == signing.PASSPHRASE else str(keys / value) for name, value in named.items()
    }
    with pytest.raises(ArError, match=says) as told:
        signer_from(environ, now=datetime.now(UTC))
    text = str(told.value) + caplog.text
    assert SECRET not in text
    assert "wrong-pass" not in text
    assert str(keys) not in text


def test_a_certificate_out_of_its_time_is_refused(keys: Path) -> None:
    environ = {signing.KEY: str(keys / "both.pem")}
    for days in (40, -40):
        with pytest.raises(ParameterError, match="not valid at this time"):
            signer_from(environ, now=datetime.now(UTC) + timedelta(days=days))


def test_without_the_extra_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "pyhanko"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyhanko", None)
    calls: tuple[Callable[[], object], ...] = (
        lambda: signer_from({signing.KEY: "x"}, now=datetime.now(UTC)),
        lambda: timestamp(DIGEST, url="http://localhost/"),
        lambda: read_timestamp(b"", pack_hash=DIGEST),
    )
    for call in calls:
        with pytest.raises(NotInstalledError, match=r"arlib\[sign\]"):
            call()


# --- signatures ----------------------------------------------------------------------------------------------------


def test_a_signed_pdf_is_the_old_one_with_a_revision_that_two_programs_find_sound(
    pdf: bytes, signer: Signer, keys: Path, tmp_path: Path
) -> None:
    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    made = sign_pdf(pdf, signer=signer, reason="Prepared", location="Oakland")
    assert made.startswith(pdf)
    trusted = ValidationContext(trust_roots=[load_cert_from_pemder(str(keys / "ca.pem"))])
    found = validate_pdf_signature(PdfFileReader(io.BytesIO(made)).embedded_signatures[0], trusted)
    assert found.bottom_line
    assert found.coverage.name == "ENTIRE_FILE"
    if program := shutil.which("pdfsig"):
        (tmp_path / "s.pdf").write_bytes(made)
        said = subprocess.run(
            [program, "-nocert", str(tmp_path / "s.pdf")], capture_output=True, text=True, check=False
        )
        assert "Signature is Valid" in said.stdout
        assert "Total document signed" in said.stdout
    changed = made.replace(b"(Prepared)", b"(Approved)")
    assert not validate_pdf_signature(
        PdfFileReader(io.BytesIO(changed)).embedded_signatures[0], trusted
    ).bottom_line


def test_a_signed_pdf_stays_pdf_a3(pdf: bytes, signer: Signer) -> None:
    made = sign_pdf(pdf, signer=signer)
    before, after = pypdf.PdfReader(io.BytesIO(pdf)), pypdf.PdfReader(io.BytesIO(made))
    assert after.metadata == before.metadata  # Info and XMP say the same, as they did
    root, old = after.trailer["/Root"], before.trailer["/Root"]
    assert root["/Metadata"].get_data() == old["/Metadata"].get_data()  # type: ignore[index]
    assert not pdfa_faults(made)
    assert set(root) - set(old) == {"/AcroForm", "/Extensions"}
    for name in ("/OutputIntents", "/AF", "/Names", "/MarkInfo", "/Lang"):
        assert _plain(root[name]) == _plain(old[name])
    widget = after.pages[0]["/Annots"][0].get_object()  # type: ignore[index]
    flags = int(widget["/F"])
    assert flags & 4  # printed
    assert not flags & (1 | 2 | 32)  # not invisible, hidden or without view
    assert [float(side) for side in widget["/Rect"]] == [0, 0, 0, 0]  # so it needs no appearance
    assert "/NeedAppearances" not in root["/AcroForm"]  # type: ignore[index]
    assert widget["/V"]["/SubFilter"] == "/ETSI.CAdES.detached"
    start, length, rest, tail = widget["/V"]["/ByteRange"]
    assert (start, rest + tail) == (0, len(made))  # all of the file but the signature itself
    assert made[length : length + 1] == b"<"


def _plain(value: object) -> object:
    """A value of a PDF without the numbers of its objects, streams by their bytes."""
    found = value.get_object() if isinstance(value, pypdf.generic.PdfObject) else value
    if isinstance(found, pypdf.generic.StreamObject):
        return found.get_data()
    if isinstance(found, dict):
        return {str(key): _plain(inner) for key, inner in found.items() if key != "/Parent"}
    return [_plain(inner) for inner in found] if isinstance(found, list) else found


def test_a_pdf_that_cannot_be_signed_is_said(pdf: bytes, signer: Signer) -> None:
    with pytest.raises(SourceError, match="signed"):
        sign_pdf(sign_pdf(pdf, signer=signer), signer=signer)
    for wrong in (b"", b"no PDF", pdf[:500]):
        with pytest.raises(SourceError, match="no sound PDF"):
            sign_pdf(wrong, signer=signer)


def test_openssl_verifies_a_detached_signature_and_sees_a_change(
    openssl: str, signer: Signer, keys: Path, tmp_path: Path
) -> None:
    data = b"0" * 64 + b"  data/a.csv\r\n\n"
    (tmp_path / "p.p7s").write_bytes(sign_detached(data, signer=signer))

    def verify(content: bytes, authority: str = "ca.pem") -> subprocess.CompletedProcess[str]:
        (tmp_path / "content").write_bytes(content)
        return subprocess.run(
            [openssl, "cms", "-verify", "-binary", "-inform", "DER", "-in", "p.p7s", "-content", "content",
             "-CAfile", str(keys / authority), "-purpose", "any", "-out", "out"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert verify(data).returncode == 0, verify(data).stderr
    assert verify(data.replace(b"\r\n", b"\n")).returncode != 0
    assert verify(data, "tsa.pem").returncode != 0


# --- time stamps ---------------------------------------------------------------------------------------------------


class Authority(ThreadingHTTPServer):
    """A time-stamp authority on this machine; `answer` makes (status, type, body) of a query."""

    daemon_threads = True

    def __init__(
        self, answer: Callable[[bytes], tuple[int, dict[str, str], bytes]], *, slow: float = 0
    ) -> None:
        self.answer, self.slow = answer, slow
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/stamp"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Authority)
        query = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == "application/timestamp-query"
        status, headers, body = self.server.answer(query)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            if self.server.slow:
                for mark in body:
                    self.wfile.write(bytes([mark]))
                    self.wfile.flush()
                    time.sleep(self.server.slow)
            else:
                self.wfile.write(body)
        except OSError:
            pass  # the client had enough

    def log_message(self, *_arguments: object) -> None:
        pass


REPLY = {"Content-Type": "application/timestamp-reply"}


@pytest.fixture
def served() -> Iterator[Callable[..., str]]:
    running: list[Authority] = []

    def serve(answer: Callable[[bytes], tuple[int, dict[str, str], bytes]], *, slow: float = 0) -> str:
        running.append(Authority(answer, slow=slow))
        threading.Thread(target=running[-1].serve_forever, args=(0.01,), daemon=True).start()
        return running[-1].url

    yield serve
    for server in running:
        server.shutdown()
        server.server_close()


def stamped(openssl: str, keys: Path, query: bytes) -> bytes:
    (keys / "q.tsq").write_bytes(query)
    subprocess.run(
        [openssl, "ts", "-reply", "-config", "tsa.cnf", "-section", "stamp", "-queryfile", "q.tsq", "-out", "r.tsr"],
        cwd=keys, check=True, capture_output=True,
    )  # fmt: skip
    return (keys / "r.tsr").read_bytes()


def test_a_real_authority_stamps_a_pack_hash_and_openssl_verifies_it(
    openssl: str, keys: Path, served: Callable[..., str], tmp_path: Path
) -> None:
    url = served(lambda query: (200, REPLY, stamped(openssl, keys, query)))
    made = timestamp(DIGEST, url=url)
    said = read_timestamp(made, pack_hash=DIGEST)
    assert abs(said.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert "Test Time Stamps" in said.authority
    assert said.policy == "1.2.3.4.1"
    (tmp_path / "p.tsr").write_bytes(made)

    def verify(digest: str) -> int:
        return subprocess.run(
            [openssl, "ts", "-verify", "-digest", digest, "-in", "p.tsr", "-CAfile", str(keys / "ca.pem")],
            cwd=tmp_path, capture_output=True, check=False,
        ).returncode  # fmt: skip

    assert verify(DIGEST) == 0
    assert verify("cd" * 32) != 0
    with pytest.raises(SourceError, match="stamps something else"):
        read_timestamp(made, pack_hash="cd" * 32)


def test_an_old_reply_played_again_is_refused(openssl: str, keys: Path, served: Callable[..., str]) -> None:
    kept: list[bytes] = []

    def answer(query: bytes) -> tuple[int, dict[str, str], bytes]:
        kept.append(kept[0] if kept else stamped(openssl, keys, query))
        return 200, REPLY, kept[0]

    url = served(answer)
    timestamp(DIGEST, url=url)
    with pytest.raises(SourceError, match="to another question"):
        timestamp(DIGEST, url=url)


def test_a_refusal_is_told_in_the_authoritys_words(
    openssl: str, keys: Path, served: Callable[..., str]
) -> None:
    def answer(query: bytes) -> tuple[int, dict[str, str], bytes]:
        return (
            200,
            REPLY,
            stamped(
                openssl,
                keys,
                query.replace(
                    bytes.fromhex("0609608648016503040201"), b"\x06\x09`\x86H\x01e\x03\x04\x02\x02"
                ),
            ),
        )

    with pytest.raises(SourceError, match="authority refuses"):
        timestamp(DIGEST, url=served(answer))


@pytest.mark.parametrize(
    ("status", "headers", "body", "says"),
    [
        (500, REPLY, b"", "HTTP 500"),
        (200, {"Content-Type": "text/html"}, b"<html>", "is no time stamp; found|is no time stamp: found"),
        (200, REPLY, b"", "no time stamp of RFC 3161"),
        (200, REPLY, b"0\x80\x80\x80garbage", "no time stamp of RFC 3161"),
        (200, REPLY, b"\x30\x05\x30\x03\x02\x01\x00", "no time stamp of RFC 3161"),
        (200, REPLY, bytes(LARGEST + 1), "too long"),
        (302, {"Location": "file:///etc/passwd"}, b"", "sends us elsewhere"),
        (307, {"Location": "http://127.0.0.1:9/"}, b"", "sends us elsewhere"),
    ],
)
def test_answers_that_are_no_stamp_are_refused(
    served: Callable[..., str], status: int, headers: dict[str, str], body: bytes, says: str
) -> None:
    with pytest.raises(SourceError, match=says):
        timestamp(DIGEST, url=served(lambda _: (status, headers, body)))


def test_an_authority_that_drips_or_is_not_there_does_not_hold_us(served: Callable[..., str]) -> None:
    url = served(lambda _: (200, REPLY, bytes(10_000)), slow=0.3)
    with pytest.raises(SourceError, match="in 1 seconds"):
        timestamp(DIGEST, url=url, timeout_s=1)
    with pytest.raises(SourceError, match="cannot be reached"):
        timestamp(DIGEST, url="http://127.0.0.1:1/", timeout_s=2)


@pytest.mark.parametrize(
    "url",
    ["", "file:///etc/passwd", "ftp://x/", "data:,x", "//x", "http://", "http://user:pw@x/", "http://x/\n", "http://[::1", "http://x:0/",
     "http://é/"],
)  # fmt: skip
def test_addresses_that_are_no_authority_are_refused_without_a_word_of_them(url: str) -> None:
    with pytest.raises(ParameterError) as told:
        timestamp(DIGEST, url=url)
    assert "pw" not in str(told.value)


def test_a_hash_that_is_none_is_refused(served: Callable[..., str]) -> None:
    with pytest.raises(ParameterError, match="pack hash"):
        timestamp("abc", url="http://127.0.0.1:1/")
    with pytest.raises(ParameterError, match="timeout"):
        timestamp(DIGEST, url="http://127.0.0.1:1/", timeout_s=0)
    assert stamping.LARGEST == 1 << 20
