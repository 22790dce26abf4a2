"""The text layer of a PDF, drawn out by pypdf in a process of its own. Floor 2.

A hostile PDF can keep any reader busy or fill the memory; a process can be stopped. Scripts, forms, links and embedded files
are not looked at.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

MAX_PAGES, MAX_BYTES = 200, 32 << 20
SECONDS, PATIENCE, MEMORY = 2, 10, 1 << 30  # of its own time; of the clock on a busy machine; bytes


def pages_of(content: bytes) -> tuple[list[str], str]:
    """The text of each page, and why there is none ('' where all is well): encrypted, pages, damaged, slow, large."""
    if len(content) > MAX_BYTES:
        return [], "large"
    command = [sys.executable, "-I", "-X", "utf8", str(Path(__file__))]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return [], "slow"
    if done.returncode < 0:  # stopped for the time or the memory that it took
        return [], "slow"
    try:
        found = json.loads(done.stdout)
        return [str(page) for page in found["pages"]], str(found["fault"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return [], "damaged"


def _main() -> None:
    """Read a PDF from standard input; write {"pages": [...], "fault": ""} to standard output."""
    import contextlib
    import logging

    logging.disable(logging.CRITICAL)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    pages: list[str] = []
    fault = ""
    try:
        import pypdf

        reader = pypdf.PdfReader(io.BytesIO(sys.stdin.buffer.read()), strict=False)
        if reader.is_encrypted:
            fault = "encrypted"
        elif len(reader.pages) > MAX_PAGES:
            fault = "pages"
        else:
            pages = [page.extract_text(extraction_mode="layout") for page in reader.pages]
    except BaseException:  # (whatever a hostile file raises ends this process and is said in one word)
        pages, fault = [], "damaged"
    sys.stdout.write(json.dumps({"pages": pages, "fault": fault}))


if __name__ == "__main__":
    _main()
