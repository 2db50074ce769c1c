// The live half of the web chat. Everything also works without it (the page is one form).
// Nothing is kept: no cookie, no storage. What is typed stays in the page until it is sent.

import { follow } from "./stream.js";

const body = document.body;
const words = JSON.parse(body.dataset.words);
const language = body.dataset.language;
const limit = Number(body.dataset.limit);
const $ = (id) => document.getElementById(id);
const [form, text, log, scroll, typing, fault] = ["composer", "text", "log", "scroll", "typing", "fault"].map($);
const token = form.elements.token.value;
const leaving = new AbortController();

let after = Number(body.dataset.after);
let following = false;
let withPerson = body.dataset.with === "person";
let toldTyping = -Infinity;
const unsent = []; // messages on their way, in order

const say = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function element(tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

// -- showing --------------------------------------------------------------------------------------

const atBottom = () => Math.abs(scroll.scrollTop) < 60; // the scroller is reversed: 0 is the bottom
const toBottom = () => { scroll.scrollTop = 0; $("newer").hidden = true; };

function withLinks(paragraph, content) {
  let end = 0;
  for (const match of content.matchAll(/https?:\/\/[^\s<>"]*[^\s<>".,;:!?)]/g)) {
    paragraph.append(content.slice(end, match.index));
    const link = element("a", "", match[0]);
    Object.assign(link, { href: match[0], target: "_blank", rel: "noopener noreferrer" });
    paragraph.append(link);
    end = match.index + match[0].length;
  }
  paragraph.append(content.slice(end));
}

// Times are those of Sweden, as the bot says them: also on a phone that is set to another zone.
const zone = "Europe/Stockholm";
const clock = new Intl.DateTimeFormat("sv-SE", { hour: "2-digit", minute: "2-digit", timeZone: zone });
const dayKey = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone: zone });
const dayName = new Intl.DateTimeFormat(language === "sv" ? "sv-SE" : "en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: zone });

// A line between days, once the chat has gone on into another one.
function separateDays(at) {
  const key = dayKey.format(at);
  const before = body.dataset.day;
  body.dataset.day = key;
  if (!before || before === key) return;
  const today = dayKey.format(new Date());
  const name = dayName.format(at);
  log.insertBefore(element("p", "day", key === today ? words.today : name[0].toUpperCase() + name.slice(1)), typing);
}

function show({ author, name, text: content, buttons = [], seq = 0, at: instant }) {
  const at = instant ? new Date(instant) : new Date();
  // The days are those of the server: a phone with a wrong clock makes none of its own.
  if (instant) separateDays(at);
  const stay = !atBottom() && author !== "you";
  const message = element("div", `message ${author} fresh`);
  const bubble = element("p", "bubble");
  withLinks(bubble, content);
  const who = element("p", "who");
  const time = element("time", "", clock.format(at).replace(":", language === "sv" ? "." : ":"));
  time.dateTime = at.toISOString();
  who.append(element("span", "", name), " ", time);
  message.append(who, bubble);
  if (seq) message.dataset.seq = seq;
  if (buttons.length) {
    const group = element("div", "choices");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", words.choices);
    for (const button of buttons) {
      if (button.url) {
        const link = element("a", "choice", `${button.title} ↗`);
        Object.assign(link, { href: button.url, target: "_blank", rel: "noopener noreferrer" });
        group.append(link);
        continue;
      }
      const choice = element("button", "choice", button.title);
      Object.assign(choice, { type: "submit", name: "do", value: `press:${button.token}` });
      choice.setAttribute("form", "composer");
      group.append(choice);
    }
    message.append(group);
  }
  log.insertBefore(message, typing);
  scroll.classList.remove("first");
  if (stay) $("newer").hidden = false;
  else toBottom();
  return message;
}

function takeChoicesAway() {
  for (const group of log.querySelectorAll(".choices")) group.remove();
}

function tell(message) {
  fault.textContent = message;
  fault.hidden = !message;
}

function isOffline(offline) {
  $("offline").hidden = !offline;
}

function showState({ with: whom, person, typing: on }) {
  const name = { queue: "with_queue", person: person ? "with_person" : "with_some_person" }[whom] ?? "with_bot";
  const label = say(name, { name: person });
  if ($("with").textContent !== label) $("with").textContent = label;
  const stay = !atBottom();
  const writes = { person: person ? "typing_person" : "typing_some_person" }[whom] ?? "typing";
  typing.querySelector(".words").textContent = say(writes, { name: person });
  typing.hidden = !on;
  withPerson = whom === "person";
  $("human").hidden = withPerson;
  if (!stay) toBottom();
}

function over(receipt) {
  leaving.abort();
  takeChoicesAway();
  typing.hidden = true;
  show({ author: "system", name: words.system, text: receipt });
  const line = element("p", "over");
  const again = element("a", "button", words.start_over);
  again.href = `/chat?lang=${language}`;
  line.append(again);
  form.before(line);
  form.hidden = true;
  document.querySelector(".more").hidden = true;
  again.focus();
}

// -- receiving ------------------------------------------------------------------------------------

function handle(name, data) {
  if (name === "message" && !log.querySelector(`[data-seq="${data.seq}"]`)) {
    typing.hidden = true;
    show(data);
  }
  if (name === "message") after = Math.max(after, data.seq);
  if (name === "state") showState(data);
  if (name === "erased") over(data.text);
  if (name === "expired") tell(words.wrong_token);
}

function startFollowing() {
  if (following) return;
  following = true;
  const address = () => `/chat/events?after=${after}&lang=${language}`;
  follow({ address, token, signal: leaving.signal, handle, connected: (yes) => isOffline(!yes && !navigator.onLine) });
}

// -- sending --------------------------------------------------------------------------------------

function stateOf(entry, label, failed = false) {
  entry.state.className = failed ? "state failed" : "state";
  entry.state.replaceChildren(label);
  if (!failed) return;
  const again = element("button", "", words.again);
  again.type = "button";
  again.addEventListener("click", () => { text.focus(); sendAll(); });
  entry.state.append(again);
}

function queue(what, shown) {
  const message = show({ author: "you", name: words.you, text: shown });
  const entry = { id: newId(), what, message, state: element("p", "state") };
  entry.state.setAttribute("role", "status");
  message.append(entry.state);
  stateOf(entry, words.sending);
  unsent.push(entry);
  takeChoicesAway();
  tell("");
  sendAll();
}

async function post(path, content) {
  return fetch(`${path}?lang=${language}`, {
    method: "POST", cache: "no-store", signal: leaving.signal, body: JSON.stringify(content),
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
  });
}

let sending = false;

// One after the other, so that their order is kept; stops at the first that fails.
async function sendAll() {
  if (sending) return;
  sending = true;
  try {
    while (unsent.length && !leaving.signal.aborted) {
      if (!(await sendOne(unsent[0]))) break;
      unsent.shift();
    }
  } finally {
    sending = false;
  }
}

async function sendOne(entry) {
  stateOf(entry, words.sending);
  let response;
  try {
    response = await post("/chat/messages", { id: entry.id, ...entry.what });
  } catch (error) {
    if (leaving.signal.aborted) return false;
    isOffline(true);
    stateOf(entry, words.not_sent, true);
    return false;
  }
  isOffline(false);
  if (response.ok) {
    stateOf(entry, words.sent);
    startFollowing();
    return true;
  }
  if (response.status === 401) {
    // Too old a chat: the server draws a new page, with what was typed in its box.
    giveBack(unsent);
    form.submit();
    return false;
  }
  const answer = await response.json().catch(() => ({}));
  if ([400, 413, 422].includes(response.status)) {
    // It will never be taken as it is: back into the box with it.
    giveBack([entry]);
    entry.message.remove();
    tell(answer.next ?? words.malformed);
    return true;
  }
  stateOf(entry, words.not_sent, true);
  tell(answer.next ?? words.database_down);
  if (response.status === 429) setTimeout(sendAll, 1000 * Number(response.headers.get("Retry-After") ?? 5));
  // The receipt comes by the stream, and ends the chat.
  if (response.status === 410) startFollowing();
  return false;
}

function giveBack(entries) {
  const texts = entries.map((one) => one.what.text).filter(Boolean);
  text.value = [...texts, text.value].join("\n").trim();
  count();
}

function sendText() {
  const content = text.value.trim();
  if (!content) { text.focus(); return; }
  text.value = "";
  toldTyping = -Infinity;
  count();
  queue({ text: content }, content);
}

// -- what a visitor does --------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  const [verb, ...rest] = (event.submitter?.value ?? "send").split(":");
  const value = rest.join(":");
  if (verb === "language") {
    // The page is drawn anew: what could not be sent goes back into the box.
    giveBack(unsent);
    return;
  }
  event.preventDefault();
  if (verb === "send") sendText();
  if (verb === "human") queue({ button: "human" }, words.human);
  if (verb === "code") showCode();
  if (verb === "press") {
    queue({ button: value }, event.submitter.textContent);
    // The button is gone: with a keyboard, go on in the box; on a phone that would hide the answer.
    (matchMedia("(pointer: fine)").matches ? text : scroll).focus();
  }
});

