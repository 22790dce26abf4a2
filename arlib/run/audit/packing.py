"""The pack of an answer: what it holds, and the files around it. Floor 4.

The layout is in docs/formats/evidence-pack.md. Beside the pack's folder lie its zip, the reply letter that prints the
pack's hash, and where they are asked for the signature, the time stamp and the key of the pseudonyms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import arlib
from arlib.audit.kinds import KINDS
from arlib.errors import RunError
from arlib.report.pack.bag import make_bag, verify_bytes, verify_sha256, zip_bag
from arlib.report.pack.dictionary import canonical_meanings, dictionary_page, result_meanings
from arlib.report.pack.letters import Letter, cover_letter, letter_pdf, reply_letter
from arlib.report.pack.model import Content, Draw, PackFacts, provenance_of
from arlib.report.pack.pages import report_pdf
from arlib.report.pack.pdfa import Attachment, pdf_a3
from arlib.report.pack.provenance import provenance_json, provenance_page
from arlib.report.pack.totals import pack_json
from arlib.report.pack.wheel import lock_text, wheel_bytes
from arlib.report.words import counted
from arlib.run import context, platform
from arlib.run.audit.books import Source
from arlib.run.audit.csv_books import write_books
from arlib.run.audit.proofs import Proofs
from arlib.run.audit.request import Request
from arlib.run.job import Run, notebook_path
from arlib.run.manifest import MEDIA, NAME, RUN
from arlib.run.record import installed_sha256
from arlib.run.store import Actor

CONTENTS = (
    Content(path="cover-letter.pdf", words="this letter"),
    Content(
        path="report.pdf",
        words="the answer: tables, charts and controls; workbook and manifest are attached to it",
    ),
    Content(path="evidence.pdf", words="the same with every step that was executed"),
    Content(
        path="provenance.html", words="where every figure came from: sources, hashes, parameters, controls"
    ),
    Content(path="data-dictionary.html", words="what every table and column means"),
    Content(path="request/", words="the request as it was read, with its files and the close file"),
    Content(
        path="run/", words="the sealed run: executed notebook, pages, workbook, results and books as data"
    ),
    Content(path="books/", words="the books again as CSV that a spreadsheet may open"),
    Content(path="notebook/", words="the notebook as it was before it ran"),
    Content(path="library/", words="the program that made this, and the exact versions of all that it needs"),
)
README = """\
Evidence pack {name}

Answer to request {request}: {question}
Entity {entity}, as of {as_of}.

Check it with Python 3.8 or later, nothing else:

    python3 verify.py --expect HASH

HASH stands in the reply letter that came with this pack. Without --expect the check says whether the pack is
consistent, not where it came from. Compare verify.py itself with its own hash in the letter before you run it.

