"""The public functions, methods and constructors of helpers have types; mypy checks these."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def public_functions(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Named functions and methods of a module, those of its public classes and their constructors too."""
    for node in body:
        if isinstance(node, Function) and (node.name == "__init__" or not node.name.startswith("_")):
            yield prefix + node.name, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body, f"{node.name}.")


def untyped(name: str, function: Function) -> list[str]:
    """What a function leaves without a type: its parameters, and its return."""
    listed = function.args
    parameters = listed.posonlyargs + listed.args + listed.kwonlyargs
    if "." in name and not any(getattr(mark, "id", "") == "staticmethod" for mark in function.decorator_list):
        parameters = parameters[1:]
    missing = [parameter.arg for parameter in parameters if parameter.annotation is None]
    return missing + (["return"] if function.returns is None else [])


def public_modules() -> list[Path]:
    files = sorted((ROOT / "helpers").rglob("*.py"))
    return [file for file in files if not file.stem.startswith("_") or file.stem == "__init__"]


def test_every_public_function_says_its_types():
    missing = [
        f"{file.relative_to(ROOT)}:{function.lineno} {name}: {', '.join(lacks)}"
        for file in public_modules()
        for name, function in public_functions(ast.parse(file.read_text(encoding="utf-8")).body)
        if (lacks := untyped(name, function))
    ]
    assert not missing, "no type given:\n" + "\n".join(missing)
