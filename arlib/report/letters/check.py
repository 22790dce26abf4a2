"""Templates that a user edited, checked whole before a letter is written: every fault with file and line. Floor 3."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, Union, get_args, get_origin, get_type_hints

from arlib.errors import nearest
from arlib.report.documents.model import Money, Party
from arlib.report.letters.model import Letter, LetterLine
from arlib.report.letters.page import LAYOUT, STYLE, SUFFIX, LetterTemplates

DUNNING = frozenset({"lines", "to_pay", "pay_by"})
REQUIRED: Mapping[str, frozenset[str]] = {
    "nsf": frozenset({"amount", "happened_on", "answer_by"}),
    "estate": frozenset({"lines"}),
    "bankruptcy": frozenset({"amount", "lines", "case_no"}),
    "remittance_request": frozenset({"amount", "happened_on"}),
    "broken_promise": frozenset({"amount", "happened_on"}),
    "exemption_request": frozenset({"case_no", "happened_on"}),
}  # letters of dunning need DUNNING
ALWAYS = frozenset({"sender", "to", "dated", "is_preview"})
GIVEN = frozenset({"letter", "css", "loop", "self", "super", "true", "false", "none"})


@dataclass(frozen=True, kw_only=True, order=True)
class TemplateFault:
    """What is wrong in a template: where, and what to do."""

    file: str
    line: int
    what: str

    def sentence(self) -> str:
        """The fault as one line of text."""
        return f"{self.file}, line {self.line}: {self.what}"


def check_templates(
    templates: LetterTemplates, *, kinds: Iterable[str], languages: Iterable[str]
) -> tuple[TemplateFault, ...]:
    """Every fault of the templates of these kinds and languages, sorted; empty where there is none.

    A missing file; a syntax error; an unknown field, variable, word, filter or test; a field that the kind of letter must
    show and none of its files does; and what fails when a made-up letter is written with it.
    """
    found: set[TemplateFault] = set()
    for name in (LAYOUT, STYLE):
        if not (templates.folder / name).is_file():
            found.add(TemplateFault(file=name, line=1, what="the file is missing"))
    if found:
        return tuple(sorted(found))
    kinds = tuple(kinds)
    for language in languages:
        for kind in kinds:
            name = f"{language}/{kind}{SUFFIX}"
            if templates.has(kind, language):
                found |= set(_of_template(templates, name, kind, language))
            else:
                found.add(TemplateFault(file=name, line=1, what="the template is missing"))
    return tuple(sorted(found))


def _of_template(templates: LetterTemplates, name: str, kind: str, language: str) -> Iterator[TemplateFault]:
    from jinja2 import TemplateError, TemplateSyntaxError

    trees: dict[str, Any] = {}
    waiting = [name]
    try:
        while waiting:
            file = waiting.pop()
            if file in trees:
                continue
            source, _, _ = templates.environment.loader.get_source(templates.environment, file)  # type: ignore[union-attr]
            trees[file] = templates.environment.parse(source, filename=file)
            waiting += _named(trees[file])
    except TemplateSyntaxError as fault:
        yield TemplateFault(file=file, line=fault.lineno, what=f"not a template: {fault.message}")
        return
    except TemplateError:
        yield TemplateFault(file=file, line=1, what="the template is missing")
        return
    words, used = _words(trees.values()), set()
    faults = []
    for file, tree in trees.items():
        walk = _Walk(file, templates.environment, words)
        walk.visit(tree, {"letter": Letter})
        faults += walk.faults
        used |= walk.used
    for field in sorted((REQUIRED.get(kind, DUNNING) | ALWAYS) - used):
        faults.append(TemplateFault(file=name, line=1, what=f"a {kind} letter must show letter.{field}"))
    yield from faults
    if not faults:
        yield from _written(templates, kind, language, name)


def _written(templates: LetterTemplates, kind: str, language: str, name: str) -> Iterator[TemplateFault]:
    """What fails when letters are written: a full one, and one with what may be missing left out."""
    for letter in (example(kind, language), _bare(kind, language)):
        try:
            templates.html(letter)
            templates.subject(letter)
        except Exception as fault:  # a template may fail in any way, and the user is to hear of all of them
            yield TemplateFault(file=name, line=_line(fault, name), what=f"cannot be written: {fault}")


def _line(fault: BaseException, name: str) -> int:
    line, trace = 1, fault.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.replace("\\", "/").endswith(name):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _named(tree: Any) -> list[str]:
    from jinja2 import meta

    return [file for file in meta.find_referenced_templates(tree) if file is not None]


def _words(trees: Iterable[Any]) -> frozenset[str]:
    """Keys of what templates set as `words`."""
    from jinja2 import nodes

    found: set[str] = set()
    for tree in trees:
        for each in tree.find_all(nodes.Assign):
            if (
                isinstance(each.target, nodes.Name)
                and each.target.name == "words"
                and isinstance(each.node, nodes.Dict)
            ):
                found |= {pair.key.value for pair in each.node.items if isinstance(pair.key, nodes.Const)}
    return frozenset(found)


class _Walk:
    """A walk over one template's tree with the types of its names."""

    def __init__(self, file: str, environment: Any, words: frozenset[str]) -> None:
        self.file, self.environment, self.words = file, environment, words
        self.faults: list[TemplateFault] = []
        self.used: set[str] = set()

    def visit(self, node: Any, names: dict[str, Any]) -> None:
        from jinja2 import nodes

        if isinstance(node, nodes.For):
            self.visit(node.iter, names)
            inner = dict(names)
            element = _element(self._type(node.iter, names))
            for target in (
                node.target.find_all(nodes.Name) if not isinstance(node.target, nodes.Name) else [node.target]
            ):
                inner[target.name] = element if node.target is target else Any
            for child in (*node.body, *node.else_, *([node.test] if node.test is not None else [])):
                self.visit(child, inner)
            return
        if isinstance(node, (nodes.Macro, nodes.CallBlock)):
            names = names | {arg.name: Any for arg in node.args}
        if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
            names[node.target.name] = Any
        if isinstance(node, nodes.Getattr):
            self._attribute(node, names)
        if (
            isinstance(node, nodes.Getitem)
            and isinstance(node.arg, nodes.Const)
            and isinstance(node.arg.value, str)
        ):
            self._attribute(nodes.Getattr(node.node, node.arg.value, "load", lineno=node.lineno), names)
        if (
            isinstance(node, nodes.Name)
            and node.ctx == "load"
            and node.name not in (names.keys() | GIVEN | {"words"})
        ):
            self._fault(node, f"unknown name {node.name!r}", node.name, (*names, "letter", "words"))
        if isinstance(node, nodes.ScopedEvalContextModifier):
            self._fault(node, "autoescape cannot be changed", "autoescape", ())
        if isinstance(node, nodes.Filter) and node.name not in self.environment.filters:
            self._fault(node, f"unknown filter {node.name!r}", node.name, self.environment.filters)
        if isinstance(node, nodes.Test) and node.name not in self.environment.tests:
            self._fault(node, f"unknown test {node.name!r}", node.name, self.environment.tests)
        for child in node.iter_child_nodes():
            self.visit(child, names)

    def _attribute(self, node: Any, names: dict[str, Any]) -> None:
        from jinja2 import nodes

        if isinstance(node.node, nodes.Name) and node.node.name == "words" and node.attr not in self.words:
            self._fault(node, f"unknown word words.{node.attr}", node.attr, self.words)
        owner = self._type(node.node, names)
        if owner is Letter:
            self.used.add(node.attr)
        if is_dataclass(owner) and node.attr not in _members(owner):
            shown = (
                "letter" if owner is Letter else getattr(node.node, "name", getattr(node.node, "attr", "it"))
            )
            self._fault(node, f"unknown field {shown}.{node.attr}", node.attr, _members(owner))

    def _type(self, node: Any, names: dict[str, Any]) -> Any:
        from jinja2 import nodes

        if isinstance(node, nodes.Name):
            return names.get(node.name, Any)
        if isinstance(node, nodes.Getattr):
            owner = self._type(node.node, names)
            if is_dataclass(owner):
                return _bare_type(_members(owner).get(node.attr, Any))
        return Any

    def _fault(self, node: Any, what: str, name: str, known: Iterable[str]) -> None:
        near = nearest(name, [each for each in known if not each.startswith("_")])
        hint = f" (did you mean {near!r}?)" if near else ""
        self.faults.append(TemplateFault(file=self.file, line=node.lineno, what=what + hint))


