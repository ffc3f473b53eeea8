// Comfort only: every page works without this file.
(() => {
  "use strict";

  // A link to copy: the button appears only where the browser can copy.
  const showCopies = () => {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  };
  showCopies();
  document.addEventListener("htmx:afterSwap", showCopies);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    if (button.ariaLabel) button.ariaLabel = button.title = button.dataset.copied;
    else button.textContent = button.dataset.copied;
    button.classList.add("copied");
  });

  // Several forms on one page, each with its own button: what was typed into another one is not lost unasked.
  const isChanged = (field) => {
    if (["hidden", "submit", "button"].includes(field.type)) return false;
    if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    if (!field.options) return field.value !== field.defaultValue;
    const first = [...field.options].find((one) => one.defaultSelected) ?? field.options[0];
    return field.value !== first.value;
  };
  for (const page of document.querySelectorAll("[data-apart]")) {
    page.addEventListener("submit", (event) => {
      const others = [...page.querySelectorAll("form")].filter((form) => form !== event.target);
      if (others.some((form) => [...form.elements].some(isChanged)) && !confirm(page.dataset.apart)) event.preventDefault();
    });
  }

  // A page that waits (for a payment, for an import) asks how far it is and goes on by itself. Without JavaScript it
  // reloads itself instead.
  const waiting = document.querySelector("[data-poll]");
  if (waiting) {
    const show = (said) => {
      const bar = waiting.querySelector("[data-progress]");
      const words = waiting.querySelector("[data-progress-words]");
      if (!bar || said.rows === undefined) return;
      bar.value = said.rows_done;
      words.textContent = words.dataset.progressWords.replace("{done}", said.rows_done).replace("{rows}", said.rows);
    };
    const ask = async () => {
      try {
        const answer = await fetch(waiting.dataset.poll, { headers: { Accept: "application/json" } });
        const said = answer.ok ? await answer.json() : {};
        if (said.go) {
          window.location.assign(said.go);
          return;
        }
        if (waiting.dataset.state && said.state && said.state !== waiting.dataset.state) {
          window.location.reload();
          return;
        }
        show(said);
      } catch {
        // The network is away for a moment: asked again below.
      }
      setTimeout(ask, 2000);
    };
    setTimeout(ask, 2000);
  }

  // The time left, in words that the page brought along; some say what stands there when it is over.
  const countdowns = [...document.querySelectorAll("[data-until]")].map((place) => ({
    place,
    until: Date.parse(place.dataset.until),
  }));
  if (countdowns.length) {
    const show = () => {
      const now = Date.now();
      for (const { place, until } of countdowns) {
        const left = Math.max(0, Math.floor((until - now) / 1000));
        const hours = Math.floor(left / 3600);
        const rest = [Math.floor(left / 60) % 60, left % 60].map((part) => String(part).padStart(2, "0"));
        const text = hours ? `${hours}:${rest.join(":")}` : `${Number(rest[0])}:${rest[1]}`;
        const { words, over } = place.dataset;
        place.textContent = left || !over ? words.replace("{left}", text) : over;
      }
      if (countdowns.some(({ until }) => until > now)) setTimeout(show, 1000);
    };
    show();
  }

  // What htmx sends without a form carries the token of the forms.
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
  });

  // Of a strip of places that scrolls sideways, the present one is in sight.
  for (const strip of document.querySelectorAll(".rail > ul, .tabs > ul, main > nav.chips")) {
    const here = strip.querySelector("[aria-current]");
    if (here && strip.scrollWidth > strip.clientWidth) {
      strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
    }
  }

  // A choice that only changes what the page shows is sent at once; without JavaScript its button does it.
  for (const choice of document.querySelectorAll("[data-send]")) {
    choice.addEventListener("change", () => choice.form.requestSubmit());
  }
})();
