"""`arlib match` as a user types it: files in, a folder out, or two lines and nothing changed."""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import textwrap

import pytest

PROMISED = "receipt_id,item_id,applied_amount,discount,deduction,fee,fx,reason,decision,rule,evidence"
FILES = (
    "alternatives", "contras", "matches", "posting", "residuals", "reversals", "rules", "skipped", "unmatched",
)  # fmt: skip

INVOICES = """\
invoice_id,Client,Company Code,Fiscal Year,Document Number,Line Item Number,Assignment Number,Billing Number,\
Customer ID,Customer Name,Currency Code,Amount,Document Date,Due Date
i1,001,1000,2026,1000031421,001,INV100000000022749,9647700001,C1,Elm Pumps Ltd,JPY,24168654.34,20260920,20261015
i2,001,1000,2026,1000007386,001,INV100000000002294,9647700002,C1,Elm Pumps Ltd,JPY,12759.41,20260921,20261024
i3,001,1000,2026,1000007999,001,INV100000000003377,9647700003,C2,Oak SRL,USD,31270.61,20260925,20261020
"""
PAYMENTS = """\
payment_id,Business Partner,Account Number,Memo Line,Amount,Currency,Posting Date
p1,Elm Pumps Ltd,JP10BDVR92723039543589,INV100000000022749 ,24168654.34,JPY,20261010
p2,"=HYPERLINK(""http://x"",""<script>"")",XX,INV100000000003377 =1+1,31270.609999999997,USD,20261011
p3,Nobody At All,YY,thank you,77.77,USD,20261012
"""


@pytest.fixture
def small(tmp_path):
    """Three invoices and three payments under names that the profile does not know."""
    (tmp_path / "debts [1].txt").write_text(INVOICES, encoding="utf-8")
    (tmp_path / "money.bin").write_bytes(gzip.compress(PAYMENTS.encode()))
    return tmp_path


@pytest.fixture
def match(arlib):
    """The command on the small files."""

    def run(*more, cwd, items="debts [1].txt", receipts="money.bin", out="result", profile="pay-to-invoice"):
        return arlib(
            "match",
            "--items",
            items,
            "--receipts",
            receipts,
            "--profile",
            profile,
            "--out",
            out,
            *more,
            cwd=cwd,
        )

    return run


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_files_of_any_name_give_the_whole_folder(match, small):
    done = match(cwd=small)

    assert done.returncode == 0, done.stderr
    out = small / "result"
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [".arlib-match", "summary.json", *(f"{name}.{kind}" for name in FILES for kind in ("csv", "parquet"))]
    )
    for name in FILES:
        text = (out / f"{name}.csv").read_bytes()
        assert not text.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in text
    assert (out / "matches.csv").read_text(encoding="utf-8").startswith(PROMISED + ",")
    found = {row["receipt_id"]: row for row in rows(out / "matches.csv")}
    assert (found["p1"]["item_id"], found["p2"]["item_id"]) == ("i1", "i3")
    assert (found["p1"]["applied_amount"], found["p1"]["currency"]) == ("24168654.34", "JPY")
    assert found["p2"]["applied_amount"] == "31270.61"
    assert [row["receipt_id"] for row in rows(out / "unmatched.csv")] == ["p3"]
    assert "3 receipts" in done.stdout
    assert "JPY" in done.stdout
    assert "JPY.2" not in "".join(
        path.read_text(encoding="utf-8") for path in [*out.glob("*.csv"), out / "summary.json"]
    )


def test_the_posting_file_holds_what_is_auto_and_only_that(match, small):
    assert match(cwd=small).returncode == 0
    auto = [row for row in rows(small / "result/matches.csv") if row["decision"] == "auto"]
    lines = rows(small / "result/posting.csv")
    assert [(r["receipt_id"], r["item_id"], r["applied_amount"]) for r in lines] == [
        (r["receipt_id"], r["item_id"], r["applied_amount"]) for r in auto
    ]
    for line in lines:
        assert line["value_date"].startswith("2026-10-1")
        assert line["document_no"].startswith("10000")


def test_the_summary_ties_and_two_runs_give_the_same_bytes(match, small):
    assert match(cwd=small).returncode == 0
    first = {path.name: path.read_bytes() for path in (small / "result").iterdir()}
    said = json.loads(first["summary.json"])
    assert said["schema"] == "arlib.match/1"
    assert said["identities"]
    assert all(identity["holds"] for identity in said["identities"])
    assert {one["file"] for one in said["inputs"]} == {"debts [1].txt", "money.bin"}
    assert match(cwd=small).returncode == 0
    assert {path.name: path.read_bytes() for path in (small / "result").iterdir()} == first


