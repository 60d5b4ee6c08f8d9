"""What one source imports, read from its syntax tree: also lazily, relatively, through aliases, and by written names.

Nothing is run. Whatever could import by a name that is not written in the source (a computed ``import_module``,
``__import__``, ``exec``, ``runpy``, ``pickle.loads``, another process, a magic of Jupyter) makes the source unreadable,
and who asks has to reckon with the whole library. Each such place is judged on its own; docstrings and comments count
for nothing. A module of the library that does such a thing and can still be read stands in :data:`PASSED`, by what it
does and with the reason.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import resolve_name

PACKAGE = "shanhai"

_IMPORT_MODULE = "import_module"
_MATCHING = f"{PACKAGE}.core.modules.matching_modules"

_LOADERS = frozenset(
    [
        "IPython",
        "__builtin__",
        "builtins",
        "cProfile",
        "cloudpickle",
        "code",
        "codeop",
        "dill",
        "doctest",
        "imp",
        "importlib",
        "joblib",
        "pdb",
        "pickle",
        "pkgutil",
        "profile",
        "pydoc",
        "runpy",
        "shelve",
        "timeit",
        "trace",
        "zipimport",
    ]
)
"""Modules that can import others by name or run texts."""

_HARMLESS = (
    *("importlib.abc", "importlib.invalidate_caches", "importlib.metadata", "importlib.reload", "importlib.resources"),
    *("importlib.util.find_spec", "importlib.util.resolve_name", "pickle.PicklingError"),
    *("pickle.dump", "pickle.dumps", "pkgutil.iter_modules"),
)
"""What is in them and imports nothing."""

PASSED: Mapping[str, frozenset[str]] = {
    # It reads nothing but what the function it decorates has made, in a process of the same batch, and never a file or
    # an older result. The modules that such a result names are therefore among those that this function stands on, and
    # whoever calls the function stands on its module by an import of his own.
    "shanhai.core.shared": frozenset({"pickle.loads"}),
}
"""Modules of the library, and what each may use although it can import by name. To be passed, a module imports in this
way nothing but what the sources that use it import themselves. What lies in a file may name any module: never that."""

_BUILTIN = frozenset(
    [
        "__builtins__",
        "__import__",
        "__loader__",
        "__spec__",
        "compile",
        "eval",
        "exec",
        "get_ipython",
    ]
)
"""Names that are there without an import."""

_NAMES = frozenset(
    [
        "__builtins__",
        "__import__",
        "exec_module",
        "import_module",
        "load_module",
        "resolve_name",
        "run_cell",
        "run_cell_magic",
        "run_code",
        "run_line_magic",
        "run_module",
        "run_path",
        "ForkingPickler",
        "read_pickle",
        "spec_from_file_location",
        "spec_from_loader",
        "SourceFileLoader",
    ]
)
"""Names that import or run whatever they belong to, also as texts, as ``getattr`` takes them."""

_DOTTED = re.compile(rf"\b{PACKAGE}(?:\.\w+)+")
_CODE = re.compile(rf"\bimport\s+[\w., ]*\b{PACKAGE}\b|\bfrom\s+{PACKAGE}\b[\w.]*\s+import\b")
"""A text that imports if it is run as Python; a message may name the command ``shanhai data import``."""


@dataclass(frozen=True)
class Imported:
    """What a source imports."""

    names: tuple[str, ...]
    """Modules, among them names of what is taken from modules."""
    whole: tuple[str, ...]
    """Packages that are handed on or starred, so that everything in them counts; among them names of no package."""
    patterns: tuple[str, ...]
    """Patterns of ``matching_modules`` whose modules a loop imports."""


def read_imports(source: str, package: str = "", passed: frozenset[str] = frozenset()) -> Imported | None:
    """Imports of a source; missing if it may import what it does not write.

    Parameters
    ----------
    source : str
        Python, or the code cells of a notebook.
    package : str
        Package that relative imports start from; without one they cannot be read.
    passed : set of str
        Dotted names that this source may use, as :data:`PASSED` has them for a module.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    reader = _Reader(tree, package, passed)
    try:
        reader.visit(tree)
    except _UnreadableError:
        return None
    return Imported(*(tuple(sorted(names)) for names in (reader.names, reader.whole, reader.patterns)))


class _UnreadableError(Exception):
    """The source may import by a name that it does not write."""


