"""One peer of the rule engine: reads the files of a job, waits, and scores everybody whenever it is told to run.

    peers.py LIBRARY FOLDER JOB

LIBRARY is duckdb, polars, pandas, sqlite or python; JOB is S1 (points, validity, rectification, caps, veto, grades) or
S2 (that, and repeats count more, and only the highest of a matter counts). The records are folded: what does not
depend on the day was worked out beforehand. Points are integers, in hundredths; days are numbers.

It says one line when it has read its files. For each line `run` it scores, and answers with one line of JSON: the
seconds it took, the checksum (the sum of score times one more than the rank of the grade) and the companies of each
grade.
"""

import csv
import json
import os
import sys
import time
from pathlib import Path

FOLDER = Path(sys.argv[2])
FULL = sys.argv[3] == "S2"
THREADS = int(os.environ.get("PEER_THREADS", "1"))
RULES = json.loads((FOLDER / "rules.json").read_text())
DAY = RULES["day"]
COMPANIES = RULES["companies"]
GRADES = RULES["grades"]
VETO = RULES["veto_rank"]


def table(name):
    """The rows of a small file, as integers."""
    with open(FOLDER / name, newline="") as file:
        return [{key: int(value) for key, value in row.items()} for row in csv.DictReader(file)]


# One query for DuckDB and SQLite; they only call the smaller and the larger of two by other names. Sums are in
# halves of hundredths, because the second occurrence counts one and a half times.
def query(least, greatest):
    clamp = lambda value, low, high: f"{least}({greatest}({value}, 2 * {low}), 2 * {high})"
    # The day on which a record begins is never earlier than that of the record before it: if the last but one is still
    # remembered, so is the last.
    halves = """CASE WHEN lag(again, 2) OVER occurrences >= first THEN 4
                     WHEN lag(again, 1) OVER occurrences >= first THEN 3
                     ELSE 2 END"""
    counted = f"""
        placed AS (
            SELECT *, row_number() OVER (
                PARTITION BY company, item, matter ORDER BY abs(value) DESC, seq) AS place
            FROM live),
        counted AS (
            SELECT company, item, value * ({halves}) AS value
            FROM placed WHERE place = 1
            WINDOW occurrences AS (PARTITION BY company, item ORDER BY seq)),"""
    if not FULL:
        counted = "counted AS (SELECT company, item, 2 * value AS value FROM live),"
    grade = " ".join(f"WHEN score >= 2 * {least} THEN {rank}" for rank, least in enumerate(GRADES))
    grades = ", ".join(f"sum(CASE WHEN rank = {rank} THEN 1 ELSE 0 END)" for rank in range(5))
    return f"""
        WITH live AS (
            SELECT company, item, seq, matter, first, again,
                CASE WHEN rectified <= {DAY} THEN after ELSE before END AS value
            FROM records WHERE first <= {DAY} AND last >= {DAY}),
        {counted}
        by_item AS (SELECT company, item, sum(value) AS value FROM counted GROUP BY company, item),
        by_component AS (
            SELECT company, component, sum({clamp("value", "low", "high")}) AS value, max(veto) AS veto
            FROM by_item JOIN items USING (item) GROUP BY company, component),
        by_company AS (
            SELECT company, sum({clamp("value", "low", "high")}) AS value, max(veto) AS veto
            FROM by_component JOIN components USING (component) GROUP BY company),
        scored AS (
            SELECT coalesce(veto, 0) AS veto,
                {clamp(f"2 * {RULES['base']} + coalesce(value, 0)", RULES["lowest"], RULES["highest"])} AS score
            FROM companies LEFT JOIN by_company USING (company)),
        graded AS (
            SELECT score, {greatest}(CASE {grade} ELSE 4 END, veto * {VETO}) AS rank FROM scored)
        SELECT sum(score * (rank + 1)), {grades} FROM graded"""


def answer_of(row):
    checksum, *grades = (int(value) for value in row)
    return checksum // 2, grades


def duckdb_peer():
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}")
    for name in ("records", "items", "components"):
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{FOLDER / name}.csv')")
    connection.execute(f"CREATE TABLE companies AS SELECT range AS company FROM range({COMPANIES})")
    statement = query("least", "greatest")
    return lambda: answer_of(connection.execute(statement).fetchone())


def sqlite_peer():
    import sqlite3

    connection = sqlite3.connect(":memory:")
    for name in ("records", "items", "components"):
        with open(FOLDER / f"{name}.csv", newline="") as file:
            rows = csv.reader(file)
            header = next(rows)
            columns = ", ".join(f"{column} INTEGER" for column in header)
            connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" * len(header))
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    connection.execute("CREATE TABLE companies (company INTEGER PRIMARY KEY)")
    numbers = ((company,) for company in range(COMPANIES))
    connection.executemany("INSERT INTO companies VALUES (?)", numbers)
    statement = query("min", "max")
    return lambda: answer_of(connection.execute(statement).fetchone())


