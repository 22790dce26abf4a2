"""Reports: a frozen report in; workbook, figure, page and data files out. Floor 3. Loads nothing itself."""
