"""A million rows of the episodes of care read, checked and stored, with DuckDB's reader beside it in the same run.

    ingest.py PROGRAM EPISODES FOLDER

PROGRAM is the release build of clearpicture, EPISODES the published file whose rows are repeated with a number before
each child's, FOLDER an empty folder of a real disk. DuckDB comes as a wheel into an environment of its own there. It runs
on two threads and reads the file into a table; it checks nothing but what its types need.
"""

import csv
import os
import statistics
import subprocess
import sys
import time
import venv

ROWS = 1_000_000
ROUNDS = 5
DUCKDB = "1.4.2"
READ = """
import duckdb, sys, time
connection = duckdb.connect()
connection.execute("SET threads = 2")
began = time.perf_counter()
connection.execute(
    "CREATE TABLE episodes AS SELECT * FROM read_csv(?, header = true, dateformat = '%d/%m/%Y')", [sys.argv[1]])
print(time.perf_counter() - began)
"""


def million(episodes, path):
    """Writes the rows, and gives how many children they are of."""
    with open(episodes, newline="", encoding="utf-8") as source:
        headings, *rows = csv.reader(source)
    children = set()
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(headings)
        for number in range(ROWS):
            time_round, place = divmod(number, len(rows))
            child, *rest = rows[place]
            children.add(f"{time_round}{child}")
            writer.writerow([f"{time_round}{child}", *rest])
    return len(children)


def run(command):
    """Runs a command to its end; gives the seconds, and the most memory it took in megabytes."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} {command[1]} ended with {status}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def main():
    if sys.argv[1] == "--rows":
        print(million(*sys.argv[2:]))
        return
    program, episodes, folder = sys.argv[1:]
    rows = os.path.join(folder, "episodes.csv")
    # In a process of its own: what a child takes in memory counts from what its parent held.
    making = [sys.executable, __file__, "--rows", episodes, rows]
    children = int(subprocess.run(making, check=True, capture_output=True, text=True).stdout)
    environment = os.path.join(folder, "peer")
    venv.create(environment, with_pip=True)
    python = os.path.join(environment, "bin", "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"duckdb=={DUCKDB}"], check=True)
    ours, theirs, memory = [], [], 0.0
    for _ in range(ROUNDS):
        took, peak = run([program, "ingest", "check", "--format", "json", rows])
        ours.append(took)
        memory = max(memory, peak)
        told = subprocess.run([python, "-c", READ, rows], check=True, capture_output=True, text=True)
        theirs.append(float(told.stdout))
    ratios = [our / their for our, their in zip(ours, theirs)]
    print(f"{ROWS:,} rows of {children:,} children, {ROUNDS} rounds in turn")
    print(f"  read and checked: {statistics.median(ours):.2f} s, {memory:.0f} MB; DuckDB {DUCKDB} into a table: "
          f"{statistics.median(theirs):.2f} s; {statistics.median(ratios):.1f} times ({min(ratios):.1f} to {max(ratios):.1f})")
    data = os.path.join(folder, "data")
    run([program, "--data", data, "demo", "--no-serve", "--size", "empty"])
    took, peak = run([program, "--data", data, "ingest", "load", "--agency", "northwater-council", rows])
    print(f"  checked and stored: {took:.1f} s, {peak:.0f} MB")
    for number in (10_000, 100_000):
        out = os.path.join(folder, f"synth-{number}")
        took, peak = run([program, "synth", "--children", str(number), "--seed", "1", "--out", out])
        print(f"  synth of {number:,} children: {took:.2f} s, {peak:.0f} MB")


main()
