/* A chosen file goes into the field, to be looked at before it is sent. Without this script one pastes it. */
"use strict";
(() => {
  const file = document.getElementById("file");
  const text = document.getElementById("transcript");
  if (!file || !text) return;
  document.getElementById("file-field").hidden = false;
  file.addEventListener("change", async () => {
    if (file.files.length) text.value = await file.files[0].slice(0, 1 << 20).text();
  });
})();
