"""Bank files and advices of one source together: whose they are, which lines count, which came already. Floor 2.

A bank says one thing several times: a notice in the morning, a statement at night, the same statement again next week,
the cheques of a deposit in a file of their own. Here every entry gets a `use`:

    taken          it counts
    repeated       the same statement was given before
    copied         the same entry stands on another statement: two downloads overlap
    attached       a notice of what a final statement books too: its details go below that line
    unclear        a notice of one of several bookings that cannot be told apart
    superseded     an interim entry of days that a final statement covers
    pending        not booked yet
    not ours       of an account that the option `accounts` maps to "-"

What is not taken is said in the problems table. Nothing is read here that `forms` has not given as text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from arlib.errors import Problem, SourceError
from arlib.sources.files import SourceFiles
from arlib.sources.forms.amounts import plain, total
from arlib.sources.forms.lists import LISTS
from arlib.sources.identity import hashes, numbered
from arlib.sources.profile import Profile
from arlib.sources.raw import RawFile, Records, remark
from arlib.sources.received import bare, turned
from arlib.sources.seen import FINAL, INTERIM, Entry, Final, Given, Seen, Told, booked, copied

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("bank", "remittance")
TAKEN, REPEATED, COPIED, ATTACHED, UNCLEAR, SUPERSEDED, PENDING, NOT_OURS = (
    "taken", "repeated", "copied", "attached", "unclear", "superseded", "pending", "not ours",
)  # fmt: skip
OTHERS = "-"

_ENTRY = ("booking_date", "value_date", "currency", "amount", "bank_reference", "customer_reference", "end_to_end_id",
          "reference", "remittance_text", "payer_name", "return_code")  # fmt: skip


def settled(
    given: SourceFiles, *, functional: Mapping[str, str] | None = None
) -> tuple[SourceFiles, list[Problem]]:
    """The files with who they are for, ids and `use` in every list; and what is to be said of lines that do not count.

    What states no currency is in the option `currency`, else in that of the entity's books (`functional`), and is noted.
    Files that are no bank files or advices pass as they are. Final statements come first, whatever the order of files.
    Raises SourceError for an account that the source's option `accounts` (or `entity`) does not place, all at once.
    """
    profile = given.profile
    mine = {role for role, mapping in profile.files.items() if mapping.format in FORMATS}
    if not mine:
        return given, []
    documents = [(at, role, file) for at, (role, file) in enumerate(given.files) if role in mine]
    named = {at: _named(file, profile) for at, _, file in documents}
    _refuse_unknown(list(named.values()), profile)
    seen, problems = Seen(), []
    done: dict[int, tuple[str, RawFile]] = {}
    for at, role, file in sorted(documents, key=lambda one: (not _is_final(named[one[0]]), one[0])):
        lists, said = _placed(named[at], file.name, file.form, seen)
        problems += [*said, *_currencies(lists, file.name, profile, functional or {})]
        done[at] = (role, replace(file, records=lists, entities=_entities(lists)))
    problems += _unbooked(done, seen)
    files = tuple(done.get(at, one) for at, one in enumerate(given.files))
    return replace(given, files=files), problems


def _unbooked(done: Mapping[int, tuple[str, RawFile]], seen: Seen) -> list[Problem]:
    """One remark a file for notices of days that final statements cover and do not book."""
    said = []
    for _, file in done.values():
        frame = file.records["entries"].frame
        days = zip(
            frame["use"], frame["notice"], frame["bank_account"], frame["currency"], frame["day"], strict=True
        )
        alone = [
            use == TAKEN and bool(notice) and seen.covers(account, code, day)
            for use, notice, account, code, day in days
        ]
        if any(alone):
            rows = frame[alone]
            sums = {str(code): total(texts) for code, texts in rows.groupby("currency")["amount"]}
            told = ", ".join(f"{plain(amount)} {code}" for code, amount in sums.items())
            said.append(
                remark(file.name, "notices_that_no_statement_books", table="bank_lines",
                       row=int(file.records["entries"].rows[alone.index(True)]), found=f"{len(rows)} entries, {told}")
            )  # fmt: skip
    return said


def _currencies(
    lists: Mapping[str, Records], name: str, profile: Profile, functional: Mapping[str, str]
) -> list[Problem]:
    """Fill in the currency where none is stated, in place; one remark a list."""
    said = []
    for key in ("statements", "entries", "details", "remittances"):
        frame = lists[key].frame
        bare = frame["currency"].eq("").to_numpy(dtype=bool)
        if bare.any():
            own = profile.currency or profile.functional_currency
            pairs = zip(frame["currency"], frame["entity"], strict=True)
            frame["currency"] = _column(
                (code or own or functional.get(entity, "") for code, entity in pairs), frame
            )
            taken = sorted(set(frame.loc[bare, "currency"]) - {""})
            said.append(
                remark(name, "currency_not_stated", table=key, row=int(lists[key].rows[bare][0]),
                       found=f"{int(bare.sum())} rows", wanted=f"taken as {', '.join(taken)}" if taken else "a currency")
            )  # fmt: skip
    return said


def _entities(lists: Mapping[str, Records]) -> frozenset[str]:
    return frozenset(str(code) for records in lists.values() for code in records.frame["entity"].unique()) - {
        OTHERS
    }


def _is_final(lists: Mapping[str, Records]) -> bool:
    return bool(lists["statements"].frame["kind"].eq(FINAL).any())


def _named(file: RawFile, profile: Profile) -> dict[str, Records]:
    """The file's lists with `entity` and `bank_account` in each."""
    import pandas as pd

    known = {bare(name): placed for name, placed in profile.accounts.items()}
    made: dict[str, Records] = {}
    given = turned(file.records, known)
    for name in LISTS:
        if name == "remarks" or name not in given:
            continue
        records = given[name]
        frame = records.frame.copy()
        own = frame.get("account", pd.Series("", index=frame.index, dtype="str"))
        if name == "payments":
            own = own.where(
                own.ne(""), frame["payee_account"].where(frame["payee_account"].map(bare).isin(known), "")
            )
        if name == "remittances":
            own = _of_others(frame, made, own)
        where = [known.get(bare(str(account)), "").partition("/") for account in own]
        frame["account"] = own
        frame["entity"] = _column((entity or profile.entity for entity, _, _ in where), frame)
        frame["bank_account"] = _column(
            (w[2] or bare(str(account)) for w, account in zip(where, own, strict=True)), frame
        )
        made[name] = replace(records, frame=frame)
    return made


