
"use strict";
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-time]");
  if (!button) return;
  const pane = document.getElementById(button.dataset.time);
  const by = Number(button.dataset.by);
  const now = Number(pane.dataset.zoom || 1);
  const next = by ? Math.min(256, Math.max(1, now * by)) : 1;
  const middle = (pane.scrollLeft + pane.clientWidth / 2) / pane.scrollWidth;
  pane.dataset.zoom = next;
  pane.style.setProperty("--zoom", next);
  pane.scrollLeft = middle * pane.scrollWidth - pane.clientWidth / 2;
});
const calls = [...document.querySelectorAll("details[id^='call-']")];
const callsOf = (node) => {
  const id = `call-${node.id.replace(/^lcc-t/, "").replace(/_(.*)/, "[$1]")}`;
  const own = calls.filter((call) => call.id === id);
  return own.length ? own : calls.filter((call) => call.id.startsWith(`${id}[`)).slice(0, 20);
};
for (const node of document.querySelectorAll(".graph .node")) {
  const open = () => {
    const found = callsOf(node);
    for (const call of found) call.open = true;
    if (found.length) { found[0].scrollIntoView({ block: "center" }); found[0].querySelector("summary").focus({ preventScroll: true }); }
  };
  node.addEventListener("click", open);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open();
  });
}
