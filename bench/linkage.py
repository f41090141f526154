"""Records of invented children linked, with Splink on DuckDB beside it in the same run.

    linkage.py PROGRAM FOLDER [RECORDS]

PROGRAM is the release build of clearpicture, FOLDER an empty folder of a real disk. The program invents children as
several agencies' files tell of them; every row that tells who a child is goes into one people.csv, with the truth beside,
until there are RECORDS of them: a million unless another number is said. All then link the same file on the same two
cores. The truth is for measuring alone, after the clock has stopped: for ours in a run of its own. DuckDB, which counts
for all of them, and Splink come as wheels into an environment of their own.

All make pairs by the same rules and compare the same columns. Splink learns its weights as its own pages show: the share of
pairs that match from rules, the rest by sampling and by expectation maximisation. It is run twice: as it comes, and with
term frequencies left out of expectation maximisation, an option of its own that is faster. It takes columns for independent
of each other. An address and its postcode are not, so they are one comparison there; as two, more twins are joined. Our
model has rules beside the weights, `apart` in linkage.toml, by which twins, and two whose numbers differ, are never one
person. Splink is given none, so what ours finds without them is printed too.

Seconds are of all of it: starting, reading the file, learning, linking, and writing who is who. Ours writes the pairs and a
report as well within its time. Precision and recall are of pairs of records, after clustering: of all pairs, of those whose
records are of different files, and of those of different agencies, by the first word of a file's name. Each has one
threshold, set beforehand; what the best of several would give, which nobody knows without the truth, stands beside it.
Twins are the children of one birth; they are joined when any record of the one is one person with any of the other.
"""

import csv
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv

RECORDS = 1_000_000
ROUNDS = 3
PEER_ROUNDS = 1
# Beyond this the peer is left out: it takes more memory than a small machine has.
PEER_RECORDS = 2_000_000
# Whether expectation maximisation leaves term frequencies out.
PEERS = {"Splink as it comes": False, "Splink without term frequencies in training": True}
# What was asked for: so many times as fast, with such a part of the memory.
FASTER, SHARE = 10, 0.25
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
import json, resource, sys
import duckdb
import splink.comparison_level_library as levels
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

