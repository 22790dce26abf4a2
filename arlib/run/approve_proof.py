"""Whom an approval proves: the user of the process, or who signed the file. Floor 4.

A signature is made by `ssh-keygen -Y sign -n arlib -f KEY FILE` and checked against the public keys of the policy.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from arlib.credit.authority import Proof
from arlib.errors import SourceError
from arlib.policy import AuthorityPolicy
from arlib.run.store import Actor, Authentication

NAMESPACE = "arlib"
SECONDS = 30
LONGEST_SIGNATURE = 64 << 10
HOW = f"ssh-keygen -Y sign -n {NAMESPACE} -f KEY FILE"


def proof_of(actor: Actor, content: bytes, signature: Path | None, *, policy: AuthorityPolicy) -> Proof:
    """The proof of who signed `content`; without a signature, that of the process's user.

    A user whom the operating system does not vouch for proves nobody. Raises SourceError where a signature is not
    by a key of the policy or not over this content, and where there is no ssh-keygen to check it.
    """
    if signature is None:
        if actor.authentication == Authentication.UNAUTHENTICATED:
            return Proof()
        return Proof(person=actor.name, method=str(actor.authentication))
    return Proof(person=_signer(content, signature, policy), method=str(Authentication.SIGNED_FILE))


def _signer(content: bytes, signature: Path, policy: AuthorityPolicy) -> str:
    """The name of the person whose key signed."""
    name = signature.name
    program = shutil.which("ssh-keygen")
    if program is None:
        raise SourceError(
            "cannot be checked: there is no ssh-keygen here",
            where=name,
            fix="Install OpenSSH, or approve as your own user without --signature.",
        )
    if not signature.is_file() or signature.stat().st_size > LONGEST_SIGNATURE:
        raise SourceError("is no signature", where=name, wanted=f"what `{HOW}` writes")
    people = [person for person in policy.people if person.signing_key]
    if not people:
        raise SourceError("nobody of the authority policy has a signing_key", where=name)
    with tempfile.TemporaryDirectory(prefix="arlib-") as folder:
        allowed = Path(folder) / "allowed_signers"
        lines = [
            f'person{at} namespaces="{NAMESPACE}" {" ".join(person.signing_key.split()[:2])}'
            for at, person in enumerate(people)
        ]
        allowed.write_text("\n".join(lines) + "\n", encoding="ascii")
        kept = Path(folder) / "signature"
        kept.write_bytes(signature.read_bytes())
        for at, person in enumerate(people):
            command = [program, "-Y", "verify", "-f", str(allowed), "-I", f"person{at}", "-n", NAMESPACE]
            try:
                done = subprocess.run(  # noqa: S603 - a fixed program and words of ours
                    [*command, "-s", str(kept)],
                    input=content,
                    capture_output=True,
                    timeout=SECONDS,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as fault:
                raise SourceError(
                    "cannot be checked by ssh-keygen", where=name, found=type(fault).__name__
                ) from fault
            if done.returncode == 0:
                return person.name
    raise SourceError(
        "is not a signature over this file by a key of the authority policy",
        where=name,
        fix=f"Sign the file as it is now: {HOW}",
    )
