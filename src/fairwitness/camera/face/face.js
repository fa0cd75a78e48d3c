// The camera's face: presses go out with their times, the state comes in, signals are heard and felt.
"use strict";

const find = (id) => document.getElementById(id);
const KEYS = { e: "event", f: "function", b: "battery" };
const COLOURS = {
  "off": "#2b3335",
  "solid red": "#ff4034",
  "blinks red": "#ff4034",
  "blinks green": "#4fd06a",
  "blinks blue": "#5aa9ff",
  "solid blue": "#5aa9ff",
  "green": "#4fd06a",
  "yellow": "#ffd23f",
  "red": "#ff4034",
  "blinks red and yellow": "#ffd23f",
};
const down = new Map(); // the buttons that are down, and since when
let sending = Promise.resolve();
let state = null;
let got = 0; // when the state came
let heard = null; // the number of the last signal that was heard
let sounds = null;

// What goes out: in order, each with how long ago it happened.

function send(what) {
  const happened = performance.now();
  sending = sending.then(() => {
    const body = JSON.stringify({ ...what, ago_ms: Math.round(performance.now() - happened) });
    return fetch("/act", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  }).catch(() => {});
}

function press(button) {
  wakeSounds();
  if (down.has(button)) return;
  down.set(button, performance.now());
  send({ do: "press", button });
  showDown(button, true);
}

function release(button) {
  if (!down.has(button)) return;
  const ms = performance.now() - down.get(button);
  down.delete(button);
  send({ do: "release", button });
  showDown(button, false);
  find("held").textContent = `${button[0].toUpperCase()}${button.slice(1)}: held ${(ms / 1000).toFixed(1)} s.`;
}

function showDown(button, is) {
  document.querySelectorAll(`[data-button="${button}"]`).forEach((one) => one.classList.toggle("is-down", is));
}

function releaseAll() {
  [...down.keys()].forEach(release);
}

document.querySelectorAll("[data-button]").forEach((one) => {
  const button = one.dataset.button;
  one.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    one.setPointerCapture(event.pointerId);
    press(button);
  });
  ["pointerup", "pointercancel", "lostpointercapture"].forEach((kind) =>
    one.addEventListener(kind, () => release(button)));
  one.addEventListener("contextmenu", (event) => event.preventDefault());
  one.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) press(button);
  });
  one.addEventListener("keyup", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    release(button);
  });
  one.addEventListener("click", (event) => {
    if (event.detail !== 0) return; // a pointer's: it was a real press already
    press(button); // from a screen reader or a switch: a short press
    setTimeout(() => release(button), 100);
  });
});

function typing(target) {
  return target.closest("input:not([type=checkbox]), textarea, select") !== null;
}

