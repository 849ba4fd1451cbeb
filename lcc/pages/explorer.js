
"use strict";
{
  const id = (name) => document.getElementById(name);
  const start = JSON.parse(id("start").textContent);
  const [text, marks, pane, list, state] = ["text", "marks", "pane", "findings", "state"].map(id);
  const tokens = new RegExp(start.tokens.map(([, pattern]) => `(${pattern})`).join("|"), "gsu");
  const tabs = [...document.querySelectorAll("[data-pane]")];
  const boxes = [...document.querySelectorAll('[name="pass"]')];
  const most = 30000; // a longer text is not coloured while it is written
  let open = "ir";
  let findings = [];
  let asking = false;
  let again = false;
  let timer = 0;
  let lastRun = "";

  // The editor: a text field over a layer that shows the same text, coloured and underlined.
  const pieces = (value) => {
    const found = [];
    let at = 0;
    if (value.length <= most) {
      for (const match of value.matchAll(tokens)) {
        if (!match[0]) continue;
        if (match.index > at) found.push([at, match.index, ""]);
        at = match.index + match[0].length;
        found.push([match.index, at, `w-${start.tokens[match.slice(1).findIndex((one) => one !== undefined)][0]}`]);
      }
    }
    if (at < value.length) found.push([at, value.length, ""]);
    return found;
  };
  const draw = () => {
    const value = text.value;
    const edges = new Set();
    const under = findings.filter((one) => one.start !== undefined).map((one) => ({ ...one, end: Math.max(one.end, one.start + 1) }));
    for (const one of under) { edges.add(one.start); edges.add(one.end); }
    const cuts = [...edges].sort((a, b) => a - b);
    const layer = document.createDocumentFragment();
    const put = (from, to, kind) => {
      const span = document.createElement("span");
      span.textContent = value.slice(from, to);
      const worst = under.filter((one) => one.start < to && one.end > from).map((one) => one.severity);
      span.className = [kind, worst.includes("error") ? "u-error" : worst.includes("warning") ? "u-warning" : worst.length ? "u-remark" : ""].join(" ").trim();
      layer.append(span);
    };
    let cut = 0;
    for (let [from, to, kind] of pieces(value)) {
      while (cut < cuts.length && cuts[cut] <= from) cut += 1;
      while (cut < cuts.length && cuts[cut] < to) { put(from, cuts[cut], kind); from = cuts[cut]; cut += 1; }
      put(from, to, kind);
    }
    marks.replaceChildren(layer, "\n");
    scroll();
  };
  const scroll = () => { marks.scrollTop = text.scrollTop; marks.scrollLeft = text.scrollLeft; };
  text.addEventListener("scroll", scroll);

  const replace = (from, to, by) => {
    text.focus();
    text.setSelectionRange(from, to);
    const done = by ? document.execCommand("insertText", false, by) : from === to || document.execCommand("delete"); // it can be undone
    if (!done) text.setRangeText(by, from, to, "end");
  };
  const fix = (edits) => {
    for (const [from, to, by] of [...edits].sort((a, b) => b[0] - a[0])) replace(from, to, by);
    changed();
  };
  const element = (tag, kind, words) => {
    const made = document.createElement(tag);
    made.className = kind;
    made.textContent = words;
    return made;
  };
  const showFindings = (reply) => {
    findings = reply.findings;
    list.replaceChildren(...findings.map((one) => {
      const item = element("li", `f-${one.severity}`, "");
      const go = element("button", "place", one.place || "");
      go.type = "button";
      go.setAttribute("aria-label", `go to ${one.place}`);
      go.addEventListener("click", () => { text.focus(); text.setSelectionRange(one.start, one.end); });
      if (one.place) item.append(go, " ");
      item.append(element("b", "", `${one.severity}[${one.code}]`), ` ${one.message} `, element("span", "dim", one.help));
      if (one.fix) {
        const button = element("button", "fix", `fix: ${one.fix.message}`);
        button.type = "button";
        button.addEventListener("click", () => fix(one.fix.edits));
        item.append(" ", button);
      }
      return item;
    }));
    if (reply.more) list.append(element("li", "dim", `${reply.more} more`));
  };

  // What is asked, and kept in the address.
  const wanted = () => ({
    text: text.value, front_end: id("front-end").value, level: Number(id("level").value) || 0,
    passes: id("level").value === "own" ? boxes.filter((one) => one.checked).map((one) => one.value) : null, pane: open, inputs: id("inputs").value,
  });
  const keep = () => history.replaceState(null, "", `#${encodeURIComponent(JSON.stringify(wanted()))}`);
  // A page without a server answers from what was recorded for each level and tab; its text can't be changed.
  const ask = (what, body) => start.recorded ? Promise.resolve(new Response(JSON.stringify(start.recorded[`${body.level} ${body.pane}`]))) : fetch(what, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const gone = "lcc explore has ended, or can't be reached";

  const look = async () => {
    if (asking) { again = true; return; }
    asking = true;
    const body = wanted();
    state.textContent = "…";
    try {
      const answer = await ask("look", body);
      const reply = answer.ok ? await answer.json() : { problem: await answer.text() };
      if (text.value === body.text && open === body.pane) show(reply);
    } catch { state.textContent = gone; }
    asking = false;
    if (again) { again = false; look(); }
  };
  const show = (reply) => {
    if (reply.problem !== undefined) { state.textContent = reply.problem; return; }
    showFindings(reply);
    draw();
    state.textContent = reply.runs ? (reply.findings.length ? `compiles, ${reply.findings.length} finding${reply.findings.length === 1 ? "" : "s"}` : "compiles") : "has errors";
    id("inputs-label").hidden = !reply.inputs.length;
    if (open !== "run") fill(reply.pane);
  };
  const fill = (html) => {
    const [top, left] = [pane.scrollTop, pane.scrollLeft];
    pane.innerHTML = html; // made by lcc, which escapes what is in it; the page's policy runs nothing in it
    pane.querySelectorAll(".graph").forEach(openGraph);
    pane.scrollTo(left, top);
  };
  const changed = () => {
    findings = [];
    draw();
    keep();
    clearTimeout(timer);
    timer = setTimeout(look, 150);
  };
  text.addEventListener("input", changed);
  for (const name of ["front-end", "level"]) id(name).addEventListener("change", () => { id("passes").hidden = id("level").value !== "own"; changed(); });
  for (const one of boxes) one.addEventListener("change", changed);
  id("inputs").addEventListener("input", keep);

  // Tabs.
  const select = (name) => {
    open = name;
    for (const tab of tabs) {
      const on = tab.dataset.pane === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    }
    pane.setAttribute("aria-labelledby", `tab-${name}`);
    id("run-tools").hidden = name !== "run";
    fill(name === "run" ? lastRun : "");
  };
  for (const [at, tab] of tabs.entries()) {
    tab.addEventListener("click", () => { select(tab.dataset.pane); keep(); look(); });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(at + step + tabs.length) % tabs.length];
      next.focus();
      next.click();
    });
  }

  // Runs.
  const running = (on) => { id("run").disabled = on; id("stop").disabled = !on; };
  const run = async () => {
    running(true);
    fill('<p class="dim">starting…</p>');
    try {
      const answer = await ask("run", { ...wanted(), pane: "run" });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines.slice(-1)) { // of what came at once the last is what stands
          const reply = JSON.parse(line);
          if (reply.problem !== undefined) { if (open === "run") pane.prepend(element("p", "failure", reply.problem)); continue; }
          lastRun = reply.html;
          if (open === "run") fill(lastRun);
        }
      }
    } catch { state.textContent = gone; }
    running(false);
  };
  id("run").addEventListener("click", run);
  id("stop").addEventListener("click", () => ask("stop", {}));

  const begin = () => {
    let kept = {};
    try { kept = JSON.parse(decodeURIComponent(location.hash.slice(1))) || {}; } catch { /* no state, or none of ours */ }
    const now = { ...start, ...kept, ...(start.recorded && { text: start.text, front_end: start.front_end, passes: null }) };
    text.readOnly = id("front-end").disabled = Boolean(start.recorded);
    text.value = String(now.text);
    for (const [name, value] of [["front-end", now.front_end], ["level", Array.isArray(now.passes) ? "own" : now.level]]) id(name).value = String(value);
    for (const one of boxes) one.checked = Array.isArray(now.passes) && now.passes.includes(one.value);
    id("passes").hidden = id("level").value !== "own";
    id("inputs").value = String(now.inputs || "");
    select(tabs.some((tab) => tab.dataset.pane === now.pane) ? now.pane : "ir");
    draw();
    look();
  };
  window.addEventListener("hashchange", begin);
  begin();
}
