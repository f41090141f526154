"""Records of invented children linked, with Splink on DuckDB beside it in the same run.

    linkage.py PROGRAM FOLDER [RECORDS] [--peer-only]

PROGRAM is the release build of clearpicture, FOLDER an empty folder of a real disk. The program invents children as
several agencies' files tell of them; every row that tells who a child is goes into one people.csv, with the truth beside,
until there are RECORDS of them: a million unless another number is said. Both then link the same file on the same two
cores; the truth is for measuring alone. Ours measures itself within its time, and Splink is measured after its own.
Splink comes as a wheel into an environment of its own.

Both make pairs by the same rules and compare the same columns. Splink learns its weights as its own pages show: the share
of pairs that match from rules, the rest by sampling and by expectation maximisation. Its options are set for speed where
that costs it nothing, as was seen at a million records: expectation maximisation without term frequencies takes a tenth of
the time, and a sample of a million pairs seven seconds less than the hundred million that its pages advise, and no measure
changes by more than 0.0001. It takes columns for independent of each other. An address and its postcode are not, and one
comparison of both in place of two tells more twins apart: its F1 at a million records was 0.006 higher so.

Seconds are of all of it: reading the file, learning, linking, and writing who is who. Precision and recall are of pairs of
records, after clustering. Each has one threshold, set beforehand; what the best of several would give, which nobody knows
without the truth, stands beside it.
"""

import csv
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import venv