Begin with data/cover-letter.pdf. Perform it again with arlib: `arlib audit reperform PACK`.
"""


@dataclass(frozen=True, kw_only=True)
class Packed:
    """A pack in its folder, not yet in place."""

    name: str
    folder: Path
    pack_sha256: str
    archive_sha256: str
    verify_sha256: str
    content_sha256: str
    outcome: str
    prepared_by: str
    letter: Letter
    signed_by: str = ""
    stamped_at: str = ""


def pack_of(
    request: Request,
    source: Source,
    *,
    run: Run,
    sealed: Path,
    folder: Path,
    actor: Actor,
    proofs: Proofs,
    draw: Draw | None = None,
) -> Packed:
    """Lay out, seal and zip the pack of a sealed run in a new `folder`, and write the letters.

    Raises NotInstalledError where PDFs cannot be made, and what signing and stamping raise where they are asked for.
    """
    record = json.loads((sealed / RUN).read_bytes())
    made = datetime.now(UTC).replace(microsecond=0)
    name = f"{request.request_id}-{request.kind}-{request.entity}-{request.as_of:%Y%m%d}-{run.run_id[-6:]}"
    pack = folder / name
    data = pack / "data"
    data.mkdir(parents=True)
    platform.make_writable(sealed)
    platform.rename_whole(sealed, data / "run")
    _requested(request, data)
    write_books(source.book, data / "books", functional=str(record["functional_currency"]))
    _library(data / "library", ran_sha256=str(record["library_sha256"]))
    content = pack_json(
        run=data / "run",
        content={"request": request.facts()},
        facts={"request": request.as_json(), "arlib": arlib.__version__, "read_from": source.of},
    )
    _write(data / "pack.json", content)
    told = json.loads(content)
    facts = _facts(
        request,
        record,
        run,
        name=name,
        content_sha256=str(told["content_sha256"]),
        dated=made,
        actor=actor,
        draw=draw,
    )
    notebook = notebook_path(request.kind)
    _write(data / "notebook" / notebook.name, (request.plan.root / notebook).read_bytes())
    _pages(request, facts, record, data, made=made, proofs=proofs)
    _write(pack / "verify.py", verify_bytes())
    words = README.format(
        name=name,
        request=request.request_id,
        question=request.question,
        entity=request.entity,
        as_of=request.as_of,
    )
    _write(pack / "README.txt", words.encode())
    info = {
        "Source-Organization": facts.entity_name,
        "External-Identifier": request.request_id,
        "External-Description": request.question,
        "Internal-Sender-Identifier": run.run_id,
        "Contact-Name": facts.prepared_by,
    }
    pack_sha256 = make_bag(pack, info=info, bagging_date=made.date())
    signed_by = proofs.sign(pack, folder / f"{name}.p7s")
    stamped_at = proofs.stamp(pack_sha256, folder / f"{name}.tsr")
    script_sha256 = verify_sha256()
    letter = reply_letter(facts, pack_hash=pack_sha256, verify_sha256=script_sha256)
    _write(folder / "reply.txt", letter.text.encode())
    _write(folder / "reply.pdf", letter_pdf(letter, author=facts.entity_name, created=made))
    return Packed(
        name=name,
        folder=folder,
        pack_sha256=pack_sha256,
        archive_sha256=zip_bag(pack, folder / f"{name}.zip"),
        verify_sha256=script_sha256,
        content_sha256=str(told["content_sha256"]),
        outcome=str(record["notebooks"][request.kind]["status"]),
        prepared_by=facts.prepared_by,
        letter=letter,
        signed_by=signed_by,
        stamped_at=stamped_at,
    )


def _requested(request: Request, data: Path) -> None:
    """The request and what it stands on, as they were written."""
    _write(data / "request" / "request.yml", request.text)
    _write(data / "request" / "close.yml", (request.plan.root / request.plan.close_file).read_bytes())
    for name, content in request.files.items():
        _write(data / "request" / f"{name}.csv", content)


def _library(folder: Path, *, ran_sha256: str) -> None:
    """The library that made the run, which must be what is installed still, and its lock file."""
    if installed_sha256() != ran_sha256:
        raise RunError(
            "the library was changed while the request was answered",
            reason="library_changed",
            fix="Run the request again.",
        )
    name, wheel = wheel_bytes()
    _write(folder / name, wheel)
    _write(folder / "requirements.lock", lock_text())


def _facts(
    request: Request,
    record: Mapping[str, Any],
    run: Run,
    *,
    name: str,
    content_sha256: str,
    dated: datetime,
    actor: Actor,
    draw: Draw | None,
) -> PackFacts:
    """What the letters say."""
    told = record["notebooks"][request.kind]
    answers = KINDS[request.kind].answers
    population = ", ".join(
        f"{key.replace('_', ' ')} {value}"
        for key, value in request.population.items()
        if value not in ("", "all")
    )
    return PackFacts(
        request_id=request.request_id,
        kind=request.kind,
        question="" if request.question == answers else request.question,
        answers=answers,
        draw=draw,
        asked_by=request.asked_by,
        asked_on=request.asked_on,
        due_on=request.due_on,
        entity=request.entity,
        entity_name=str(record["entity_name"]),
        as_of=request.as_of,
        population=population,
        answer=tuple(told["findings"]),
        open_points=open_points(told, draw=draw),
        limits=tuple(told["limits"]),
        prepared_by=request.prepared_by or actor.name,
        reviewed_by=request.reviewed_by,
        dated=dated.date(),
        pack_name=name,
        run_id=run.run_id,
        record_sha256=run.run_json_sha256,
        results_sha256=run.results_sha256,
        content_sha256=content_sha256,
        redaction=""
        if request.redact == "no"
        else "names are replaced by keyed pseudonyms; the key stays with the entity",
        contents=CONTENTS,
        provenance=provenance_of(record),
    )


def open_points(told: Mapping[str, Any], *, draw: Draw | None = None) -> tuple[str, ...]:
    """What an answer leaves open, from its notebook's part of the record: a seed, replies, and tables for decision."""
    made = []
    if draw is not None and not draw.seed:
        made.append(
            "The population is sealed and nothing is drawn: the answer waits for the requester's seed."
        )
    letters, silent = (int(told["counts"].get(name, 0)) for name in ("letters", "without_reply"))
    if silent:
        made.append(
            f"{silent:,} of {counted(letters, 'letter')} {'has' if silent == 1 else 'have'} no reply yet."
        )
    made += [
        f"{counted(rows, 'row')} of {table.replace('_', ' ')} {'waits' if rows == 1 else 'wait'} for a person's decision"
        for table, rows in told["for_review"].items()
    ]
    return tuple(made)


