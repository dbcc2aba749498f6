"""The rivals, each with the best settings that its documentation gives.

A rival turns the files of a case into a program that prints `computing` where it computes and
`result …` in the end, and runs it in a process of its own.
"""

import ast
import os
import shutil
import subprocess
import sys
import textwrap
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent


class NotExpressible(Exception):
    """The rival has no form for the case, with the reason."""


def write(folder, files):
    for path, text in files.items():
        path = folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(command, folder, env):
    """Runs a program; returns its result and whether it computed."""
    # Files of one size saved within a second look the same to Python's own byte code cache.
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"} | env
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    results = [it.removeprefix("result ") for it in lines if it.startswith("result ")]
    if done.returncode != 0 or len(results) != 1:
        raise RuntimeError(f"{command} in {folder}:\n{done.stdout}\n{done.stderr}")
    return results[0], "computing" in lines


class Python:
    """A module `work` under a decorator, called from a main program."""

    # The module `rival` of the program; it defines `memoize`.
    prologue = ""
    package = ""
    settings = ""

    def name(self):
        return f"{self.package} {version(self.package)}"

    def prepare(self, case, folder, files):
        files = dict(files)
        files["rival.py"] = textwrap.dedent(self.prologue)
        files["work.py"] = "from rival import memoize\n\n\n" + files["work.py"]
        files["main.py"] = f"import work\n\nprint('result', repr(work.{case.call}))\n"
        replace(folder, files)

    def run(self, case, folder, env):
        return run([sys.executable, "main.py"], folder, env)


class Plain(Python):
    """Python without memoization: what is right."""

    prologue = """
        def memoize(function):
            return function
    """


class Joblib(Python):
    package = "joblib"
    settings = "`Memory(location).cache`, function in an imported module"
    prologue = """
        from joblib import Memory

        memoize = Memory("store", verbose=0).cache
    """


class Charmonium(Python):
    package = "charmonium.cache"
    settings = "`memoize(group=MemoizedGroup(…))` with a store, a lock and a size, else as its README has it"
    prologue = """
        import copy

        from charmonium.cache import DirObjStore, FileRWLock, MemoizedGroup
        from charmonium.cache import memoize as decorator
        from charmonium.cache.memoize import DEFAULT_FREEZE_CONFIG

        config = copy.deepcopy(DEFAULT_FREEZE_CONFIG)
        config.assume_purity = PURITY
        memoize = decorator(
            group=MemoizedGroup(
                obj_store=DirObjStore(path="store"),
                lock=FileRWLock("lock"),
                size="100 MiB",
                freeze_config=config,
            )
        )
    """.replace("PURITY", "True")


class ImpureCharmonium(Charmonium):
    """Freezes what functions of other modules reach, too."""

    settings = Charmonium.settings + ", and `freeze_config.assume_purity = False`"
    prologue = Charmonium.prologue.replace("= True", "= False")

    def name(self):
        return super().name() + ", purity not assumed"


class Marimo(Python):
    """The module as a notebook: a cell for each statement at its top level."""

    package = "marimo"
    settings = "`@mo.persistent_cache(pin_modules=True)` in a notebook run as a script"

    def prepare(self, case, folder, files):
        from marimo._ast.cell import CellConfig
        from marimo._ast.codegen import generate_filecontents

        files = dict(files)
        source = files.pop("work.py")
        cells = ["import marimo as mo", *merged(statements(self.decorated(source))), *self.end(case)]
        names = [it for cell in cells for it in defined(cell)]
        if len(names) != len(set(names)):
            raise NotExpressible("a notebook defines a name once")
        files["notebook.py"] = generate_filecontents(
            cells, ["_"] * len(cells), [CellConfig() for _ in cells]
        )
        replace(folder, files)

    def decorated(self, source):
        return source.replace("@memoize", f"@mo.persistent_cache({CACHE})")

    def end(self, case):
        return [f"print('result', repr({case.call}))"]

    def run(self, case, folder, env):
        return run([sys.executable, "notebook.py"], folder, env)


CACHE = 'save_path="store", pin_modules=True'


class MarimoBlock(Marimo):
    """The same with the form for a block of code, around the call."""

    settings = "`with mo.persistent_cache(name, pin_modules=True)` around the call, in a notebook run as a script"

    def name(self):
        return super().name() + ", block"

    def decorated(self, source):
        return source.replace("@memoize\n", "")

    def end(self, case):
        block = f'with mo.persistent_cache("result", {CACHE}):\n    value = {case.call}'
        return [block, "print('result', repr(value))"]


class Cached:
    """The case's twin in Rust, under the `cached` crate."""

    settings = "`#[concurrent_cached(disk = true)]`; the key is made of the arguments"

    def name(self):
        lock = (HERE / "cached" / "Cargo.lock").read_text(encoding="utf-8").split("[[package]]")
        entry = next(it for it in lock if 'name = "cached"' in it)
        return f"cached {entry.split('version = ')[1].split()[0].strip(chr(34))}"

    def prepare(self, expression, folder, files):
        if not folder.exists():
            shutil.copytree(HERE / "cached", folder)
        main = (HERE / "cached" / "src" / "main.rs").read_text(encoding="utf-8")
        write(folder, {"src/main.rs": main.replace("EXPRESSION", expression)})
        shutil.rmtree(folder / "case", ignore_errors=True)
        write(folder / "case", {path: text for path, text in files.items() if path != "Cargo.lock"})
        # The case becomes a dependency: its own workspace would be in the way.
        manifest = folder / "case" / "Cargo.toml"
        text = manifest.read_text(encoding="utf-8").split("[workspace]")[0]
        manifest.write_text(text, encoding="utf-8")

    def run(self, target, folder):
        env = {"CARGO_TARGET_DIR": str(target)}
        build = ["cargo", "build", "-q"]
        subprocess.run(build, cwd=folder, env=os.environ | env, check=True)
        return run([str(target / "debug" / "rival")], folder, {})


def replace(folder, files):
    """Writes a program over the earlier one, and leaves the store."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name not in ("store", "lock"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    write(folder, files)


def statements(source):
    """Cuts a module into its statements, each with the comments above it."""
    lines = source.splitlines()
    ends = [it.end_lineno for it in ast.parse(source).body]
    starts = [0, *ends[:-1]]
    return ["\n".join(lines[a:b]).strip("\n") for a, b in zip(starts, ends)]


def merged(cells):
    """Joins the cells that name each other: a notebook has no cycles."""
    names = [defined(it) for it in cells]
    loads = [
        {it.id for it in ast.walk(ast.parse(cell)) if isinstance(it, ast.Name)} for cell in cells
    ]
    reached = [{j for j, it in enumerate(names) if it & load} for load in loads]
    for _ in cells:
        reached = [it.union(*(reached[j] for j in it)) for it in reached]
    joined = {}
    for i, cell in enumerate(cells):
        first = min([i, *(j for j in reached[i] if i in reached[j])])
        joined.setdefault(first, []).append(cell)
    return ["\n\n\n".join(it) for it in joined.values()]


def defined(cell):
    """The names that a cell defines."""
    names = set()
    for statement in ast.parse(cell).body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(statement.name)
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            names |= {it.asname or it.name for it in statement.names}
        else:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    names.add(node.id)
    return names
