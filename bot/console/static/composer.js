// The boxes that staff write in: a sign of typing (never what), ready-made replies put in, how easy the text is.
// Without this script the boxes work all the same.
"use strict";
(() => {
  const EVERY = 3000;
  let told = -Infinity;

  async function tellTyping(form) {
    if (performance.now() - told < EVERY) return;
    told = performance.now();
    const body = new URLSearchParams({ csrf: form.elements.namedItem("csrf").value });
    try {
      await fetch(form.dataset.typing, { method: "POST", body, credentials: "same-origin" });
    } catch {
      // Nobody misses a sign of typing.
    }
  }

  // -- how easy the text is: the server measures it as it measures the bot's own words, and keeps nothing ------

  const timers = new WeakMap();
  function measureSoon(field) {
    clearTimeout(timers.get(field));
    timers.set(field, setTimeout(() => measure(field), 350));
  }

  async function measure(field) {
    const shown = document.getElementById(field.getAttribute("aria-describedby").split(" ")[0]);
    const text = field.value;
    if (!text.trim()) { shown.textContent = ""; shown.classList.remove("hard"); return; }
    const csrf = field.form.elements.namedItem("csrf").value;
    const body = new URLSearchParams({ csrf, text, language: field.dataset.plain });
    try {
      const response = await fetch("/console/plain", { method: "POST", body, credentials: "same-origin" });
      if (!response.ok || field.value !== text) return;
      const { label, easy, faults } = await response.json();
      shown.textContent = faults.length ? `${label}. ${faults.join(". ")}.` : `${label}, lätt att läsa.`;
      shown.classList.toggle("hard", !easy || faults.length > 0);
    } catch {
      shown.textContent = "";
    }
  }

  document.addEventListener("input", (event) => { if (event.target.dataset?.plain) measureSoon(event.target); });

  // -- ready-made replies -----------------------------------------------------------------------------------

  function insert() {
    const [list, field] = ["canned", "reply"].map((id) => document.getElementById(id));
    const text = list.selectedOptions[0]?.dataset.text;
    if (!text) return;
    const gap = field.value && !field.value.endsWith("\n") ? " " : "";
    field.value = field.value ? field.value + gap + text : text;
    list.selectedIndex = 0;
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.canned")) return;
    event.preventDefault();
    insert();
  }, true);

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.dataset.typing && event.target.name === "text" && event.target.value.trim()) tellTyping(form);
  });
  document.addEventListener("submit", () => { told = -Infinity; });
})();
