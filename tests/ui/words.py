"""Finds every text that people read: marked msgids in code and templates, and the codes that refusals carry."""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from yunju.kernel.errors import YunjuError
from yunju.ui import compile_messages
from yunju.ui.sentences import SENTENCES

PACKAGE = Path(__file__).resolve().parents[2] / "yunju"
MARKS = {"_", "gettext", "gettext_lazy"}
PLURAL_MARKS = {"ngettext", "ngettext_lazy"}
CONTEXT_MARKS = {"pgettext", "pgettext_lazy"}
TRANSLATE = re.compile(r'{%-?\s*trans(?:late)?\s+"((?:[^"\\]|\\.)*)"')
BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b[^%]*%}(.*?){%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
PLURAL = re.compile(r"{%\s*plural\s*%}")
VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")


def marked() -> dict[str, str]:
    """msgid -> where it stands."""
    found: dict[str, str] = {}
    for path in PACKAGE.rglob("*.py"):
        for call in calls(path):
            name, texts = named(call), constants(call)
            if name in MARKS | PLURAL_MARKS and texts:
                found[texts[0]] = str(path)
            elif name in CONTEXT_MARKS and len(texts) > 1:
                found[texts[0] + compile_messages.CONTEXT + texts[1]] = str(path)
    for path in PACKAGE.rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        found |= dict.fromkeys(TRANSLATE.findall(source), str(path))
        for body in BLOCK.findall(source):
            single = re.split(PLURAL, body)[0]
            found[VARIABLE.sub(r"%(\1)s", single.replace("%", "%%"))] = str(path)
    return found


def counted() -> dict[str, str]:
    """msgid of each text that counts, in a template -> its plural: Chinese is found for it only where its stanza has one."""
    found: dict[str, str] = {}
    for path in PACKAGE.rglob("*.html"):
        for body in BLOCK.findall(path.read_text(encoding="utf-8")):
            forms = [VARIABLE.sub(r"%(\1)s", one.replace("%", "%%")) for one in re.split(PLURAL, body)]
            found |= dict([forms]) if len(forms) == 2 else {}
    return found


def raised() -> dict[str, str]:
    """Code -> where a refusal with it is made; codes that are put together at run time are found by their own tests."""
    kinds = error_names()
    found: dict[str, str] = {}
    for path in PACKAGE.rglob("*.py"):
        for call in calls(path):
            if named(call) in kinds and constants(call):
                found[constants(call)[0]] = f"{path}:{call.lineno}"
    return found


def error_names() -> set[str]:
    """The names of all refusals, those of the rooms too."""
    names, waiting = {"YunjuError"}, [YunjuError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            names.add(kind.__name__)
            waiting.append(kind)
    return names


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def named(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def constants(call: ast.Call) -> list[str]:
    return [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def main() -> None:
    """Prints what has no Chinese yet, ready to be filled in and put into a part of the catalogue."""
    singles = {
        key.split(compile_messages.PLURAL)[0]
        for key in compile_messages.joined(sorted(compile_messages.LOCALE.glob("zh_Hans/parts/*.po")))
    }
    for text in sorted(set(marked()) - singles):
        flag = "#, python-format\n" if re.search(r"%\(\w+\)[sd]", text) else ""
        sys.stdout.write(f'{flag}msgid {json.dumps(text, ensure_ascii=False)}\nmsgstr ""\n\n')
    for code, text in sorted(SENTENCES.items()):
        if code + compile_messages.CONTEXT + text not in singles:
            quoted = json.dumps(text, ensure_ascii=False)
            sys.stdout.write(f'msgctxt "{code}"\nmsgid {quoted}\nmsgstr ""\n\n')


if __name__ == "__main__":
    main()
