/* Checks one entry of the log here, in the visitor's browser: docs/specs/log-proof.md, Checking.
   Nothing is asked of the server: all that is read stands in the boxes of the page, and can be
   changed there to see what a check says of it. */
import { Sha256 } from "./sha256.js";

const byId = (id) => document.getElementById(id);
const utf8 = (text) => new TextEncoder().encode(text);
const fromHex = (text) => {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Failed("it is not hexadecimal");
  return Uint8Array.from(text.match(/../g) || [], (two) => parseInt(two, 16));
};
const fromBase64 = (text) => {
  let raw;
  try { raw = atob(text); } catch { throw new Failed("a line of it is not base64"); }
  if (btoa(raw) !== text) throw new Failed("a line of it is not canonical base64");
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
};
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const hash = (...parts) => {
  const sum = new Sha256();
  parts.forEach((part) => sum.update(Uint8Array.from(part)));
  return fromHex(sum.hex());
};
const same = (one, other) => toHex(one) === toHex(other);

/* A check that did not hold, in words; everything after it that rests on it is not tried. */
class Failed extends Error {}

/* The entry's public name, made anew from what the box says. */
const nameOf = (entry, salt) => {
  if (salt.length !== 16) throw new Failed("the salt is not 16 bytes long");
  return hash([0], [1], hash(salt, utf8(entry)));
};

const parseProof = (text) => {
  const cut = text.indexOf("\n\n");
  const lines = text.slice(0, cut).split("\n");
  if (cut < 0 || lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Failed("it is no log proof");
  const index = /^index (0|[1-9][0-9]{0,18})$/.exec(lines.shift() || "");
  if (!index || lines.length > 63) throw new Failed("it does not say which place the entry has");
  const hashes = lines.map(fromBase64);
  if (hashes.some((each) => each.length !== 32)) throw new Failed("a hash of it has the wrong length");
  return { index: BigInt(index[1]), hashes, checkpoint: text.slice(cut + 2) };
};

const parseCheckpoint = (text) => {
  const cut = text.lastIndexOf("\n\n");
  const lines = text.slice(0, cut + 1).split("\n");
  if (cut < 0 || lines.length !== 4 || !/^(0|[1-9][0-9]*)$/.test(lines[1])) {
    throw new Failed("the checkpoint is not of the form that it should have");
  }
  const signatures = text.slice(cut + 2).split("\n").slice(0, -1).map((line) => {
    const found = /^\u2014 (\S+) (\S+)$/.exec(line);
    if (!found) throw new Failed("a signature of the checkpoint is malformed");
    const raw = fromBase64(found[2]);
    return { name: found[1], id: raw.slice(0, 4), bytes: raw.slice(4) };
  });
  return { signed: text.slice(0, cut + 1), origin: lines[0], size: BigInt(lines[1]), root: fromBase64(lines[2]), signatures };
};

/* RFC 9162, 2.1.3.2: from the leaf hash up to the root. */
const rootFrom = (leaf, proof, size) => {
  let at = proof.index;
  let last = size - 1n;
  if (at > last) throw new Failed("the place is not below the number of entries");
  let sum = leaf;
  for (const each of proof.hashes) {
    if (last === 0n) throw new Failed("it has more hashes than the tree needs");
    if (at % 2n === 1n || at === last) {
      sum = hash([1], each, sum);
      while (at % 2n === 0n && at !== 0n) { at /= 2n; last /= 2n; }
    } else {
      sum = hash([1], sum, each);
    }
    at /= 2n;
    last /= 2n;
  }
  if (last !== 0n) throw new Failed("it has fewer hashes than the tree needs");
  return sum;
};

const parseKey = (text) => {
  const found = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim());
  const material = found && fromBase64(found[3]);
  if (!found || material.length !== 33 || material[0] !== 1) {
    throw new Failed("the key is not a verifier key of a log");
  }
  const id = hash(utf8(`${found[1]}\n`), material).slice(0, 4);
  if (toHex(id) !== found[2]) throw new Failed("the key’s own number does not match it");
  return { name: found[1], id, raw: material.slice(1) };
};

