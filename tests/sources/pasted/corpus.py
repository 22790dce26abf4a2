"""Statements as people paste them, made by hand: text, currency, what is given, and what must come out.

`lines` are (reference, ISO date, amount in minor units in their sign); `problems` the lines of the paste that are told.
"""

# ruff: noqa: E501  (a paste is kept in one piece)
from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Given:
    """A paste and its truth."""

    name: str
    text: str
    lines: tuple[tuple[str, str, int], ...]
    currency: str = "USD"
    day: str = ""  # statement date that is printed; '' where it is asked
    closing: int | None = None
    problems: tuple[int, ...] = ()
    asks: tuple[str, ...] = ()
    decided: dict[str, str] = field(default_factory=dict)


CORPUS = (
    Given("excel, English, tabs, one sign", "Invoice\tDate\tAmount\nINV-1\t10/31/2026\t1,234.56\nINV-2\t10/05/2026\t100.00\n"
          "Total\t\t1,334.56\n", (("INV-1", "2026-10-31", -123456), ("INV-2", "2026-10-05", -10000)), closing=-133456,
          asks=("statement_date",)),
    Given("excel, German, debit and credit", "Kontoauszug per 31.10.2026\nBelegdatum\tRechnung\tText\tSoll\tHaben\tSaldo\n"
          "05.10.2026\tSI-1001\tRechnung\t\t1.234,56\t-1.234,56\n15.10.2026\tZA-1\tZahlung\t1.000,00\t\t-234,56\n"
          "Endsaldo\t\t\t\t\t-234,56\n",
          (("SI-1001", "2026-10-05", -123456), ("ZA-1", "2026-10-15", 100000)), "EUR", "2026-10-31", -23456),
    Given("French, semicolons", "Relevé arrêté au 31/10/2026\nDate;N° facture;Libellé;Débit;Crédit\n"
          "02/10/2026;F100;Facture;;1 234,56\n20/10/2026;R7;Règlement;234,56;\nSolde;;;;1 000,00\n",
          (("F100", "2026-10-02", -123456), ("R7", "2026-10-20", 23456)), "EUR", "2026-10-31", -100000),
    Given("Spanish, pipes", "| Fecha | Factura | Concepto | Importe |\n|---|---|---|---|\n| 31/10/2026 | F-1 | Factura | 1.234,56 |\n"
          "| 30/10/2026 | P-9 | Pago | -234,56 |\n| Saldo final | | | 1.000,00 |\n",
          (("F-1", "2026-10-31", -123456), ("P-9", "2026-10-30", 23456)), "EUR", closing=-100000, asks=("statement_date",)),
    Given("PDF, columns by blanks", "Statement date: 31 Oct 2026\n\nDate          Reference    Details      Debit        Credit\n"
          "01 Oct 2026   INV-77       Invoice                   2,500.00\n12 Oct 2026   PAY-3        Payment      500.00\n"
          "Page 1 of 1\nBalance                                              2,000.00\n",
          (("INV-77", "2026-10-01", -250000), ("PAY-3", "2026-10-12", 50000)), day="2026-10-31", closing=-200000),
    Given("PDF, single blanks, German", "Stand 31.10.2026\n31.10.2026 RE 4711 Rechnung 1.234,56\n15.10.2026 RE 4712 Rechnung 234,56\n"
          "Endsaldo 1.469,12\n", (("RE 4711", "2026-10-31", -123456), ("RE 4712", "2026-10-15", -23456)), "EUR", "2026-10-31",
          -146912),
    Given("PDF, single blanks, running balance", "As of 10/31/2026\n10/13/2026 INV-1 Invoice 100.00 100.00\n"
          "10/14/2026 INV-2 Invoice 250.00 350.00\n10/15/2026 PMT-1 Payment 50.00 300.00\nBalance due 300.00\n",
          (("INV-1", "2026-10-13", -10000), ("INV-2", "2026-10-14", -25000), ("PMT-1", "2026-10-15", 5000)), day="2026-10-31",
          closing=-30000),
    Given("comma separated, quoted", 'Statement as at 2026-10-31\nInvoice no,Invoice date,Description,Amount\n'
          'INV-1,2026-10-01,"Pipes, 5"" long","1,234.56"\nINV-2,2026-10-02,Valves,(34.56)\n',
          (("INV-1", "2026-10-01", -123456), ("INV-2", "2026-10-02", 3456)), day="2026-10-31", decided={"sign": "owed_is_positive"}),
    Given("trailing minus", "Stand 31.10.2026\nBeleg-Nr  Datum       Betrag\nRE1       01.10.2026  1.234,56-\nZA1       02.10.2026  234,56\n"
          "Saldo                 1.000,00-\n", (("RE1", "2026-10-01", -123456), ("ZA1", "2026-10-02", 23456)), "EUR", "2026-10-31",
          -100000, decided={"sign": "owed_is_negative"}),
    Given("CR and DR", "Statement date 31-Oct-2026\nInvoice\tDate\tAmount\nINV-1\t01-Oct-2026\t1,234.56 CR\nPAY-1\t02-Oct-2026\t234.56 DR\n",
          (("INV-1", "2026-10-01", -123456), ("PAY-1", "2026-10-02", 23456)), day="2026-10-31"),
    Given("S and H in a column", "Stichtag 31.10.2026\nReferenz\tBelegdatum\tBetrag\tS/H\n4711\t01.10.2026\t1.234,56\tH\n0815\t02.10.2026\t234,56\tS\n",
          (("4711", "2026-10-01", -123456), ("0815", "2026-10-02", 23456)), "EUR", "2026-10-31"),
    Given("parentheses, words tell the sign", "Statement as of Oct 31 2026\nOct 1 2026\tINV-1\tInvoice\t500.00\nOct 9 2026\tCHK-1\tPayment\t(200.00)\n",
          (("INV-1", "2026-10-01", -50000), ("CHK-1", "2026-10-09", 20000)), day="2026-10-31"),
    Given("months in French", "Situation au 31 octobre 2026\n1 octobre 2026   FA-1   Facture   1 200,00\n15 octobre 2026   FA-2   Facture   300,00\n",
          (("FA-1", "2026-10-01", -120000), ("FA-2", "2026-10-15", -30000)), "EUR", "2026-10-31"),
    Given("months in Spanish, of", "Saldo a fecha 31 de octubre de 2026\n1 de octubre de 2026;F-1;Factura;1.200,00\n",
          (("F-1", "2026-10-01", -120000),), "EUR", "2026-10-31"),
    Given("brought forward, first and on each page", "Stand 31.10.2026\nDatum\tRechnung\tText\tBetrag\n01.10.2026\t\tSaldovortrag\t500,00\n"
          "02.10.2026\tR1\tRechnung\t100,00\nÜbertrag\t\t\t600,00\nSeite 2/2\nDatum\tRechnung\tText\tBetrag\nÜbertrag\t\t\t600,00\n"
          "03.10.2026\tR2\tRechnung\t200,00\nEndsaldo\t\t\t800,00\n",
          (("", "2026-10-01", -50000), ("R1", "2026-10-02", -10000), ("R2", "2026-10-03", -20000)), "EUR", "2026-10-31", -80000),
    Given("yen without places", "Statement date 2026-10-31\nInvoice\tDate\tAmount\n00SI01\t2026/10/01\t12,345\n00SI02\t2026/10/02\t1,000\nTotal\t\t13,345\n",
          (("00SI01", "2026-10-01", -12345), ("00SI02", "2026-10-02", -1000)), "JPY", "2026-10-31", -13345),
    Given("yen with two places of zeros", "Statement date 2026-10-31\nInvoice\tDate\tAmount\n00SI01\t2026/10/01\t12,345.00\n",
          (("00SI01", "2026-10-01", -12345),), "JPY", "2026-10-31"),
    Given("dinar: a comma that may be both", "Statement date 2026-10-31\nInvoice\tDate\tAmount\nA1\t2026-10-01\t1,234\nA2\t2026-10-02\t5,678\n",
          (), "KWD", "2026-10-31", asks=("amounts",)),
    Given("dinar, told", "Statement date 2026-10-31\nInvoice\tDate\tAmount\nA1\t2026-10-01\t1,234\nA2\t2026-10-02\t5,678\n",
          (("A1", "2026-10-01", -1234), ("A2", "2026-10-02", -5678)), "KWD", "2026-10-31", decided={"amounts": "1.234,56"}),
    Given("two-digit years, month first", "As of 10/31/26\n10/31/26,INV-1,100.00\n10/05/26,INV-2,200.00\n",
          (("INV-1", "2026-10-31", -10000), ("INV-2", "2026-10-05", -20000)), day="2026-10-31"),
    Given("both orders are possible", "03/04/2026,INV-1,100.00\n05/04/2026,INV-2,200.00\n", (), asks=("dates", "statement_date")),
    Given("both orders, told", "03/04/2026,INV-1,100.00\n05/04/2026,INV-2,200.00\n",
          (("INV-1", "2026-04-03", -10000), ("INV-2", "2026-04-05", -20000)), day="2026-04-30",
          decided={"dates": "day_first", "statement_date": "2026-04-30"}),
    Given("lines that cannot be read", "Statement date 2026-10-31\nInvoice\tDate\tAmount\nA1\t2026-10-01\t10.00\nA2\t2026-13-45\t20.00\n"
          "A3\t2026-10-03\tabout 30\nA4\t2026-10-04\t40.00\textra\n\t\t50.00\n", (("A1", "2026-10-01", -1000),), day="2026-10-31",
          problems=(4, 5, 6, 7)),
    Given("aging table below", "Statement date 10/31/2026\nInvoice\tDate\tAmount\nA1\t10/13/2026\t10.00\nCurrent\t1-30 days\t31-60 days\tOver 90\n"
          "10.00\t0.00\t0.00\t0.00\nTotal\t\t10.00\n", (("A1", "2026-10-13", -1000),), day="2026-10-31", closing=-1000),
    Given("open amount beside the original", "Statement date 10/31/2026\nInvoice\tInvoice date\tDue date\tOriginal amount\tOpen amount\n"
          "A1\t10/13/2026\t11/12/2026\t100.00\t60.00\nA2\t10/14/2026\t11/13/2026\t50.00\t50.00\n",
          (("A1", "2026-10-13", -6000), ("A2", "2026-10-14", -5000)), day="2026-10-31"),
    Given("currency on each line", "Statement date 10/31/2026\nInvoice\tDate\tCurrency\tAmount\nA1\t10/13/2026\tUSD\t100.00\nA2\t10/14/2026\tJPY\t5000\n",
          (("A1", "2026-10-13", -10000), ("A2", "2026-10-14", -5000)), day="2026-10-31"),
    Given("apostrophes", "Stand 31.10.2026\nRechnung;Datum;Betrag CHF\nR1;01.10.2026;1'234.56\nR2;02.10.2026;12'000.00\n",
          (("R1", "2026-10-01", -123456), ("R2", "2026-10-02", -1200000)), "CHF", "2026-10-31"),
    Given("lakh", "Statement date 31-10-2026\nInvoice\tDate\tAmount\nR1\t31-10-2026\t12,34,567.89\n", (("R1", "2026-10-31", -123456789),),
          "INR", "2026-10-31"),
    Given("short fractions of a spreadsheet", "Statement date 2026-10-31\nInvoice\tDate\tAmount\nA1\t2026-10-01\t1234.5\nA2\t2026-10-02\t7\n",
          (("A1", "2026-10-01", -123450), ("A2", "2026-10-02", -700)), day="2026-10-31"),
    Given("a cell with a line break", 'Statement date 2026-10-31\nInvoice\tDate\tText\tAmount\nA1\t2026-10-01\t"first\nsecond"\t10.00\n',
          (("A1", "2026-10-01", -1000),), day="2026-10-31"),
    Given("letterhead and words around", "Harbour Trading GmbH\nSome Street 12, 20095 Hamburg\nTel. 040 123456\nSupplier account 70012345\n\n"
          "Statement date: 31.10.2026\nDatum  Rechnung  Betrag\n01.10.2026  R1  10,00\n02.10.2026  R2  20,00\nWe kindly ask for your comments.\n"
          "IBAN DE02 1203 0000 0000 2020 51\n", (("R1", "2026-10-01", -1000), ("R2", "2026-10-02", -2000)), "EUR", "2026-10-31"),
    Given("total that does not agree", "Statement date 2026-10-31\nInvoice\tDate\tAmount\nA1\t2026-10-01\t10.00\nTotal\t\t11.00\n",
          (("A1", "2026-10-01", -1000),), day="2026-10-31", closing=-1100),
    Given("no header, two columns of one side each", "Statement date 2026-10-31\n2026-10-01\tINV-1\t\t100.00\n2026-10-02\tPAY-1\t40.00\t\n",
          (("INV-1", "2026-10-01", -10000), ("PAY-1", "2026-10-02", 4000)), day="2026-10-31"),
)  # fmt: skip