// Without this script Enter makes a new line: what it does is told from now on.
$("keys").hidden = false;
text.setAttribute("aria-describedby", "keys counter");
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  sendText();
});

function count() {
  const length = [...text.value].length;
  $("counter").textContent = length > limit ? say("counter", { count: length.toLocaleString(language), limit: limit.toLocaleString(language) }) : "";
  text.rows = Math.min(6, text.value.split("\n").length);
}
text.addEventListener("input", count);

// A person is told that one types, never what: nothing of the box is sent along. The bot is told nothing.
text.addEventListener("input", () => {
  if (!withPerson || !text.value.trim() || performance.now() - toldTyping < 3000) return;
  toldTyping = performance.now();
  fetch("/chat/typing", {
    method: "POST", cache: "no-store", signal: leaving.signal, headers: { Authorization: `Bearer ${token}` },
  }).catch(() => {});
});

async function showCode() {
  tell("");
  try {
    const response = await post("/chat/resume-code", {});
    const answer = await response.json();
    if (!response.ok) { tell(answer.next); return; }
    $("code").querySelector("strong").textContent = answer.code;
    $("code").hidden = false;
  } catch (error) {
    if (!leaving.signal.aborted) tell(words.database_down);
  }
}

scroll.addEventListener("scroll", () => { if (atBottom()) $("newer").hidden = true; });
$("newer").addEventListener("click", () => { toBottom(); scroll.focus(); });
addEventListener("offline", () => isOffline(true));
addEventListener("online", () => { isOffline(false); sendAll(); });

// -- leaving fast ---------------------------------------------------------------------------------

function leave() {
  leaving.abort();
  document.title = " ";
  body.replaceChildren();
  location.replace(body.dataset.leave);
}

$("leave").addEventListener("click", (event) => { event.preventDefault(); leave(); });
$("leave").title = words.leave_hint;

let escapedAt = -Infinity;
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (event.timeStamp - escapedAt < 1500) leave();
  escapedAt = event.timeStamp;
});

// A page that comes back from the browser's memory is not shown to the next person.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

count();
if (body.dataset.started === "yes") startFollowing();
