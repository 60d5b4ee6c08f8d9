// Folds open where a link or a search leads into them, and on paper; one switch shows the code of a page.
"use strict";

const openAround = (element) => {
  for (let fold = element?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
};

const named = (fragment) => {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return ""; // such as #%: no address that a page writes
  }
};

const openTarget = () => {
  const target = document.getElementById(named(window.location.hash.slice(1)));
  if (!target) return;
  openAround(target);
  target.scrollIntoView();
};

const openFound = () => {
  const found = document.querySelectorAll("span.highlighted");
  found.forEach(openAround);
  if (found.length && !window.location.hash) found[0].scrollIntoView({ block: "center" });
};

document.addEventListener("DOMContentLoaded", () => {
  openTarget();
  // the theme loads the search everywhere, by which Sphinx takes every page for that of the search
  if (!document.getElementById("search-results")) SphinxHighlight.highlightSearchWords();
  window.setTimeout(openFound, 100); // Sphinx marks what was searched for a moment after the page is there
  // the other language shows the same: anchor, filters and what was searched for go with the reader
  const other = document.querySelector("a.other-language");
  const twin = other?.getAttribute("href");
  for (const type of ["pointerdown", "focus", "click"]) {
    other?.addEventListener(type, () => other.setAttribute("href", twin + window.location.search + window.location.hash));
  }
  document.getElementById("show-code")?.addEventListener("change", (event) => {
    document.querySelectorAll(".cell > details.above-input").forEach((cell) => { cell.open = event.target.checked; });
  });
});
window.addEventListener("hashchange", openTarget);

// a formula that is wider than the page scrolls by keyboard too
window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  document.querySelectorAll('mjx-container[display="true"]').forEach((formula) => { formula.tabIndex = 0; });
});

let opened = [];
window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details.fold:not([open])")];
  opened.forEach((fold) => { fold.open = true; });
});
window.addEventListener("afterprint", () => opened.forEach((fold) => { fold.open = false; }));