people, clusters, links, without = sys.argv[1:]
started = time.perf_counter()
connection = duckdb.connect()
connection.execute("SET threads = 2")
connection.execute("SET enable_progress_bar = false")
# The outward half of a postcode and the year are taken once for each record, not once for each pair.
connection.execute('''
    CREATE TABLE people AS
    SELECT record_id::BIGINT AS record_id, * EXCLUDE (record_id, child), left(dob, 4) AS born_in,
        split_part(postcode, ' ', 1) AS outward
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
            levels.And(levels.ExactMatchLevel("postcode"), levels.JaroWinklerLevel("address", 0.92)),
            levels.ExactMatchLevel("postcode"),
            levels.ExactMatchLevel("outward"),
            levels.ElseLevel(),
        ], "home"),
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
    linker.training.estimate_parameters_using_expectation_maximisation(
        rule, estimate_without_term_frequencies=without == "True")
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
    "phases": {
        "starting": started - began, "reading": read - started, "training": trained - read, "predicting": scored - trained,
        "clustering": clustered - scored, "writing": ended - clustered},
    "whole": ended - began, "pairs": count, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
# For the judge, once the clock has stopped.
predicted.to_parquet(links)
"""

JUDGE = """
import json, sys
import duckdb

people, twins, clusters, person, *links = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET threads = 2")
connection.execute("SET enable_progress_bar = false")
connection.execute('''
    CREATE TABLE truth AS SELECT record_id::BIGINT AS record_id, source, split_part(source, '-', 1) AS agency, child
    FROM read_csv(?, header = true, all_varchar = true)''', [people])


def joined(table, person):
    connection.execute(f'''
        CREATE OR REPLACE TABLE joined AS
        SELECT truth.*, said.{person} AS person
        FROM {table} AS said JOIN truth ON said.record_id::BIGINT = truth.record_id''')


def pairs(columns):
    return connection.execute(f'''
        SELECT coalesce(sum(records * (records - 1) // 2), 0)::BIGINT
        FROM (SELECT count(*) AS records FROM joined GROUP BY {columns})''').fetchall()[0][0]


def measures(apart=None):
    # Those within a file or an agency are taken off where only the pairs between them are asked for.
    def counted(columns):
        return pairs(columns) - (pairs(f"{columns}, {apart}") if apart else 0)
    right, said, true = counted("person, child"), counted("person"), counted("child")
    return {"precision": right / said, "recall": right / true, "f1": 2 * right / (said + true)}


joined(f"read_parquet('{clusters}')", person)
found = {
    "all": measures(), "files": measures("source"), "agencies": measures("agency"),
    "twins": connection.execute('''
        WITH of AS (SELECT DISTINCT person, child FROM joined)
        SELECT count(*) FROM (
            SELECT DISTINCT twins.child, twin FROM read_csv(?, header = true, all_varchar = true) AS twins
            JOIN of AS one ON one.child = twins.child
            JOIN of AS other ON other.child = twin AND other.person = one.person)''', [twins]).fetchall()[0][0],
}
if links:
    from splink import DuckDBAPI
    from splink.clustering import cluster_pairwise_predictions_at_threshold
    api = DuckDBAPI(connection)
    connection.execute("CREATE TABLE links AS FROM read_parquet(?)", links)
    nodes, edges = api.register("truth", table_name="nodes"), api.register("links", table_name="edges")
    best = found["all"]["f1"]
    for threshold in (0.5, 0.8, 0.9, 0.98, 0.99, 0.995, 0.999):
        linked = cluster_pairwise_predictions_at_threshold(
            nodes, edges, api, "record_id", threshold_match_probability=threshold)
        joined(linked.physical_name, "cluster_id")
        best = max(best, measures()["f1"])
    found["f1_best"] = best
print(json.dumps(found))
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
    """For each file, whose each of its keys is; and of each child with a twin, which child that is."""
    of, twins = {name: {} for name in FILES}, {}
    with open(os.path.join(folder, "truth.csv"), newline="", encoding="utf-8") as source:
        for row in csv.DictReader(source):
            if row["file"] in of:
                of[row["file"]][row["key"]] = row["child"]
                if row["born_with"]:
                    twins[row["child"]] = row["born_with"]
    return of, twins


def people(folder, truth):
    """File after file, each different way in which it writes one key down, once."""
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


def flatten(folder, records, out):
    """Writes so many people, and which are twins; gives of how many children they are, and how many pairs of twins."""
    truth, twins = truths(folder)
    children, written = set(), 0
    with open(os.path.join(out, "people.csv"), "w", newline="", encoding="utf-8") as told_of:
        writer = csv.writer(told_of, lineterminator="\n")
        writer.writerow(COLUMNS)
        for written, cells in enumerate(people(folder, truth), 1):
            children.add(cells[-1])
            writer.writerow([written, *cells])
            if written == records:
                break
    if written < records:
        sys.exit(f"only {written} records came of the children")
    both = [pair for pair in twins.items() if children.issuperset(pair) and int(pair[0]) < int(pair[1])]
    with open(os.path.join(out, "twins.csv"), "w", newline="", encoding="utf-8") as told_of:
        csv.writer(told_of, lineterminator="\n").writerows([("child", "twin"), *both])
    return {"children": len(children), "twins": len(both)}


def run(command):
    """Runs a command to its end; gives the seconds, the most memory in megabytes, its answer and its messages."""
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=complained)
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        said.seek(0)
        complained.seek(0)
        if status != 0:
            sys.exit(f"{command[0]} {command[1]} ended with {status}\n{complained.read()[-2000:]}")
        return took, usage.ru_maxrss / 1024, said.read(), complained.read()


def made(program, folder, records):
    """Invents children, and gives what is known of the people that were written."""
    synth = os.path.join(folder, "synth")
    number = int(records / PER_CHILD) + 50
    run([program, "synth", "--children", str(number), "--seed", str(SEED), "--out", synth])
    # In a process of its own: what a child takes in memory counts from what its parent held.
    known = json.loads(run([sys.executable, os.path.abspath(__file__), "--people", synth, str(records), folder])[2])
    shutil.rmtree(synth)
    return known


def peer_python(folder):
    """A Python of its own for the peer and the judge."""
    environment = os.path.join(folder, "peer")
    venv.create(environment, with_pip=True)
    python = os.path.join(environment, "bin", "python")
    wheels = [f"splink=={SPLINK}", f"duckdb=={DUCKDB}", f"pyarrow=={PYARROW}", f"sqlglot=={SQLGLOT}"]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *wheels], check=True)
    # Once before the clock runs, so that its libraries are compiled and read.
    run([python, "-c", "import splink, duckdb, splink.comparison_library"])
    return python


def judged(python, folder, clusters, person, *links):
    files = [os.path.join(folder, "people.csv"), os.path.join(folder, "twins.csv"), clusters]
    return json.loads(run([python, "-c", JUDGE, *files, person, *links])[2])


def link_files(program, folder, *options, model=MODEL):
    """Ours, once: what `run` gives, the folder of what came of it, and the program's own figures."""
    out = os.path.join(folder, "ours")
    shutil.rmtree(out, ignore_errors=True)
    files = ["--out", out, os.path.join(folder, "people.csv")]
    ran = run([program, "link", "files", "--model", model, *options, *files])
    with open(os.path.join(out, "metrics.json"), encoding="utf-8") as source:
        return *ran, out, json.load(source)


def ours_once(program, folder):
    """One timed round of ours."""
    took, peak, *_, figures = link_files(program, folder)
    phases = {name: figures[f"seconds_{name}"] for name in ("reading", "linking", "writing")}
    return {"whole": took, "memory": peak, "phases": {**phases, "the rest": took - sum(phases.values())}}


def ours_judged(program, python, folder):
    """What is known of ours by the truth: as the program itself measures it, and as the judge of all does."""
    by_judge = judged(python, folder, os.path.join(folder, "ours", "clusters.parquet"), "person_id")
    *_, by_itself = link_files(program, folder, "--truth", "child")
    for key, value in by_judge["all"].items():
        if abs(value - by_itself[key]) > 1e-9:
            sys.exit(f"{key} is {value} by the judge, and {by_itself[key]} by the program itself")
    return {**by_judge, "all": {key: by_itself[key] for key in by_judge["all"]}, "f1_best": by_itself["f1_best"],
            "pairs": by_itself["pairs_compared"], "blocking_recall": by_itself["blocking_recall"]}


def without_rules(program, folder):
    """Precision, recall and F1 of ours by a model that holds nobody apart."""
    with open(MODEL, encoding="utf-8") as source:
        tables = re.split(r"(?m)^(?=\[)", source.read())
    model = os.path.join(folder, "without.toml")
    with open(model, "w", encoding="utf-8") as out:
        out.write("".join(table for table in tables if not table.startswith("[[apart]]")))
    *_, figures = link_files(program, folder, "--truth", "child", model=model)
    return {key: figures[key] for key in ("precision", "recall", "f1")}


def peer_once(python, folder, without):
    out = os.path.join(folder, "theirs")
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    clusters, links = os.path.join(out, "clusters.parquet"), os.path.join(out, "links.parquet")
    said = run([python, "-c", PEER, os.path.join(folder, "people.csv"), clusters, links, str(without)])[2]
    return {**json.loads(said), **judged(python, folder, clusters, "cluster_id", links)}


def whole(rounds):
    return statistics.median(one["whole"] for one in rounds)


def memory(rounds):
    return max(one["memory"] for one in rounds)


def show(name, rounds, found):
    """The lines of one program: median seconds, the most memory, and what it found."""
    measures = "".join(f"{value:>11.4f}" for value in (*found["all"].values(), found["f1_best"]))
    print(f"  {name:<46}{whole(rounds):>9.1f}{memory(rounds):>9.0f}{measures}{found['twins']:>9,}")
    seconds = {key: statistics.median(one["phases"][key] for one in rounds) for key in rounds[0]["phases"]}
    each = sorted(one["whole"] for one in rounds)
    spread = f" ({each[0]:.1f} to {each[-1]:.1f} in all)" if len(each) > 1 else ""
    print("    seconds: " + ", ".join(f"{key} {value:.1f}" for key, value in seconds.items()) + spread)
    recall = found.get("blocking_recall")
    print(f"    {found['pairs']:,} pairs compared" + (f", {recall:.4f} of the true ones among them" if recall else ""))
    for between in ("files", "agencies"):
        told = ", ".join(f"{key.replace('f1', 'F1')} {value:.4f}" for key, value in found[between].items())
        print(f"    between {between}: {told}")


def against(name, ours, found, theirs, theirs_found):
    def asked(what, is_met):
        return f"(asked: {what}; {'met' if is_met else 'NOT MET'})"
    faster, share = whole(theirs) / whole(ours), memory(ours) / memory(theirs)
    print(f"  beside {name}: {faster:.1f} times as fast {asked(FASTER, faster >= FASTER)}, {share:.0%} of the memory "
          f"{asked(f'{SHARE:.0%}', share <= SHARE)}, F1 {found['all']['f1'] - theirs_found['all']['f1']:+.4f}")


def main():
    if sys.argv[1] == "--people":
        folder, records, out = sys.argv[2:]
        print(json.dumps(flatten(folder, int(records), out)))
        return
    program, folder, *rest = sys.argv[1:]
    records = int(rest[0]) if rest else RECORDS
    # Whatever runs from here on runs on the same two cores.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    known = made(program, folder, records)
    python = peer_python(folder)
    peers = PEERS if records <= PEER_RECORDS else {}
    ours, theirs = [], {name: [] for name in peers}
    for number in range(ROUNDS):
        ours.append(ours_once(program, folder))
        if number < PEER_ROUNDS:
            for name, without in peers.items():
                theirs[name].append(peer_once(python, folder, without))
    found = ours_judged(program, python, folder)
    bare = without_rules(program, folder)
    print(f"{records:,} records of {known['children']:,} children in {len(FILES)} files, {known['twins']:,} pairs of twins "
          "among them")
    if peers:
        print(f"  Splink {SPLINK} on DuckDB {DUCKDB}; rounds in turn: {ROUNDS} of ours, {PEER_ROUNDS} of each of Splink's")
    else:
        print(f"  Splink is left out: beyond {PEER_RECORDS:,} records it takes too much memory; {ROUNDS} rounds of ours")
    print(f"  {'':<46}{'seconds':>9}{'MB':>9}{'precision':>11}{'recall':>11}{'F1':>11}{'best F1':>11}{'joined':>9}")
    print(f"  {'':<46}{'':>62}{'twins':>9}")
    show("clearpicture", ours, found)
    told = ", ".join(f"{key.replace('f1', 'F1')} {value:.4f}" for key, value in bare.items())
    print(f"    without its rules for twins and numbers: {told}")
    for name, rounds in theirs.items():
        show(name, rounds, rounds[0])
    for name, rounds in theirs.items():
        against(name, ours, found, rounds, rounds[0])


main()
