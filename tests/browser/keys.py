"""Somebody without a mouse: goes from one place to the next with Tab, and must always see where they are."""

from dataclasses import dataclass

from playwright.sync_api import Page

MOST_STEPS = 150

_WHERE = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const style = getComputedStyle(here), box = here.getBoundingClientRect();
  const label = here.labels && here.labels.length ? here.labels[0].innerText : "";
  return {
    name: here.getAttribute("name") || "",
    words: (here.getAttribute("aria-label") || here.innerText || label).trim(),
    isShown: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    isInSight: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    isSkipped: here.closest("[aria-hidden=true]") !== null,
  };
}"""


@dataclass(slots=True)
class Keys:
    """Hands on the keyboard alone. Every stop on the way must be in sight, marked, and meant for people."""

    page: Page

    def reach(self, *, words: str = "", name: str = "") -> None:
        """Press Tab until the place with these words, or the field of that name, is reached."""
        for _ in range(MOST_STEPS):
            self.page.keyboard.press("Tab")
            here = self.page.evaluate(_WHERE)
            if here is None:  # past the last place: the browser's own bars
                continue
            assert (here["isShown"], here["isInSight"], here["isSkipped"]) == (True, True, False), here
            if (words and words in here["words"]) or (name and here["name"] == name):
                return
        raise AssertionError(f"not to be reached by keyboard: {words or name}")

    def press(self, words: str) -> None:
        """A link or button with these words."""
        self.reach(words=words)
        self.page.keyboard.press("Enter")

    def type(self, name: str, text: str) -> None:
        """Into a field, instead of what stood there."""
        self.reach(name=name)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def choose(self, name: str, label: str) -> None:
        """In a list: the arrow goes down until it stands there."""
        self.reach(name=name)
        for _ in range(60):
            if self.page.evaluate("() => document.activeElement.selectedOptions[0].label.trim()") == label:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"not in the list: {label}")
