/* Results whose title has the words that were searched for come first: pages before sections, short titles before long. */
var Scorer = {
  objNameMatch: 11, objPartialMatch: 6, objPrio: { 0: 15, 1: 5, 2: -5 }, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
  score: ([, title, anchor, , score]) => {
    const fold = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
    const wanted = fold(new URLSearchParams(window.location.search).get("q") || "");
    if (!wanted) return score;
    const [page, ...section] = title.split(" > ").map(fold);
    const shortness = (text) => Math.round(50 * wanted.length / text.length);
    const words = wanted.split(" ");
    if (words.every((word) => page.includes(word))) return score + (anchor ? 300 : 400) + shortness(page);
    const inside = section.join(" > ");
    return words.every((word) => inside.includes(word)) ? score + 100 + shortness(inside) : score;
  },
};
