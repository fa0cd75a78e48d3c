/* The player's own buttons. Without this script the browser's own controls stay. */
"use strict";
(() => {
  const video = document.getElementById("video");
  const controls = document.getElementById("controls");
  if (!video || !controls) return;
  const rate = Number(video.dataset.rate);
  const speed = document.getElementById("speed");
  const heads = document.querySelectorAll("#lanes .head");
  const now = document.getElementById("now");
  const button = (act) => controls.querySelector(`[data-act="${act}"]`);

  video.controls = false;
  video.tabIndex = 0;
  controls.hidden = false;
  document.getElementById("at-hand").hidden = false;

  const words = (seconds) => {
    const whole = Math.floor(seconds);
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
    return hours ? `${hours}:${rest}` : rest;
  };
  const show = () => {
    now.textContent = words(video.currentTime);
    const x = video.duration ? Math.round((video.currentTime / video.duration) * 1000) : 0;
    heads.forEach((head) => head.setAttribute("d", `M${x} 0V22`));
    button("play").textContent = video.paused ? "Play" : "Pause";
  };
  const move = (seconds) => {
    video.currentTime = Math.max(0, Math.min(video.duration || 0, video.currentTime + seconds));
  };
  // To the middle of the next picture: its edge may round to the one before.
  const step = (pictures) => {
    video.pause();
    const here = Math.floor(video.currentTime * rate + 0.001);
    move((here + pictures + 0.5) / rate - video.currentTime);
  };
  const change = (places) => {
    speed.selectedIndex = Math.max(0, Math.min(speed.length - 1, speed.selectedIndex + places));
    video.playbackRate = Number(speed.value);
  };
  const exact = () => {
    const whole = Math.floor(video.currentTime * 1000);
    return `${words(whole / 1000)}.${String(whole % 1000).padStart(3, "0")}`;
  };
  const copy = () => {
    const said = document.getElementById("link-said");
    const link = document.getElementById("link");
    const moment = exact();
    link.value = `${location.origin}${location.pathname}?t=${moment}`;
    document.getElementById("link-field").hidden = false;
    const byHand = () => { said.textContent = `Copy it from the field: ${moment}`; link.focus(); link.select(); };
    if (!navigator.clipboard) return byHand(); // browsers give it to secure pages only
    return navigator.clipboard.writeText(link.value).then(() => { said.textContent = `Copied: ${moment}`; }, byHand);
  };
  const acts = {
    play: () => (video.paused ? video.play() : video.pause()),
    back: () => move(-10),
    on: () => move(10),
    "frame-back": () => step(-1),
    "frame-on": () => step(1),
    slower: () => change(-1),
    faster: () => change(1),
    link: copy,
    sound: () => {
      video.muted = !video.muted;
      button("sound").textContent = video.muted ? "Sound on" : "Sound off";
    },
    captions: () => {
      const [track] = video.textTracks;
      if (!track) return;
      track.mode = track.mode === "showing" ? "hidden" : "showing";
      button("captions").textContent = track.mode === "showing" ? "Captions off" : "Captions on";
    },
    screen: () => (document.fullscreenElement ? document.exitFullscreen() : video.parentElement.requestFullscreen()),
  };
  controls.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (act) acts[act.dataset.act]();
  });
  speed.addEventListener("change", () => change(0));
  document.getElementById("copy-link").addEventListener("click", copy);
  for (const name of ["timeupdate", "play", "pause", "seeked", "loadedmetadata"]) {
    video.addEventListener(name, show);
  }
  video.addEventListener("error", () => { document.getElementById("trouble").hidden = false; });
  document.querySelectorAll("#lanes .lane svg, #lanes .lane img").forEach((lane) => {
    lane.addEventListener("click", (event) => {
      const box = lane.getBoundingClientRect();
      if (video.duration) video.currentTime = ((event.clientX - box.left) / box.width) * video.duration;
    });
  });
  // A line of the transcript leads to its moment; without this script it is a link to it.
  document.querySelectorAll(".spoken a[data-at]").forEach((line) => {
    line.addEventListener("click", (event) => {
      event.preventDefault();
      video.currentTime = Number(line.dataset.at) + 0.001;
      video.focus({ preventScroll: false });
    });
  });
  const take = document.getElementById("moment-now");
  if (take) {
    take.hidden = false;
    take.addEventListener("click", () => { document.getElementById("moment").value = exact(); });
  }
  // From the copy to the original and back: at the moment that one looks at.
  document.querySelectorAll("a[data-here]").forEach((way) => {
    way.addEventListener("click", () => {
      const there = new URL(way.href);
      there.searchParams.set("t", exact());
      way.href = there.href;
    });
  });
  // Over the lanes, the still of that moment; the same stills are listed as text below them.
  const stills = document.getElementById("stills");
  if (stills) {
    const count = Number(stills.dataset.count);
    const preview = document.createElement("p");
    const picture = document.createElement("img");
    preview.className = "still-preview";
    preview.hidden = true;
    picture.src = stills.querySelector("img").src;
    picture.alt = "";
    preview.append(picture);
    stills.after(preview);
    document.querySelectorAll("#lanes .lane svg").forEach((lane) => {
      lane.addEventListener("pointermove", (event) => {
        const box = lane.getBoundingClientRect();
        const part = Math.max(0, Math.min(count - 1, Math.floor(((event.clientX - box.left) / box.width) * count)));
        picture.style.left = `${-160 * part}px`;
        preview.style.left = `${Math.max(0, Math.min(event.clientX - stills.getBoundingClientRect().left - 80, stills.clientWidth - 160))}px`;
        preview.hidden = false;
      });
      lane.addEventListener("pointerleave", () => { preview.hidden = true; });
    });
  }
  // Single keys work while the focus is in the player, and only there (WCAG 2.1.4); on a button, space is the button's own.
  document.getElementById("player").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select")) return;
    const keys = { k: "play", j: "back", l: "on", ",": "frame-back", ".": "frame-on", "<": "slower", ">": "faster", f: "screen", m: "sound", c: "link", t: "captions" };
    const act = event.target === video && event.key === " " ? "play" : keys[event.key.toLowerCase()];
    if (act) { event.preventDefault(); acts[act](); }
  });
  show();
})();
