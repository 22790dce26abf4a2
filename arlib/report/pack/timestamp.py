"""Time stamps (RFC 3161): an authority's word that the pack of this hash was there at a moment. Floor 3.

Optional: needs `pip install 'arlib[sign]'`. The authority is told the hash and nothing else.
"""

from __future__ import annotations

import http.client
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arlib.errors import ParameterError, SourceError
from arlib.report.pack.signing import need_extra
from arlib.report.pack.verify_pack import HASH

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
LARGEST = 1 << 20
PIECE = 1 << 14
WHERE = "time stamp"


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What a token says: when, by whose word, under which policy and number."""

    at: datetime
    authority: str
    policy: str
    serial: str


def timestamp(pack_hash: str, *, url: str, timeout_s: int = 20) -> bytes:
    """Ask the authority at `url` to stamp a pack hash; its reply, to be kept beside the pack as `<pack>.tsr`.

    One POST over http or https; no redirection is followed, no more than a mebibyte is read, and the whole takes no longer than
    about `timeout_s` seconds. The reply must be granted and repeat hash and nonce. Whether to trust the authority is for the
    reader to judge: `openssl ts -verify -digest HASH -in PACK.tsr -CAfile CA.pem`.

    Raises NotInstalledError without the extra; ParameterError for an address or hash that cannot be used; SourceError where
    the authority cannot be reached, refuses, or answers something else.
    """
    need_extra()
    _check_url(url)
    if timeout_s < 1:
        raise ParameterError("timeout_s", where=WHERE, found=timeout_s, wanted="1 or more seconds")
    nonce = secrets.randbits(63)
    reply = _post(url, _query(pack_hash, nonce), timeout_s)
    _token(reply, pack_hash, nonce)
    return reply


def read_timestamp(tsr: bytes, *, pack_hash: str) -> Stamp:
    """What a kept reply says. Raises SourceError where it is none or stamps another hash.

    The authority's signature is not checked here: that needs its certificate from elsewhere.
    """
    need_extra()
    return _token(tsr, pack_hash, None)


def _check_url(url: str) -> None:
    try:
        parts = urllib.parse.urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or not url.isascii() or not url.isprintable() or " " in url:
        raise ParameterError("address of the time-stamp authority", wanted="an http or https address")
    if parts.username or parts.password:
        raise ParameterError(
            "address of the time-stamp authority",
            found="a user or password in it",
            wanted="an address without",
        )


def _query(pack_hash: str, nonce: int) -> bytes:
    from asn1crypto import algos, tsp

    imprint = tsp.MessageImprint(
        {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "hashed_message": _digest(pack_hash),
        }
    )
    made: bytes = tsp.TimeStampReq(
        {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    ).dump()
    return made


class _Staying(urllib.request.BaseHandler):
    """Follows nobody: a hash goes to the authority that was named."""

    def http_error_30x(self, _request: Any, _answer: Any, _code: int, _words: str, headers: Any) -> None:
        raise SourceError(
            "the authority sends us elsewhere; it was not followed",
            where=WHERE,
            found=str(headers.get("Location", "nowhere")),
            wanted="a stamp at the address that was given",
        )

    http_error_301 = http_error_302 = http_error_303 = http_error_307 = http_error_308 = http_error_30x


def _post(url: str, query: bytes, timeout_s: int) -> bytes:
    opener = urllib.request.OpenerDirector()  # knows no file:, ftp: or data:
    for handler in (
        urllib.request.ProxyHandler, urllib.request.HTTPHandler, urllib.request.HTTPSHandler,
        urllib.request.HTTPErrorProcessor, urllib.request.HTTPDefaultErrorHandler, _Staying,
    ):  # fmt: skip
        opener.add_handler(handler())
    request = urllib.request.Request(url, data=query, headers={"Content-Type": QUERY, "Accept": REPLY})  # noqa: S310 (checked)
    ends = time.monotonic() + timeout_s
    made = bytearray()
    try:
        with opener.open(request, timeout=timeout_s) as answer:
            kind = str(answer.headers.get("Content-Type", "")).partition(";")[0].strip().lower()
            while piece := answer.read1(PIECE):
                made += piece
                if len(made) > LARGEST:
                    raise SourceError(
                        "the authority's reply is too long", where=WHERE, wanted=f"{LARGEST:,} bytes at most"
                    )
                if time.monotonic() > ends:
                    raise TimeoutError
    except urllib.error.HTTPError as fault:
        raise SourceError(
            "the authority refuses", where=WHERE, found=f"HTTP {fault.code} {fault.reason}"
        ) from None
    except TimeoutError:
        raise SourceError(f"the authority did not answer in {timeout_s} seconds", where=WHERE) from None
    except (urllib.error.URLError, http.client.HTTPException, OSError) as fault:
        reason = getattr(fault, "reason", None) or fault
        if isinstance(reason, TimeoutError):
            raise SourceError(f"the authority did not answer in {timeout_s} seconds", where=WHERE) from None
        raise SourceError("the authority cannot be reached", where=WHERE, found=str(reason)) from None
    if kind != REPLY:
        raise SourceError(
            "the authority's reply is no time stamp", where=WHERE, found=kind or "no type", wanted=REPLY
        )
    return bytes(made)


def _token(reply: bytes, pack_hash: str, nonce: int | None) -> Stamp:
    """The token in a reply, seen to be granted and to be of that hash (and nonce, where one was sent)."""
    from asn1crypto import cms, core, tsp

    class Reply(core.Sequence):  # type: ignore[misc]  # TimeStampResp: a refusal has no token, asn1crypto's demands one
        _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]  # noqa: RUF012

    wanted = _digest(pack_hash)
    try:
        answer = Reply.load(reply, strict=True)
        status = answer["status"]
        if status["status"].native not in ("granted", "granted_with_mods"):
            told = [str(text) for text in status["status_string"].native or []]
            raise SourceError(
                "the authority refuses",
                where=WHERE,
                found="; ".join([status["status"].native.replace("_", " "), *told]),
            )
        info = answer["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        algorithm, found = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
        made = Stamp(
            at=info["gen_time"].native,
            authority=_authority(info, answer["time_stamp_token"]["content"]),
            policy=info["policy"].dotted,
            serial=str(info["serial_number"].native),
        )
        given = info["nonce"].native
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise SourceError("is no time stamp of RFC 3161", where=WHERE) from fault
    if algorithm != "sha256" or found != wanted:
        raise SourceError("stamps something else", where=WHERE, found=found.hex(), wanted=wanted.hex())
    if nonce is not None and given != nonce:
        raise SourceError(
            "the authority's reply is to another question", where=WHERE, found=given, wanted=str(nonce)
        )
    return made


def _authority(info: Any, signed: Any) -> str:
    """The authority's name: as the token says it, or of the certificate that comes with it and signed it."""
    if info["tsa"].native is not None:
        return str(info["tsa"].chosen.human_friendly)
    serial = signed["signer_infos"][0]["sid"].chosen["serial_number"].native
    for one in signed["certificates"] or []:
        if one.chosen.serial_number == serial:
            return str(one.chosen.subject.human_friendly)
    return ""


def _digest(pack_hash: str) -> bytes:
    if not HASH.match(pack_hash):
        raise ParameterError("pack hash", where=WHERE, found=pack_hash, wanted="64 hexadecimal digits")
    return bytes.fromhex(pack_hash)