document.addEventListener("keydown", (event) => {
  const button = KEYS[event.key.toLowerCase()];
  if (!button || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (find("keys").checked && !typing(event.target)) press(button);
});
document.addEventListener("keyup", (event) => {
  const button = KEYS[event.key.toLowerCase()];
  if (button) release(button);
});
window.addEventListener("blur", releaseAll);
document.addEventListener("visibilitychange", releaseAll);

document.querySelectorAll("[data-do]").forEach((one) =>
  one.addEventListener("click", () => { wakeSounds(); send({ do: one.dataset.do }); }));
find("power").addEventListener("click", () => { wakeSounds(); send({ do: state.on ? "off" : "boot" }); });
find("cable-button").addEventListener("click", () => send({ do: state.cable ? "cable-out" : "cable-in" }));
find("dock-button").addEventListener("click", () => send({ do: state.docked ? "undock" : "dock" }));

// Signals: heard, felt, and written.

const PACES = { ordinary: [160, 140], quick: [90, 70], long: [1000, 200] };

function wakeSounds() {
  if (!sounds && "AudioContext" in window) sounds = new AudioContext();
  if (sounds && sounds.state === "suspended") sounds.resume();
}

function beep(count, pace) {
  if (!sounds || !find("sound").checked) return;
  const [on, off] = PACES[pace];
  for (let number = 0; number < count; number += 1) {
    const from = sounds.currentTime + number * (on + off) / 1000;
    const tone = sounds.createOscillator();
    const loudness = sounds.createGain();
    tone.frequency.value = 2000;
    loudness.gain.setValueAtTime(0, from);
    loudness.gain.linearRampToValueAtTime(0.2, from + 0.01);
    loudness.gain.setValueAtTime(0.2, from + on / 1000 - 0.02);
    loudness.gain.linearRampToValueAtTime(0, from + on / 1000);
    tone.connect(loudness).connect(sounds.destination);
    tone.start(from);
    tone.stop(from + on / 1000);
  }
}

function buzz(count, pace) {
  const active = navigator.userActivation ? navigator.userActivation.hasBeenActive : false;
  if (!count || !active || !("vibrate" in navigator)) return;
  navigator.vibrate(Array(count).fill(PACES[pace]).flat());
}

function hear(said) {
  const last = said.length ? said[said.length - 1].number : 0;
  if (heard === null || last < heard) heard = last; // what was said before the page was opened
  said.filter((one) => one.number > heard && one.caption).forEach((one) => {
    beep(one.beeps, one.pace);
    buzz(one.buzzes, one.pace);
  });
  heard = last;
  const signals = said.filter((one) => one.caption);
  const newest = signals[signals.length - 1];
  if (!newest) return;
  write("caption", newest.caption);
  const every = newest.every_ms ? `. Repeats every ${newest.every_ms / 1000} s while it holds` : "";
  write("caption-words", `${newest.words}${every}. At ${time(newest.at)}`);
}

// What comes in.

function write(id, text) {
  const place = find(id);
  if (place.textContent !== text) place.textContent = text;
}

function show(id, is) {
  find(id).toggleAttribute("hidden", !is);
}

function time(iso) {
  return new Date(iso).toLocaleTimeString("en-GB", { timeZone: "Europe/London" });
}

function long(seconds) {
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function showLights(lights) {
  document.querySelectorAll("[data-light]").forEach((one) => {
    const shown = lights[one.dataset.light];
    one.setAttribute("fill", COLOURS[shown]);
    one.classList.toggle("lamp", shown.startsWith("blinks"));
  });
  document.querySelectorAll("[data-shown=public]").forEach((one) => {
    one.toggleAttribute("hidden", lights.public === "off");
    one.classList.toggle("lamp", lights.public !== "off");
  });
  Object.keys(lights).forEach((name) => write(`l-${name}`, lights[name]));
  const told = `The camera’s face. Operation light: ${lights.operation}. Function light: ${lights.function}. ` +
    `To the public: ${lights.public}.`;
  find("drawing").setAttribute("aria-label", told);
}

function showUses(uses) {
  document.querySelectorAll(".cam-button").forEach((one) => {
    const mine = uses.filter((use) => use.button === one.dataset.button);
    const key = JSON.stringify(mine);
    if (one.dataset.uses === key) return;
    one.dataset.uses = key;
    one.querySelectorAll("span").forEach((old) => old.remove());
    mine.forEach((use) => {
      const line = document.createElement("span");
      const how = document.createElement("i");
      how.textContent = `${use.how}: `;
      line.append(how, use.does);
      line.classList.toggle("is-idle", !use.works);
      one.append(line);
    });
  });
}

function showSaid(said) {
  const rows = [...said].reverse().slice(0, 20).map((one) => {
    const row = document.createElement("tr");
    const cells = [time(one.at), one.beeps || "none", one.buzzes || "none", one.light, one.words];
    cells.forEach((text) => {
      const cell = document.createElement("td");
      cell.textContent = text;
      row.append(cell);
    });
    return row;
  });
  find("said").replaceChildren(...rows);
}

function showDock(now) {
  const { names, seconds, received, volume, bay } = now.stored;
  const count = names.length === 1 ? "1 recording" : `${names.length} recordings`;
  const more = received ? `; ${received} received by the server and erased` : "";
  write("stored", names.length ? `${count}, ${long(seconds)}${more}` : `nothing${more}`);
  let words = "They are erased only after a checked receipt.";
  if (now.docked && bay) words = "In its bay. The dock takes what is on it; lights on the dock say how far it is.";
  else if (now.docked) words = `In its bay. A dock takes what is on it: fairwitness dock --volume ${volume}`;
  write("docking", words);
  write("dock-button", now.docked ? "Take it out of the dock" : now.recording ? "Stop, and dock it" : "Dock it");
  if (find("names").childElementCount !== names.length) {
    find("names").replaceChildren(...names.map((name) => {
      const item = document.createElement("li");
      item.textContent = name;
      return item;
    }));
  }
}

function showPeople(people) {
  show("tell", people && people.told === null);
  show("told", people && people.told !== null);
  if (!people) return;
  write("say", people.say);
  write("told", people.told ? "Noted: people were told." : "Noted: telling people was not practicable.");
}

function showRecording(now) {
  const made = now.recording;
  find("state-line").classList.toggle("is-idle", !made);
  show("life", made);
  write("number", made ? `The ${made.buffer_seconds} seconds before are in, without sound. ` +
    `Recording number ${made.number}. Markers: ${made.markers}.` : "");
  if (!made) return;
  write("life-name", made.name);
  write("life-since", time(made.since));
  write("life-day", now.deletes);
}

function take(now) {
  state = now;
  got = performance.now();
  document.title = `Camera ${now.serial}: ${now.state} - Fairwitness`;
  write("serial", now.serial);
  document.querySelectorAll(".drawn-serial").forEach((one) => { one.textContent = now.serial; });
  show("draw-body2", now.profile === "body2");
  show("draw-flex2", now.profile === "flex2");
  show("worn-chest", now.mount === "chest");
  show("worn-helmet", now.mount !== "chest");
  write("mount", now.mount[0].toUpperCase() + now.mount.slice(1));
  write("kind", `${now.title}, ${now.lens}° lens${now.cable === null ? ", one piece" : ", with cable"}`);
  write("state", now.state);
  write("sentence", now.sentence);
  show("trouble", now.trouble);
  write("trouble", now.trouble || "");
  write("power", now.on ? "Switch off" : "Switch on");
  show("power", !now.docked);
  show("cable-button", now.cable !== null);
  write("cable-button", now.cable ? "Pull the cable out" : "Put the cable in");
  find("cable").classList.toggle("is-out", now.cable === false);
  const level = now.levels;
  write("charge", `${level.battery}%, about ${Math.floor(level.minutes_left / 60)} h ${level.minutes_left % 60} min`);
  write("memory", `${level.memory_used}% used, ${level.memory}`);
  write("buffer", `${level.buffered_seconds} of ${level.buffer_seconds} s in memory`);
  write("time", level.clock);
  write("settings", level.settings);
  showLights(now.lights);
  showUses(now.uses);
  showRecording(now);
  showPeople(now.people);
  showDock(now);
  hear(now.said);
  showSaid(now.said);
}

function tick() {
  if (!state) return;
  const made = state.recording;
  const seconds = made ? Math.max(0, Math.floor((made.lasts_ms + performance.now() - got) / 1000)) : 0;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  write("clock", made ? parts.map((part) => String(part).padStart(2, "0")).join(":") : "");
  down.forEach((since, button) => {
    const held = ((performance.now() - since) / 1000).toFixed(1);
    write("held", `${button[0].toUpperCase()}${button.slice(1)}: held ${held} s …`);
  });
}

async function watch() {
  for (;;) {
    try {
      const answer = await fetch(`/state${state ? `?after=${state.version}` : ""}`);
      take(await answer.json());
      show("away", false);
    } catch {
      show("away", true);
      await new Promise((done) => { setTimeout(done, 2000); });
    }
  }
}

function look() {
  const films = state !== null && ["buffering", "recording"].includes(state.mode);
  if (films && !document.hidden) find("picture").src = `/picture.jpg?${Math.round(performance.now())}`;
  show("picture", films);
  show("no-picture", !films);
}

watch();
setInterval(look, 1000);
setInterval(tick, 100);
