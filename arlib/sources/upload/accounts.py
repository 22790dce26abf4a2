"""The accounts file: which ledger account plays which part, and what the target system is called what. Floor 2.

A YAML file in which every value is text, so that 00417 keeps its zeros. An unknown key is refused.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from arlib.credit.posting.roles import Role
from arlib.credit.posting.rules import PostingRules, TaxOnWriteOff, WriteOffTo
from arlib.errors import ParameterError, SourceError, nearest
from arlib.money import is_currency
from arlib.sources.upload.oracle_columns import RECEIPT_NEEDS, RECEIPT_RECORD
from arlib.sources.upload.tables import AdjustmentType, JournalKind
from arlib.tables.check import id_fault

ROLE_OF = {
    AdjustmentType.WRITE_OFF: Role.BAD_DEBT,
    AdjustmentType.ADJUSTMENT: Role.ADJUSTMENT,
    AdjustmentType.BANK_CHARGE: Role.BANK_CHARGE,
    AdjustmentType.EXCHANGE: Role.EXCHANGE,
    AdjustmentType.TOLERANCE: Role.TOLERANCE,
    AdjustmentType.REFUND: Role.REFUND_CLEARING,
    AdjustmentType.UNCLAIMED: Role.UNCLAIMED_PROPERTY,
    AdjustmentType.CONTRA: Role.PAYABLE,
}
ON_CUSTOMER = (Role.RECEIVABLE, Role.UNAPPLIED)  # may be one account; no other part may have it
APART = (
    (Role.ALLOWANCE, Role.BAD_DEBT),
    (Role.COMMISSION_EXPENSE, Role.COMMISSION_PAYABLE),
    (Role.COMMISSION_EXPENSE, Role.COMMISSION_RECEIVABLE),
)  # the two sides of one journal
NUMBER_STYLES = ("1234.56", "1234,56", "1,234.56", "1.234,56")
DATE_STYLES = {
    "YYYYMMDD": "%Y%m%d",
    "DD.MM.YYYY": "%d.%m.%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "YYYY-MM-DD": "%Y-%m-%d",
}


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class OracleOptions(_Options):
    """What an Oracle Receivables and General Ledger call things. Names by entity; the entity code where one is left out."""

    business_unit: dict[str, str] = {}
    ledger: dict[str, str] = {}
    segment_separator: str = Field(default="-", min_length=1, max_length=1)
    journal_source: str = Field(default="Spreadsheet", max_length=25)
    journal_category: str = Field(default="Adjustment", max_length=25)
    receipt_method: str = Field(default="", max_length=30)
    lockbox_number: str = Field(default="", max_length=30)
    transaction_source: str = Field(default="ARLIB", max_length=50)
    credit_memo_type: str = Field(default="Credit Memo", max_length=20)
    invoice_type: str = Field(default="Invoice", max_length=20)
    debit_memo_type: str = Field(default="Debit Memo", max_length=20)  # fees
    line_context: str = Field(default="ARLIB", max_length=30)
    activity: dict[AdjustmentType, str] = {}
    receipt_columns: tuple[str, ...] = ()  # order of the receipt record in the site's own template

    @field_validator("receipt_columns")
    @classmethod
    def _complete(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if given and (unknown := sorted(set(given) - set(RECEIPT_RECORD))):
            raise ValueError(f"unknown column {unknown[0]}")
        if given and (missing := sorted(set(RECEIPT_NEEDS) - set(given))):
            raise ValueError(f"the column {missing[0]} is not among them")
        if len(set(given)) < len(given):
            raise ValueError("a column stands twice")
        return given


class SapOptions(_Options):
    """What an SAP system calls things. Company codes by entity; the entity code where one is left out."""

    company_code: dict[str, str] = {}
    document_type: dict[JournalKind, str] = {}
    number_style: Literal["1234.56", "1234,56", "1,234.56", "1.234,56"] = "1.234,56"
    date_style: Literal["YYYYMMDD", "DD.MM.YYYY", "MM/DD/YYYY", "YYYY-MM-DD"] = "DD.MM.YYYY"
    separator: Literal[";", ",", "\t"] = ";"

    @field_validator("document_type")
    @classmethod
    def _two_letters(cls, given: dict[JournalKind, str]) -> dict[JournalKind, str]:
        for text in given.values():
            if not 1 <= len(text) <= 2:
                raise ValueError("a document type has two characters")
        return given


class Rules(_Options):
    """How approved proposals are booked; see PostingRules."""

    write_off_to: WriteOffTo = WriteOffTo.ALLOWANCE
    tax_on_write_off: TaxOnWriteOff = TaxOnWriteOff.CLAIMABLE
    recovery_to: WriteOffTo = WriteOffTo.ALLOWANCE

    def made(self) -> PostingRules:
        """The same for the pure functions."""
        return PostingRules(**{name: getattr(self, name) for name in type(self).model_fields})


class PayingAccount(_Options):
    """An account of ours that refunds are paid from: of an entity, and of a currency where there are several."""

    entity: str
    currency: str = ""  # '' for every currency that no other account of the entity names
    name: str
    account: str  # IBAN, or account number
    bank_code: str = ""  # BIC; for ach the routing number of nine digits
    country: str = ""
    company_id: str = ""  # ach: ten characters
    bank_name: str = ""  # ach


class Accounts(_Options):
    """The whole file. `accounts` are for every entity, `by_entity` lays its own over them."""

    schema_: Literal["arlib.post/1"] = Field(alias="schema")
    accounts: dict[Role, str]
    by_entity: dict[str, dict[Role, str]] = {}
    functional_currency: dict[str, str] = {}  # by entity: what its books are kept in
    receipts: Literal["create", "exist"] = "create"
    oracle: OracleOptions = OracleOptions()
    sap: SapOptions = SapOptions()
    rules: Rules = Rules()
    paying_accounts: tuple[PayingAccount, ...] = ()

    @field_validator("paying_accounts")
    @classmethod
    def _each_once(cls, given: tuple[PayingAccount, ...]) -> tuple[PayingAccount, ...]:
        keys = [(one.entity, one.currency) for one in given]
        if twice := sorted(key for key in set(keys) if keys.count(key) > 1):
            raise ValueError(f"{' '.join(twice[0]).strip()} stands twice")
        return given

    @field_validator("accounts")
    @classmethod
    def _legal(cls, given: dict[Role, str]) -> dict[Role, str]:
        return _codes(given)

    @field_validator("by_entity")
    @classmethod
    def _all_legal(cls, given: dict[str, dict[Role, str]]) -> dict[str, dict[Role, str]]:
        for held in given.values():
            _codes(held)
        return given

    @field_validator("functional_currency")
    @classmethod
    def _known(cls, given: dict[str, str]) -> dict[str, str]:
        for code in given.values():
            if not is_currency(code) or "." in code:
                raise ValueError(f"{code!r} is not an ISO 4217 code")
        return given

    @model_validator(mode="after")
    def _sides_apart(self) -> Self:
        for entity in ("", *self.by_entity):
            held = self.accounts | self.by_entity.get(entity, {})
            pairs = [(one, other) for one in ON_CUSTOMER for other in held if other not in ON_CUSTOMER]
            for one, other in (*pairs, *APART):
                if one in held and held[one] == held.get(other):
                    where = f"{entity}: " if entity else ""
                    raise ValueError(
                        f"{where}{other.value} and {one.value} are one account, {held[one]}: a journal between them "
                        "would debit and credit it"
                    )
        return self

    def account(self, entity: str, role: Role) -> str:
        """The account of that part in the entity's books, '' where the file names none."""
        return self.by_entity.get(entity, {}).get(role, self.accounts.get(role, ""))

    def paying_account(self, entity: str, currency: str) -> PayingAccount | None:
        """The account that the entity's refunds of a currency are paid from, None where the file names none."""
        held = {one.currency: one for one in self.paying_accounts if one.entity == entity}
        return held.get(currency, held.get(""))