/* Whether this browser can check Ed25519; null when it can't, and then nothing is claimed. */
const signedBy = async (key, checkpoint) => {
  if (checkpoint.origin !== key.name) throw new Failed("the checkpoint is of another log than the key");
  const mine = checkpoint.signatures.filter((each) => each.name === key.name && same(each.id, key.id));
  if (!mine.length) throw new Failed("this key did not sign the checkpoint");
  let made;
  try {
    made = await crypto.subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
  for (const each of mine) {
    const holds = await crypto.subtle.verify({ name: "Ed25519" }, made, each.bytes, utf8(checkpoint.signed));
    if (!holds) throw new Failed("the signature is not valid for this checkpoint");
  }
  return mine.length;
};

const check = async () => {
  const results = [];
  const say = (state, words) => results.push({ state, words });
  const boxes = Object.fromEntries(["entry", "salt", "body", "proof", "key"].map((id) => [id, byId(id).value]));
  let checkpoint;
  const step = async (what, act) => {
    try {
      await act();
      return true;
    } catch (error) {
      say("bad", `${what}: ${error instanceof Failed ? error.message : "it can’t be read"}.`);
      return false;
    }
  };
  let said = {};
  let name;
  await step("The entry", () => {
    said = JSON.parse(boxes.entry);
    name = nameOf(boxes.entry, fromHex(boxes.salt.trim()));
    if (toHex(name) !== byId("check").dataset.leaf) throw new Failed("with its salt it does not make the fingerprint that the link names");
    say("good", "The entry and its salt make the fingerprint that the link names.");
  });
  if (!boxes.body) say("query", "Who did it and why was lawfully erased, or is lost: there is nothing to check.");
  else await step("Who and why", () => {
    if (toHex(hash(utf8(boxes.body))) !== said.body) throw new Failed("it is not what the entry names");
    if (JSON.parse(boxes.body).salt !== boxes.salt.trim()) throw new Failed("it has another salt");
    say("good", "Who did it and why is what the entry names, to the letter.");
  });
  await step("The place in the log", () => {
    const proof = parseProof(boxes.proof);
    checkpoint = parseCheckpoint(proof.checkpoint);
    if (!name || !same(rootFrom(name, proof, checkpoint.size), checkpoint.root)) throw new Failed("the hashes do not lead from this entry to the checkpoint");
    say("good", `It is number ${proof.index} of the ${checkpoint.size} entries under the checkpoint.`);
  });
  if (checkpoint) await step("The signature", async () => {
    const number = await signedBy(parseKey(boxes.key), checkpoint);
    if (number === null) say("query", "The signature was not checked: this browser does not know Ed25519, or the page did not come over a secure connection. Use the command below.");
    else say("good", "The checkpoint is signed by the key in the box.");
  });
  return results;
};

const WORDS = {
  bad: "This does not hold. What is in the boxes is not what was logged.",
  query: "What could be checked here holds; not all could.",
  good: "Proven here: this entry is in the log, unchanged.",
};
const MARKS = { good: "Proven", query: "Not checked", bad: "Failed" };

const show = async () => {
  const results = await check();
  const worst = ["bad", "query", "good"].find((state) => results.some((each) => each.state === state));
  const verdict = byId("verdict");
  verdict.className = `verdict${worst === "good" ? "" : ` verdict-${worst}`}`;
  verdict.querySelector("use").setAttribute("href", worst === "good" ? "#i-seal" : "#i-query");
  verdict.querySelector("b").textContent = WORDS[worst];
  byId("steps").replaceChildren(...results.map(({ state, words }) => {
    const line = document.createElement("li");
    const mark = document.createElement("b");
    mark.textContent = `${MARKS[state]}: `;
    line.append(mark, words);
    return line;
  }));
  byId("result").hidden = false;
};

byId("no-script").hidden = true;
byId("check").hidden = false;
byId("check-now").addEventListener("click", show);
byId("spoil").addEventListener("click", () => {
  const box = byId("entry");
  const digit = /[0-9](?=[^0-9]*Z")/.exec(box.value);
  if (digit) {
    const other = String((Number(digit[0]) + 1) % 10);
    box.value = box.value.slice(0, digit.index) + other + box.value.slice(digit.index + 1);
  }
  show();
});
byId("restore").addEventListener("click", () => {
  ["entry", "salt", "body", "proof", "key"].forEach((id) => { byId(id).value = byId(id).defaultValue; });
  show();
});
show();
