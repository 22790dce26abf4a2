"""Document heads (BKPF) beside the lines: who entered what and when, reversals, and the clearing document's head.
Floor 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arlib.errors import Problem, Severity
from arlib.sources.convert import to_day
from arlib.sources.erp.sap_keys import document_key, filled, joined_key, plain
from arlib.sources.profile import Profile
from arlib.sources.raw import RawFile, Records

if TYPE_CHECKING:
    import pandas as pd

HEAD = (
    "BLART", "BLDAT", "BUDAT", "CPUDT", "CPUTM", "USNAM", "XBLNR", "WAERS", "HWAER", "BSTAT", "STBLG", "STJAH",
    "XREVERSAL", "BKTXT", "GRPID", "AWKEY", "AWTYP", "XREF1_HD", "XREF2_HD", "PPNAM",
)  # fmt: skip
OF_CLEARING = ("BLDAT", "BUDAT", "CPUDT", "CPUTM", "USNAM", "BKTXT", "XBLNR", "BLART")
CUSTOMER_DOCUMENTS = ("RV", "DR", "DG", "DZ", "DA", "DV")
CLEARING_DOCUMENT, RESET_CLEARING = "A", "B"


@dataclass(frozen=True)
class Heads:
    """All document heads by key; `frame` is empty where the extract holds none."""

    frame: pd.DataFrame
    file: str
    rows: Sequence[int]

    def beside(self, lines: pd.DataFrame) -> pd.DataFrame:
        """The lines with their head's columns as BKPF.X; what a line itself says stands in where there is no head."""
        import pandas as pd

        found = self._taken(document_key(lines), "BKPF", tuple(dict.fromkeys((*HEAD, *self.columns))))
        own = {f"BKPF.{name}": lines[name] for name in HEAD if name in lines.columns}
        for name, values in own.items():
            found[name] = found[name].where(filled(found[name]), values)
        return pd.concat([lines, pd.DataFrame(found, index=lines.index)], axis=1)

    @property
    def columns(self) -> tuple[str, ...]:
        """The head's columns."""
        return tuple(str(name) for name in self.frame.columns if not str(name).startswith("_"))

    def _taken(self, keys: pd.Series, prefix: str, names: Sequence[str]) -> dict[str, pd.Series]:
        import pandas as pd

        first = self.frame[~self.frame["_document"].duplicated()]
        at = pd.Index(first["_document"]).get_indexer(pd.Index(keys))
        made = {}
        for name in names:
            if name in first.columns and len(first):
                values = first[name].take(at).set_axis(keys.index).mask(at < 0, "")
            else:
                values = pd.Series("", index=keys.index, dtype="str")
            made[f"{prefix}.{name}"] = values.astype("str")
        return made

    def reversals(self, whole: pd.DataFrame, profile: Profile) -> pd.DataFrame:
        """`_reverses` (line), `_reverses_document`, and type and side of what a reversing document reverses.

        Of two documents that name each other in STBLG the one marked 2 in XREVERSAL reverses; where none is
        marked, the one entered later.
        """
        import pandas as pd

        number, year = plain(whole["BKPF.STBLG"]), plain(whole["BKPF.STJAH"])
        partner = joined_key([plain(whole["BUKRS"]), number, year.where(filled(year), plain(whole["GJAHR"]))])
        has = filled(number)
        entered = to_day(whole["BKPF.CPUDT"], profile).typed
        order = (
            entered.dt.strftime("%Y%m%d").fillna("")
            + " "
            + whole["BKPF.CPUTM"]
            + " "
            + plain(whole["BELNR"]).str.zfill(12)
        )
        by_document = pd.Series(order.to_numpy(), index=whole["_document"])
        by_document = by_document[~by_document.index.duplicated()]
        theirs = pd.Series(by_document.reindex(partner).to_numpy(), index=whole.index, dtype="object").fillna(
            ""
        )
        mark = whole["BKPF.XREVERSAL"].str.strip()
        is_back = has & (mark.eq("2") | (~mark.isin(("1", "2")) & theirs.ne("") & theirs.lt(order)))
        document = partner.where(is_back, "")
        customer = whole["KOART"].eq("D")
        same = document + "/" + plain(whole["BUZEI"])
        mine = whole.loc[customer, ["_document", "_key", "SHKZG"]]
        only = mine[~mine["_document"].duplicated(keep=False)].set_index("_document")["_key"]
        alone = (
            pd.Series(only.reindex(document).to_numpy(), index=whole.index, dtype="object")
            .fillna("")
            .astype("str")
        )
        key = same.where(same.isin(set(mine["_key"])), alone).where(is_back & customer, "")
        types = pd.Series(whole["BKPF.BLART"].to_numpy(), index=whole["_document"])
        types = types[~types.index.duplicated()]
        reversed_type = pd.Series(
            types.reindex(document).to_numpy(), index=whole.index, dtype="object"
        ).fillna("")
        turned = whole["SHKZG"].map({"S": "H", "H": "S"}).fillna("").astype("str")
        whole["_reverses"], whole["_reverses_document"] = key, document
        whole["_TYPE"] = whole["BKPF.BLART"].where(reversed_type.eq(""), reversed_type).astype("str")
        whole["_SIDE"] = whole["SHKZG"].where(~(is_back & key.ne("")), turned)
        return whole

    def clearing(self, whole: pd.DataFrame, profile: Profile) -> pd.DataFrame:
        """The head of the clearing document as AUG.X; its year is AUGGJ, else that of AUGDT."""
        import pandas as pd

        number, year = plain(whole["AUGBL"]), plain(whole["AUGGJ"])
        day = to_day(whole["AUGDT"], profile).typed
        year = year.where(filled(year), day.dt.strftime("%Y").fillna("").astype("str"))
        key = joined_key([plain(whole["BUKRS"]), number, year]).where(filled(number), "")
        found = self._taken(key, "AUG", OF_CLEARING) | {"AUG.year": year}
        return pd.concat(
            [whole.drop(columns=[n for n in found if n in whole]), pd.DataFrame(found, index=whole.index)],
            axis=1,
        )

    def left_out(self, lines: Sequence[pd.DataFrame]) -> list[Problem]:
        """What the extract does not hold: customer documents without lines, and clearings that were reset."""
        if not len(self.frame):
            return []
        there = {key for frame in lines for key in frame["_document"]}
        head = self.frame
        lost = ~head["_document"].isin(there) & head["BLART"].isin(CUSTOMER_DOCUMENTS)
        lost &= ~head["BSTAT"].str.strip().isin((CLEARING_DOCUMENT, RESET_CLEARING))
        made = [
            self._noted(int(at), "document_without_lines", f"{head['BLART'].iloc[at]} {head['_document'].iloc[at]}",
                        "its lines in BSEG; the extract has none, so it is in no total")
            for at in lost.to_numpy().nonzero()[0]
        ]  # fmt: skip
        used = {key for frame in lines for key in plain(frame["AUGBL"])}
        state = head["BSTAT"].str.strip()
        reset = state.eq(RESET_CLEARING) | (state.eq(CLEARING_DOCUMENT) & filled(head["STBLG"]))
        reset &= ~head["_document"].isin(there) & ~plain(head["BELNR"]).isin(used)
        made += [
            self._noted(int(at), "clearing_was_reset", str(head["_document"].iloc[at]),
                        "the lines that it had cleared; SAP empties them, so what was open meanwhile is not known")
            for at in reset.to_numpy().nonzero()[0]
        ]  # fmt: skip
        return made

    def _noted(self, at: int, code: str, found: str, wanted: str) -> Problem:
        return Problem(
            file=self.file, table="items", row=int(self.rows[at]), column="BELNR", severity=Severity.NOTED,
            code=code, found=found, wanted=wanted,
        )  # fmt: skip


def heads_of(given: list[tuple[RawFile, Records]]) -> Heads:
    """The heads of an extract, with '' for columns that it lacks."""
    import numpy as np
    import pandas as pd

    if not given:
        empty = pd.DataFrame(
            {name: pd.Series(dtype="str") for name in ("BUKRS", "BELNR", "GJAHR", *HEAD, "_document")}
        )
        return Heads(empty, "", ())
    frame = pd.concat([records.frame for _, records in given], ignore_index=True).fillna("")
    for name in ("BUKRS", "BELNR", "GJAHR", *HEAD):
        if name not in frame.columns:
            frame[name] = pd.Series("", index=frame.index, dtype="str")
    frame["_document"] = document_key(frame)
    return Heads(frame, given[0][0].name, np.concatenate([records.rows for _, records in given]).tolist())