def _codes(given: dict[Role, str]) -> dict[Role, str]:
    for role, code in given.items():
        if not code or id_fault(code):
            raise ValueError(f"{role.value}: {code!r} is not an account")
    return given


class _Texts(yaml.SafeLoader):
    """Every scalar as text; a key that stands twice is refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [key.value for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {name!r} stands twice", node.start_mark
                )
        return super().construct_mapping(node, deep=deep)


_Texts.yaml_implicit_resolvers = {}


def read_accounts(path: Path) -> Accounts:
    """The accounts file at `path`. Raises SourceError where it cannot be read, ParameterError for its first fault."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise SourceError(f"cannot be read ({fault.strerror or fault})", where=str(path)) from fault
    except UnicodeDecodeError as fault:
        raise SourceError("is not UTF-8 text", where=path.name) from fault
    try:
        raw = yaml.load(text, Loader=_Texts)  # noqa: S506  # a SafeLoader that makes text only
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise ParameterError(
            "is not YAML", where=path.name, found=" ".join(str(fault).split())[:160]
        ) from fault
    if not isinstance(raw, Mapping):
        raise ParameterError(
            "is not an accounts file", where=path.name, wanted="keys such as schema: and accounts:"
        )
    return accounts_from(raw, where=path.name)


def accounts_from(raw: Mapping[str, Any], *, where: str = "accounts") -> Accounts:
    """Accounts from a mapping; ParameterError names the first key at fault and how many more there are."""
    try:
        return Accounts.model_validate(raw)
    except ValidationError as fault:
        first, *more = fault.errors()
        key = ".".join(str(part) for part in first["loc"]) or "accounts file"
        rest = f" (and {len(more)} more)" if more else ""
        last = str(first["loc"][-1]) if first["loc"] else ""
        if not last:
            raise ParameterError(f"{key}: {first['msg']}{rest}", where=where) from fault
        models: tuple[type[BaseModel], ...] = (Accounts, OracleOptions, SapOptions, Rules, PayingAccount)
        known = [*(name for model in models for name in model.model_fields), *Role]
        near = nearest(last if last != "[key]" else str(first["loc"][-2]), [str(name) for name in known])
        raise ParameterError(
            f"{key}: {first['msg']}{rest}",
            where=where,
            fix=f"Did you mean {near!r}?" if near and near != last else "",
        ) from fault