def _first(frame: pd.DataFrame, key: str, column: str) -> dict[str, str]:
    """The column's value of the first row of each key."""
    once = frame.drop_duplicates(key)
    return dict(zip(once[key], once[column], strict=True))


def _column(texts: Iterable[str], frame: pd.DataFrame) -> pd.Series:
    import pandas as pd

    return pd.Series(list(texts), index=frame.index, dtype="str")


def _of_others(remittances: pd.DataFrame, made: Mapping[str, Records], own: pd.Series) -> pd.Series:
    """A remittance line is for the account of its payment, or of the statement that carries it."""
    by_payment, by_statement = (
        _first(made[name].frame, key, "account")
        for name, key in (("payments", "payment"), ("statements", "statement"))
    )
    pairs = zip(remittances["payment"], remittances["statement"], strict=True)
    return _column((by_payment.get(p) or by_statement.get(s, "") for p, s in pairs), remittances)


def _refuse_unknown(all_lists: list[dict[str, Records]], profile: Profile) -> None:
    unknown = set()
    for lists in all_lists:
        for name, records in lists.items():
            frame = records.frame
            unknown |= {
                (name, bare(str(account)))
                for account in frame.loc[frame["entity"].eq(""), "account"].unique()
            }
    if not unknown:
        return
    accounts = sorted({account for _, account in unknown if account})
    if accounts:
        raise SourceError(
            "the source does not say whose bank accounts these are",
            where=f"profile {profile.profile}",
            found=", ".join(accounts),
            fix=f'Add to the source: options: {{accounts: {{"{accounts[0]}": "ENTITY/OUR-ACCOUNT"}}}} ("-" for one '
            "that is not ours), or options: {entity: ENTITY} for all.",
        )
    raise SourceError(
        "the source does not say which entity its advices are for",
        where=f"profile {profile.profile}",
        fix="Add to the source: options: {entity: ENTITY}.",
    )