def _pages(
    request: Request,
    facts: PackFacts,
    record: Mapping[str, Any],
    data: Path,
    *,
    made: datetime,
    proofs: Proofs,
) -> None:
    """Letter, report and evidence as PDF/A-3 and HTML; provenance and data dictionary as HTML."""
    run, kind = data / "run", request.kind
    shown = {
        "Entity": f"{facts.entity} {facts.entity_name}",
        "As of": facts.as_of.isoformat(),
        "Request": facts.request_id,
        "Run": facts.run_id,
        "Record": facts.record_sha256,
    }
    attached = (
        _attached(run / "workbooks" / f"{kind}.xlsx", "Source", "workbook with every row of the tables"),
        _attached(run / NAME, "Data", "manifest of the sealed run: every file with its hash"),
        _attached(run / RUN, "Data", "record of the run: parameters, inputs, controls, versions"),
    )
    title = str(record["notebooks"][kind]["title"])
    for name, ending, words in (("report", "", title), ("evidence", ".evidence", f"{title}: evidence")):
        html = (run / "pages" / f"{kind}{ending}.html").read_text(encoding="utf-8")
        _write(data / f"{name}.html", html.encode())
        pdf = pdf_a3(
            report_pdf(html, footer=shown),
            title=words,
            author=facts.entity_name,
            created=made,
            attachments=attached,
        )
        _write(data / f"{name}.pdf", proofs.of_pdf(pdf))
    letter = cover_letter(facts)
    _write(data / "cover-letter.html", letter.html.encode())
    _write(
        data / "cover-letter.pdf",
        proofs.of_pdf(letter_pdf(letter, author=facts.entity_name, created=made)),
    )
    _write(data / "provenance.html", provenance_page(facts.provenance, facts=shown).encode())
    _write(data / "provenance.json", provenance_json(facts.provenance))
    held = [path.stem for path in sorted((run / context.BOOK).glob("*.parquet"))]
    meanings = (*result_meanings(run / "data" / kind), *canonical_meanings(held))
    _write(data / "data-dictionary.html", dictionary_page(meanings, facts=shown).encode())


def _attached(path: Path, relationship: str, words: str) -> Attachment:
    return Attachment(
        name=path.name,
        data=path.read_bytes(),
        media_type=MEDIA.get(path.suffix, "application/octet-stream"),
        relationship=relationship,
        description=words,
    )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    platform.write_whole(path, content)
