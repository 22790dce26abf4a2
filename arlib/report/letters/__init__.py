"""Letters of dunning and special letters: a frozen model, templates that a user can edit, PDF and e-mail drafts. Floor 3.

model      what a letter says                                  Letter, LetterLine
fill       models from the results of `collect.dunning`         dunning_letter, special_letter
locales    amounts and days as the reader writes them           locale_of
page       a letter as HTML, from shipped or edited templates   LetterTemplates
check      every unknown or missing field, with file and line   check_templates
draft      a letter as an e-mail draft; nothing is ever sent    eml_of
"""

from arlib.report.letters.check import TemplateFault, check_templates
from arlib.report.letters.draft import Attachment, eml_of
from arlib.report.letters.model import Letter, LetterLine
from arlib.report.letters.page import LANGUAGES, SHIPPED, LetterTemplates

__all__ = [
    "LANGUAGES",
    "SHIPPED",
    "Attachment",
    "Letter",
    "LetterLine",
    "LetterTemplates",
    "TemplateFault",
    "check_templates",
    "eml_of",
]