RECORDS = 1_000_000
ROUNDS = 3
PEER_ROUNDS = 1
# Beyond this the peer is left out.
PEER_RECORDS = 2_000_000
SPLINK, DUCKDB, PYARROW, SQLGLOT = "5.0.0", "2.0.1", "26.0.1", "30.30.0"
SEED = 7
# Somewhat fewer than come of one child, so that there are enough.
PER_CHILD = 8.3
MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "linkage.toml")
COLUMNS = ["record_id", "source", "given_name", "surname", "dob", "sex", "postcode", "address", "nhs_number", "upn", "child"]
POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}")
MONTHS = dict(zip("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), range(1, 13)))
SEXES = {"F": "F", "M": "M", "Female": "F", "Male": "M", "female": "F", "male": "M", "2": "F", "1": "M"}

PEER = """
import time
began = time.perf_counter()
import json, sys
import duckdb
import splink.comparison_level_library as levels
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

people, links, clusters = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET threads = 2")
connection.execute("SET enable_progress_bar = false")
# The parts of a postcode and the year are taken once for each record, not once for each pair.
connection.execute('''
    CREATE TABLE people AS
    SELECT record_id::BIGINT AS record_id, * EXCLUDE (record_id, child), left(dob, 4) AS born_in,
        left(postcode, -2) AS sector, split_part(postcode, ' ', 1) AS outward
    FROM read_csv(?, header = true, all_varchar = true)''', [people])
settings = SettingsCreator(
    link_type="dedupe_only",
    unique_id_column_name="record_id",
    blocking_rules_to_generate_predictions=[
        block_on("surname", "dob"),
        block_on("given_name", "dob"),
        block_on("dob", "postcode"),
        block_on("given_name", "surname", "postcode"),
        block_on("nhs_number"),
        block_on("upn"),
    ],
    comparisons=[
        compare.JaroWinklerAtThresholds("given_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        compare.JaroWinklerAtThresholds("surname", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        compare.CustomComparison([
            levels.NullLevel("dob"),
            levels.ExactMatchLevel("dob"),
            levels.DamerauLevenshteinLevel("dob", 1),
            levels.ExactMatchLevel("born_in"),
            levels.ElseLevel(),
        ], "dob"),
        compare.ExactMatch("sex"),
        compare.CustomComparison([
            levels.NullLevel("postcode"),
            levels.ExactMatchLevel("postcode"),
            levels.ExactMatchLevel("sector"),
            levels.ExactMatchLevel("outward"),
            levels.ElseLevel(),
        ], "postcode"),
        compare.JaroWinklerAtThresholds("address", [0.92, 0.8]),
        compare.ExactMatch("nhs_number"),
        compare.ExactMatch("upn"),
    ],
    retain_matching_columns=False,
)
linker = Linker(DuckDBAPI(connection).register("people"), settings)
read = time.perf_counter()
linker.training.estimate_probability_two_random_records_match(
    [block_on("given_name", "surname", "dob"), block_on("nhs_number"), block_on("upn")], recall=0.9)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
for rule in (block_on("surname", "dob"), block_on("given_name", "postcode")):
    linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
trained = time.perf_counter()
pairs = linker.inference.compute_blocked_pairs_for_predict()
count = connection.execute(f"SELECT count(*) FROM {pairs.physical_name}").fetchall()[0][0]
predicted = linker.inference.predict(threshold_match_probability=0.5)
scored = time.perf_counter()
linked = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.95)
clustered = time.perf_counter()
linked.to_parquet(clusters)
ended = time.perf_counter()
print(json.dumps({
    "reading": read - began, "training": trained - read, "predicting": scored - trained, "clustering": clustered - scored,
    "whole": ended - began, "pairs": count}))
# For the judge, once the clock has stopped.
predicted.to_parquet(links)
"""

JUDGE = """
import json, sys
import duckdb
from splink import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold

people, links, clusters = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET threads = 2")
connection.execute("SET enable_progress_bar = false")
connection.execute(
    "CREATE TABLE truth AS SELECT record_id::BIGINT AS record_id, child FROM read_csv(?, header = true, all_varchar = true)",
    [people])


def measures(table):
    def pairs(columns):
        return connection.execute(f'''
            SELECT sum(records * (records - 1) // 2)::BIGINT FROM (
                SELECT count(*) AS records FROM {table} JOIN truth USING (record_id) GROUP BY {columns})''').fetchall()[0][0]
    right, said, true = pairs("cluster_id, child"), pairs("cluster_id"), pairs("child")
    return {"precision": right / said, "recall": right / true, "f1": 2 * right / (said + true)}


found = measures(f"read_parquet('{clusters}')")
api = DuckDBAPI(connection)
connection.execute("CREATE TABLE links AS FROM read_parquet(?)", [links])
nodes, edges = api.register("truth", table_name="nodes"), api.register("links", table_name="edges")
others = []
for threshold in (0.5, 0.8, 0.9, 0.98, 0.99, 0.995, 0.999):
    linked = cluster_pairwise_predictions_at_threshold(
        nodes, edges, api, "record_id", threshold_match_probability=threshold)
    others.append(measures(linked.physical_name)["f1"])
print(json.dumps({**found, "f1_best": max([found["f1"], *others])}))
"""


def day(told):
    """A day of birth as YYYY-MM-DD; empty where it is written in none of the files' three ways."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", told):
        return told
    if slashed := re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", told):
        return "-".join(reversed(slashed.groups()))
    if named := re.fullmatch(r"(\d{4})-([A-Z][a-z]{2})-(\d\d)", told):
        year, month, number = named.groups()
        return f"{year}-{MONTHS[month]:02}-{number}" if month in MONTHS else ""
    return ""


def person(given="", surname="", dob="", sex="", lines=(), postcode="", nhs_number="", upn=""):
    """What tells who a row is of, in the order of the columns."""
    lines = [line for line in lines if line]
    if lines and POSTCODE.fullmatch(lines[-1]):
        postcode = lines.pop()
    return given, surname, day(dob), SEXES.get(sex, ""), postcode, ", ".join(lines), nhs_number, upn


def involvement(row):
    lines = row["Address"].split("\n")
    return row["Cms Id"], person(row["First Name"], row["Last Name"], row["Date Of Birth"], row["Gender"], lines)


def looked_after(row):
    # A number that begins with UN is a reason for having none.
    upn = "" if row["UPN"].startswith("UN") else row["UPN"]
    return row["CHILD"], person(dob=row["DOB"], sex=row["SEX"], upn=upn)


def police(row):
    who = person(row["Forename"], row["Surname"], row["Date Of Birth"], row["Sex"], postcode=row["Home Postcode"])
    return row["Person Number"], who


def patient(row):
    name, home = row["name"][0], row.get("address", [{}])[0]
    who = person(" ".join(name["given"]), name["family"], row["birthDate"], row["gender"], home.get("line", ()),
                 home.get("postalCode", ""), nhs_number=row["identifier"][0]["value"])
    return row["id"], who


def client(row):
    return row["Client"], person(row["Known as"], row["Surname"], row["Born"], postcode=row["Postcode"])


def pupil(row):
    return row["pupilonrolltableid"], person(row["forename"], row["surname"], row["dob"], row["sex"], upn=row["upn"])


# The censuses come last: what is beyond the wanted number is left out of the last of them.
FILES = {
    "involvement-csc.csv": involvement,
    "involvement-education.csv": involvement,
    **{f"ssda903-header-{year}.csv": looked_after for year in (2024, 2025, 2026)},
    "police-missing.csv": police,
    "police-exploitation.csv": police,
    "fhir-patient.json": patient,
    "lighthouse-clients.csv": client,
    **{f"school-census-pupils-{term}.csv": pupil for term in (
        "2023-autumn", "2024-spring", "2024-summer", "2024-autumn", "2025-spring", "2025-summer", "2025-autumn",
        "2026-spring", "2026-summer")},
}


def told(path):
    """Every row of a file, or every patient of a bundle: each stands on a line of its own there."""
    with open(path, newline="", encoding="utf-8") as source:
        if path.endswith(".csv"):
            yield from csv.DictReader(source)
            return
        for line in source:
            if line.startswith('{"resource":{'):
                yield json.loads(line.rstrip().rstrip(","))["resource"]


def truths(folder):
    """For each file, whose each of its keys is."""
    of = {name: {} for name in FILES}
    with open(os.path.join(folder, "truth.csv"), newline="", encoding="utf-8") as source:
        for row in csv.DictReader(source):
            if row["file"] in of:
                of[row["file"]][row["key"]] = row["child"]
    return of


def people(folder):
    """File after file, each different way in which it writes one key down, once."""
    truth = truths(folder)
    for name, read in FILES.items():
        last, seen = None, set()
        for row in told(os.path.join(folder, name)):
            key, who = read(row)
            # The police's files hold strangers of another authority, of whom there is no truth.
            child = truth[name].get(key)
            if child is None:
                continue
            # Rows of one key stand together.
            if key != last:
                last, seen = key, set()
            if who not in seen:
                seen.add(who)
                yield os.path.splitext(name)[0], *who, child


def flatten(folder, records, path):
    """Writes so many people, and gives of how many children they are."""
    children, written = set(), 0
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for written, cells in enumerate(people(folder), 1):
            children.add(cells[-1])
            writer.writerow([written, *cells])
            if written == records:
                break
    if written < records:
        sys.exit(f"only {written} records came of the children")
    return len(children)


def run(command):
    """Runs a command to its end; gives the seconds, the most memory it took in megabytes, and what it said."""
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=complained)
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        said.seek(0)
        complained.seek(0)
        if status != 0:
            sys.exit(f"{command[0]} {command[1]} ended with {status}\n{complained.read()[-2000:]}")
        return took, usage.ru_maxrss / 1024, said.read()


def made(program, folder, records, path):
    """Invents children, and gives of how many the people are that were written."""
    synth = os.path.join(folder, "synth")
    number = int(records / PER_CHILD) + 50
    run([program, "synth", "--children", str(number), "--seed", str(SEED), "--out", synth])
    # In a process of its own: what a child takes in memory counts from what its parent held.
    return int(run([sys.executable, os.path.abspath(__file__), "--people", synth, str(records), path])[2])


def peer_python(folder):
    """A Python of its own for the peer."""
    environment = os.path.join(folder, "peer")
    venv.create(environment, with_pip=True)
    python = os.path.join(environment, "bin", "python")
    wheels = [f"splink=={SPLINK}", f"duckdb=={DUCKDB}", f"pyarrow=={PYARROW}", f"sqlglot=={SQLGLOT}"]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *wheels], check=True)
    # Once before the clock runs, so that its libraries are compiled and read.
    run([python, "-c", "import splink, duckdb, splink.comparison_library"])
    return python


def ours_once(program, path, out):
    took, peak, _ = run([program, "link", "files", "--model", MODEL, "--truth", "child", "--out", out, path])
    with open(os.path.join(out, "metrics.json"), encoding="utf-8") as source:
        return {**json.load(source), "whole": took, "memory": peak}


def peer_once(python, path, out):
    os.makedirs(out)
    files = [path, os.path.join(out, "links.parquet"), os.path.join(out, "clusters.parquet")]
    took, peak, said = run([python, "-c", PEER, *files])
    judged = json.loads(run([python, "-c", JUDGE, *files])[2])
    return {**json.loads(said), **judged, "memory": peak, "process": took}


def median(rounds, key):
    return statistics.median(one[key] for one in rounds)


def line(name, rounds):
    """One line of the table: medians, and the most memory."""
    measures = "".join(f"{median(rounds, key):>11.4f}" for key in ("precision", "recall", "f1", "f1_best"))
    memory = max(one["memory"] for one in rounds)
    print(f"  {name:<28}{median(rounds, 'whole'):>9.1f}{memory:>9.0f}{measures}")


def show(records, children, ours, theirs):
    print(f"{records:,} records of {children:,} children in {len(FILES)} files; rounds: {len(ours)} of ours, "
          f"{len(theirs)} of Splink's, in turn")
    print(f"  {'':<28}{'seconds':>9}{'MB':>9}{'precision':>11}{'recall':>11}{'F1':>11}{'best F1':>11}")
    if ours:
        line("clearpicture", ours)
        print(f"    {ours[0]['pairs_compared']:,} pairs compared, {ours[0]['blocking_recall']:.4f} of the true ones among them")
    if theirs:
        line(f"Splink {SPLINK}, DuckDB {DUCKDB}", theirs)
        phases = ", ".join(f"{key} {median(theirs, key):.1f} s" for key in ("reading", "training", "predicting", "clustering"))
        print(f"    {theirs[0]['pairs']:,} pairs compared; {phases}")
    if ours and theirs:
        faster = median(theirs, "whole") / median(ours, "whole")
        share = max(one["memory"] for one in ours) / max(one["memory"] for one in theirs)
        print(f"  {faster:.1f} times as fast, with {share:.0%} of the memory; F1 by "
              f"{median(ours, 'f1') - median(theirs, 'f1'):+.4f}")


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--peer-only"]
    if arguments[0] == "--people":
        folder, records, path = arguments[1:]
        print(flatten(folder, int(records), path))
        return
    program, folder, *rest = arguments
    records = int(rest[0]) if rest else RECORDS
    ours_rounds = 0 if "--peer-only" in sys.argv else ROUNDS
    peer_rounds = PEER_ROUNDS if records <= PEER_RECORDS else 0
    # Whatever runs from here on runs on the same two cores.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    path = os.path.join(folder, "people.csv")
    children = made(program, folder, records, path)
    if peer_rounds:
        python = peer_python(folder)
    else:
        print(f"Splink is left out: beyond {PEER_RECORDS:,} records it is not run")
    ours, theirs = [], []
    for number in range(max(ours_rounds, peer_rounds)):
        if number < ours_rounds:
            ours.append(ours_once(program, path, os.path.join(folder, f"ours-{number}")))
        if number < peer_rounds:
            theirs.append(peer_once(python, path, os.path.join(folder, f"theirs-{number}")))
    show(records, children, ours, theirs)


main()
