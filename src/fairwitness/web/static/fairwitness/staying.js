/* Warns before the time of a session is over. What is typed on the page stays where it is. */
const box = document.getElementById("staying");
const ask = box.querySelector("form");
const WARN = Number(box.dataset.warn);
const PING = Number(box.dataset.ping); // seconds between two notes that somebody is at work here
const OVER = box.dataset.over; // where a kiosk signs out by itself, and what is typed is kept
let over = Date.now() + 1000 * Number(box.dataset.seconds);
let told = Date.now();
let active = false;

const stay = async () => {
  told = Date.now();
  active = false;
  const answer = await fetch(ask.action, { method: "POST", body: new FormData(ask) });
  if (answer.ok) over = Date.now() + 1000 * (await answer.json()).seconds;
};

const atWork = () => {
  active = true;
};
for (const kind of ["keydown", "pointerdown", "wheel"]) addEventListener(kind, atWork, { passive: true });

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  stay().then(look, look);
});

/* At a kiosk nobody's page may stay: sent a little early, so that the session still knows whose it is. */
const leave = () => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = OVER;
  const typed = document.querySelector("form[data-kept]");
  for (const [name, value] of [...(typed ? new FormData(typed) : []), ...new FormData(ask)]) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    if (name !== "csrfmiddlewaretoken" || !form.elements.namedItem(name)) form.append(field);
  }
  document.body.append(form);
  form.submit();
};

function look() {
  const video = document.querySelector("video");
  if (video && !video.paused) active = true;
  const left = (over - Date.now()) / 1000;
  if (active && left > WARN && Date.now() - told > PING * 1000) stay().catch(() => {});
  if (OVER && left <= 2) {
    clearInterval(looking);
    leave();
    return;
  }
  const warn = left <= WARN;
  box.querySelector("b").textContent = left > 0
    ? box.dataset.soon : box.dataset.late;
  ask.hidden = left <= 0;
  if (warn && box.hidden) {
    box.hidden = false;
    box.focus();
  }
  if (!warn) box.hidden = true;
}
const looking = setInterval(look, 1000);
