// Comfort for sharing: every page works without this file.
(() => {
  "use strict";

  // Tapping a link or a text that is there to be copied marks all of it.
  for (const field of document.querySelectorAll("[data-select]")) {
    field.addEventListener("focus", () => field.select());
  }

  // Copies what stands in a field. Where the browser has no clipboard (WeChat without https, old phones) the field is
  // marked and the old command tried; where that fails too, the text stays marked to be copied by hand.
  const copied = async (field) => {
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch {
      return document.execCommand("copy");
    }
  };
  for (const button of document.querySelectorAll("[data-copy-from]")) {
    const field = document.getElementById(button.dataset.copyFrom);
    if (!field) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (await copied(field)) button.textContent = button.dataset.copied;
    });
  }
})();
