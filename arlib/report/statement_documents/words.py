"""The words of a statement in each language that it is written in, its dates and its amounts. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from arlib.money import iso_code, shown

FALLBACK = "en"

_EN = {
    "title": "Statement of account", "number": "Statement", "customer": "Customer", "as_of": "As of", "period": "Period",
    "page": "Page\u00a0", "of": "\u00a0of\u00a0", "pages": "", "document": "Document", "type": "Type", "date": "Date", "due": "Due",
    "reference": "Your reference", "late": "Days late", "amount": "Amount", "open": "Open", "part": "part",
    "carried": "Carried forward", "brought": "Brought forward", "opening": "Balance on", "closing": "Balance",
    "total_due": "Total due", "in_your_favour": "Balance in your favour", "past_due": "of which past due",
    "credits": "of which credits and payments not yet applied", "disputed": "of which in dispute",
    "disputed_mark": "in dispute", "aging": "Age of the balance", "bucket_current": "Not due", "days": "days",
    "bucket_credit": "Credits", "bucket_unapplied": "Payments not applied", "bucket_no_due_date": "No due date",
    "total": "Total", "nothing": "Nothing is open on your account.", "nothing_moved": "Nothing moved in the period.",
    "account": "Account", "slip": "Remittance slip", "slip_note": "Please detach and return with your payment.",
    "pay_to": "Pay to", "bank": "Bank", "bank_account": "Account no. / IBAN", "bank_code": "BIC / routing no.",
    "creditor_reference": "Payment reference", "amount_due": "Amount due", "amount_paid": "Amount paid",
    "paid_on": "Date", "copies": "Copies of invoices", "currency": "Currency",
    "kind_invoice": "Invoice", "kind_debit_memo": "Debit note", "kind_credit_memo": "Credit note",
    "kind_chargeback": "Chargeback", "kind_interest_or_fee": "Interest or fee", "kind_receipt": "Payment",
    "kind_returned": "Payment returned", "kind_prepayment": "Prepayment", "kind_refund": "Refund",
    "kind_write_off": "Write-off", "kind_recovery": "Recovery", "kind_adjustment": "Adjustment",
    "kind_transfer": "Transfer", "kind_opening": "Brought forward", "kind_discount": "Cash discount",
    "kind_other_account": "Set against another account",
}  # fmt: skip
_DE = {
    "title": "Kontoauszug", "number": "Auszug", "customer": "Kunde", "as_of": "Stand", "period": "Zeitraum",
    "page": "Seite\u00a0", "of": "\u00a0von\u00a0", "pages": "", "document": "Beleg", "type": "Art", "date": "Datum", "due": "Fällig",
    "reference": "Ihr Zeichen", "late": "Verzug (Tage)", "amount": "Betrag", "open": "Offen", "part": "Rate",
    "carried": "Übertrag", "brought": "Übertrag", "opening": "Saldo am", "closing": "Saldo",
    "total_due": "Offener Betrag", "in_your_favour": "Guthaben zu Ihren Gunsten", "past_due": "davon überfällig",
    "credits": "davon Gutschriften und noch nicht zugeordnete Zahlungen", "disputed": "davon strittig",
    "disputed_mark": "strittig", "aging": "Altersstruktur", "bucket_current": "Nicht fällig", "days": "Tage",
    "bucket_credit": "Gutschriften", "bucket_unapplied": "Nicht zugeordnet", "bucket_no_due_date": "Ohne Fälligkeit",
    "total": "Summe", "nothing": "Auf Ihrem Konto ist nichts offen.", "nothing_moved": "Keine Bewegungen im Zeitraum.",
    "account": "Konto", "slip": "Zahlungsavis", "slip_note": "Bitte abtrennen und mit Ihrer Zahlung zurücksenden.",
    "pay_to": "Zahlbar an", "bank": "Bank", "bank_account": "IBAN / Kontonummer", "bank_code": "BIC / Bankleitzahl",
    "creditor_reference": "Zahlungsreferenz", "amount_due": "Fälliger Betrag", "amount_paid": "Gezahlter Betrag",
    "paid_on": "Datum", "copies": "Rechnungskopien", "currency": "Währung",
    "kind_invoice": "Rechnung", "kind_debit_memo": "Lastschrift", "kind_credit_memo": "Gutschrift",
    "kind_chargeback": "Rückbelastung", "kind_interest_or_fee": "Zinsen oder Gebühr", "kind_receipt": "Zahlung",
    "kind_returned": "Rückgabe einer Zahlung", "kind_prepayment": "Anzahlung", "kind_refund": "Erstattung",
    "kind_write_off": "Ausbuchung", "kind_recovery": "Zahlungseingang nach Ausbuchung", "kind_adjustment": "Berichtigung",
    "kind_transfer": "Umbuchung", "kind_opening": "Saldovortrag", "kind_discount": "Skonto",
    "kind_other_account": "Verrechnung mit anderem Konto",
}  # fmt: skip
_FR = {
    "title": "Relevé de compte", "number": "Relevé", "customer": "Client", "as_of": "Arrêté au", "period": "Période",
    "page": "Page\u00a0", "of": "\u00a0sur\u00a0", "pages": "", "document": "Pièce", "type": "Type", "date": "Date", "due": "Échéance",
    "reference": "Votre référence", "late": "Retard (jours)", "amount": "Montant", "open": "Solde dû", "part": "échéance",
    "carried": "À reporter", "brought": "Report", "opening": "Solde au", "closing": "Solde",
    "total_due": "Total dû", "in_your_favour": "Solde en votre faveur", "past_due": "dont échu",
    "credits": "dont avoirs et paiements non imputés", "disputed": "dont en litige",
    "disputed_mark": "en litige", "aging": "Balance âgée", "bucket_current": "Non échu", "days": "jours",
    "bucket_credit": "Avoirs", "bucket_unapplied": "Paiements non imputés", "bucket_no_due_date": "Sans échéance",
    "total": "Total", "nothing": "Aucune somme n’est due sur votre compte.",
    "nothing_moved": "Aucun mouvement sur la période.",
    "account": "Compte", "slip": "Bordereau de paiement", "slip_note": "À détacher et à joindre à votre règlement.",
    "pay_to": "À l’ordre de", "bank": "Banque", "bank_account": "IBAN / n° de compte", "bank_code": "BIC",
    "creditor_reference": "Référence de paiement", "amount_due": "Montant dû", "amount_paid": "Montant payé",
    "paid_on": "Date", "copies": "Copies de factures", "currency": "Devise",
    "kind_invoice": "Facture", "kind_debit_memo": "Note de débit", "kind_credit_memo": "Avoir",
    "kind_chargeback": "Refacturation", "kind_interest_or_fee": "Intérêts ou frais", "kind_receipt": "Paiement",
    "kind_returned": "Paiement rejeté", "kind_prepayment": "Acompte", "kind_refund": "Remboursement",
    "kind_write_off": "Passage en perte", "kind_recovery": "Rentrée sur créance passée en perte",
    "kind_adjustment": "Régularisation", "kind_transfer": "Transfert", "kind_opening": "Report à nouveau",
    "kind_discount": "Escompte", "kind_other_account": "Imputé sur un autre compte",
}  # fmt: skip
_ES = {
    "title": "Estado de cuenta", "number": "Estado", "customer": "Cliente", "as_of": "A fecha de", "period": "Período",
    "page": "Página\u00a0", "of": "\u00a0de\u00a0", "pages": "", "document": "Documento", "type": "Tipo", "date": "Fecha",
    "due": "Vencimiento", "reference": "Su referencia", "late": "Retraso (días)", "amount": "Importe", "open": "Pendiente",
    "part": "plazo", "carried": "Suma y sigue", "brought": "Suma anterior", "opening": "Saldo al", "closing": "Saldo",
    "total_due": "Total pendiente", "in_your_favour": "Saldo a su favor", "past_due": "del cual vencido",
    "credits": "del cual abonos y pagos sin aplicar", "disputed": "del cual en disputa",
    "disputed_mark": "en disputa", "aging": "Antigüedad del saldo", "bucket_current": "No vencido", "days": "días",
    "bucket_credit": "Abonos", "bucket_unapplied": "Pagos sin aplicar", "bucket_no_due_date": "Sin vencimiento",
    "total": "Total", "nothing": "No hay importes pendientes en su cuenta.",
    "nothing_moved": "Sin movimientos en el período.",
    "account": "Cuenta", "slip": "Talón de pago", "slip_note": "Sepárelo y devuélvalo con su pago.",
    "pay_to": "Pagar a", "bank": "Banco", "bank_account": "IBAN / n.º de cuenta", "bank_code": "BIC",
    "creditor_reference": "Referencia de pago", "amount_due": "Importe debido", "amount_paid": "Importe pagado",
    "paid_on": "Fecha", "copies": "Copias de facturas", "currency": "Moneda",
    "kind_invoice": "Factura", "kind_debit_memo": "Nota de cargo", "kind_credit_memo": "Abono",
    "kind_chargeback": "Cargo por diferencia", "kind_interest_or_fee": "Intereses o gastos", "kind_receipt": "Pago",
    "kind_returned": "Pago devuelto", "kind_prepayment": "Anticipo", "kind_refund": "Reembolso",
    "kind_write_off": "Baja por incobrable", "kind_recovery": "Recuperación", "kind_adjustment": "Ajuste",
    "kind_transfer": "Traspaso", "kind_opening": "Saldo anterior", "kind_discount": "Descuento por pronto pago",
    "kind_other_account": "Aplicado a otra cuenta",
}  # fmt: skip
_ZH = {
    "title": "对账单", "number": "对账单号", "customer": "客户", "as_of": "截至", "period": "期间",
    "page": "第\u00a0", "of": "\u00a0页，共\u00a0", "pages": "\u00a0页", "document": "单据", "type": "类型", "date": "日期",
    "due": "到期日",
    "reference": "贵方编号", "late": "逾期天数", "amount": "金额", "open": "未结金额", "part": "分期",
    "carried": "转下页", "brought": "承前页", "opening": "余额，", "closing": "余额",
    "total_due": "应付总额", "in_your_favour": "贵方贷方余额", "past_due": "其中逾期",
    "credits": "其中贷项及未核销付款", "disputed": "其中有争议",
    "disputed_mark": "有争议", "aging": "账龄", "bucket_current": "未到期", "days": "天",
    "bucket_credit": "贷项", "bucket_unapplied": "未核销付款", "bucket_no_due_date": "无到期日",
    "total": "合计", "nothing": "贵方账户无未结款项。", "nothing_moved": "本期间无变动。",
    "account": "账户", "slip": "付款回执", "slip_note": "请沿虚线撕下，随付款寄回。",
    "pay_to": "收款人", "bank": "开户行", "bank_account": "账号 / IBAN", "bank_code": "BIC / 行号",
    "creditor_reference": "付款参考号", "amount_due": "应付金额", "amount_paid": "实付金额",
    "paid_on": "日期", "copies": "发票副本", "currency": "币种",
    "kind_invoice": "发票", "kind_debit_memo": "借项通知单", "kind_credit_memo": "贷项通知单",
    "kind_chargeback": "扣款追收", "kind_interest_or_fee": "利息或费用", "kind_receipt": "付款",
    "kind_returned": "退回付款", "kind_prepayment": "预付款", "kind_refund": "退款",
    "kind_write_off": "核销坏账", "kind_recovery": "坏账收回", "kind_adjustment": "调整",
    "kind_transfer": "转账", "kind_opening": "期初余额", "kind_discount": "现金折扣",
    "kind_other_account": "与其他账户抵销",
}  # fmt: skip

WORDS: Mapping[str, Mapping[str, str]] = {"en": _EN, "de": _DE, "fr": _FR, "es": _ES, "zh": _ZH}

_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "ene feb mar abr may jun jul ago sept oct nov dic",
}
_POINTS = {
    "de": (".", ","),
    "fr": ("\u00a0", ","),
    "es": (".", ","),
}  # thousands and decimals, where not 1,234.50


def words_of(language: str) -> Mapping[str, str]:
    """The words of a language; English where there are none."""
    return WORDS.get(language, WORDS[FALLBACK])


def day_of(day: date | None, language: str) -> str:
    """A day as the language writes it, never one that reads otherwise elsewhere: 31 Oct 2026, 31.10.2026, 2026-10-31."""
    if day is None:
        return ""
    if language == "de":
        return f"{day.day:02d}.{day.month:02d}.{day.year}"
    if language == "zh":
        return f"{day:%Y-%m-%d}"
    months = _MONTHS.get(language, _MONTHS[FALLBACK]).split()
    return f"{day.day}\u00a0{months[day.month - 1]}\u00a0{day.year}"


def amount_of(minor: int, currency: str, language: str) -> str:
    """An amount with the marks of the language: 1,234.50, 1.234,50, 1 234,50; a true minus sign is not used."""
    plain = shown(minor, currency)
    if language not in _POINTS:
        return plain
    thousands, decimals = _POINTS[language]
    return plain.replace(",", "\0").replace(".", decimals).replace("\0", thousands)


def money_of(minor: int, currency: str, language: str) -> str:
    """An amount behind the ISO code of its currency, on one line."""
    return f"{iso_code(currency)}\u00a0{amount_of(minor, currency, language)}"


def bucket_of(bucket: str, words: Mapping[str, str]) -> str:
    """The heading of a bucket of the aging."""
    return words.get(f"bucket_{bucket}") or f"{bucket} {words['days']}"