def polars_peer():
    import polars as pl

    records = pl.read_csv(FOLDER / "records.csv")
    items = pl.read_csv(FOLDER / "items.csv")
    components = pl.read_csv(FOLDER / "components.csv")
    companies = pl.DataFrame({"company": range(COMPANIES)})
    col = pl.col
    clamped = col("value").clip(col("low"), col("high")).sum()
    rank = pl.lit(len(GRADES))
    for grade in reversed(range(len(GRADES))):
        rank = pl.when(col("score") >= GRADES[grade]).then(pl.lit(grade)).otherwise(rank)

    def run():
        live = records.lazy().filter((col("first") <= DAY) & (col("last") >= DAY))
        value = pl.when(col("rectified") <= DAY).then(col("after")).otherwise(col("before"))
        scores = (
            live.select("company", "item", value=value)
            .group_by("company", "item").agg(col("value").sum())
            .join(items.lazy(), on="item")
            .group_by("company", "component").agg(clamped, col("veto").max())
            .join(components.lazy(), on="component")
            .group_by("company").agg(clamped, col("veto").max())
        )
        graded = (
            companies.lazy().join(scores, on="company", how="left")
            .select(
                score=(RULES["base"] + col("value").fill_null(0)).clip(RULES["lowest"], RULES["highest"]),
                veto=col("veto").fill_null(0) * VETO,
            )
            .with_columns(rank=pl.max_horizontal(rank, col("veto")))
        )
        grades = [(col("rank") == grade).sum().alias(str(grade)) for grade in range(5)]
        row = graded.select((col("score") * (col("rank") + 1)).sum().alias("checksum"), *grades)
        checksum, *counts = row.collect().row(0)
        return checksum, counts

    return run


def pandas_peer():
    import numpy as np
    import pandas as pd

    records = pd.read_csv(FOLDER / "records.csv")
    items = pd.read_csv(FOLDER / "items.csv")
    components = pd.read_csv(FOLDER / "components.csv")
    bounds = lambda frame: (frame["low"].to_numpy(), frame["high"].to_numpy())
    (item_low, item_high), (low, high) = bounds(items), bounds(components)
    component_of, vetoes = items["component"].to_numpy(), items["veto"].to_numpy()

    def run():
        live = records[(records["first"] <= DAY) & (records["last"] >= DAY)]
        value = np.where(live["rectified"] <= DAY, live["after"], live["before"])
        live = live[["company", "item"]].assign(value=value)
        sums = live.groupby(["company", "item"], sort=False, as_index=False)["value"].sum()
        item = sums["item"].to_numpy()
        sums["value"] = np.clip(sums["value"].to_numpy(), item_low[item], item_high[item])
        sums["component"], sums["veto"] = component_of[item], vetoes[item]
        grouped = sums.groupby(["company", "component"], sort=False, as_index=False)
        sums = grouped.agg({"value": "sum", "veto": "max"})
        component = sums["component"].to_numpy()
        sums["value"] = np.clip(sums["value"].to_numpy(), low[component], high[component])
        totals = sums.groupby("company").agg({"value": "sum", "veto": "max"})
        totals = totals.reindex(range(COMPANIES), fill_value=0)
        score = np.clip(RULES["base"] + totals["value"].to_numpy(), RULES["lowest"], RULES["highest"])
        rank = np.zeros(COMPANIES, dtype=np.int64)
        for least in GRADES:
            rank += score < least
        rank = np.maximum(rank, totals["veto"].to_numpy() * VETO)
        return int((score * (rank + 1)).sum()), np.bincount(rank, minlength=5).tolist()

    return run


def python_peer():
    with open(FOLDER / "records.csv", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        records = [tuple(map(int, row)) for row in rows]
    by_company = [[] for _ in range(COMPANIES)]
    for record in records:
        by_company[record[0]].append(record[1:])
    items, components = table("items.csv"), table("components.csv")
    bounds = [(item["component"], item["low"], item["high"], item["veto"]) for item in items]

    def score(records):
        highest, live = {}, []
        for item, seq, matter, first, last, rectified, before, after, again in records:
            if first <= DAY <= last:
                value = after if rectified <= DAY else before
                known = highest.get((item, matter))
                if not FULL or known is None or abs(value) > abs(live[known][1]):
                    highest[item, matter] = len(live)
                live.append((item, value, matter, first, again))
        sums, vetoed, remembered = {}, 0, {}
        for index, (item, value, matter, first, again) in enumerate(live):
            halves = 2
            if FULL:
                if highest[item, matter] != index:
                    continue
                last, last_but_one = remembered.get(item, (0, 0))
                halves += (last >= first) + (last_but_one >= first)
                remembered[item] = again, last
            sums[item] = sums.get(item, 0) + value * halves // 2
        parts = [0] * len(components)
        for item, value in sums.items():
            component, low, high, veto = bounds[item]
            parts[component] += min(max(value, low), high)
            vetoed |= veto
        total = RULES["base"]
        for value, part in zip(parts, components):
            total += min(max(value, part["low"]), part["high"])
        total = min(max(total, RULES["lowest"]), RULES["highest"])
        return total, max(sum(total < least for least in GRADES), vetoed * VETO)

    def run():
        checksum, grades = 0, [0] * 5
        for records in by_company:
            total, rank = score(records)
            checksum += total * (rank + 1)
            grades[rank] += 1
        return checksum, grades

    return run


PEERS = {
    "duckdb": duckdb_peer,
    "sqlite": sqlite_peer,
    "polars": polars_peer,
    "pandas": pandas_peer,
    "python": python_peer,
}


def main():
    began = time.perf_counter()
    run = PEERS[sys.argv[1]]()
    print(f"files read in {time.perf_counter() - began:.1f} s", flush=True)
    for line in sys.stdin:
        if line.strip() != "run":
            break
        began = time.perf_counter()
        checksum, grades = run()
        seconds = time.perf_counter() - began
        outcome = {"checksum": int(checksum), "grades": grades}
        print(json.dumps({"seconds": seconds, "outcome": outcome}), flush=True)


main()
