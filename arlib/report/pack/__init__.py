"""An evidence pack: what is handed to an auditor and can be checked without us. Floor 3.

model        what the letters say                                PackFacts, Provenance, provenance_of
letters      the reply and the letter inside the pack            reply_letter, cover_letter, letter_pdf
pages        a page of a run made ready for paper                report_pdf
provenance   where the figures come from, as a page              provenance_page
dictionary   what each table and column means                    dictionary_page
pdfa         a page as PDF/A-3 with files attached               pdf_a3
pdfa_check   what is wrong with a PDF/A-3, clause by clause      pdfa_faults
"""
