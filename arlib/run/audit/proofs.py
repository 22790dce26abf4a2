"""What others can check a pack's origin and time by: a signature, a time stamp. Both only where they are asked for. Floor 4."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.run import platform

if TYPE_CHECKING:
    from arlib.report.pack.signing import Signer

TAGS = "tagmanifest-sha256.txt"


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """The signer that the environment names, and the time-stamp authority that was named."""

    signer: Signer | None = None
    authority: str = ""

    @classmethod
    def asked(cls, *, authority: str) -> Proofs:
        """What is asked for; a key that cannot be used is refused here, before anything is run."""
        from arlib.report.pack.signing import is_asked, signer_from

        signer = signer_from(os.environ, now=datetime.now(UTC)) if is_asked(os.environ) else None
        return cls(signer=signer, authority=authority)

    def of_pdf(self, pdf: bytes) -> bytes:
        """The PDF, signed where there is a signer."""
        if self.signer is None:
            return pdf
        from arlib.report.pack.signing import sign_pdf

        return sign_pdf(pdf, signer=self.signer, reason="prepared by the entity")

    def sign(self, pack: Path, target: Path) -> str:
        """Sign a pack's hashes into `target`; who signed, '' where nobody does."""
        if self.signer is None:
            return ""
        from arlib.report.pack.signing import sign_detached

        platform.write_whole(target, sign_detached((pack / TAGS).read_bytes(), signer=self.signer))
        return self.signer.subject

    def stamp(self, pack_sha256: str, target: Path) -> str:
        """Have a pack's hash stamped into `target`; when the authority saw it, '' where none is named."""
        if not self.authority:
            return ""
        from arlib.report.pack.timestamp import read_timestamp, timestamp

        token = timestamp(pack_sha256, url=self.authority)
        platform.write_whole(target, token)
        return str(read_timestamp(token, pack_hash=pack_sha256).at)
