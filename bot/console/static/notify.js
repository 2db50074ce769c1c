// Sound, notifications and shortcuts: only for who has asked for them, and only in this browser.
// A notification says that somebody waits, never who or what.
"use strict";
(() => {
  // A menu closes when one goes elsewhere. Without this script it closes where it was opened.
  const menus = [...document.querySelectorAll("details.menu")];
  document.addEventListener("click", (event) => {
    for (const one of menus) if (one.open && !one.contains(event.target)) one.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const one of menus) if (one.open) { one.open = false; one.querySelector("summary").focus(); }
  });

  const menu = document.getElementById("alerts-menu");
  if (!menu) return;
  menu.hidden = false;
  const [sound, notice, keys] = ["want-sound", "want-notice", "want-keys"].map((id) => document.getElementById(id));
  const fault = document.getElementById("notice-fault");
  const wants = (name, otherwise) => localStorage.getItem(name) ?? otherwise;

  sound.checked = wants("sound", "no") === "yes";
  keys.checked = wants("keys", "yes") === "yes";
  notice.checked = wants("notice", "no") === "yes" && "Notification" in window && Notification.permission === "granted";
  for (const [box, name] of [[sound, "sound"], [keys, "keys"]]) {
    box.addEventListener("change", () => {
      localStorage.setItem(name, box.checked ? "yes" : "no");
      if (box === sound && box.checked) chime(false);
    });
  }
  notice.addEventListener("change", async () => {
    fault.hidden = true;
    if (notice.checked && (!("Notification" in window) || (await Notification.requestPermission()) !== "granted")) {
      notice.checked = false;
      fault.textContent = "Webbläsaren tillåter inte aviseringar för den här sidan. Slå på dem i webbläsarens inställningar.";
      fault.hidden = false;
    }
    localStorage.setItem("notice", notice.checked ? "yes" : "no");
  });
  // -- telling ------------------------------------------------------------------------------------

  let audio = null;
  function chime(danger) {
    audio ??= new AudioContext();
    const tones = danger ? [880, 660, 880] : [660, 880];
    tones.forEach((tone, number) => {
      const [voice, volume] = [audio.createOscillator(), audio.createGain()];
      const begin = audio.currentTime + number * 0.16;
      voice.frequency.value = tone;
      volume.gain.setValueAtTime(0, begin);
      volume.gain.linearRampToValueAtTime(0.12, begin + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.3);
      voice.connect(volume).connect(audio.destination);
      voice.start(begin);
      voice.stop(begin + 0.32);
    });
  }

  function read() {
    const { waiting, unread, calls, danger } = document.getElementById("counts").dataset;
    return { waiting: +waiting, unread: +unread, calls: +calls, danger: +danger };
  }

  let before = read();
  document.addEventListener("console:merged", () => {
    const after = read();
    const text = after.danger > before.danger ? "Tecken på fara. Öppna konsolen."
      : after.calls > before.calls ? "Ett nytt larm."
      : after.waiting > before.waiting ? "Någon väntar på en människa."
      : after.unread > before.unread ? "Nytt meddelande i en av dina chattar." : "";
    const danger = after.danger > before.danger;
    before = after;
    if (!text) return;
    if (sound.checked) chime(danger);
    if (notice.checked && document.hidden) {
      const shown = new Notification("Tillbaka", { body: text, tag: "tillbaka", requireInteraction: danger });
      shown.addEventListener("click", () => { window.focus(); location.assign("/console/"); shown.close(); });
    }
  });

  // -- shortcuts ----------------------------------------------------------------------------------

  const press = (id) => document.getElementById(id)?.click();
  const focus = (id) => document.getElementById(id)?.focus();
  function step(by) {
    const links = [...document.querySelectorAll(".chatlist a.cover")];
    if (!links.length) return;
    const here = links.findIndex((one) => one === document.activeElement || one.getAttribute("aria-current"));
    const next = links[(here + by + links.length) % links.length] ?? links[0];
    if (document.querySelector(".inbox")) next.click();
    else next.focus();
  }
  const does = {
    j: () => step(1), k: () => step(-1), r: () => focus("reply"), n: () => focus("note"), t: () => press("take"),
    i: () => location.assign("/console/chats"), o: () => location.assign("/console/"),
  };
  document.addEventListener("keydown", (event) => {
    if (!keys.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const act = does[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
