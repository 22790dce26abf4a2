"""Writing back: posting files for an ERP from what the notebooks propose. Floor 2.

tables       what a posting is                           POSTING_RECEIPTS ... POSTING_JOURNALS
batch        postings that belong together, checked      Batch
reference    stable references, and the register         reference, read_register
accounts     which account plays which part              Accounts, read_accounts
from_match   a batch from a folder of `arlib match`      from_match_folder
from_items   adjustments, write-offs and credit memos    adjustments_of, credit_memos_of
from_proposals  approved proposals                      postings_of
journals     the double entry of postings                journals_of
oracle, sap  the layouts                                 oracle_files, sap_files
write        the folder, with control totals             write_posting_folder
"""

from arlib.credit.posting import Role
from arlib.sources.upload.accounts import Accounts, accounts_from, read_accounts
from arlib.sources.upload.batch import Batch
from arlib.sources.upload.from_items import adjustments_of, credit_memos_of
from arlib.sources.upload.from_match import from_match_folder
from arlib.sources.upload.from_proposals import postings_of
from arlib.sources.upload.journals import journals_of
from arlib.sources.upload.make import make_batch
from arlib.sources.upload.reference import read_register, reference
from arlib.sources.upload.write import posting_contents, write_posting_folder

__all__ = [
    "Accounts",
    "Batch",
    "Role",
    "accounts_from",
    "adjustments_of",
    "credit_memos_of",
    "from_match_folder",
    "journals_of",
    "make_batch",
    "posting_contents",
    "postings_of",
    "read_accounts",
    "read_register",
    "reference",
    "write_posting_folder",
]
