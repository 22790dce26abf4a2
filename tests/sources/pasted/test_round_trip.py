"""Lines written in many styles and read back: every reference, day and amount, by Hypothesis and from the sample's books."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from arlib.money import minor_places
from arlib.sources.pasted import pasted_file, pasted_statement
from arlib.sources.sample.company import generate

MARKS = {"en": (",", "."), "de": (".", ","), "fr": (" ", ","), "ch": ("'", "."), "bare": ("", ".")}
HEADS = {
    "en": ("Date", "Invoice", "Description", "Debit", "Credit", "Amount", "Balance", "Closing balance"),
    "de": ("Belegdatum", "Rechnung", "Text", "Soll", "Haben", "Betrag", "Saldo", "Endsaldo"),
    "fr": ("Date", "N° facture", "Libellé", "Débit", "Crédit", "Montant", "Solde", "Solde"),
    "es": ("Fecha", "Factura", "Concepto", "Debe", "Haber", "Importe", "Saldo", "Saldo final"),
}
DATES = {
    "iso": "%Y-%m-%d",
    "dots": "%d.%m.%Y",
    "slash": "%d/%m/%Y",
    "us": "%m/%d/%Y",
    "word": "%d %b %Y",
    "short": "%d-%b-%y",
}


def written(minor, places, marks, negative):
    group, point = MARKS[marks]
    digits = f"{abs(minor):0{places + 1}d}"
    whole, rest = (digits[:-places], digits[-places:]) if places else (digits, "")
    head = f"{int(whole):,}".replace(",", group)
    plain = head + (point + rest if places else "")
    if minor >= 0:
        return plain
    return {"minus": f"-{plain}", "behind": f"{plain}-", "brackets": f"({plain})"}[negative]


def paste(rows, *, language, marks, dates, negative, mark, shape, places=2, statement="2026-10-31"):
    """The lines as a person copies them; `rows` are (reference, day, amount in their sign)."""
    head = HEADS[language]
    total = sum(amount for _, _, amount in rows)
    cells = []
    money = lambda value: written(value, places, marks, negative)  # noqa: E731
    for (number, day, amount), balance in zip(rows, accumulate(row[2] for row in rows), strict=True):
        start = [day.strftime(DATES[dates]), number, "text"]
        if shape == "sides":
            cells.append(
                [
                    *start,
                    money(amount) if amount >= 0 else "",
                    money(-amount) if amount < 0 else "",
                    money(balance),
                ]
            )
        else:
            cells.append([*start, money(amount)])
    header = [*head[:3], head[3], head[4], head[6]] if shape == "sides" else [*head[:3], head[5]]
    last = [head[7], "", "", *([""] * (len(header) - 4)), money(total)]
    table = [header, *cells, last]
    if mark == "gaps":
        widths = [max(len(row[at]) for row in table) for at in range(len(header))]
        body = [
            "   ".join(
                cell.rjust(width) if at > 2 else cell.ljust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in table
        ]
    elif mark == ",":
        body = [",".join(f'"{cell}"' for cell in row) for row in table]
    else:
        body = [mark.join(row) for row in table]
    return "\n".join([f"Statement date: {statement}", *body]) + "\n"


def read_back(text, currency="USD", **decided):
    made = pasted_statement(text, entity="E1", customer_id="C1", currency=currency, decided=decided)
    assert not made.choices, made.sentence
    assert made.problems.empty, made.problems.to_string()
    return made


def as_rows(frame):
    return [(row.reference, row.date.date(), int(row.amount)) for row in frame.itertuples()]


ROWS = st.lists(
    st.tuples(
        st.integers(1, 99_999_999), st.integers(0, 300), st.integers(-10**11, 10**11).filter(bool),
    ), min_size=1, max_size=12, unique_by=lambda row: row[0],
)  # fmt: skip


@settings(max_examples=30)
@given(
    rows=ROWS, language=st.sampled_from(sorted(HEADS)), marks=st.sampled_from(sorted(MARKS)), dates=st.sampled_from(sorted(DATES)),
    negative=st.sampled_from(["minus", "behind", "brackets"]), mark=st.sampled_from(["\t", ";", "|", ",", "gaps"]),
    shape=st.sampled_from(["sides", "one"]), places=st.sampled_from([0, 2, 3]),
)  # fmt: skip
@example(
    rows=[(1, 0, -5), (2, 1, 7)],
    language="fr",
    marks="fr",
    dates="slash",
    negative="behind",
    mark="gaps",
    shape="sides",
    places=2,
)
def test_what_was_written_in_any_style_is_read_back(
    rows, language, marks, dates, negative, mark, shape, places
):
    """The caller tells what no text can: the sign of one column, the order of 03/04, and what 1,234 is where places are three."""
    currency = {0: "JPY", 2: "USD", 3: "KWD"}[places]
    made = [(f"INV-{number}", date(2026, 1, 1) + timedelta(days), amount) for number, days, amount in rows]
    text = paste(
        made,
        language=language,
        marks=marks,
        dates=dates,
        negative=negative,
        mark=mark,
        shape=shape,
        places=places,
    )
    sample = {"en": "1,234.56", "de": "1.234,56", "fr": "1 234,56", "ch": "1'234.56", "bare": "1234.56"}[
        marks
    ]
    told = {"dates": "month_first" if dates == "us" else "day_first", "sign": "owed_is_negative"}
    if places == 3:
        told["amounts"] = sample
    found = read_back(text, currency, **told)
    assert as_rows(found.lines) == made
    assert found.closing == sum(row[2] for row in made)
    assert minor_places(currency) == places


@pytest.fixture(scope="module")
def sample():
    return generate(seed=7, items=800)


STYLES = (
    {"language": "en", "marks": "en", "dates": "us", "negative": "minus", "mark": "\t", "shape": "one"},
    {"language": "en", "marks": "en", "dates": "word", "negative": "brackets", "mark": ",", "shape": "sides"},
    {
        "language": "de",
        "marks": "de",
        "dates": "dots",
        "negative": "behind",
        "mark": "gaps",
        "shape": "sides",
    },
    {"language": "fr", "marks": "fr", "dates": "slash", "negative": "minus", "mark": ";", "shape": "one"},
    {"language": "es", "marks": "de", "dates": "slash", "negative": "minus", "mark": "|", "shape": "sides"},
    {"language": "de", "marks": "ch", "dates": "short", "negative": "minus", "mark": "gaps", "shape": "one"},
)


@pytest.mark.parametrize(
    "style", STYLES, ids=lambda style: f"{style['language']} {style['mark']!r} {style['shape']}"
)
def test_the_statements_of_the_sample_company_come_back_in_every_style(sample, style):
    """Without any answer: our own documents say how dates and signs run."""
    items = sample.tables["items"]
    lines = sample.tables["customer_statement_lines"]
    count = 0
    for (entity, customer), own in lines.groupby(["entity", "customer_id"], sort=True):
        code = str(own["currency"].iloc[0])
        rows = [(row.reference, row.date.date(), int(row.amount)) for row in own.itertuples()]
        text = paste(rows, places=minor_places(code), **style)
        ours = items[items["entity"].eq(entity) & items["customer_id"].eq(customer)]
        made = pasted_statement(text, entity=entity, customer_id=customer, currency=code, known=ours)
        assert as_rows(made.rows) == rows, (customer, made.sentence)
        assert not {choice.name for choice in made.choices}, made.sentence
        pd.testing.assert_series_equal(made.lines["amount"], own["amount"].reset_index(drop=True))
        assert made.control.difference == 0
        count += 1
    assert count > 15


def test_a_workbook_and_a_csv_give_what_the_paste_gives(tmp_path):
    import openpyxl

    sheet = openpyxl.Workbook()
    page = sheet.active
    for row in (["Statement date", date(2026, 10, 31)], ["Invoice", "Date", "Description", "Amount"],
                ["INV-1", date(2026, 10, 1), "Invoice\nfor pipes", 1234.5], ["INV-2", date(2026, 10, 2), "Payment", -100],
                ["Total", None, None, 1134.5]):  # fmt: skip
        page.append(row)
    sheet.save(tmp_path / "statement.xlsx")
    asked = {"entity": "E1", "customer_id": "C1", "currency": "USD"}
    made = pasted_file((tmp_path / "statement.xlsx").read_bytes(), "statement.xlsx", **asked)
    wanted = [("INV-1", date(2026, 10, 1), -123450), ("INV-2", date(2026, 10, 2), 10000)]
    assert as_rows(made.lines) == wanted
    assert made.control.difference == 0
    csv = "Statement date;2026-10-31\nInvoice;Date;Description;Amount\nINV-1;2026-10-01;Größe: Invoice;1234,50\n"
    csv += "INV-2;2026-10-02;Payment;-100,00\n"
    for code in ("utf-8-sig", "cp1252", "utf-16"):
        assert as_rows(pasted_file(csv.encode(code), "statement.csv", **asked).lines) == wanted
