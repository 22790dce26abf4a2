"""What the columns, totals and labels of an advice are called. Floor 2. Whole phrases, in lower case."""

from __future__ import annotations

import re
from typing import Final

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "invoice": (
        "invoice", "invoice no", "invoice number", "invoice nr", "invoice #", "invoice id", "inv", "inv no", "inv #",
        "inv number", "bill", "bill no", "bill number", "your invoice", "your invoice no", "rechnung", "rechnungsnr",
        "rechnungs-nr", "rechnungsnummer", "rechnung nr", "re-nr", "rg-nr", "ihre rechnung", "facture", "n° facture",
        "no facture", "n° de facture", "numéro de facture", "numéro facture", "factura", "nº factura", "n° factura",
        "número de factura", "num factura", "no factura", "fattura", "n fattura", "numero fattura", "fatura",
        "fatura no", "fatura numarası", "número da fatura", "factuur", "factuurnummer", "factuurnr", "faktura",
        "faktura nr", "nr faktury", "fakturanummer", "发票", "发票号", "发票号码", "發票號碼", "请求书", "請求書", "請求書番号",
        "请求书号",
    ),
    "document": (
        "document", "document no", "document number", "doc", "doc no", "doc number", "beleg", "belegnr", "belegnummer",
        "document nº", "documento", "nº documento", "n° document", "pièce", "n° pièce", "单据号", "凭证号", "伝票番号",
    ),
    "reference": (
        "reference", "reference no", "reference number", "ref", "ref no", "ref #", "your reference", "your ref",
        "referenz", "ihre referenz", "référence", "votre référence", "referencia", "su referencia", "riferimento",
        "referência", "referentie", "参考号", "参照番号",
    ),
    "gross": (
        "gross", "gross amount", "gross amt", "invoice amount", "invoice amt", "invoice total", "original amount",
        "document amount", "amount due", "brutto", "bruttobetrag", "rechnungsbetrag", "montant brut",
        "montant facture", "importe bruto", "importe factura", "importo lordo", "valor bruto", "发票金额", "総額",
        "請求金額",
    ),
    "discount": (
        "discount", "discounts", "discount taken", "discount amount", "cash discount", "disc", "skonto", "skontobetrag",
        "escompte", "remise", "descuento", "sconto", "desconto", "korting", "rabat", "折扣", "割引",
    ),
    "deduction": (
        "deduction", "deductions", "deduction amount", "adjustment", "adjustments", "abzug", "abzüge", "kürzung",
        "retenue", "retenues", "déduction", "deducción", "deducciones", "retención", "detrazione", "dedução",
        "扣款", "扣除", "控除", "調整額",
    ),
    "net": (
        "net", "net amount", "net amt", "net paid", "net payment", "amount paid", "paid", "paid amount",
        "payment amount", "amount remitted", "remitted", "amount of payment", "zahlbetrag", "zahlungsbetrag", "netto",
        "nettobetrag", "gezahlt", "bezahlt", "gezahlter betrag", "montant net", "montant payé", "net payé", "payé",
        "importe neto", "importe pagado", "pagado", "neto", "importo netto", "importo pagato", "valor líquido",
        "valor pago", "betaald", "实付金额", "付款金额", "支払額", "支払金額",
    ),
    "amount": (
        "amount", "amt", "betrag", "montant", "importe", "importo", "valor", "bedrag", "kwota", "tutar", "belopp",
        "金额", "金額",
    ),
    "date": (
        "date", "invoice date", "inv date", "document date", "doc date", "datum", "rechnungsdatum", "belegdatum",
        "date facture", "date de facture", "fecha", "fecha factura", "data", "data fattura", "data documento", "tarih",
        "日期", "发票日期", "請求日",
    ),
    "order": (
        "po", "po no", "po number", "po #", "purchase order", "order", "order no", "bestellung", "bestellnummer",
        "commande", "n° commande", "pedido", "ordine", "订单号", "注文番号",
    ),
    "reason": (
        "reason", "reason code", "comment", "comments", "remark", "remarks", "note", "description", "text", "grund",
        "abzugsgrund", "bemerkung", "motif", "libellé", "motivo", "descripción", "descrizione", "原因", "备注", "備考",
    ),
    "currency": ("currency", "curr", "ccy", "währung", "devise", "moneda", "divisa", "valuta", "币种", "通貨"),
}  # fmt: skip