def test_replay_places_the_same_plain_receipts(match, small):
    assert match("--replay", cwd=small).returncode == 0
    found = {(row["receipt_id"], row["item_id"]) for row in rows(small / "result/matches.csv")}
    assert found == {("p1", "i1"), ("p2", "i3")}
    assert json.loads((small / "result/summary.json").read_bytes())["is_replay"] is True


def test_an_earlier_result_is_replaced_whole_and_nothing_else_ever(match, small):
    assert match(cwd=small).returncode == 0
    (small / "result/stale.csv").write_text("old", encoding="utf-8")
    assert match(cwd=small).returncode == 0
    assert not (small / "result/stale.csv").exists()
    (small / "mine").mkdir()
    (small / "mine/keep.txt").write_text("keep", encoding="utf-8")
    before = sorted(str(path.relative_to(small)) for path in small.rglob("*"))
    for out in ("mine", "money.bin", "."):
        refused = match(cwd=small, out=out)
        assert refused.returncode == 2, refused.stdout + refused.stderr
        assert len(refused.stderr.splitlines()) <= 2
    assert sorted(str(path.relative_to(small)) for path in small.rglob("*")) == before
    (small / "result/money.bin").write_bytes((small / "money.bin").read_bytes())
    refused = match(cwd=small, receipts="result/money.bin")
    assert refused.returncode == 2
    assert "holds an input" in refused.stderr
    assert (small / "result/money.bin").is_file()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"profile": "pay-to-invoise"}, "Did you mean 'pay-to-invoice'?"),
        ({"items": "missing.csv"}, "missing.csv: no such file"),
        ({"receipts": "missing.csv"}, "missing.csv: no such file"),
        ({"items": "money.bin"}, "a column is missing: wanted 'Customer ID'"),
        ({"receipts": "empty.csv"}, "is empty"),
        ({"items": "empty.csv"}, "is empty"),
        ({"receipts": "ids.csv"}, "could act as a formula"),
        ({"receipts": "words.csv"}, "amount"),
        ({"profile": "pay-to-invoice-sap"}, "a folder with BKPF, BSEG"),
    ],
)  # fmt: skip
def test_faults_are_said_in_words_and_leave_nothing(match, small, change, said):
    (small / "empty.csv").write_bytes(b"")
    (small / "ids.csv").write_text(PAYMENTS.replace("p3", "=1+1"), encoding="utf-8")
    (small / "words.csv").write_text(PAYMENTS.replace("77.77", "many"), encoding="utf-8")
    before = sorted(path.name for path in small.iterdir())
    done = match(cwd=small, **change)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in small.iterdir()) == before


def test_receipts_may_be_left_out_only_beside_a_folder_and_history_only_where_the_profile_has_it(
    arlib, small
):
    lone = arlib("match", "--items", "debts [1].txt", "--profile", "pay-to-invoice", "--out", "o", cwd=small)
    assert (lone.returncode, "--receipts" in lone.stderr) == (2, True)
    told = arlib("match", "--items", "debts [1].txt", "--receipts", "money.bin", "--history", "money.bin",
                 "--profile", "pay-to-invoice", "--out", "o", cwd=small)  # fmt: skip
    assert (told.returncode, "--history" in told.stderr) == (2, True)
    assert not (small / "o").exists()


def test_policies_come_from_a_file_and_a_wrong_one_is_refused_with_its_line(match, small):
    policy = small / "policy.yml"
    policy.write_text(
        'policies:\n  matching:\n    tolerances: [{amount: "5.00", currency: "USD"}]\n    rules_of: {"C1": [match_one]}\n',
        encoding="utf-8",
    )
    assert match("--policy", "policy.yml", cwd=small).returncode == 0
    policy.write_text('policies:\n  matching:\n    auto_bound: "2"\n', encoding="utf-8")
    refused = match("--policy", "policy.yml", cwd=small, out="other")
    assert (refused.returncode, "policy.yml, line 3" in refused.stderr) == (2, True)
    assert not (small / "other").exists()


