"""What people decide at the desk, kept in the store and read back into the books. Floor 4. Import it on use only.

    desk = casework(store, plan=plan)                  # one chain walk, then only what is new is read
    seen = desk.head()                                 # what is shown now
    desk.apply(entity="US01", receipt_id="R-17", lines=[...], seen=seen, ...)     # or ConflictError, DutyError, FaultsError
    desk.since(seen)                                   # what others decided meanwhile, in sentences

kinds      words of events, and the duty that each act is
decision   one recorded decision, and its sentence
state      all decisions read so far, found by what they touch
known      what the books know when something is decided, and what is asked for held against it
checks     what is asked for, held against common sense, all faults at once
clashes    what others recorded, held against what is to be recorded
duties     who may do it
recorder   check, judge, append, try again where the chain grew
collecting, cash, asking   the acts
desk       all of it for one person
rows       decisions as rows of the declared tables
join       a book with these rows
"""

from arlib.run.casework.desk import Casework, casework
from arlib.run.casework.faults import ConflictError, DutyError, FaultsError
from arlib.run.casework.frames import DECISIONS
from arlib.run.casework.join import Joined, joined, with_casework
from arlib.run.casework.known import OTHER, Known, StandingPromise, words_of
from arlib.run.casework.lines import AppliedLine
from arlib.run.casework.recorder import Recorded

__all__ = [
    "DECISIONS",
    "OTHER",
    "AppliedLine",
    "Casework",
    "ConflictError",
    "DutyError",
    "FaultsError",
    "Joined",
    "Known",
    "Recorded",
    "StandingPromise",
    "casework",
    "joined",
    "with_casework",
    "words_of",
]
