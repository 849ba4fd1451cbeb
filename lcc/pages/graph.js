
"use strict";
const openGraph = (pane) => {
  const svg = pane.querySelector("svg");
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  let scale = Math.min(1, Math.max(0.3, pane.clientWidth / width));
  const draw = () => { svg.setAttribute("width", width * scale); svg.setAttribute("height", height * scale); };
  const zoom = (by) => { scale = Math.min(4, Math.max(0.05, scale * by)); draw(); };
  draw();
  for (const button of document.querySelectorAll(`[data-graph="${pane.id}"]`)) {
    button.addEventListener("click", () => {
      if (button.dataset.zoom === "fit") { scale = Math.min(1, (pane.clientWidth - 4) / width); draw(); } else zoom(Number(button.dataset.zoom));
    });
  }
  pane.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) { event.preventDefault(); zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15); }
  }, { passive: false });
  pane.addEventListener("pointerdown", (event) => {
    const grip = [event.clientX + pane.scrollLeft, event.clientY + pane.scrollTop];
    const move = (at) => { pane.scrollLeft = grip[0] - at.clientX; pane.scrollTop = grip[1] - at.clientY; };
    pane.classList.add("drag");
    window.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => { pane.classList.remove("drag"); window.removeEventListener("pointermove", move); }, { once: true });
  });
  const edges = [...svg.querySelectorAll(".edge")];
  const show = (node) => {
    for (const one of svg.querySelectorAll(".near")) one.classList.remove("near");
    svg.classList.toggle("on", Boolean(node));
    if (!node) return;
    node.classList.add("near");
    for (const edge of edges) {
      if (edge.dataset.from !== node.id && edge.dataset.to !== node.id) continue;
      edge.classList.add("near");
      for (const end of [edge.dataset.from, edge.dataset.to]) document.getElementById(end)?.classList.add("near");
    }
  };
  for (const node of svg.querySelectorAll(".node")) {
    node.setAttribute("tabindex", "0");
    node.addEventListener("mouseenter", () => show(node));
    node.addEventListener("mouseleave", () => show(null));
    node.addEventListener("focus", () => show(node));
    node.addEventListener("blur", () => show(null));
  }
};
document.querySelectorAll(".graph").forEach(openGraph);
