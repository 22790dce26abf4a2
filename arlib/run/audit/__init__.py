"""Audit requests: read, answered by a sealed pack, kept in a register, performed again. Floor 4."""
