// Drawn borders one after the other. Nothing moves until play is pressed, and nothing where less motion is asked for.
(() => {
  const {data, byId, say, sentences, number, pValue, svg, element, fill, table, state, remember, whenAddressChanges} = page;
  const {kinds, paths, edges} = data;
  const map = byId("map"), dots = byId("dots"), slider = byId("number");
  const PAUSE = 700, DRAWN = "#0072b2", REAL = "#d55e00";
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const inside = svg("path", {fill: "#ecece6"}), border = svg("path", {fill: "#d98e1f"});
  const lines = svg("path", {class: "line", stroke: "#1b1b1b", "stroke-width": 1.4});
  let kind, at = 0, timer = null;

  map.setAttribute("viewBox", `0 0 ${data.width} ${data.height}`);
  map.append(svg("path", {class: "land", d: data.others}), svg("path", {fill: "#d4d4d4", d: data.undrawn}), inside, border, lines);

  map.style.maxWidth = `calc(86vh * ${data.width / data.height})`;
  if (!data.undrawn) byId("undrawn").remove();

  const isOn = (bits, place) => (bits.charCodeAt(place >> 2) - (bits.charCodeAt(place >> 2) > 96 ? 87 : 48)) & (8 >> (place & 3));
  const shown = () => (at ? kind.maps[at - 1] : data.real);

  const draw = () => {
    const {labels, on} = shown(), parts = [[], []];
    paths.forEach((path, place) => parts[isOn(on, place) ? 1 : 0].push(path));
    inside.setAttribute("d", parts[0].join(""));
    border.setAttribute("d", parts[1].join(""));
    lines.setAttribute("d", edges.filter(([one, other]) => labels[one] !== labels[other]).map((edge) => edge[2]).join(""));
  };

  const sentence = () => {
    const {estimate, t} = shown(), values = {estimate: number(estimate, 3), t: number(t, 2)};
    return at ? say("drawn_map", {...values, number: number(at), all: number(kind.maps.length)}) : say("real_map", values);
  };
  const tally = () => {
    const large = kind.maps.slice(0, at).filter((one) => one.large).length;
    return at ? say("tally", {number: number(at), large: number(large), p: pValue((1 + large) / (1 + at))}) : say("tally_none");
  };

  // Each map is a dot over its estimate; the real border is the line
  const WIDTH = 300, HEIGHT = 240, FOOT = 34, STEP = 0.01;
  const plot = () => {
    const all = [...kinds.flatMap((one) => one.maps), data.real].map((one) => one.estimate);
    const low = Math.floor(Math.min(...all) / STEP) - 1, top = Math.ceil(Math.max(...all) / STEP) + 1;
    const x = (value) => ((value / STEP - low) * WIDTH) / (top - low);
    const most = Math.max(...kinds.map((one) => Math.max(...Object.values(one.maps.reduce((heights, {estimate}) => {
      const bin = Math.floor(estimate / STEP);
      return {...heights, [bin]: (heights[bin] ?? 0) + 1};
    }, {})))));
    const size = Math.min((WIDTH / (top - low)) * 0.46, (HEIGHT - FOOT - 30) / most / 2), heights = {};
    dots.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    dots.replaceChildren();
    const floor = HEIGHT - FOOT;
    for (let tick = Math.ceil((low * STEP) / 0.05); tick * 0.05 <= top * STEP; tick += 1) {
      dots.append(svg("line", {class: "axis", x1: x(tick * 0.05), x2: x(tick * 0.05), y1: floor, y2: floor + 4}));
      dots.append(svg("text", {x: x(tick * 0.05), y: floor + 17, "text-anchor": "middle"}, number(tick * 0.05, 2)));
    }
    dots.append(svg("line", {class: "axis", x1: 0, x2: WIDTH, y1: floor, y2: floor}));
    kind.maps.slice(0, at).forEach(({estimate}, order) => {
      const bin = Math.floor(estimate / STEP), now = order === at - 1;
      heights[bin] = (heights[bin] ?? 0) + 1;
      dots.append(svg("circle", {
        cx: x((bin + 0.5) * STEP), cy: floor - (2 * heights[bin] - 1) * size, r: now ? size * 1.25 : size * 0.9,
        fill: now ? "#000" : DRAWN, stroke: now ? "#fff" : "none",
      }));
    });
    dots.append(svg("line", {x1: x(data.real.estimate), x2: x(data.real.estimate), y1: 18, y2: floor, stroke: REAL, "stroke-width": 2.5}));
    dots.append(svg("text", {x: Math.min(Math.max(x(data.real.estimate), 40), WIDTH - 40), y: 13, "text-anchor": "middle"}, say("real_label", {estimate: number(data.real.estimate, 3)})));
    byId("dots-text").textContent = tally();
  };

  const show = (loud = true) => {
    slider.value = at;
    slider.setAttribute("aria-valuetext", at ? say("map_number", {number: number(at), all: number(kind.maps.length)}) : say("map_real"));
    draw();
    plot();
    const text = sentences([sentence(), at ? tally() : ""]);
    map.setAttribute("aria-label", text);
    byId("status").setAttribute("aria-live", loud ? "polite" : "off"); // while it plays, silence
    byId("status").textContent = sentence();
    byId("back").disabled = at === 0;
    byId("next").disabled = at === kind.maps.length;
    const {draws, p, low, high, mean} = kind.record;
    byId("record").textContent = say("record", {draws, p, low, high, mean: number(mean, 3)});
  };

  const stop = () => {
    clearInterval(timer);
    timer = null;
    byId("play").textContent = say("play");
  };
  const go = (to, loud = true) => {
    at = Math.max(0, Math.min(kind.maps.length, to));
    show(loud);
    if (loud) remember({kind: kind.key, map: at ? String(at) : null});
  };
  const play = () => {
    if (timer !== null) {
      stop();
      go(at);
      return;
    }
    if (at === kind.maps.length) at = 0;
    byId("play").textContent = say("pause");
    timer = setInterval(() => {
      if (at === kind.maps.length) {
        stop();
        go(at);
      } else go(at + 1, false);
    }, PAUSE);
  };
  const motion = () => {
    byId("play").disabled = still.matches;
    byId("still").hidden = !still.matches;
    if (still.matches && timer !== null) stop();
  };

  const list = () => {
    const heads = ["head_map", "head_estimate", "head_t", "head_large", "head_counties"].map((key) => say(key));
    const row = (name, {estimate, t, large, counties}) => [name, number(estimate, 3), number(t, 2), large === undefined ? "" : say(large ? "yes" : "no"), number(counties)];
    byId("table").lastElementChild.replaceChildren(table(heads, [
      row(say("map_real"), data.real), ...kind.maps.map((one, order) => row(number(order + 1), one)),
    ], [false, true, true, false, true]));
  };
  const choose = (key) => {
    kind = kinds.find((one) => one.key === key) ?? kinds[0];
    slider.max = kind.maps.length;
    byId("kind").value = kind.key;
    if (byId("table").open) list();
  };
  const restore = () => {
    stop();
    choose(state.get("kind"));
    go(Number.parseInt(state.get("map") ?? "0", 10) || 0);
  };
  fill(byId("kind"), kinds.map(({key, name}) => [key, name]), "");
  byId("kind").addEventListener("change", () => {
    stop();
    choose(byId("kind").value);
    go(Math.min(at, kind.maps.length));
  });
  byId("play").addEventListener("click", play);
  for (const [id, move] of [["back", () => at - 1], ["next", () => at + 1], ["real", () => 0]]) {
    byId(id).addEventListener("click", () => {
      stop();
      go(move());
    });
  }
  slider.addEventListener("input", () => {
    stop();
    go(Number(slider.value));
  });
  byId("table").addEventListener("toggle", () => byId("table").open && list());
  still.addEventListener("change", motion);
  motion();
  whenAddressChanges(restore);
  restore();
})();
