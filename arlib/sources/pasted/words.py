"""What columns, totals and labels of a customer's statement are called, in English, German, French and Spanish. Floor 2.

Whole phrases or words in lower case. What is not here falls back to the words of remittance advices.
"""

from __future__ import annotations

import re
from typing import Final

from arlib.money import is_currency
from arlib.sources.advice import words as advice

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "date": (
        "date", "doc date", "document date", "invoice date", "inv date", "trans date", "transaction date", "datum",
        "belegdatum", "rechnungsdatum", "beleg-datum", "date facture", "date de facture", "date pièce", "date piece",
        "date document", "fecha", "fecha factura", "fecha de factura", "fecha documento", "fecha doc", "f. factura",
    ),
    "posted": (
        "posting date", "post date", "posted", "gl date", "entry date", "buchungsdatum", "buch.datum", "buchung",
        "valuta", "wertstellung", "date comptable", "date de comptabilisation", "date écriture", "fecha contable",
        "fecha de contabilización", "fecha valor",
    ),
    "due": (
        "due", "due date", "due on", "net due date", "payment due", "fällig", "fällig am", "fälligkeit",
        "fälligkeitsdatum", "nettofälligkeit", "échéance", "echeance", "date d'échéance", "date échéance", "vencimiento",
        "fecha vencimiento", "fecha de vencimiento", "vto", "vence",
    ),
    "invoice": (
        "supplier invoice", "vendor invoice", "supplier invoice no", "vendor invoice no", "supplier ref",
        "supplier reference", "vendor ref", "vendor reference", "external document no", "ext doc no", "external ref",
        "fremdbeleg", "fremdbelegnummer", "fremdbeleg-nr", "externe belegnummer", "lieferantenrechnung",
        "lieferantenrechnungsnr", "n° facture fournisseur", "réf fournisseur", "référence fournisseur",
        "factura proveedor", "su factura", "n.º factura", "nº factura", "invoice ref",
    ),
    "document": (
        "voucher", "voucher no", "voucher number", "journal", "journal no", "transaction", "transaction no", "trx",
        "trx no", "belegnr", "beleg-nr", "beleg nr", "buchungsnummer", "buchungsnr", "n° pièce", "no pièce", "n° piece",
        "asiento", "nº asiento", "nº documento", "n.º documento", "num documento", "doc. no", "doc number",
    ),
    "text": (
        "description", "details", "detail", "particulars", "narrative", "text", "type", "doc type", "document type",
        "trans type", "transaction type", "memo", "buchungstext", "beschreibung", "belegart", "vorgang", "art",
        "bezeichnung", "verwendungszweck", "libellé", "libelle", "désignation", "designation", "type de pièce", "nature",
        "concepto", "descripción", "descripcion", "detalle", "tipo", "clase", "comment", "comments",
    ),
    "debit": (
        "debit", "debits", "debit amount", "dr", "dr amount", "soll", "sollbetrag", "soll-betrag", "débit", "débits",
        "montant débit", "debe", "cargo", "cargos", "importe debe",
    ),
    "credit": (
        "credit", "credits", "credit amount", "cr", "cr amount", "haben", "habenbetrag", "haben-betrag", "crédit",
        "crédits", "montant crédit", "haber", "abono", "abonos", "importe haber",
    ),
    "open": (
        "open", "open amount", "amount open", "outstanding", "outstanding amount", "amount outstanding", "amount due",
        "balance due", "open balance", "remaining", "remaining amount", "unpaid", "unpaid amount", "offen",
        "offener betrag", "offener posten", "restbetrag", "restant", "reste dû", "montant dû", "solde dû",
        "montant restant", "pendiente", "importe pendiente", "saldo pendiente", "amount payable",
    ),
    "amount": (
        "amount", "amt", "value", "total", "betrag", "wert", "montant", "importe", "monto", "valor", "net amount",
        "invoice amount", "amount in document currency", "amount in local currency", "doc amount", "document amount",
        "belegbetrag", "rechnungsbetrag", "montant ttc", "montant devise", "importe total", "betrag in belegwährung",
        "signed amount",
    ),
    "gross": ("gross", "gross amount", "original amount", "orig amount", "original", "brutto", "bruttobetrag",
              "ursprungsbetrag", "montant brut", "montant initial", "importe bruto", "importe original"),
    "paid": ("paid", "amount paid", "payments", "bezahlt", "gezahlt", "payé", "réglé", "pagado", "cobrado", "discount",
             "skonto", "escompte", "descuento"),
    "balance": ("balance", "running balance", "cumulative balance", "cumulative", "saldo", "kontostand", "kum. saldo",
                "kumuliert", "laufender saldo", "solde", "solde progressif", "solde cumulé", "saldo acumulado"),
    "side": ("d/c", "dr/cr", "c/d", "cr/dr", "s/h", "soll/haben", "s/h-kennz", "s/h kennzeichen", "sign", "dc", "sh",
             "d/h", "debe/haber", "sens", "debit/credit", "side"),
    "currency": ("currency", "curr", "cur", "ccy", "währung", "whg", "wä", "devise", "dev", "moneda", "divisa", "mon"),
    "days": ("days", "days overdue", "overdue", "age", "tage", "verzug", "tage überfällig", "jours", "jours de retard", "días",
             "line", "no", "nr", "pos", "#", "lfd. nr", "company code", "buchungskreis", "terms", "status"),
    "order": ("po", "po no", "po number", "purchase order", "order", "order no", "bestellung", "bestellnr", "bestellnummer",
              "commande", "n° commande", "pedido", "nº pedido"),
}  # fmt: skip

