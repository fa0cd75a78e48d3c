/* Bring in footage: ask what is needed, read each file, then send it by the upload path (tus 1.0).
   Nothing is remembered here: a file is known by its bytes, so whoever chooses it again goes on. */
import { Sha256 } from "./sha256.js";

const PART = 4 << 20; // bytes read at a time
const SEND = 4 * 16776920; // bytes in one request: four full pieces (docs/specs/sealed-piece.md)
const LONGEST_WAIT = 30; // seconds between two tries
const byId = (id) => document.getElementById(id);
const form = byId("bring-in");
const work = byId("work");
const list = byId("files");
const pauseButton = byId("pause");
let request = null; // the bytes on their way
let wake = null; // ends the wait between two tries
let paused = false;
let busy = false;

byId("no-script").hidden = true;

/* The forms are there while nothing is on its way. */
const forms = (shown) => {
  form.hidden = !shown;
  if (byId("begun")) byId("begun").hidden = !shown || !byId("begun").querySelector("li");
};
forms(true);

/* An answer that people can act on; `retry` when it may be better by itself in a moment. */
class Trouble extends Error {
  constructor(message, { retry = false, wait = false } = {}) {
    super(message);
    this.retry = retry;
    this.wait = wait;
  }
}
const CUT = "The line is cut. What came is kept.";
const SIGNED_OUT = "You are signed out. Sign in again in another window, then press Go on.";

