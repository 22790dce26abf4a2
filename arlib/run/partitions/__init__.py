"""Questions on a ledger that does not fit memory: one partition at a time, then the sum. Floor 4.

task      what is asked of one partition, in a process of its own     partition_result, tasks_of
parts     parts that are done, kept on disk, and read back            Kept
apart     whether a customer lies in two partitions                   require_apart
pool      run the tasks; a worker that dies takes nothing with it     run_partitions, processes
output    the files of a report, put in place together                put_in_place, write_report
aged      the aging of a ledger, as files                             age_ledger
tied      the tie-out of a ledger, as files                           tie_ledger
"""

from arlib.run.partitions.pool import processes, run_partitions
from arlib.run.partitions.task import partition_result, tasks_of

__all__ = ["partition_result", "processes", "run_partitions", "tasks_of"]
