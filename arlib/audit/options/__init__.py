"""Options of the audit procedures, by subject: str, whole numbers and switches, since they become notebook parameters.

A field with metadata `{"file": True}` names a CSV file that comes with the request; '' for none. Floor 1.
"""