def test_the_sample_company_from_its_folder_and_from_single_files(arlib, tmp_path):
    assert arlib("sample", "--out", "extracts", "--seed", 3, "--items", 100, cwd=tmp_path).returncode == 0
    whole = arlib("match", "--items", "extracts", "--out", "open", cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    single = arlib("match", "--items", "extracts/items.csv", "--receipts", "extracts/receipts.csv",
                   "--remittances", "extracts/remittances.csv", "--out", "all", cwd=tmp_path)  # fmt: skip
    assert single.returncode == 0, single.stderr
    everything = len(rows(tmp_path / "extracts/receipts.csv"))
    assert f"{everything} receipts" in single.stdout
    assert "no applications were read" in single.stderr
    still_open = int(whole.stdout.split()[0])
    assert 0 < still_open < everything


def shuffled(path, out, key, seed, **renamed):
    """The file with its rows in another order, other ids and accounts; the ids by their old ones."""
    found = rows_of(path)
    random.Random(seed).shuffle(found)
    names = {}
    for number, row in enumerate(found):
        names[f"{seed}{number:07x}"] = row[key]
        row[key] = f"{seed}{number:07x}"
        for column, front in renamed.items():
            row[column.replace("_", " ")] = front + row[column.replace("_", " ")][::-1]
    with gzip.open(out, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    return names


def rows_of(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.shared
@pytest.mark.slow
def test_pay_to_invoice_is_the_same_from_sap_tables_and_under_other_ids_and_orders(arlib, shared, tmp_path):
    single = shared / "data/pay-to-invoice/single"
    plain, tables = single / "descriptive", single / "multi-table"
    items = shuffled(plain / "invoices.csv.gz", tmp_path / "a.gz", "invoice_id", 7)
    receipts = shuffled(plain / "payments.csv.gz", tmp_path / "b.gz", "payment_id", 8, Account_Number="Z9")
    runs = {
        "plain": ("pay-to-invoice", plain / "invoices.csv.gz", plain / "payments.csv.gz"),
        "sap": ("pay-to-invoice-sap", tables, tables / "payments_FEBEP.csv.gz"),
        "renamed": ("pay-to-invoice", tmp_path / "a.gz", tmp_path / "b.gz"),
    }
    for name, (profile, debts, money) in runs.items():
        done = arlib(
            "match", "--profile", profile, "--items", debts, "--receipts", money, "--out", name, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "plain/matches.csv").read_bytes() == (tmp_path / "sap/matches.csv").read_bytes()
    assert (tmp_path / "plain/unmatched.csv").read_bytes() == (tmp_path / "sap/unmatched.csv").read_bytes()
    same = [
        (r["receipt_id"], r["item_id"], r["applied_amount"], r["decision"])
        for r in rows(tmp_path / "plain/matches.csv")
    ]
    other = [(receipts[r["receipt_id"]], items[r["item_id"]], r["applied_amount"], r["decision"])
             for r in rows(tmp_path / "renamed/matches.csv")]  # fmt: skip
    assert sorted(same) == sorted(other)
    assert len(same) > 12_000


@pytest.mark.shared
def test_highradius_reads_applications_only_as_history(arlib, shared, tmp_path):
    folder = shared / "data/highradius"
    money = folder / "receipts.csv.gz"
    told = arlib("match", "--profile", "highradius", "--items", folder / "items.csv.gz", "--receipts", money,
                 "--history", folder / "applications.csv.gz", "--out", "told", cwd=tmp_path)  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "0 receipts" in told.stdout


REPLACING = """
    import sys, time
    from pathlib import Path
    from arlib.run.wholefolder import replace_folder

    def fill(spare):
        (spare / "one").write_text(sys.argv[2])
        if sys.argv[3] == "hang":
            print("filling", flush=True)
            time.sleep(600)
        (spare / "two").write_text(sys.argv[2])

    for turn in range(int(sys.argv[4])):
        replace_folder(Path(sys.argv[1]), fill, marker=".mark")
"""


def replacing(folder, word, mode, turns=1):
    code = textwrap.dedent(REPLACING)
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder), word, mode, str(turns)], stdout=subprocess.PIPE, text=True
    )


def held(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_kill_leaves_the_old_folder_and_the_next_run_clears_its_rest(tmp_path):
    folder = tmp_path / "result"
    assert replacing(folder, "old", "go").wait() == 0
    victim = replacing(folder, "new", "hang")
    assert victim.stdout.readline() == "filling\n"
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    assert held(folder) == {".mark": "", "one": "old", "two": "old"}
    assert len(list(tmp_path.iterdir())) == 2
    assert replacing(folder, "new", "go").wait() == 0
    assert held(folder) == {".mark": "", "one": "new", "two": "new"}
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


@pytest.mark.skipif(
    sys.platform != "linux", reason="the change of names in one step is tested where the system has it"
)
def test_a_reader_finds_a_whole_folder_at_every_moment(tmp_path):
    folder = tmp_path / "result"
    assert replacing(folder, "first", "go").wait() == 0
    writer = replacing(folder, "second", "go", turns=200)
    looks = 0
    while writer.poll() is None:
        assert (folder / "two").is_file()
        looks += 1
    assert writer.returncode == 0
    assert looks > 200