def _placed(
    lists: dict[str, Records], name: str, form: str, seen: Seen
) -> tuple[dict[str, Records], list[Problem]]:
    """The lists of one file with ids and `use`."""
    problems: list[Problem] = []
    statements, entries = lists["statements"].frame, lists["entries"].frame
    currency = _first(statements, "statement", "currency")
    own = zip(entries["currency"], entries["statement"], strict=True)
    entries["currency"] = _column((code or currency.get(statement, "") for code, statement in own), entries)
    entries["day"] = entries["booking_date"].where(entries["booking_date"].ne(""), entries["value_date"])
    says = [entries[column] for column in ("bank_account", *_ENTRY)]
    entries["digest"] = hashes(says, index=entries.index, places=12)
    _statements(statements, entries, name, lists["statements"], form, _parts(lists), seen, problems)
    for column in ("statement_id", "statement_kind", "statement_use"):
        source = column if column in statements else column.removeprefix("statement_")
        known = _first(statements, "statement", source)
        entries[column] = _column((known.get(statement, "") for statement in entries["statement"]), entries)
    _entries(entries, lists, name, seen)
    problems += _said(entries, lists["entries"], name)
    _below(lists, entries)
    return lists, problems


def _parts(lists: Mapping[str, Records]) -> dict[str, list[str]]:
    """What stands below the entries, by statement, as texts for its hash."""
    frame = lists["details"].frame
    columns = ("line", "detail", "amount", "payer_name", "payer_account", "reference", "remittance_text")
    made: dict[str, list[str]] = {}
    for statement, *parts in zip(frame["statement"], *(frame[c] for c in columns), strict=True):
        made.setdefault(statement, []).append("\x1f".join(parts))
    return made


def _statements(
    statements: pd.DataFrame,
    entries: pd.DataFrame,
    name: str,
    records: Records,
    form: str,
    below: Mapping[str, list[str]],
    seen: Seen,
    problems: list[Problem],
) -> None:
    """Ids, content hashes and use of the statements of one file, in place."""
    groups = entries.groupby("statement", sort=False)
    hashes = {str(key): [*rows, *below.get(str(key), ())] for key, rows in groups["digest"]}
    amounts = {str(key): list(rows) for key, rows in groups["amount"]}
    ids, content, uses = [], [], []
    counts: dict[tuple[str, str], int] = {}
    for row, fields in zip(records.rows.tolist(), statements.to_dict("records"), strict=True):
        text = {str(key): str(value) for key, value in fields.items()}
        sha = _content((*hashes.get(text["statement"], ()), *(text[k] for k in ("opening", "closing"))))
        day = text["to_date"] or text["closing_date"]
        kind = "" if text["kind"] == FINAL else text["kind"]
        made = "/".join(
            part for part in (kind, day, text["number"] or text["message_id"], text["currency"]) if part
        )
        own = (text["bank_account"], made)
        counts[own] = counts.get(own, 0) + 1
        if counts[own] > 1:
            made = f"{made}/{counts[own]}"
        if text["kind"] != FINAL and (text["bank_account"], text["currency"], made) in seen.ids:
            made = f"{made}/{sha[:8]}"  # notices have no numbers of their own
        told = Told(
            where=name,
            form=form,
            number=text["number"],
            facts=_facts(text, amounts.get(text["statement"], [])),
            sha=sha,
        )
        use = TAKEN
        if text["entity"] == OTHERS:
            use = NOT_OURS
        elif (before := seen.same(told, text)) is not None:
            use = REPEATED
            problems.append(
                remark(name, "statement_given_before", table="bank_statements", row=row, found=made,
                       wanted=f"once; it stands in {before.where}")
            )  # fmt: skip
        elif (text["bank_account"], text["currency"], made) in seen.ids:
            use = REPEATED
            problems.append(
                Problem(
                    file=name, table="bank_statements", row=row, code="statement_given_with_other_entries", found=made,
                    wanted=f"what stands in {seen.ids[text['bank_account'], text['currency'], made]}",
                )
            )  # fmt: skip
        else:
            seen.statements.setdefault(text["bank_account"], []).append(told)
            seen.ids[text["bank_account"], text["currency"], made] = name
        ids.append(made)
        content.append(sha)
        uses.append(use)
        if use == TAKEN and text["kind"] == FINAL:
            days = entries.loc[entries["statement"].eq(text["statement"]), "day"]
            ends = [d for d in (text["from_date"], text["to_date"], text["closing_date"], *days) if d]
            key = (text["bank_account"], text["currency"])
            if ends:
                seen.covered.setdefault(key, []).append((min(ends), max(ends)))
    statements["statement_id"], statements["content_sha256"], statements["use"] = ids, content, uses


