"""Reports that answer an auditor, one module a kind: `<kind>.<kind>_report(book, *, scope, policies, ask, rows_shown)`. Floor 3."""