def _members(kind: Any) -> dict[str, Any]:
    """Fields and properties of a dataclass with their types."""
    hints = get_type_hints(kind)
    made = {each.name: hints[each.name] for each in fields(kind)}
    own = ((name, value) for name, value in vars(kind).items() if isinstance(value, property))
    return made | {name: get_type_hints(value.fget).get("return", Any) for name, value in own}


def _bare_type(hint: Any) -> Any:
    """The type without its None."""
    if get_origin(hint) in (Union, types.UnionType):
        kept = [each for each in get_args(hint) if each is not type(None)]
        return kept[0] if len(kept) == 1 else Any
    return hint


def _element(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is tuple and get_args(hint) else Any


def example(kind: str, language: str) -> Letter:
    """A made-up letter with every field, for checks and previews of a template."""
    day = date(2026, 10, 31)
    money = Money(amount=123450, currency="EUR")
    party = Party(
        name="Example & Söhne 示例",
        code="C-1",
        address=("Street 1", "10115 Berlin"),
        country="DE",
        tax_id="DE1",
    )
    line = LetterLine(document_no="9001", document_date=day, due_date=day, days=12, amount=money)
    return Letter(
        number="EXAMPLE", kind=kind, dated=day, language=language, locale=language, sender=party, to=party, about=party,
        contact="A. Person", collector="B. Person", level=1, lines=(line,), asked=money, credits=money, interest=money,
        compensation=money, fee=money, discount=money, to_pay=money, left_out=money, amount=money, pay_by=day, answer_by=day,
        happened_on=day, case_no="26-1", detail="R01", remit_to=("IBAN DE00",), is_preview=True,
    )  # fmt: skip


def _bare(kind: str, language: str) -> Letter:
    full = example(kind, language)
    return Letter(
        number="", kind=kind, dated=full.dated, language=language, locale=language, sender=Party(name="S"),
        to=Party(name="T"), about=Party(name="T"), lines=full.lines, asked=full.asked, to_pay=full.to_pay, amount=full.amount,
        pay_by=full.pay_by, answer_by=full.answer_by, happened_on=full.happened_on, case_no="26-1",
    )  # fmt: skip


__all__ = ["TemplateFault", "check_templates", "example"]
