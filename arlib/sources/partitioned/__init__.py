"""A ledger that does not fit memory: Parquet partitions by group of customers, under one manifest. Floor 2.

ledger.json                     what is in it: partitions, files with rows, bytes and SHA-256, totals by currency
part-00000/items-0.parquet      items, applications and what else belongs to the customers of the partition
shared/fx_rates.parquet         small tables that every partition needs

layout    what the manifest says, and whether the files agree with it   is_ledger, read_manifest, Manifest
read      one partition, or the shared tables, as a book                read_partition, read_shared
write     a book or files too large for memory as such a folder         write_ledger, partition_files
groups    which customers may not be torn apart                         grouped
"""

from arlib.sources.partitioned.layout import MANIFEST, Manifest, Partition, is_ledger, read_manifest
from arlib.sources.partitioned.read import read_partition, read_shared
from arlib.sources.partitioned.write import partition_files, write_ledger, write_manifest

__all__ = [
    "MANIFEST",
    "Manifest",
    "Partition",
    "is_ledger",
    "partition_files",
    "read_manifest",
    "read_partition",
    "read_shared",
    "write_ledger",
    "write_manifest",
]