def _facts(text: Mapping[str, str], amounts: list[str]) -> tuple[object, ...]:
    """What two copies of a statement have in common, amounts as numbers."""
    balances = (Decimal(text[name]) if text[name] else None for name in ("opening", "closing"))
    day = text["closing_date"] or text["to_date"]
    return (text["kind"], text["currency"], *balances, day, tuple(sorted(map(Decimal, amounts))))


def _content(digests: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()


def _entries(entries: pd.DataFrame, lists: dict[str, Records], name: str, seen: Seen) -> None:
    """Line ids and use of the entries of one file, in place; final ones are remembered for the notices."""
    details, statements = lists["details"].frame, lists["statements"].frame
    detailed = set(zip(details["statement"], details["line"], strict=True))
    opening, closing = (_first(statements, "statement", column) for column in ("opening", "closing"))
    ids, uses = [], []
    for row in map(Entry._make, zip(*(entries[fact] for fact in Entry._fields), strict=True)):
        key, use, line_id = (row.bank_account, row.currency), TAKEN, ""
        held = seen.entries.setdefault(key, [])
        given = seen.given.setdefault((row.bank_account, row.digest), {})
        own = (name, row.statement)
        balances = {"opening": opening.get(row.statement, ""), "closing": closing.get(row.statement, "")}
        has_details = (row.statement, row.line) in detailed
        if row.entity == OTHERS:
            use = NOT_OURS
        elif row.statement_use == REPEATED:
            use = REPEATED
        elif row.status != "booked":
            use = PENDING
        elif row.statement_kind == FINAL:
            line_id = copied(given, own, row, **balances)
            use = COPIED if line_id else TAKEN
        else:
            use, line_id = _noticed(row, held, given, own, balances)
            if use == TAKEN and row.statement_kind == INTERIM and seen.covers(*key, row.day):
                use = SUPERSEDED
        if not line_id:
            count = seen.lines.get((row.bank_account, row.digest), 0) + (use == TAKEN)
            line_id = f"{row.day.replace('-', '')}-{row.digest}" + (f"-{count}" if count > 1 else "")
            if use == TAKEN:
                seen.lines[row.bank_account, row.digest] = count
        if use in (TAKEN, COPIED, ATTACHED):
            given.setdefault(own, Given(row.statement_kind, **balances, lines=[])).lines.append(line_id)
        if use == TAKEN and row.statement_kind == FINAL:
            held.append(Final(line_id, row.amount, row.day, row.bank_reference, row.payer_name, has_details))
        ids.append(line_id)
        uses.append(use)
    entries["line_id"], entries["use"] = ids, uses
    entries["notice"] = entries["statement_kind"].where(entries["statement_kind"].ne(FINAL), "")
    _repeated_sums(statements, entries)


def _noticed(
    row: Entry,
    held: list[Final],
    given: Mapping[object, Given],
    own: object,
    balances: Mapping[str, str],
) -> tuple[str, str]:
    """Use and line of an entry that a notice tells of."""
    found, count = booked(held, row)
    if found is not None:
        found.is_filled = True
        return ATTACHED, found.line_id
    if line_id := copied(given, own, row, **balances):
        return COPIED, line_id
    return (UNCLEAR if count else TAKEN), ""


def _repeated_sums(statements: pd.DataFrame, entries: pd.DataFrame) -> None:
    """What of each statement stands on another one already, in place; '' where nothing does."""
    again = entries[entries["use"].eq(COPIED)]
    sums = {key: plain(total(texts)) for key, texts in again.groupby("statement")["amount"]}
    statements["repeated"] = _column((sums.get(key, "") for key in statements["statement"]), statements)


def _said(entries: pd.DataFrame, records: Records, name: str) -> list[Problem]:
    """One remark a use and file, with how many and the first row."""
    words = {
        PENDING: "entries_not_booked_yet",
        SUPERSEDED: "entries_that_a_final_statement_covers",
        ATTACHED: "entries_that_a_statement_books_too",
        COPIED: "entries_that_another_statement_gave",
        UNCLEAR: "notices_that_could_be_of_several_bookings",
        NOT_OURS: "entries_of_accounts_that_are_not_ours",
    }
    made = []
    for use, code in words.items():
        at = entries["use"].eq(use).to_numpy().nonzero()[0]
        if len(at):
            made.append(
                remark(
                    name, code, table="bank_lines", row=int(records.rows[at[0]]), found=f"{len(at)} entries"
                )
            )
    return made


def _below(lists: dict[str, Records], entries: pd.DataFrame) -> None:
    """Details and remittances take the line, the use and the payment that they belong to, in place."""
    placed = {
        (statement, line): facts
        for statement, line, *facts in zip(
            *(entries[c] for c in ("statement", "line", "line_id", "use", "bank_account")), strict=True
        )
    }
    for name in ("details", "remittances"):
        frame = lists[name].frame
        found = [placed.get(key, ["", "", ""]) for key in zip(frame["statement"], frame["line"], strict=True)]
        frame["line_id"] = _column((line_id for line_id, _, _ in found), frame)
        own = zip(found, frame["bank_account"], strict=True)
        frame["bank_account"] = _column((above[2] or account for above, account in own), frame)
        frame["use"] = _column(
            (
                TAKEN if use in (TAKEN, ATTACHED) or (not use and entity != OTHERS) else use or NOT_OURS
                for (_, use, _), entity in zip(found, frame["entity"], strict=True)
            ),
            frame,
        )
    _paid(lists)


def _paid(lists: dict[str, Records]) -> None:
    """Remittance lines with the payment that they explain, and an id that the same advice gives again."""
    frame = lists["remittances"].frame
    for column in ("trace", "date", "amount", "payer_name", "payer_account", "currency"):
        known = _first(lists["payments"].frame, "payment", column)
        frame[f"payment_{column}"] = _column((known.get(payment, "") for payment in frame["payment"]), frame)
    frame["currency"] = frame["currency"].where(frame["currency"].ne(""), frame["payment_currency"])
    own = ("entity", "bank_account", "line_id", "payment_trace", "payment_date", "payment_amount", "payment_payer_name",
           "reference", "gross", "discount", "deduction", "net", "reason", "detail")  # fmt: skip
    frame["remittance_id"] = numbered(hashes([frame[name] for name in own], index=frame.index, places=14))
