"""The sentences of the codes, a file per room or journey: code to English source text; the Chinese stands in the catalogue.

Each file of this folder is one; their `SENTENCES` are put together here.
"""

from importlib import import_module
from pkgutil import iter_modules

ROOMS = tuple(import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__))
SENTENCES: dict[str, str] = {code: text for room in ROOMS for code, text in room.SENTENCES.items()}
