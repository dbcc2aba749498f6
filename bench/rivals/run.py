#!/usr/bin/env python3
"""Runs the cases against perennial and its rivals, and writes `docs/conformance.md`.

    pip install -r bench/rivals/requirements.txt
    python3 bench/rivals/run.py            # everything: about a quarter of an hour
    python3 bench/rivals/run.py --ours     # perennial alone; of the rivals what `results.json` has
    python3 bench/rivals/run.py NAME       # only cases with that in their names; prints the page
"""

import json
import platform
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from case import SUITE, Case, twin
from rival import (
    Cached,
    Charmonium,
    ImpureCharmonium,
    Joblib,
    Marimo,
    MarimoBlock,
    NotExpressible,
    Plain,
)
from table import page

ROOT = Path(__file__).parent.parent.parent
RESULTS = Path(__file__).parent / "results.json"


def judge(must, fresh, steady, last):
    """The verdict on a rival: what it printed unchanged and after the edit, and what is right."""
    (_, computed_again), (result, computed) = steady, last
    if must == "hit":
        return "needless" if computed else "correct"
    if result != fresh:
        return "STALE"
    return "correct, but never hits" if computed_again else "correct"


def python(rival, case, folder):
    """A Python rival: run, run again, edit, run."""
    try:
        rival.prepare(case, folder, case.before)
        first, computed = rival.run(case, folder, case.env_before)
        assert computed, (case.name, first)
        steady = rival.run(case, folder, case.env_before)
        rival.prepare(case, folder, case.after)
        last = rival.run(case, folder, case.env_after)
    except NotExpressible:
        return "not expressible"
    plain = Plain()
    plain.prepare(case, folder / "plain", case.after)
    fresh, _ = plain.run(case, folder / "plain", case.env_after)
    return judge(case.must, fresh, steady, last)


def rust(rival, case, folder, target):
    """`cached`: the case's twin in Rust."""
    if case.rust is None:
        return "not expressible"
    before, after, expression, compiled = twin(case)
    if compiled.startswith("no: "):
        return "not expressible"
    rival.prepare(expression, folder, before)
    first, computed = rival.run(target, folder)
    assert computed, (case.name, first)
    steady = rival.run(target, folder)
    rival.prepare(expression, folder, after)
    last = rival.run(target, folder)
    fresh_folder = folder.with_name(folder.name + "-fresh")
    rival.prepare(expression, fresh_folder, after)
    fresh, _ = rival.run(target, fresh_folder)
    return judge(case.must, fresh, steady, last)


def perennial():
    """Every verdict on perennial: by case and function, in words."""
    exceptions = tomllib.loads((SUITE / "exceptions.toml").read_text(encoding="utf-8"))
    context = {(it["case"], it["function"]) for it in exceptions.get("context", [])}
    command = ["cargo", "run", "-q", "-p", "perennial-tests", "--bin", "conformance", "--", "verdicts"]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    verdicts = {}
    for line in lines.splitlines():
        case, function, demand, _, met = line.split("\t")
        word = {"Hit": "needless", "Miss": "STALE", "Report": "not reported"}[demand]
        if met == "ok":
            word = "correct"
        elif demand == "Miss" and (case, function) in context:
            word = "correct, by the build context"
        verdicts[case, function, demand.lower()] = word
    return verdicts


def rivals_on(cases):
    """Runs every rival on every case: columns, rows of verdicts by case, and versions."""
    cached, pythons = Cached(), [Joblib(), Charmonium(), ImpureCharmonium(), Marimo(), MarimoBlock()]
    rows = {}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        for case in cases:
            row = [rust(cached, case, scratch / "Cached" / case.name, scratch / "target")]
            for rival in pythons:
                row.append(python(rival, case, scratch / type(rival).__name__ / case.name))
            rows[case.name] = row
            print(case.name, *row, sep="\t", file=sys.stderr, flush=True)
        # The first build wrote it, unless it was there.
        lock = next((scratch / "Cached").glob("*/Cargo.lock"))
        (ROOT / "bench/rivals/cached/Cargo.lock").write_bytes(lock.read_bytes())
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True)
    return {
        "columns": [[it.name(), it.settings] for it in [cached, *pythons]],
        "rows": rows,
        "versions": f"Python {platform.python_version()}, {' '.join(rustc.stdout.split()[:2])}",
    }


def main():
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    ours = perennial()
    cases = Case.all()
    if part == "--ours":
        results = json.loads(RESULTS.read_text(encoding="utf-8"))
    else:
        cases = [it for it in cases if part in it.name]
        results = rivals_on(cases)
    rows = []
    for case in cases:
        own = ours[case.rust, case.function, case.must] if case.rust else "not expressible"
        rows.append((case, [own, *results["rows"][case.name]]))
    columns = [["perennial", "as its README has it"], *results["columns"]]
    text = page(rows, columns, results["versions"], ours)
    if part not in ("", "--ours"):
        print(text)
        return
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (ROOT / "docs/conformance.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
