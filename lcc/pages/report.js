
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
for (const node of document.querySelectorAll(".graph .node")) {
  const call = document.getElementById(`call-${node.id.replace(/^lcc-t/, "").replace("_", "[") + (node.id.includes("_") ? "]" : "")}`);
  if (!call) continue;
  node.addEventListener("click", () => { call.open = true; call.scrollIntoView({ block: "center" }); });
}