# The longest word that a line begins with decides; what the total is of.
TOTALS: Final[dict[str, str]] = {
    "total": "net", "total paid": "net", "total amount": "net", "total amount paid": "net", "total payment": "net",
    "total payment amount": "net", "total net": "net", "net total": "net", "total remitted": "net", "sum": "net",
    "grand total": "net", "amount paid": "net", "payment amount": "net", "payment total": "net", "total net paid": "net",
    "total gross": "gross", "gross total": "gross", "total discount": "discount", "total discounts": "discount",
    "total deductions": "deduction", "total deduction": "deduction", "total adjustments": "deduction",
    "summe": "net", "gesamt": "net", "gesamtbetrag": "net", "gesamtsumme": "net", "zahlbetrag": "net",
    "zahlungsbetrag": "net", "summe brutto": "gross", "summe skonto": "discount", "summe abzüge": "deduction",
    "total payé": "net", "montant total": "net", "total général": "net", "montant payé": "net", "total brut": "gross",
    "total net payé": "net", "total escompte": "discount", "importe total": "net", "total pagado": "net",
    "total a pagar": "net", "suma": "net", "totale": "net", "totale pagato": "net", "totaal": "net", "razem": "net",
    "toplam": "net", "合计": "net", "总计": "net", "合計": "net", "总额": "net", "付款总额": "net", "支払合計": "net",
}  # fmt: skip

PAYER = (
    "remitter", "payer", "paid by", "payor", "auftraggeber", "zahler", "zahlungspflichtiger", "zahlende firma",
    "payeur", "donneur d'ordre", "ordenante", "pagador", "ordinante", "betaler", "付款方", "付款人", "支払人",
)  # fmt: skip
TRACE = (
    "payment reference", "payment ref", "payment no", "payment number", "payment id", "cheque no", "cheque number",
    "check no", "check number", "eft reference", "ach trace", "trace", "trace number", "transaction reference",
    "zahlungsreferenz", "zahlungsnummer", "zahlungs-nr", "référence de paiement", "référence paiement",
    "referencia de pago", "riferimento pagamento", "付款编号", "支払番号",
)  # fmt: skip
PAID_ON = (
    "payment date", "date of payment", "value date", "paid on", "zahlungsdatum", "zahldatum", "valuta",
    "date de paiement", "fecha de pago", "data pagamento", "付款日期", "支払日",
)  # fmt: skip
CURRENCY = ("currency", "payment currency", "währung", "devise", "moneda", "divisa", "valuta", "币种", "通貨")
ADVICE = (
    "remittance", "payment advice", "payment notification", "zahlungsavis", "avis de paiement", "avis de virement",
    "aviso de pago", "avviso di pagamento", "betaalspecificatie", "付款通知", "汇款通知", "支払通知",
)  # fmt: skip

_KIND = {phrase: kind for kind, phrases in COLUMNS.items() for phrase in phrases}
_NOISE = re.compile(r"[\s\u00a0]+")


def bare(text: str) -> str:
    """A heading without what varies: case, marks at its ends, a currency in brackets behind it."""
    found = _NOISE.sub(" ", text).strip().casefold()
    head, mark, _ = found.partition("(")
    found = head if mark and found.endswith(")") and head.strip() else found
    found = found.strip(" .:*_|-")
    return found.replace(". ", " ").removesuffix(".").strip()


def kind_of(heading: str) -> str:
    """What a column of that heading holds, '' where the heading is not known."""
    return _KIND.get(bare(heading), "")


def total_of(label: str) -> str:
    """What a total of that label is of: net, gross, discount or deduction; '' where it is no label of a total."""
    return TOTALS.get(bare(label), "")
