"""Options of the audit procedures, by subject: str, whole numbers and switches, since they become notebook parameters.

A field with metadata `{"file": True}` names a CSV file that comes with the request; '' for none, unless `"needed"` is true
too: then a request without it is refused, while a notebook by hand says what is missing. Floor 1.
"""
