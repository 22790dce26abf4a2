"""What a run says of itself: the facts of run.json, and the pages that carry its hash. Floor 4."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import arlib
from arlib.errors import RunError
from arlib.report.words import plain
from arlib.run import platform, record
from arlib.run.job import Job
from arlib.run.journal import State
from arlib.run.result import digest, run_digest
from arlib.run.staging import Staging

MODES: tuple[tuple[Literal["report", "evidence"], str], ...] = (("report", ""), ("evidence", ".evidence"))

SMALL = 1_000_000  # signs; a larger page is not made twice
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
FACT = re.compile(r"<dt>([^<]*)</dt><dd><bdi>([^<]*)</bdi></dd>")


def verified(job: Job, place: Staging, done: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What run.json says: nothing in it is still to come."""
    payloads = {name: made["payload"] for name, made in done.items()}
    controls: list[dict[str, Any]] = []
    for told in payloads.values():
        controls += [control for control in told["controls"] if control not in controls]
    scope = job.plan.scope(job.entity, as_of=job.as_of)
    facts = {
        "run_id": place.run_id,
        "close_id": job.close_id,
        "state": str(State.VERIFIED),
        "title": job.plan.title,
        "entity": job.entity,
        "entity_name": scope.entity_name,
        "functional_currency": scope.functional_currency,
        "period": scope.period,
        "starts_on": scope.starts_on.isoformat(),
        "ends_on": scope.ends_on.isoformat(),
        "as_of": scope.as_of.isoformat(),
        "created_at": place.plan.get("created_at", ""),
        "is_partial": job.is_partial,
        "supersedes": job.supersedes,
        "parameters": job.plan.as_json(),
        "parameters_sha256": digest(job.plan.as_json()),
        "inputs": list(job.inputs),
        "inputs_sha256": record.inputs_sha256(job.inputs),
        "carried_forward": job.carried.to_json() if job.carried else None,
        "decisions": job.decisions,
        "notebooks": {
            name: {
                "source_sha256": made["source_sha256"],
                "parameters": made["parameters"],
                "results_sha256": made["payload"]["results_sha256"],
                "counts": made["payload"]["counts"],
                "tables": made["payload"]["tables"],
                **{
                    name: made["payload"][name]
                    for name in ("title", "status", "findings", "limits", "for_review")
                    if name in made["payload"]
                },
            }
            for name, made in done.items()
        },
        "controls": controls,
        "identities": {name: told["identities"] for name, told in payloads.items()},
        "results_sha256": run_digest(payloads),
        "library_sha256": record.library_sha256(),
        "environment": record.environment(job.plan.root),
        "fingerprint": job.fingerprint,
    }
    masked: dict[str, Any] = job.mask.deep(facts)
    return masked


@dataclass(frozen=True, kw_only=True)
class PageAsk:
    """What the pages of one notebook are made of; see `pages_of`."""

    name: str
    executed: bytes
    title: str
    shown: Mapping[str, str]

    def made(self) -> dict[str, bytes]:
        """The pages, made here."""
        return pages_of(self.name, self.executed, title=self.title, shown=self.shown)


def render(
    job: Job,
    place: Staging,
    *,
    facts: Mapping[str, Any],
    run_sha256: str,
    pages: Callable[[Iterable[PageAsk]], Iterable[dict[str, bytes]]],
) -> None:
    """Two pages a notebook: the report without code, and evidence with it.

    `pages` makes them, wherever notebooks are executed.
    """
    folder = place.run / "pages"
    folder.mkdir(exist_ok=True)
    for made in pages(_asked(job, place, name, facts=facts, run_sha256=run_sha256) for name in job.notebooks):
        for path, content in made.items():
            platform.write_whole(folder / path, content)


def _asked(job: Job, place: Staging, name: str, *, facts: Mapping[str, Any], run_sha256: str) -> PageAsk:
    payload = place.done(name)["payload"]
    shown = {
        "status": payload["status"],
        "Entity": f"{job.entity} {facts['entity_name']}",
        "Period": facts["period"],
        "As of": facts["as_of"],
        "Run": place.run_id,
        "Record": run_sha256[:12],
        "Results": payload["results_sha256"][:12],
        "arlib": arlib.__version__,
    }
    executed = (place.run / "notebooks" / f"{name}.ipynb").read_bytes()
    return PageAsk(name=name, executed=executed, title=payload["title"], shown=shown)


def pages_of(name: str, executed: bytes, *, title: str, shown: Mapping[str, str]) -> dict[str, bytes]:
    """The pages of an executed notebook by file name, each looked over; nothing but the arguments is read.

    `shown` is what stands at the top of each: see `report.page.render`. Raises RunError for a page that does not name
    its own title and run, or that comes out otherwise the second time.
    """
    import nbformat

    from arlib.report.page import cleaned
    from arlib.report.page import render as page

    node = cleaned(nbformat.reads(executed.decode(), as_version=4))  # type: ignore[no-untyped-call]
    made: dict[str, bytes] = {}
    for mode, ending in MODES:
        path = f"{name}{ending}.html"
        text = page(node, mode=mode, title=title, run_facts=shown)
        again = ""
        if mode == "report" and len(text) < SMALL:
            again = page(node, mode=mode, title=title, run_facts=shown)
        if wrong := unsound_page(text, again, title=title, facts=shown):
            entity = shown.get("Entity", "").partition(" ")[0]
            raise RunError(
                f"the page {path} {wrong}", reason="page_unsound", where=f"{entity} {shown.get('Period', '')}"
            )
        made[path] = text.encode()
    return made


def unsound_page(text: str, again: str, *, title: str, facts: Mapping[str, str]) -> str:
    """What is wrong with a page, '' when nothing: it must name its own title and run, and no other's.

    `again` is a second rendering, '' where there is none; a page that comes out otherwise the second time was
    mixed with another.
    """
    head, _, _ = text.partition("<main>")
    found = dict(FACT.findall(head))
    if [escape(plain(title))] != TITLE.findall(head):
        return "does not have its own title"
    for name, value in facts.items():
        if name != "status" and found.get(escape(name)) != escape(value):
            return f"does not name its own {name.lower()}"
    if again and again != text:
        return "comes out otherwise the second time"
    return ""