_KIND = {phrase: kind for kind, phrases in COLUMNS.items() for phrase in phrases}
_ADVICE = {
    "invoice": "invoice", "document": "document", "reference": "reference", "gross": "gross", "net": "amount",
    "amount": "amount", "date": "date", "order": "order", "reason": "text", "currency": "currency",
    "discount": "paid", "deduction": "paid",
}  # fmt: skip
MONEY = ("open", "amount", "gross", "debit", "credit", "balance", "paid")

FORWARD = frozenset({
    "balance brought forward", "brought forward", "b/f", "b/fwd", "bal b/f", "bal b/fwd", "balance b/f", "balance b/fwd",
    "balance forward", "opening balance", "opening bal", "previous balance", "carried forward", "balance carried forward",
    "c/f", "c/fwd", "balance c/f", "last statement balance", "saldovortrag", "vortrag", "übertrag", "übertrag von seite",
    "saldo vortrag", "anfangssaldo", "anfangsbestand", "eröffnungssaldo", "alter saldo", "report à nouveau", "report",
    "à nouveau", "a nouveau", "solde initial", "solde précédent", "solde reporté", "à reporter", "solde à nouveau",
    "saldo anterior", "saldo inicial", "suma y sigue", "suma anterior", "saldo de apertura", "saldo a cuenta nueva",
})  # fmt: skip
TOTAL_HEADS = frozenset({
    "total", "totals", "subtotal", "sub-total", "sum", "balance", "closing", "ending", "due", "outstanding", "saldo", "endsaldo",
    "schlusssaldo", "summe", "summen", "gesamt", "gesamtsumme", "gesamtsaldo", "gesamtbetrag", "zwischensumme", "kontosaldo", "solde",
    "totaux", "sous-total", "suma", "sumas", "totales", "subtotales", "abschlusssaldo", "neuer", "kontostand",
})  # fmt: skip
TOTAL_WORDS = TOTAL_HEADS | frozenset({
    "amount", "grand", "account", "statement", "final", "current", "open", "items", "invoices", "payable", "overall", "net",
    "of", "the", "this", "page", "to", "you", "we", "owe", "as", "at", "on", "per", "in", "for", "now", "new", "all",
    "zum", "am", "der", "die", "das", "offene", "offener", "offenen", "posten", "seite", "aktueller", "zu", "ihren",
    "gunsten", "lasten", "ihres", "kontos", "betrag", "insgesamt", "du", "de", "des", "au", "dû", "à", "payer", "général",
    "compte", "votre", "nouveau", "montant", "restant", "le", "la", "factures", "a", "al", "del", "pagar", "cuenta", "su",
    "importe", "debido", "fecha", "cierre", "general", "deudor", "acreedor", "débiteur", "créditeur", "debit", "credit",
    "debits", "credits", "soll", "haben", "mouvements", "movimientos", "movements", "transactions", "overdue", "past",
    "carried", "down", "c/d", "eur", "usd", "gbp", "jpy", "chf", "cad", "mxn", "aud", "kwd", "sek", "dkk", "nok", "pln",
})  # fmt: skip
DATED = re.compile(
    r"\b(statement date|date of statement|statement as of|statement as at|as of|as at|up to|through|to date|balance at|ending"
    r"|period|kontoauszug|auszug vom|stichtag|stand|per|zum|bis|abstimmung|date du relevé|date de relevé|relevé|arrêté"
    r"|situation|jusqu'au|au|fecha del extracto|fecha de extracto|extracto|a fecha|hasta|al|statement)\b"
)
AGES = re.compile(
    r"\b(current|not due|days|0-30|1-30|31-60|61-90|91-120|over 90|over 120|90\+|120\+|aktuell|nicht fällig|tage|jours|à échoir"
    r"|días|no vencido|>90|> 90|older)\b"
)
PAGE = re.compile(
    r"(page|seite|página|pagina|pag\.?|p\.|blatt|hoja)\s*:?\s*[0-9]{1,4}(\s*(of|/|von|de|sur)\s*[0-9]{1,4})?|[0-9]{1,4}\s*/\s*[0-9]{1,4}"
)
RULE = re.compile(r"[\s\-=_+|:.*~─━═]+")
OWES = re.compile(
    r"\b(inv|invoice|rechnung|rechn|facture|fact|factura|fra|bill|rg|re|rv|fc|kr|debit note|belastung|nota de cargo)\b"
)
PAYS = re.compile(
    r"\b(pay|payment|pymt|pmt|paid|zahlung|zahlg|überweisung|paiement|règlement|reglement|virement|pago|transferencia|cheque"
    r"|check|chèque|eft|ach|wire|remittance|credit note|credit memo|cn|gutschrift|avoir|abono|nota de crédito|kz|zp)\b"
)


def bare(heading: str) -> str:
    """A heading without what varies: case, marks at its ends, a currency behind it."""
    found = advice.bare(heading[:120])
    head, _, last = found.rpartition(" ")
    return head.strip(" .:*_|-") if head and is_currency(last.upper()) else found


def kind_of(heading: str) -> str:
    """What a column of that heading holds, '' where the heading is not known."""
    found = bare(heading)
    return _KIND.get(found) or _ADVICE.get(advice.kind_of(heading) or advice.kind_of(found), "")


def label_of(texts: list[str]) -> str:
    """What a line that is no row says, without marks: total, forward, or ''."""
    said = " ".join(texts).casefold().replace("\u00a0", " ").strip(" .:*_|-=#")
    said = re.sub(r"\s+", " ", re.sub(r"[():=]", " ", said)).strip()
    if len(said) > 80 or not said:
        return ""
    if (
        said in FORWARD
        or re.sub(r" (from|von|at|per|zum|am|au|al|de|page|seite|[0-9]+)\b.*$", "", said) in FORWARD
    ):
        return "forward"
    words = [word.strip(".,;") for word in said.split()]
    if all(word in TOTAL_WORDS or word.isdigit() for word in words) and TOTAL_HEADS.intersection(words):
        return "total"
    return ""