const say = (text) => { byId("said").textContent = text; };
const size = (bytes) => (bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`);

/* A page's answer, or the reason in words. */
const ask = async (path, body) => {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]*)/);
  const headers = { "X-CSRFToken": token ? token[1] : "" };
  let answer;
  try {
    answer = await fetch(path, body === undefined ? {} : { method: "POST", headers, body });
  } catch {
    throw new Trouble(CUT, { retry: true });
  }
  if (answer.redirected) throw new Trouble(SIGNED_OUT, { wait: true });
  if (answer.status === 413) throw new Trouble("This is too much for the page: choose fewer files, or a shorter list.");
  if (answer.status >= 500) throw new Trouble("The server can’t do this now.", { retry: true });
  if (!(answer.headers.get("content-type") || "").startsWith("application/json")) {
    throw new Trouble("This page is too old. Load it again, and choose the files again.");
  }
  const said = await answer.json();
  if (!answer.ok) throw new Trouble(said.message);
  return said;
};

/* One file's place in the list: its name, what is happening to it, how far it is. */
class Row {
  constructor(name) {
    this.item = document.createElement("li");
    this.item.className = "tight";
    const title = document.createElement("p");
    title.append(Object.assign(document.createElement("b"), { textContent: name }));
    this.words = document.createElement("p");
    this.bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
    this.bar.setAttribute("aria-label", `How far ${name} is`);
    this.item.append(title, this.words, this.bar);
    list.append(this.item);
    this.name = name;
    this.quarter = 0;
  }

  tell(words, { aloud = true } = {}) {
    this.words.textContent = words;
    if (aloud) say(`${this.name}: ${words}`);
  }

  /* Shown all the time, said aloud at each quarter. */
  progress(verb, done, of) {
    const percent = Math.floor((done / of) * 100);
    this.bar.value = percent;
    const quarter = Math.floor(percent / 25);
    this.tell(`${verb}: ${percent}% of ${size(of)}.`, { aloud: quarter > this.quarter });
    this.quarter = quarter;
  }

  end(words, href) {
    this.bar.hidden = true;
    this.tell(words);
    if (!href) return;
    const link = Object.assign(document.createElement("a"), { href, textContent: "Its page" });
    link.setAttribute("aria-label", `The page of ${this.name}`);
    this.words.append(" ", link);
  }
}

const part = async (file, from, to) => {
  try {
    return new Uint8Array(await file.slice(from, to).arrayBuffer());
  } catch {
    throw new Trouble("The file can’t be read any more. Is it still there, and unchanged? Choose it again.");
  }
};

const digest = async (file, row) => {
  const hash = new Sha256();
  for (let at = 0; at < file.size; at += PART) {
    hash.update(await part(file, at, at + PART));
    row.progress("Being read here", Math.min(file.size, at + PART), file.size);
  }
  row.quarter = 0;
  row.bar.value = 0;
  return hash.hex();
};

/* Send the bytes from `offset` on, a few pieces; how many are then durable. */
const patch = (begun, file, offset, row) => new Promise((done, failed) => {
  request = new XMLHttpRequest();
  request.open("PATCH", `/uploads/${begun.upload}`);
  const headers = {
    "Tus-Resumable": "1.0.0",
    "Upload-Offset": String(offset),
    "Upload-Pass": begun.pass,
    "Content-Type": "application/offset+octet-stream",
  };
  Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
  request.upload.addEventListener("progress", (event) => row.progress("Being sent", Math.min(file.size, offset + event.loaded), file.size));
  request.addEventListener("load", () => {
    if (request.status === 204) done(Number(request.getResponseHeader("Upload-Offset")));
    else failed(refused(request.status, request.responseText));
  });
  request.addEventListener("error", () => failed(new Trouble(CUT, { retry: true })));
  request.addEventListener("abort", () => failed(new Trouble("Paused. What came is kept.", { wait: true })));
  request.send(file.slice(offset, offset + SEND));
});

const refused = (status, text) => {
  let message = "The server did not take these bytes.";
  try { message = JSON.parse(text).message; } catch { /* an answer of something on the way */ }
  if (status === 401) return new Trouble(SIGNED_OUT, { wait: true });
  if (status === 423) return new Trouble("Another window sends this file. Close one of them, then press Go on.", { wait: true });
  if (status === 507) return new Trouble(`${message} What came is kept.`, { wait: true });
  return new Trouble(message, { retry: status >= 500 || status === 408 || status === 409 });
};

const where = async (begun) => {
  let answer;
  try {
    answer = await fetch(`/uploads/${begun.upload}`, { method: "HEAD", headers: { "Tus-Resumable": "1.0.0", "Upload-Pass": begun.pass } });
  } catch {
    throw new Trouble(CUT, { retry: true });
  }
  if (!answer.ok) throw refused(answer.status, "");
  return Number(answer.headers.get("Upload-Offset"));
};

const sendOnce = async (file, ticket, row) => {
  const begun = await ask("/bring-in/begin", new URLSearchParams({ ticket }));
  if (begun.state !== "receiving") return begun;
  let offset = await where(begun);
  while (offset < file.size) {
    if (paused) throw new Trouble("Paused. What came is kept.", { wait: true });
    await part(file, offset, offset + 1);
    row.progress("Being sent", offset, file.size);
    offset = await patch(begun, file, offset, row);
    row.tries = 0;
  }
  return begun;
};

const pauseFor = (seconds) => new Promise((done) => {
  const timer = seconds === undefined ? 0 : setTimeout(done, seconds * 1000);
  wake = () => { clearTimeout(timer); done(); };
});

const untilGoOn = async () => {
  paused = true;
  pauseButton.textContent = "Go on";
  await pauseFor();
};

/* Do it until it is done: alone after a cut, or when somebody presses Go on. */
const persist = async (act, row) => {
  row.tries = 0;
  for (;;) {
    try {
      return await act();
    } catch (trouble) {
      if (!(trouble instanceof Trouble) || !(trouble.retry || trouble.wait)) throw trouble;
      if (trouble.retry && !paused) {
        const seconds = Math.min(LONGEST_WAIT, 2 ** row.tries);
        row.tries += 1;
        row.tell(`${trouble.message} Tried again in ${seconds} s.`, { aloud: row.tries === 1 });
        await pauseFor(seconds);
      } else {
        row.tell(trouble.message);
        await untilGoOn();
      }
    }
  }
};

const outcome = async (begun, row) => {
  for (;;) {
    const found = await ask(`/bring-in/uploads/${begun.upload}?before=${begun.before ? 1 : 0}`);
    if (found.state !== "verifying") return found;
    row.bar.removeAttribute("value");
    row.tell("All is here. It is read back and checked.", { aloud: row.quarter < 9 });
    row.quarter = 9;
    await pauseFor(1);
  }
};

const bring = async (file, ticket, row, note) => {
  try {
    const begun = await persist(() => sendOnce(file, ticket, row), row);
    const found = await persist(() => outcome(begun, row), row);
    if (found.state === "ended") throw new Trouble(`${found.message[0].toUpperCase()}${found.message.slice(1)}`);
    row.end(found.message[0].toUpperCase() + found.message.slice(1) + (note ? ` ${note}` : ""), found.href);
    return true;
  } catch (trouble) {
    row.end(trouble instanceof Trouble ? trouble.message : "Something went wrong on this page. Load it again, and choose the file again.");
    return false;
  }
};

const showProblems = (found) => {
  const rows = found.problems.map((each) => ({ ...each, what: each.message }));
  const passed = found.passed.map((each) => ({ name: each.name, line: null, what: `Passed over: ${each.why}.` }));
  byId("problems").hidden = !rows.length && !passed.length;
  byId("verdict").textContent = found.refused
    ? "Nothing was sent. Mend this, and check again."
    : "These stay behind; the others come in.";
  byId("problems").querySelector("ul").replaceChildren(...[...rows, ...passed].map((each) => {
    const item = document.createElement("li");
    const which = [each.line === null ? "" : `Line ${each.line}`, each.name].filter(Boolean).join(", ");
    if (which) item.append(Object.assign(document.createElement("b"), { textContent: `${which}:` }), " ");
    item.append(each.what);
    return item;
  }));
  if (found.refused) say(`Nothing was sent. ${rows.length} to mend.`);
};

/* One thing at a time: the forms wait while files are on their way. */
const during = async (act) => {
  if (busy) return;
  busy = true;
  paused = false;
  forms(false);
  list.replaceChildren();
  byId("problems").hidden = true;
  work.hidden = false;
  byId("pausing").hidden = true;
  byId("sending").focus();
  try {
    await act();
  } catch (trouble) {
    const message = trouble instanceof Trouble ? trouble.message.replace("then press Go on", "then check again") : "Something went wrong on this page. Load it again.";
    showProblems({ refused: true, problems: [{ name: "", line: null, message }], passed: [] });
    say(message);
  } finally {
    busy = false;
    if (document.activeElement === pauseButton) byId("sending").focus();
    byId("pausing").hidden = true;
    forms(true);
  }
};

const sendAll = async (jobs) => {
  pauseButton.textContent = "Pause";
  byId("pausing").hidden = false;
  let all = true;
  for (const { file, ticket, row, note, sha256 } of jobs) {
    if (!(await bring(file, ticket, row, note))) all = false;
    else document.querySelector(`[data-sha256="${sha256}"]`)?.closest("li").remove();
  }
  say("Done. What became of each file is in the list.");
  if (all) form.reset();
  byId("about").hidden = byId("list").files.length > 0;
};

const listed = async () => {
  const file = byId("list").files[0];
  if (!file) return null;
  if (file.size > Number(form.dataset.mostList)) throw new Trouble("The list is too long for this page. Divide it, or use the command fairwitness import.");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await part(file, 0, file.size));
  } catch (trouble) {
    throw trouble instanceof Trouble ? trouble : new Trouble("The list is no text in UTF-8. Save it as CSV in UTF-8.");
  }
};

const fromForm = async () => {
  const files = [...byId("chosen").files];
  const listing = await listed();
  const told = {};
  if (listing === null) document.querySelectorAll("[data-told]").forEach((each) => { told[each.id] = each.value.trim(); });
  const asked = { came_from: byId("came_from").value.trim(), why: byId("why").value.trim(), told, listing };
  const question = (digests) => JSON.stringify({
    ...asked,
    files: files.map((file, place) => ({ name: file.name, size: file.size, sha256: digests ? digests[place] : "" })),
  });
  say("Asking what is needed.");
  let found = await ask("/bring-in/ask", question(null));
  showProblems(found);
  if (found.refused) return;
  const rows = new Map(files.map((file) => [file.name, new Row(file.name)]));
  const digests = [];
  for (const file of files) digests.push(await digest(file, rows.get(file.name)));
  found = await ask("/bring-in/ask", question(digests));
  showProblems(found);
  const coming = new Map(found.files.map((each) => [each.name, each]));
  const jobs = [];
  for (const file of files) {
    const row = rows.get(file.name);
    const may = coming.get(file.name);
    if (may) {
      row.tell(`Waits for its turn. ${may.said}`, { aloud: Boolean(may.said) });
      const note = may.said.includes("same bytes") ? may.said : "";
      jobs.push({ file, ticket: may.ticket, row, note, sha256: digests[files.indexOf(file)] });
    } else row.item.remove();
  }
  if (jobs.length) await sendAll(jobs);
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  during(fromForm);
});

byId("list").addEventListener("change", () => { byId("about").hidden = byId("list").files.length > 0; });

document.querySelectorAll("[data-ticket]").forEach((input) => {
  input.addEventListener("change", () => during(async () => {
    const [file] = input.files;
    const other = `This is not ${input.dataset.name} as it was begun: choose the very same file.`;
    if (file.size !== Number(input.dataset.size)) throw new Trouble(other);
    const row = new Row(input.dataset.name);
    if ((await digest(file, row)) !== input.dataset.sha256) {
      row.item.remove();
      throw new Trouble(other);
    }
    await sendAll([{ file, ticket: input.dataset.ticket, row, note: "", sha256: input.dataset.sha256 }]);
  }));
});

pauseButton.addEventListener("click", () => {
  paused = !paused;
  pauseButton.textContent = paused ? "Go on" : "Pause";
  if (paused && request) request.abort();
  if (!paused && wake) wake();
});
window.addEventListener("online", () => { if (!paused && wake) wake(); });
window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
