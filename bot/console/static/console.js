// Keeps an open page up to date: the server says "changed", the page asks for itself again and
// changes only what differs. Without this script every page still works; it just stands still.
"use strict";
(() => {
  const { live: page, refresh: whole } = document.body.dataset;
  const source = whole === "page" ? location.href : whole;
  let fetching = false;
  let again = false;

  const scroller = () => document.querySelector(".scroll");
  const atEnd = (box) => !box || box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const toEnd = (box) => { if (box) box.scrollTop = box.scrollHeight; };

  function mergeRegion(here, fresh) {
    const stamp = here.dataset.region;
    // A region with a stamp (the reply form) changes only with it: nobody's draft is lost.
    if (stamp ? stamp === fresh.dataset.region : here.outerHTML === fresh.outerHTML) return;
    const focused = here.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...here.querySelectorAll("details[open][id]")].map((one) => one.id);
    here.replaceWith(fresh);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus();
  }

  function mergeKeyed(here, fresh) {
    // Only new lines are added, so that a screen reader reads only those.
    const wanted = new Set([...fresh.children].map((child) => child.id));
    for (const child of [...here.children]) if (!wanted.has(child.id)) child.remove();
    let before = null;
    for (const child of [...fresh.children]) {
      const standing = document.getElementById(child.id);
      if (!standing) here.insertBefore(child, before ? before.nextSibling : here.firstChild);
      else if (standing.outerHTML !== child.outerHTML && !standing.querySelector("details[open]")) {
        standing.replaceWith(child);
      }
      before = document.getElementById(child.id);
    }
  }

  function merge(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const box = scroller();
    const follow = atEnd(box);
    for (const here of document.querySelectorAll("[data-region]")) {
      const other = fresh.getElementById(here.id);
      if (other) mergeRegion(here, other);
    }
    for (const here of document.querySelectorAll("[data-keyed]")) {
      const other = fresh.getElementById(here.id);
      if (other) mergeKeyed(here, other);
    }
    if (whole === "page" && document.title !== fresh.title) {
      document.title = fresh.title;
      const news = document.getElementById("news");
      if (news) news.textContent = fresh.title;
    }
    if (follow) toEnd(scroller());
    document.dispatchEvent(new Event("console:merged"));
    return fresh;
  }

  function complain(text) {
    const fault = document.getElementById("fault");
    if (!fault) return;
    fault.textContent = text;
    fault.hidden = !text;
  }

  async function refresh() {
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      // What comes in while nobody has the page in front of them is not read.
      const headers = document.hidden ? { "X-Live": "1", "X-Hidden": "1" } : { "X-Live": "1" };
      const response = await fetch(source, { headers, credentials: "same-origin" });
      if (response.status === 401) location.assign("/console/sign-in");
      else if (response.status === 404) complain("Samtalet finns inte längre. Den unga kan ha raderat sina uppgifter.");
      else if (response.ok) merge(await response.text());
    } catch {
      // The network is away; the stream connects again by itself and says "changed".
    } finally {
      fetching = false;
      if (again) { again = false; refresh(); }
    }
  }

  function listen() {
    const stream = new EventSource(page);
    let broken = false;
    stream.addEventListener("changed", refresh);
    stream.addEventListener("signed-out", () => { stream.close(); location.assign("/console/sign-in"); });
    stream.addEventListener("open", () => { if (broken) { broken = false; complain(""); refresh(); } });
    stream.addEventListener("error", () => {
      broken = true;
      // A refused stream is not tried again by the browser.
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => { refresh(); listen(); }, 3000);
    });
    addEventListener("pagehide", () => stream.close(), { once: true });
  }

  async function send(form) {
    const button = form.querySelector("button[type=submit]");
    const field = form.querySelector("textarea");
    if (!field.value.trim()) { field.focus(); return; }
    button.disabled = true;
    try {
      const response = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Live": "1" },
        credentials: "same-origin",
      });
      const text = await response.text();
      if (!response.ok) {
        const refused = new DOMParser().parseFromString(text, "text/html").getElementById("refused");
        complain(refused ? refused.querySelector("h1").textContent + ". " + refused.querySelector("p").textContent
          : "Det gick inte att skicka. Försök igen.");
        refresh();
        return;
      }
      complain("");
      field.value = "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
      const fresh = merge(text);
      const key = fresh.querySelector("#reply")?.form.elements.namedItem("key");
      const mine = form.elements.namedItem("key");
      if (key && mine) mine.value = key.value;
      toEnd(scroller());
      field.focus();
    } catch {
      // The key of the form stays, so sending again cannot say it twice.
      complain("Det gick inte att skicka. Kontrollera nätet och försök igen.");
    } finally {
      button.disabled = false;
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("form[data-send]")) { event.preventDefault(); send(form); return; }
    if (event.defaultPrevented) return;
    // A second click on "Ta över" while the first is on its way does nothing.
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("form[data-send] textarea")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });

  document.addEventListener("visibilitychange", () => { if (page && !document.hidden) refresh(); });

  toEnd(scroller());
  // The place of the menu on a narrow screen: where we are stands in view.
  document.querySelector(".top > nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  if (page) listen();
})();
