/* Several players on one clock. The clock is this script's; each player is held to it. Without this script each has its own controls. */
"use strict";
(() => {
  const player = document.getElementById("player");
  const controls = document.getElementById("controls");
  if (!player || !controls) return;
  const length = Number(player.dataset.length);
  const speed = document.getElementById("speed");
  const sound = document.getElementById("sound");
  const line = document.getElementById("time");
  const now = document.getElementById("now");
  const apart = document.getElementById("apart");
  const heads = document.querySelectorAll("#lanes .head");
  const button = (act) => controls.querySelector(`[data-act="${act}"]`);
  const FAR = 0.3; // seconds: beyond it a player is put where it belongs, nearer it is hurried or held back
  const NEAR = 0.008;
  const cameras = [...player.querySelectorAll(".cam")].filter((cam) => cam.querySelector("video")).map((cam) => ({
    video: cam.querySelector("video"),
    state: cam.querySelector(".cam-state"),
    trouble: cam.querySelector(".trouble"),
    number: cam.dataset.number,
    begins: Number(cam.dataset.begins) / 1000,
    ends: Number(cam.dataset.ends) / 1000,
    rate: Number(cam.dataset.rate),
    broken: false,
  }));
  let at = 0; // seconds on the common line
  let playing = false;
  let last = 0;
  let said = 0;

  const words = (seconds) => {
    const whole = Math.floor(seconds);
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
    return hours ? `${hours}:${rest}` : rest;
  };
  const end = (camera) => camera.begins + (camera.video.duration || camera.ends - camera.begins);
  // One that has ended is left alone, though the clock be a moment short of its end: played again, it would begin anew.
  const live = (camera) => !camera.broken && !camera.video.ended && at >= camera.begins && at < end(camera);
  const put = (camera) => { camera.video.currentTime = Math.max(0, Math.min(at - camera.begins, camera.video.duration || Infinity)); };
  const error = (camera) => camera.begins + camera.video.currentTime - at;
  const quiet = (camera) => { if (!camera.video.paused) camera.video.pause(); };

  const tell = () => {
    now.textContent = words(at);
    line.value = String(Math.round(at * 1000));
    line.setAttribute("aria-valuetext", `${words(at)} of ${words(length / 1000)}`);
    const x = Math.round((at / (length / 1000)) * 1000);
    heads.forEach((head) => head.setAttribute("d", `M${x} 0V22`));
    button("play").textContent = playing ? "Pause" : "Play";
    for (const camera of cameras) {
      camera.state.textContent = at < camera.begins ? "not begun yet" : live(camera) ? (camera.video.muted ? "" : "you hear this one") : "ended";
    }
    const errors = cameras.filter((camera) => live(camera) && !camera.video.seeking).map(error);
    if (errors.length > 1 && (!playing || performance.now() - said > 500)) {
      said = performance.now();
      apart.textContent = String(Math.round((Math.max(...errors) - Math.min(...errors)) * 1000));
    }
  };
  const stop = () => { playing = false; cameras.forEach((camera) => { quiet(camera); camera.video.playbackRate = Number(speed.value); }); };
  const go = (seconds) => {
    at = Math.max(0, Math.min(length / 1000, seconds));
    cameras.forEach(put);
    tell();
  };
  // One player: in its stretch, running, and hurried or held back until it is where the clock is.
  const hold = (camera) => {
    if (!live(camera)) return quiet(camera);
    const wrong = error(camera);
    const pace = Number(speed.value);
    if (Math.abs(wrong) > FAR) put(camera);
    const rate = Math.abs(wrong) < NEAR ? pace : pace * (1 - Math.max(-0.08, Math.min(0.08, wrong * 0.8)));
    if (Math.abs(camera.video.playbackRate - rate) > 0.001) camera.video.playbackRate = rate;
    if (camera.video.paused) camera.video.play().catch(() => { /* it is asked again at the next turn */ });
    return undefined;
  };
  const turn = () => {
    const moment = performance.now();
    const passed = (moment - last) / 1000;
    last = moment;
    if (!playing) return;
    const running = cameras.filter(live);
    // All wait for one whose picture is still on its way.
    if (running.some((camera) => camera.video.seeking || camera.video.readyState < 3)) {
      cameras.forEach(quiet);
      return;
    }
    if (running.length && running.every((camera) => camera.video.paused)) {
      running.forEach(hold);
      return;
    }
    at += passed * Number(speed.value);
    if (!cameras.some(live)) {
      const next = Math.min(...cameras.map((camera) => camera.begins).filter((begins) => begins > at));
      if (Number.isFinite(next)) go(next);
    }
    if (at >= length / 1000 || !cameras.some((camera) => at < end(camera))) {
      at = Math.min(at, length / 1000);
      stop();
    } else cameras.forEach(hold);
    tell();
  };
  const play = () => {
    if (playing) { stop(); cameras.forEach(put); } else {
      if (at >= length / 1000) go(0);
      cameras.filter(live).forEach(put);
      playing = true;
      last = performance.now();
    }
    tell();
  };
  // To the middle of the next picture of the camera that is heard: an edge may round to the one before.
  const step = (pictures) => {
    stop();
    const lead = cameras.find((camera) => live(camera) && camera.number === sound.value) || cameras.find(live) || cameras[0];
    const here = Math.floor((at - lead.begins) * lead.rate + 0.001);
    go(lead.begins + (here + pictures + 0.5) / lead.rate);
  };
  const hear = (number) => {
    if ([...sound.options].some((option) => option.value === number)) sound.value = number;
    cameras.forEach((camera) => { camera.video.muted = camera.number !== sound.value; });
    tell();
  };
  const change = (places) => {
    speed.selectedIndex = Math.max(0, Math.min(speed.length - 1, speed.selectedIndex + places));
    cameras.forEach((camera) => { camera.video.playbackRate = Number(speed.value); });
  };
  const acts = {
    play,
    back: () => go(at - 10),
    on: () => go(at + 10),
    "frame-back": () => step(-1),
    "frame-on": () => step(1),
    slower: () => change(-1),
    faster: () => change(1),
  };
  const keys = { k: "play", j: "back", l: "on", ",": "frame-back", ".": "frame-on", "<": "slower", ">": "faster" };

  controls.hidden = false;
  document.getElementById("seek").hidden = false;
  document.getElementById("step").hidden = false;
  for (const camera of cameras) {
    camera.video.controls = false;
    camera.video.tabIndex = 0;
    camera.video.addEventListener("error", () => { camera.broken = true; camera.trouble.hidden = false; });
    camera.video.addEventListener("click", play);
    camera.video.addEventListener("loadedmetadata", () => { put(camera); tell(); });
    camera.video.addEventListener("seeked", () => { if (!playing) tell(); });
  }
  controls.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (act) acts[act.dataset.act]();
  });
  speed.addEventListener("change", () => change(0));
  sound.addEventListener("change", () => hear(sound.value));
  line.addEventListener("input", () => go(Number(line.value) / 1000));
  document.querySelectorAll("#lanes .lane svg").forEach((lane) => {
    lane.addEventListener("click", (event) => {
      const box = lane.getBoundingClientRect();
      go(((event.clientX - box.left) / box.width) * (length / 1000));
    });
  });
  // Single keys work while the focus is in the player, and only there (WCAG 2.1.4).
  player.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("select, input:not([type=range])")) return;
    if (/^[0-4]$/.test(event.key)) { event.preventDefault(); hear(event.key === "0" ? "" : event.key); return; }
    const act = event.target.matches("video") && event.key === " " ? "play" : keys[event.key.toLowerCase()];
    if (act) { event.preventDefault(); acts[act](); }
  });
  hear(sound.value);
  setInterval(turn, 50);
})();
