"""X.509 signatures: of a PDF (PAdES, as one more revision, PDF/A-3 stays valid) and of any bytes (detached CMS). Floor 3.

Optional: needs `pip install 'arlib[sign]'` (pyHanko). Key and passphrase come from files and variables of the environment
and reach no parameter, message or log.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from arlib.errors import ParameterError, SourceError
from arlib.report.documents.pdf import NotInstalledError

KEY = "ARLIB_SIGN_KEY"
CERTIFICATE = "ARLIB_SIGN_CERTIFICATE"
PASSPHRASE = "ARLIB_SIGN_PASSPHRASE"  # noqa: S105 (the variable's name)
DIGEST = "sha256"
FIELD = "arlib"  # name of the signature field; it has no picture on the page


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who signs: the certificate's subject and issuer, its SHA-256 fingerprint and last moment, for letters."""

    subject: str
    issuer: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    _parts: Any = field(repr=False, compare=False)


def is_asked(environ: Mapping[str, str]) -> bool:
    """Whether the environment names a key to sign with."""
    return bool(environ.get(KEY))


def signer_from(environ: Mapping[str, str], *, now: datetime) -> Signer:
    """The signer that the environment names.

    ARLIB_SIGN_KEY is the path of a PKCS#12 file (.p12, .pfx), or of a private key in PEM with its certificate in the same
    file or in the one that ARLIB_SIGN_CERTIFICATE names (further certificates there are its chain). ARLIB_SIGN_PASSPHRASE
    opens it. `now` must lie within the certificate's time.

    Raises NotInstalledError without pyHanko; ParameterError where the variable is not set, the passphrase is wrong, the
    certificate is of another key or its time is over; SourceError for a file that cannot be read.
    """
    need_extra()
    if not is_asked(environ):
        raise ParameterError(
            "no key to sign with", fix=f"Set {KEY} to the path of a PKCS#12 file or of a private key in PEM."
        )
    path = Path(environ[KEY])
    given = environ.get(PASSPHRASE, "")
    passphrase = given.encode() if given else None
    if path.suffix.lower() in (".p12", ".pfx"):
        parts = _from_pkcs12(_read(path, KEY), passphrase)
    else:
        named = environ.get(CERTIFICATE, "")
        key = _read(path, KEY)
        parts = _from_pem(key, _read(Path(named), CERTIFICATE) if named else key, passphrase)
    certificate = parts.signing_cert
    made = Signer(
        subject=certificate.subject.human_friendly,
        issuer=certificate.issuer.human_friendly,
        fingerprint=certificate.sha256.hex(),
        not_before=certificate.not_valid_before,
        not_after=certificate.not_valid_after,
        _parts=parts,
    )
    if not made.not_before <= now <= made.not_after:
        raise ParameterError(
            "the certificate to sign with is not valid at this time",
            where=CERTIFICATE if environ.get(CERTIFICATE) else KEY,
            found=f"valid from {made.not_before:%Y-%m-%d} to {made.not_after:%Y-%m-%d}",
            wanted=f"a certificate valid on {now.astimezone(UTC):%Y-%m-%d}",
        )
    return made


def sign_pdf(pdf: bytes, *, signer: Signer, reason: str = "", location: str = "", contact: str = "") -> bytes:
    """The PDF with one signature over all of it, as a further revision: what was there is not touched.

    The signature (PAdES, ETSI.CAdES.detached, SHA-256, with the certificate and its chain inside) has no picture on the page,
    so that a PDF/A-3 stays one; viewers show it in their list of signatures. The time in it is the clock's and proves
    nothing: a time stamp does. Raises SourceError for bytes that are no PDF, or one that is signed or encrypted already.
    """
    need_extra()
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign import fields, signers

    class Same(IncrementalPdfFileWriter):
        """Keeps the file a PDF/A-3: PDF 1.7 (5.1), and title, dates and producer told alike in both places (6.6.3)."""

        def _update_meta(self) -> None:
            pass

        def ensure_output_version(self, version: object) -> None:
            pass

        def register_extension(self, ext: Any) -> None:
            if ext.base_version == "/1.7":
                super().register_extension(ext)

    try:
        writer = Same(io.BytesIO(pdf))
    except (PdfError, ValueError) as fault:
        raise SourceError("cannot be signed: it is no sound PDF", where="PDF", found=str(fault)) from fault
    if writer.prev.encrypted or list(writer.prev.embedded_signatures):
        raise SourceError(
            "cannot be signed", where="PDF", found="an encrypted or signed file", wanted="neither"
        )
    about = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        subfilter=fields.SigSeedSubFilter.PADES,
        name=signer.subject,
        reason=reason or None,
        location=location or None,
        contact_info=contact or None,
    )
    try:
        made = signers.PdfSigner(about, signer=signer._parts).sign_pdf(writer)
    except PdfError as fault:
        raise SourceError("cannot be signed", where="PDF", found=str(fault)) from fault
    return bytes(made.getvalue())


def sign_detached(data: bytes, *, signer: Signer) -> bytes:
    """A detached CMS signature (RFC 5652, DER, SHA-256) of bytes, with the certificate and its chain inside.

    Anyone checks it: `openssl cms -verify -binary -inform DER -in PACK.p7s -content tagmanifest-sha256.txt
    -CAfile CA.pem -purpose any -out /dev/null`.
    """
    need_extra()
    made = asyncio.run(signer._parts.async_sign_general_data(data, DIGEST, detached=True))
    return bytes(made.dump())


def _from_pkcs12(data: bytes, passphrase: bytes | None) -> Any:
    from cryptography.hazmat.primitives.serialization import pkcs12
    from pyhanko.sign.signers import SimpleSigner

    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(data, passphrase)
    except ValueError:
        raise _not_opened() from None
    if key is None or certificate is None:
        raise ParameterError("holds no key with a certificate", where=KEY, wanted="both in the PKCS#12 file")
    return SimpleSigner.load_pkcs12_data(data, other_certs=[], passphrase=passphrase)


def _from_pem(key: bytes, certificates: bytes, passphrase: bytes | None) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    try:
        public = load_pem_private_key(key, passphrase).public_key()
        private = load_private_key_from_pemder_data(key, passphrase)
    except (ValueError, TypeError):
        raise _not_opened() from None
    try:
        found = list(load_certs_from_pemder_data(certificates))
    except ValueError:
        found = []
    own = [one for one in found if one.public_key.dump() == _public_bytes(public)]
    if not own:
        raise ParameterError(
            "no certificate of the key",
            where=CERTIFICATE,
            found=f"{len(found)} certificates of other keys" if found else "no certificate",
            wanted="the certificate of the private key, in PEM",
        )
    chain = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    chain.register_multiple([one for one in found if one is not own[0]])
    return SimpleSigner(signing_cert=own[0], signing_key=private, cert_registry=chain)


def _public_bytes(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return bytes(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _not_opened() -> ParameterError:
    return ParameterError(
        "the key to sign with cannot be opened",
        where=KEY,
        fix=f"Is it PKCS#12 or PEM, and {PASSPHRASE} its passphrase?",
    )


def _read(path: Path, variable: str) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as fault:
        told = getattr(fault, "strerror", None) or "not a path"
        raise SourceError(f"the file cannot be read ({told})", where=variable) from None


def need_extra() -> None:
    """See that the extra is there; raises NotInstalledError, which says what to install."""
    try:
        import pyhanko.sign  # noqa: F401
    except ImportError as fault:
        raise NotInstalledError(
            "signatures and time stamps need pyHanko", fix="Install it: pip install 'arlib[sign]'."
        ) from fault
