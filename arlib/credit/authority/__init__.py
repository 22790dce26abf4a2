"""Authority: who may propose, approve and post a change of a receivable. Floor 1; pure, no clock and no file.

judge           decisions of a returned workbook against the policy, every refusal at once
judge_posting   the third person
needed          who could approve each proposal, for reports
"""

from arlib.credit.authority.amounts import Amount, Limit, Translator, units_text
from arlib.credit.authority.decisions import (
    TYPED,
    Accepted,
    Approved,
    Decision,
    Earlier,
    Judgement,
    Proof,
    Refusal,
)
from arlib.credit.authority.judge import judge
from arlib.credit.authority.matrix import Rule, incompatible_with, rules_of
from arlib.credit.authority.needed import APPROVERS, needed
from arlib.credit.authority.people import People, same
from arlib.credit.authority.posting import judge_posting
from arlib.credit.authority.weigh import Matter, Weighed, matters_of, weigh

__all__ = [
    "APPROVERS",
    "TYPED",
    "Accepted",
    "Amount",
    "Approved",
    "Decision",
    "Earlier",
    "Judgement",
    "Limit",
    "Matter",
    "People",
    "Proof",
    "Refusal",
    "Rule",
    "Translator",
    "Weighed",
    "incompatible_with",
    "judge",
    "judge_posting",
    "matters_of",
    "needed",
    "rules_of",
    "same",
    "units_text",
    "weigh",
]
