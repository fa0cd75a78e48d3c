/* Warns before the time of a session is over. What is typed on the page stays where it is. */
const box = document.getElementById("staying");
const ask = box.querySelector("form");
const WARN = Number(box.dataset.warn);
const PING = 300; // seconds between two notes that somebody is at work here
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

function look() {
  const video = document.querySelector("video");
  if (video && !video.paused) active = true;
  const left = (over - Date.now()) / 1000;
  if (active && left > WARN && Date.now() - told > PING * 1000) stay().catch(() => {});
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
setInterval(look, 1000);
