"""Letters as HTML from templates, shipped or edited by the user: sandboxed, every text escaped, nothing loaded. Floor 3."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError
from arlib.report.documents.page import plain_text, sandbox
from arlib.report.letters.locales import amount_text, country_text, date_text, day_text, money_text
from arlib.report.letters.model import Letter

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

SHIPPED = Path(__file__).parent / "templates"
LANGUAGES = ("en", "de", "fr", "es", "zh")
SUFFIX = ".html.j2"
LAYOUT, STYLE = "base.html.j2", "letter.css"
NAME = re.compile(r"[A-Za-z0-9_]+", re.ASCII)


@dataclass(frozen=True)
class LetterTemplates:
    """The templates in a folder: LANGUAGE/KIND.html.j2, with a layout and a style that they share."""

    folder: Path = field(default=SHIPPED)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that it has, sorted."""
        found = (path.name for path in self.folder.iterdir() if path.is_dir() and NAME.fullmatch(path.name))
        return tuple(sorted(found))

    def has(self, kind: str, language: str) -> bool:
        """Whether there is a template of that kind in that language."""
        return bool(NAME.fullmatch(kind)) and (self.folder / language / f"{kind}{SUFFIX}").is_file()

    def html(self, letter: Letter) -> str:
        """The letter as a page; equal letters give equal pages. No text of a letter can be markup or load anything."""
        return str(self._template(letter).render(letter=letter, css=self._style)) + "\n"

    def subject(self, letter: Letter) -> str:
        """The subject alone, as plain text on one line."""
        from lxml import html

        page: Any = html.fromstring(self.html(letter))
        titles = [*page.iter("h1"), *page.iter("title")]
        return plain_text(titles[0].text_content()) if titles else letter.number

    def text(self, letter: Letter) -> str:
        """The letter as plain text, for the body of an e-mail: paragraphs, and a line for each row of its tables."""
        from lxml import html

        body: Any = html.fromstring(self.html(letter)).find("body")
        assert body is not None
        made: list[str] = []
        for element in body.iter("p", "h1", "tr", "dt", "li"):
            if element.xpath(
                "ancestor-or-self::*[contains(@class, 'draft') or contains(@class, 'head') or contains(@class, 'foot')]"
            ):
                continue
            if element.tag == "tr":
                cells = (" ".join(cell.text_content().split()) for cell in element.iter("td", "th"))
                made.append("  ".join(cell for cell in cells if cell))
            elif element.tag == "dt":
                value = element.getnext()
                made.append(
                    f"{element.text_content().strip()}: {'' if value is None else value.text_content().strip()}"
                )
            else:
                made.append(
                    ("\n" if element.tag in ("p", "h1") else "") + " ".join(element.text_content().split())
                )
        return "\n".join(made).strip() + "\n"

    def _template(self, letter: Letter) -> Any:
        if not self.has(letter.kind, letter.language):
            raise ParameterError("no template", where=letter.language, found=letter.kind)
        return self.environment.get_template(f"{letter.language}/{letter.kind}{SUFFIX}")

    @cached_property
    def environment(self) -> SandboxedEnvironment:
        """Where templates run: no file but those of the folder, no attribute that Python keeps for itself, nothing unset."""
        made = sandbox(self.folder)
        made.globals.clear()
        for name in ("safe", "xmlattr"):  # a text of the books is never markup
            del made.filters[name]
        made.filters |= {
            "money": _by_locale(money_text), "amount": _by_locale(amount_text), "day": _by_locale(day_text),
            "date": _by_locale(date_text), "country": _by_locale(country_text), "plain": plain_text,
        }  # fmt: skip
        return made

    @cached_property
    def _style(self) -> Any:
        from markupsafe import Markup

        style = (self.folder / STYLE).read_text(encoding="utf-8").replace("</", "<\\/")
        return Markup(style)  # noqa: S704 - the template's own style, not a text of the books


def _by_locale(write: Any) -> Any:
    from jinja2 import pass_context

    @pass_context
    def written(context: Any, value: Any) -> str:
        return str(write(value, context["letter"].locale))

    return written
