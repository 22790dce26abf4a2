"""Advices that are plain text: an e-mail, a PDF's text layer. Rows are read with certainty or not at all. Floor 2.

words     what columns and totals are called
figures   amounts and dates of a whole column, in the one style that fits all
table     a text's table, checked against the total that the text states
webtext   the text of a web page
pdftext   the text layer of a PDF, drawn out in a process of its own
mail      e-mails, and e-mail texts that were saved without their header
pdf       PDF files
"""
