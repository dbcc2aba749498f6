"""The page `docs/conformance.md`: from verdicts to Markdown."""

from collections import Counter

HEAD = """\
# Conformance

Which edit changes which result, and who sees it. Written by `bench/rivals/run.py`, which runs everything
named here; the cases are in `bench/rivals/cases` and `tests/conformance`.

A function is memoized and called; called again in a new process, with nothing changed; then the edit is made, and it is
called in a third process. *correct*: after an edit that changes the result the new one comes out, and after one that
can't the stored one is used. *STALE*: the old result comes out, though the code would compute another. *needless*: it is
computed again for nothing. *not expressible*: the language or the tool has no such thing, which is no failure.
*correct, but never hits*: it computes each time, changed or not.

For perennial the verdict is that of the case's twin in `tests/conformance`, by its table of signatures. Each twin is compiled
and run before and after (`cargo run -p perennial-tests --bin conformance -- observe`). *By the build context*: the key
changes with what the compiler was told, which is tested over whole projects in `tests/it`.
"""


def page(rows, columns, versions, ours):
    lines = [HEAD, f"Run with {versions}.\n", "| tool | settings |", "| --- | --- |"]
    lines += [f"| {name} | {settings} |" for name, settings in columns]
    for must, title in [("miss", "Edits that change the result"), ("hit", "Edits that do not")]:
        chosen = [(case, row) for case, row in rows if case.must == must]
        lines += ["", f"## {title}", ""]
        lines += [f"| edited | {' | '.join(name for name, _ in columns)} |"]
        lines += ["| --- |" + " --- |" * len(columns)]
        for case, row in chosen:
            lines.append(f"| {case.why} | {' | '.join(emphasised(it) for it in row)} |")
        sums = [Counter(row[at].split(",")[0] for _, row in chosen) for at in range(len(columns))]
        totals = [", ".join(f"{n} {word}" for word, n in sorted(it.items())) for it in sums]
        lines.append(f"| **{len(chosen)} cases** | {' | '.join(totals)} |")
    return "\n".join(lines) + "\n\n" + suite(ours)


def suite(ours):
    """The whole suite, by theme, for perennial alone."""
    themes = {}
    for (case, _, demand), word in ours.items():
        theme = themes.setdefault(case.split("/")[0], {"cases": set(), "words": Counter()})
        theme["cases"].add(case)
        theme["words"][demand, word.split(",")[0]] += 1
    lines = [
        "## The whole suite",
        "",
        "Perennial alone, over all cases of `tests/conformance`; counted are functions. What isn't met is in",
        "`tests/conformance/exceptions.toml`, with the reason.",
        "",
        "| theme | cases | must miss | STALE | must hit | needless | must be reported | not reported |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for theme, it in [*sorted(themes.items()), ("all", merged(themes))]:
        words = it["words"]
        cells = [len(it["cases"])]
        for demand, word in [("miss", "STALE"), ("hit", "needless"), ("report", "not reported")]:
            cells += [sum(n for (d, _), n in words.items() if d == demand), words[demand, word]]
        lines.append(f"| {theme} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


def merged(themes):
    return {
        "cases": set().union(*(it["cases"] for it in themes.values())),
        "words": sum((it["words"] for it in themes.values()), Counter()),
    }


def emphasised(word):
    return f"**{word}**" if word.startswith("STALE") else word
