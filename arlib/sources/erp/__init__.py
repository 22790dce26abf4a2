"""What ERP extracts say in their own way, and no mapping can: document references, clearing, ledgers. Floor 2."""
