/* Shows what the tapped category asks. Without scripts the server asks for it when it is missing. */
const form = document.getElementById("kiosk");

const show = () => {
  const tapped = form.querySelector("input[name=category]:checked");
  for (const asks of form.querySelectorAll(".asks")) {
    asks.hidden = !tapped || asks.dataset.for !== tapped.value;
    if (!asks.hidden) asks.scrollIntoView({ block: "nearest" });
  }
};

if (form) {
  form.addEventListener("change", show);
  show();
}
