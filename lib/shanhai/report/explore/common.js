"use strict";
// What all pages share: data and words, numbers as the suite prints them, the state in the address, tables.
const page = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const embedded = location.protocol === "about:"; // in a cell of JupyterLab there is no folder of pages around
  const byId = (id) => document.getElementById(id);

  const say = (key, values = {}) => {
    if (!(key in data.words)) throw new Error(`no words ${key}`);
    return data.words[key].replace(/\{(\w+)\}/g, (_, name) => {
      if (!(name in values)) throw new Error(`${key} asks for ${name}`);
      return String(values[name]);
    });
  };

  const sentences = (parts) => parts.filter(Boolean).join(data.language === "en" ? " " : "");

  // Halves go away from zero, on the shortest decimal that stands for the number, as in the printed tables.
  const rounded = (value, digits) => {
    const size = Number(Math.round(Number(`${Math.abs(value)}e${digits}`)) + `e${-digits}`);
    return Math.sign(value) * (Number.isNaN(size) ? 0 : size);
  };
  const number = (value, digits = 0, signed = false) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const shown = rounded(value, digits);
    const text = Math.abs(shown).toLocaleString("en", {minimumFractionDigits: digits, maximumFractionDigits: digits});
    return (shown < 0 ? "-" : signed && shown > 0 ? "+" : "") + text;
  };
  const pValue = (p) => (p < 0.001 ? "p < 0.001" : `p = ${number(p, 3)}`);

  const svg = (name, attributes = {}, text = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  };
  const element = (name, text = "", attributes = {}) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  };
  const fill = (select, options, chosen) => {
    select.replaceChildren(...options.map(([value, label]) => {
      const option = element("option", label, {value});
      option.selected = value === chosen;
      return option;
    }));
  };
  const table = (heads, rows, numeric = []) => {
    const made = element("table");
    const line = element("tr");
    heads.forEach((head, at) => {
      line.append(element("th", head, numeric[at] ? {scope: "col", class: "number"} : {scope: "col"}));
    });
    made.append(element("thead"), element("tbody"));
    made.tHead.append(line);
    for (const row of rows) {
      const cells = row.map((cell, at) => element(at ? "td" : "th", cell, at ? (numeric[at] ? {class: "number"} : {}) : {scope: "row"}));
      const body = element("tr");
      body.append(...cells);
      made.tBodies[0].append(body);
    }
    return made;
  };

  // State: what is chosen stands in the address, so that a link or the other language shows the same.
  const state = new URLSearchParams(location.hash.slice(1));
  const other = byId("other-language");
  const otherFile = other.getAttribute("href");
  const remember = (values) => {
    for (const [key, value] of Object.entries(values)) {
      if (value === null || value === "") state.delete(key);
      else state.set(key, value);
    }
    const fragment = state.toString() ? `#${state}` : "";
    if (!embedded) {
      history.replaceState(null, "", fragment || location.pathname);
      other.setAttribute("href", otherFile + fragment);
    }
  };
  const whenAddressChanges = (restore) => addEventListener("hashchange", () => {
    if (location.hash === "#main") return remember({}); // the skip link is no state
    for (const key of [...state.keys()]) state.delete(key);
    for (const [key, value] of new URLSearchParams(location.hash.slice(1))) state.set(key, value);
    restore();
  });
  if (embedded) {
    for (const link of document.querySelectorAll("a[data-outside]")) link.remove();
  }

  // Numbers as bytes: little-endian, as every machine that runs a browser has them.
  const numbers = (text, Kind) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Kind(bytes.buffer);
  };

  return {data, embedded, byId, say, sentences, number, pValue, svg, element, fill, table, state, remember, whenAddressChanges, numbers};
})();
