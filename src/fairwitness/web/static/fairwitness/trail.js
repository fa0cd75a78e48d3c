/* The point on the trail goes with the player, and the player with the point. Without this script
   the drawing and its table stay, and the table's times are links. */
"use strict";
(() => {
  const video = document.getElementById("video");
  const drawing = document.getElementById("trail");
  if (!video || !drawing) return;
  const here = document.getElementById("trail-here");
  const along = document.getElementById("along");
  const said = document.getElementById("along-said");
  const corners = [];
  drawing.dataset.places.split("|").forEach((run, number) => {
    run.split(";").filter(Boolean).forEach((place) => {
      const [ms, x, y] = place.split(" ").map(Number);
      corners.push({ ms, x, y, run: number });
    });
  });
  const last = corners[corners.length - 1];
  const single = corners.length === 1;
  const clock = (ms) => {
    const whole = Math.floor(ms / 1000);
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    return `${hours ? `${hours}:` : ""}${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  };
  // The last corner that is not later; -1 before the first.
  const before = (ms) => {
    let low = 0;
    let high = corners.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (corners[middle].ms <= ms) low = middle + 1; else high = middle;
    }
    return low - 1;
  };
  const show = () => {
    const ms = video.currentTime * 1000;
    const number = single ? 0 : before(ms + 5); // players round what they were told
    const from = corners[number];
    const to = corners[number + 1];
    const within = from && (to ? to.run === from.run : single || ms - last.ms < 1500);
    const lost = from && to && to.run !== from.run && ms - from.ms < 1500;
    const part = within && to ? (ms - from.ms) / Math.max(1, to.ms - from.ms) : 0;
    here.setAttribute("visibility", within || lost ? "visible" : "hidden");
    if (from) {
      here.setAttribute("cx", from.x + (to && within ? (to.x - from.x) * part : 0));
      here.setAttribute("cy", from.y + (to && within ? (to.y - from.y) * part : 0));
    }
    along.value = Math.max(0, number);
    const words = within || lost ? clock(ms) : `${clock(ms)}, no position`;
    said.textContent = words;
    along.setAttribute("aria-valuetext", words);
  };
  const go = (ms) => { video.currentTime = ms / 1000; };
  along.addEventListener("input", () => go(corners[Number(along.value)].ms));
  drawing.addEventListener("click", (event) => {
    const box = drawing.getBoundingClientRect();
    const size = drawing.viewBox.baseVal;
    const x = ((event.clientX - box.left) / box.width) * size.width;
    const y = ((event.clientY - box.top) / box.height) * size.height;
    const far = (corner) => (corner.x - x) ** 2 + (corner.y - y) ** 2;
    go(corners.reduce((best, corner) => (far(corner) < far(best) ? corner : best)).ms);
  });
  document.getElementById("trail-table").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    const parts = new URL(link.href).searchParams.get("t").split(":").map(Number);
    go(parts.reduce((sum, part) => sum * 60 + part, 0) * 1000);
    video.focus();
  });
  for (const name of ["timeupdate", "seeked", "seeking", "loadedmetadata"]) video.addEventListener(name, show);
  document.getElementById("along-box").hidden = single;
  show();
})();
