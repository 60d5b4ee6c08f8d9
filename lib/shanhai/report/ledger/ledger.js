/* Filters, sorting and links of the ledger. Without it every claim is there, in the order of the documents.
   The address holds the state: #M27 opens a claim, #verdict=contradicted&place=Quzhou&sort=place filters and sorts. */
"use strict";
(() => {
  const ledger = document.querySelector(".ledger");
  if (!ledger) return;
  const form = ledger.querySelector(".ledger-filters");
  const table = ledger.querySelector(".ledger-table");
  const claims = [...table.querySelectorAll(".ledger-claim")];
  const heads = [...table.querySelectorAll("thead th")];
  const status = ledger.querySelector(".ledger-count");
  const none = ledger.querySelector(".ledger-none");
  const controls = ["document", "place", "verdict", "words"];
  const sorted = { key: "", descending: false };
  const collator = new Intl.Collator(document.documentElement.lang || undefined, { numeric: true });
  const fold = (text) => (text || "").normalize("NFKC").toLowerCase().trim();
  const folded = new Map(
    claims.map((claim) => [
      claim,
      { place: fold(claim.dataset.place), words: fold(`${claim.id} ${claim.textContent} ${claim.dataset.alike}`) },
    ]),
  );

  const fits = (claim) => {
    const { document: from, place, verdict, words } = form.elements;
    const texts = folded.get(claim);
    return (
      (!from.value || claim.dataset.document === from.value) &&
      (!verdict.value || claim.dataset.verdict === verdict.value) &&
      texts.place.includes(fold(place.value)) &&
      fold(words.value).split(/\s+/).every((word) => texts.words.includes(word))
    );
  };

  const filter = () => {
    for (const claim of claims) claim.hidden = !fits(claim);
    const left = claims.filter((claim) => !claim.hidden);
    const shown = left.length;
    const literature = left.filter((claim) => claim.dataset.document === "literature").length;
    status.textContent = ledger.dataset.count
      .replace("{shown}", shown)
      .replace("{five}", shown - literature)
      .replace("{literature}", literature);
    none.hidden = shown > 0;
  };

  const value = (claim, key) => {
    if (key === "verdict") return Number(claim.dataset.order);
    if (key === "computed") return claim.dataset.value === undefined ? null : Number(claim.dataset.value);
    return claim.querySelector(`.ledger-${key}`).textContent;
  };

  const compare = (one, other) => {
    const [a, b] = [value(one, sorted.key), value(other, sorted.key)];
    if (a === null || b === null) return (a === null) - (b === null); // what has no number stays last
    const order = typeof a === "number" ? a - b : collator.compare(a, b);
    return sorted.descending ? -order : order;
  };

  const sort = () => {
    const ordered = sorted.key ? [...claims].sort(compare) : claims;
    table.append(...ordered);
    for (const head of heads) {
      const direction = sorted.descending ? "descending" : "ascending";
      head.setAttribute("aria-sort", head.dataset.key === sorted.key ? direction : "none");
    }
  };

  const remember = () => {
    const state = new URLSearchParams();
    for (const name of controls) if (form.elements[name].value) state.set(name, form.elements[name].value);
    if (sorted.key) state.set("sort", sorted.key);
    if (sorted.descending) state.set("order", "descending");
    const text = state.toString();
    history.replaceState(null, "", text ? `#${text}` : location.pathname.split("/").pop() || "#");
  };

  /* A place as this page calls it, whichever language the address names it in. */
  const places = [...ledger.querySelectorAll("#ledger-places option")];
  const ownName = (name) => {
    if (places.some((option) => option.value === name)) return name;
    return places.find((option) => name && option.dataset.other === name)?.value ?? name;
  };

  const recall = (state) => {
    for (const name of controls) form.elements[name].value = state.get(name) || "";
    form.elements.place.value = ownName(form.elements.place.value);
    const key = state.get("sort") || "";
    sorted.key = heads.some((head) => head.dataset.key === key) ? key : "";
    sorted.descending = sorted.key !== "" && state.get("order") === "descending";
  };

  /* A claim by its id, or all parts of a compound one. */
  const named = (id) => claims.filter((claim) => claim.id === id || claim.dataset.part === id);

  const open = (found) => {
    for (const claim of claims) claim.classList.toggle("ledger-opened", found.includes(claim));
    for (const claim of found) claim.querySelector("details").open = true;
    found[0].scrollIntoView();
    found[0].querySelector("summary").focus({ preventScroll: true });
  };

  const read = () => {
    let fragment = location.hash.slice(1);
    try {
      fragment = decodeURIComponent(fragment);
    } catch {
      fragment = ""; // no address that this page writes
    }
    const found = fragment ? named(fragment) : [];
    const asked = location.hash.includes("=") ? location.hash.slice(1) : location.search.slice(1);
    recall(new URLSearchParams(found.length ? "" : asked));
    sort();
    filter();
    if (found.length) open(found);
    else if (controls.some((name) => form.elements[name].value)) form.scrollIntoView(); // what is asked for lies below
  };

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.title = `${head.dataset.sort}: ${head.textContent}`;
    button.append(...head.childNodes);
    button.addEventListener("click", () => {
      sorted.descending = sorted.key === head.dataset.key && !sorted.descending;
      sorted.key = head.dataset.key;
      sort();
      remember();
    });
    head.append(button);
  }
  form.addEventListener("input", () => {
    filter();
    remember();
  });
  form.addEventListener("reset", () => {
    sorted.key = "";
    sorted.descending = false;
    requestAnimationFrame(() => {
      sort();
      filter();
      remember();
    });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", read);
  form.hidden = false;
  read();
  window.addEventListener("load", () => requestAnimationFrame(read)); // the browser's own jump has moved the focus
})();
