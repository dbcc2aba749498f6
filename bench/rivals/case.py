"""The cases: the Python ones of `cases/`, and their twins in the conformance suite."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SUITE = HERE.parent.parent / "tests" / "conformance"
MANIFEST = '[package]\nname = "case"\nversion = "0.0.0"\nedition = "2024"\n'


@dataclass
class Case:
    """An edit of a small program; `rust` names its twin in the suite."""

    name: str
    why: str
    must: str
    call: str
    before: dict
    after: dict
    env_before: dict
    env_after: dict
    rust: str | None
    function: str

    @staticmethod
    def all():
        return [Case.read(path) for path in sorted((HERE / "cases").glob("*.toml"))]

    @staticmethod
    def read(path):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return Case(
            name=path.stem,
            why=data["why"],
            must=data["must"],
            call=data["call"],
            before=data["before"],
            after=edited(data),
            env_before=data.get("env_before", {}),
            env_after=data.get("env_after", {}),
            rust=data.get("rust"),
            function=data.get("function", "start"),
        )


def twin(case):
    """The same case in Rust: files before and after, and the expression that shows its result."""
    data = tomllib.loads((SUITE / f"{case.rust}.toml").read_text(encoding="utf-8"))
    data["before"].setdefault("Cargo.toml", MANIFEST)
    expression = data[f"must_{case.must}"][case.function]
    return data["before"], edited(data), expression, data.get("compile", "rustc")


def edited(data):
    files = dict(data["before"])
    for path in data.get("remove", []):
        del files[path]
    for edit in data.get("edit", []):
        text = files[edit["file"]]
        assert text.count(edit["from"]) == 1, (data["why"], edit)
        files[edit["file"]] = text.replace(edit["from"], edit["to"])
    return files | data.get("after", {})
