"""Performance figures of receivables, each by a named convention. Floor 1.

figure         what a figure is: convention, exact value, and why it cannot be computed
days           DSO by every convention, best possible DSO, average days delinquent
effectiveness  collection effectiveness, share current and over 90, turnover
shares         cash application, bad debt, promises, disputes
windows        the months of the trend, and how far back the ledger goes
runs           what was open of each item from month to month
months         figures of each month out of a book
values         every KPI of every month
trend          a month against the one before and the same one last year
items          the documents behind the figures of the last month
performance    all of it in one call
"""
