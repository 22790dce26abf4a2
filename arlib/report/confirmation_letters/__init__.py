"""Letters that ask a customer to confirm its balance to the auditor: positive, negative or blank. Floor 3.

The entity prepares them; the auditor sends them, and the replies come to the auditor (AS 2310.14, ISA 505.7). Nothing is sent
from here, and without the auditor's address there is no letter. A letter has no day of its own but the one that the auditor
names, no address of the entity (the books hold none: print it on the entity's letterhead), and is in English only.

model      what a letter says                 ConfirmationLetter, ConfirmationLine
fill       letters from the control sheet     letters_of
batch      letters as PDF, by file name       pdfs_of, template_of
"""

from arlib.report.confirmation_letters.batch import pdfs_of, template_of
from arlib.report.confirmation_letters.fill import letters_of
from arlib.report.confirmation_letters.model import ConfirmationLetter, ConfirmationLine

__all__ = ["ConfirmationLetter", "ConfirmationLine", "letters_of", "pdfs_of", "template_of"]