class _Reader(ast.NodeVisitor):
    def __init__(self, tree: ast.AST, package: str, passed: frozenset[str]) -> None:
        self.package, self.passed = package, passed
        self.names, self.whole, self.patterns = set[str](), set[str](), set[str]()
        self.starts_python = self.starts_programs = False
        self.bound: dict[str, set[str]] = {}
        self.loops: dict[str, tuple[str, ...]] = {}
        self.imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        self.times = Counter(name for node in ast.walk(tree) for name in _binds(node))

    def visit_Module(self, node: ast.Module) -> None:
        for found in self.imports:  # first of all: a function may use what is imported below it
            self._import(found)
        self.generic_visit(node)
        if self.starts_python and self.starts_programs:  # another program is no concern of ours
            raise _UnreadableError

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.names.add(alias.name)
                self._bind(alias.asname or alias.name.partition(".")[0], alias.name if alias.asname else "")
            return
        base = self._absolute("." * node.level + (node.module or ""), self.package)
        self.names.add(base)
        for alias in node.names:
            if _is_loader(f"{base}.{alias.name}") and alias.name != _IMPORT_MODULE:
                raise _UnreadableError
            if alias.name == "*":
                self.whole.add(base)
            else:
                self.names.add(f"{base}.{alias.name}")
                self._bind(alias.asname or alias.name, f"{base}.{alias.name}")

    def _bind(self, name: str, full: str) -> None:
        self.bound.setdefault(name, set()).add(full or name)

    @staticmethod
    def _absolute(name: str, package: str) -> str:
        try:
            return resolve_name(name, package)
        except ImportError as error:
            raise _UnreadableError from error

    def visit_Import(self, node: ast.Import) -> None:
        pass

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        pass

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring is no code
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            if _CODE.search(node.value):
                raise _UnreadableError
            self.names.update(_DOTTED.findall(node.value))

    def visit_Name(self, node: ast.Name) -> None:
        self._use(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not self._use(node):
            if node.attr in _NAMES:
                raise _UnreadableError
            self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        _require_no_loader([node.slice])
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        _require_no_loader(node.args)
        if self._imports_by_name(node.func):
            self._import_by_name(node)
            if isinstance(node.func, ast.Attribute) and not self._full(node.func):
                self.visit(node.func.value)
            for part in (*node.args, *node.keywords):
                self.visit(part)
        else:
            self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        with_names = self._named_by(node.target, node.iter)
        self.visit(node.target)
        self.visit(node.iter)
        self.loops |= with_names
        for part in node.body:
            self.visit(part)
        for name in with_names:
            del self.loops[name]
        for part in node.orelse:
            self.visit(part)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._visit_comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._visit_comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._visit_comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._visit_comprehension(node)

    def _visit_comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        with_names = self._named_by(node.generators[0].target, node.generators[0].iter)
        self.loops |= with_names
        self.generic_visit(node)
        for name in with_names:
            del self.loops[name]

    def _named_by(self, target: ast.expr, over: ast.expr) -> dict[str, tuple[str, ...]]:
        """The name that runs over the modules of written patterns, if nothing else in the source binds it."""
        if not (isinstance(target, ast.Name) and isinstance(over, ast.Call)) or self.times[target.id] != 1:
            return {}
        of_library = self._full(over.func) == {_MATCHING}
        if isinstance(over.func, ast.Name):
            of_library &= self.times[over.func.id] == 1
        texts = [part.value for part in over.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if not of_library or over.keywords or not texts or len(texts) != len(over.args):
            return {}
        return {target.id: tuple(texts)}

    def _imports_by_name(self, function: ast.expr) -> bool:
        if isinstance(function, ast.Attribute) and function.attr == _IMPORT_MODULE:
            return True
        return any(full.rpartition(".")[2] == _IMPORT_MODULE for full in self._full(function))

    def _import_by_name(self, node: ast.Call) -> None:
        """A call of ``import_module``: its name must be written, or run over the modules of written patterns."""
        given = dict(zip(("name", "package"), node.args, strict=False))
        given |= {part.arg: part.value for part in node.keywords if part.arg}
        name = given.get("name")
        if isinstance(name, ast.Name) and name.id in self.loops:
            self.patterns.update(self.loops[name.id])
        elif isinstance(name, ast.Constant) and isinstance(name.value, str):
            start = given.get("package")
            package = start.value if isinstance(start, ast.Constant) else ""
            if isinstance(start, ast.Name) and start.id == "__package__":
                package = self.package
            full = self._absolute(name.value, str(package or ""))
            self.names.add(full)
            self.whole.add(full)
        else:
            raise _UnreadableError

    def _use(self, node: ast.Name | ast.Attribute) -> bool:
        """Judge a name that an import has bound, with the attributes after it."""
        found = self._full(node)
        for full in found:
            root, *rest = full.split(".")
            self.starts_python |= full == "sys.executable"
            self.starts_programs |= root == "subprocess"
            if full not in self.passed and _is_loader(full):
                raise _UnreadableError
            if root == PACKAGE:
                self.whole.add(full)
                self.names.update(".".join((root, *rest[:length])) for length in range(1, len(rest) + 1))
        return bool(found)

    def _full(self, node: ast.expr) -> set[str]:
        """Dotted names that a name with its attributes may stand for, as far as imports say; else empty."""
        if isinstance(node, ast.Name):
            if node.id in self.bound:
                return self.bound[node.id]
            if node.id == _IMPORT_MODULE:
                return {f"importlib.{_IMPORT_MODULE}"}
            return {f"builtins.{node.id}"} if node.id in _BUILTIN else set()
        if isinstance(node, ast.Attribute):
            return {f"{full}.{node.attr}" for full in self._full(node.value)}
        return set()


def _is_loader(full: str) -> bool:
    """Whether a dotted name is, or has in it, what imports by name."""
    root, *rest = full.split(".")
    harmless = any(full == module or full.startswith(f"{module}.") for module in _HARMLESS)
    return (root in _LOADERS or bool(_NAMES & {root, *rest})) and not harmless


def _require_no_loader(texts: Iterable[ast.expr]) -> None:
    """Refuse texts that ``getattr`` or a mapping of attributes would make an importing function of."""
    if any(isinstance(part, ast.Constant) and part.value in _NAMES for part in texts):
        raise _UnreadableError


def _binds(node: ast.AST) -> Iterator[str]:
    """Names that a node gives a value to."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case ast.alias(name=name, asname=as_name):
            yield as_name or name.partition(".")[0]
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names
