"""What only the top of the house may know: which modes run, who hears which event, what the worker does in turn."""

from django.utils.module_loading import import_string

from yunju.config.modes import MODES
from yunju.fulfilment import registry


def connect() -> None:
    """Called once, when Django has loaded all rooms."""
    registry.register({code: import_string(path)() for code, path in MODES.items()})
