"""The profile of the sample company's SAP system: the built-in `sap` with this company's document types, reference
fields and append fields (ZZ). Floor 2.
"""

from __future__ import annotations

from arlib.sources.sample.as_sap_applications import KINDS
from arlib.sources.sample.as_sap_bank import KINDS as BANK_KINDS
from arlib.sources.sample.as_sap_items import BLART, UNKNOWN
from arlib.sources.sample.as_sap_ledger import SOURCES
from arlib.sources.sample.as_sap_master import CLASSES, CODES

PROFILE_NAME = "harbor-sap.yml"


def _map(pairs: dict[str, str]) -> str:
    """A YAML mapping on one line, from code to word."""
    return "{" + ", ".join(f'"{code}": "{word}"' for word, code in pairs.items()) + "}"


_FLAG = 'map: {"X": "true", "N": "false", "": ""}'
PROFILE = f"""\
# Harbor & Pine's SAP system: what its own document types, reference fields and append fields (ZZ) hold.
profile: harbor-sap
extends: sap
title: SAP of the sample company
number_style: ["1234.56"]
date_formats: ["%Y%m%d", "%Y-%m-%d"]
instant_formats: ["%Y%m%d %H%M%S"]
none_dates: ["00000000"]
# These come from the folder beside: SAP's tables do not say a time zone, or link one entry to one document only.
without: [entities/company codes, entities/company codes of the documents, control_accounts/reconciliation accounts,
  receipts/posted entries, receipt_bank_lines/posted entries, bank_statements/electronic bank statements]
tables:
  - into: customers
    part: company code data
    join: {{KNA1: {{KUNNR: KUNNR}}, T001S: {{BUKRS: BUKRS, BUSAB: BUSAB}}, KNKK: {{KUNNR: KUNNR, BUKRS: KKBER}}}}
    columns:
      address: {{template: "{{KNA1.STRAS}}, {{KNA1.ORT01}}"}}
      state: {{first_of: [{{template: "{{KNA1.LAND1}}-{{KNA1.REGIO}}", when: [{{column: KNA1.REGIO, is: filled}}]}}, {{constant: ""}}]}}
      email: INTAD
      language: {{column: KNA1.SPRAS, map: {{JA: ja, EN: en, DE: de, FR: fr, ES: es, ZH: zh, AR: ar, "": ""}}}}
      is_intercompany: {{first_of: [{{constant: "true", when: [{{column: KNA1.VBUND, is: filled}}]}}, {{constant: "false"}}]}}
      is_related_party: {{first_of: [{{constant: "true", when: [{{column: KNA1.KONZS, is: filled}}]}}, {{constant: "false"}}]}}
      payer_account: ZZBANKN
      payer_aliases: ZZALIAS
      sales_rep: ZZREP
      contact: ZZCONTACT
      phone: ZZPHONE
      is_on_credit_hold: {{column: ZZHOLD, {_FLAG}}}
      credit_hold_since: ZZHOLDSINCE
      requires_order_no: {{column: ZZORDERNO, {_FLAG}}}
      portal: ZZPORTAL
      opened_on: ERDAT
      region: KNA1.ORT02
      terms: {{column: ZTERM, map: {_map(CODES)}}}
      credit_limit: KNKK.KLIMK
      limit_currency: KNKK.ZZWAERS
      rating: KNKK.CTLPC
      status: {{column: KNA1.KUKLA, map: {_map(CLASSES)}}}
  - into: items
    part: customer lines
    columns:
      item_id: ZUONR
      customer_id: {{column: KUNNR, when: [{{column: KUNNR, differs: [{UNKNOWN}]}}]}}
      item_type: {{column: BKPF.BLART, map: {_map(BLART)}}}
      document_no: BKPF.XBLNR
      purchase_order: KIDNO
      delivery_no: BKPF.XREF2_HD
      delivery_date: BKPF.VATDATE
      # a document without a baseline date has no due date
      due_date: {{plus_days: {{date: ZFBDT, days: [ZBD3T, ZBD2T, ZBD1T]}}}}
      cash_status: XREF1
      rate: BKPF.KURSF
      is_hedged: {{column: ZZHEDGED, {_FLAG}}}
      is_secured: {{column: ZZSECURED, {_FLAG}}}
      is_insured: {{column: ZZINSURED, {_FLAG}}}
      sales_rep: XREF2
      sales_partner: ZZPARTNER
      segment: SEGMENT
      assigned_to: XREF3
      batch_id: BKPF.GRPID
      reason: BKPF.BKTXT
      authorised_by: {{first_of: [_changed_by, BKPF.XREF1_HD]}}
  - into: applications
    part: transfer postings
    columns:
      application_id: BKPF.XBLNR
      kind: {{column: BKPF.BLART, map: {_map(KINDS)}}}
      reason: BKPF.BKTXT
  - into: gl_lines
    part: ledger lines
    where: [{{column: RLDNR, equals: ["", "0L"]}}]  # the allowance account too, which is no reconciliation account
    columns:
      journal_id: BKPF.AWKEY
      line_id: DOCLN
      user: BKPF.USNAM
      source: {{column: BKPF.BLART, map: {_map(SOURCES)}}}
      customer_id: ZZKUNNR
      document_no: ZZUONR
      batch_id: BKPF.GRPID
      text: ZZSGTXT
  - into: bank_lines
    part: statement entries
    columns:
      bank_line_id: CHECT
      statement_id: ZZSTATEMENT
      kind: {{column: VGINT, map: {_map(BANK_KINDS)}}}
      return_of: ZUONR
      return_code: ZZRETURN
      is_receivable: {{column: ZZRECEIVABLE, {_FLAG}}}
"""
