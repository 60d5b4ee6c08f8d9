// The map: choices, counties that the keyboard reaches, what is known of each, and the same as a table.
(() => {
  const {data, embedded, byId, say, number, svg, element, fill, table, state, remember, whenAddressChanges} = page;
  const {counties, provinces, indicators, extents} = data;
  const map = byId("map"), zoom = byId("zoom");
  const frame = map.parentElement; // it listens: Chromium makes a drawing that listens to the focus a stop of the tab key
  const other = data.language === "en" ? "name_zh" : "name_en";
  const own = data.language === "en" ? "name_en" : "name_zh";
  const place = new Map(counties.code.map((code, at) => [code, at]));
  let extent, indicator, year, wished, shapes, orders, boxes, current = null;

  // Places: a link where the report has a page, a picture with a name elsewhere; one stop of the tab key for all.
  const shapeOf = (at) => shapes.get(at);
  const drawn = () => [...shapes.keys()];

  const draw = () => {
    const {width, height, counties: shown, paths, others, provinces: borders, outline} = extents[extent];
    const marker = svg("pattern", {id: "missing", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: `scale(${width / 800}) rotate(45)`});
    marker.append(svg("rect", {width: 6, height: 6, fill: "#fff"}), svg("line", {x1: 0, y1: 0, x2: 0, y2: 6, stroke: "#555", "stroke-width": 1.6}));
    const dots = svg("pattern", {id: "joint", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: `scale(${width / 800})`});
    dots.append(svg("circle", {cx: 2.5, cy: 2.5, r: 1, fill: "#000", stroke: "#fff", "stroke-width": 0.4}));
    const definitions = svg("defs");
    definitions.append(marker, dots);
    map.replaceChildren(definitions, svg("path", {class: "land", d: others}));
    map.setAttribute("class", extent);
    shapes = new Map();
    orders = new Map(shown.map((at, order) => [at, order]));
    shown.forEach((at, order) => {
      const path = svg("path", {class: "county", d: paths[order]});
      let node = path;
      if (counties.page[at] && !embedded) {
        node = svg("a", {href: `../${data.language}/${counties.page[at].split("/").map(encodeURIComponent).join("/")}`});
        node.append(path);
      } else path.setAttribute("role", "img");
      node.setAttribute("tabindex", "-1");
      node.dataset.at = at;
      shapes.set(at, node);
      map.append(node);
    });
    map.append(
      svg("path", {class: "line provinces", d: borders}), svg("path", {class: "line outline", d: outline}),
      svg("path", {class: "dots", id: "joints", fill: "url(#joint)"}),
      svg("path", {class: "line halo", id: "halo"}), svg("path", {class: "line cursor", id: "cursor"}),
    );
    map.style.maxWidth = `calc(86vh * ${width / height})`;
    view([0, 0, width, height]);
    boxes = new Map(drawn().map((at) => {
      const {x, y, width: wide, height: high} = shapeOf(at).getBBox();
      return [at, {x, y, wide, high, middle: [x + wide / 2, y + high / 2]}];
    }));
    shapeOf(drawn()[0]).setAttribute("tabindex", "0");
    byId("lines").textContent = say("lines");
  };
  const view = (box) => map.setAttribute("viewBox", box.map((side) => side.toFixed(1)).join(" "));

  // What is chosen
  const series = () => indicator.years.find((one) => one.key === year);
  const classOf = (at) => {
    const {member, classes} = series().shown[extent];
    return classes[Number(member[orders.get(at)])];
  };
  const valueOf = (at) => {
    const {values, digits, small} = series();
    return small.includes(at) ? `< ${number(10 ** -digits, digits)}` : number(values[at], digits);
  };
  const valueOrMissing = (at) => (series().values[at] === null ? say("missing") : [valueOf(at), ...remarks(at)].join(say("comma")));
  const withUnit = (at) => {
    if (series().values[at] === null || !indicator.unit) return valueOrMissing(at);
    return [say("value", {value: valueOf(at), unit: indicator.unit}), ...remarks(at)].join(say("comma"));
  };
  const remarks = (at) => [
    ...(series().joint.includes(at) ? [say("joint")] : []), ...(series().doubtful.includes(at) ? [say(series().doubt === "literacy" ? "doubtful_literacy" : "doubtful")] : []),
  ];
  const marked = (at) => [
    valueOf(at), ...(series().joint.includes(at) ? [say("joint_short")] : []),
    ...(series().doubtful.includes(at) ? [say("doubtful_short")] : []),
  ].join(say("comma"));
  const where = (at) => {
    const [prefecture, province] = [counties.prefecture[at], provinces[counties.province[at]].name];
    return prefecture === province ? province : say("where", {prefecture, province});
  };

  const paint = () => {
    const {member, classes} = series().shown[extent];
    extents[extent].counties.forEach((at, order) => {
      const node = shapeOf(at), kind = classes[Number(member[order])];
      const path = node.tagName === "a" ? node.firstChild : node;
      path.setAttribute("fill", kind.missing ? "url(#missing)" : kind.colour);
      node.setAttribute("aria-label", say("one", {place: counties[own][at], value: withUnit(at)}));
    });
    const together = series().joint.filter((at) => orders.has(at));
    byId("joints").setAttribute("d", together.map((at) => extents[extent].paths[orders.get(at)]).join(""));
    byId("legend-title").textContent = series().title;
    const entries = classes.map((kind) => [kind.missing ? "url(#missing)" : kind.colour, kind.label]);
    if (together.length) entries.push(["url(#joint)", data.joint]);
    byId("legend").replaceChildren(...entries.map(([colour, label]) => {
      const step = extents[extent].width / 800; // of the patterns
      const line = element("li"), box = svg("svg", {"aria-hidden": "true", viewBox: `0 0 ${30 * step} ${18 * step}`});
      box.append(svg("rect", {width: 30 * step, height: 18 * step, fill: colour}));
      line.append(box, element("span", label));
      return line;
    }));
    byId("definition").textContent = series().definition;
    byId("notes").textContent = extents[extent].notes[series().notes];
    summarise();
    if (byId("table").open) list();
    show(current);
  };

  const summarise = () => {
    const shown = extents[extent].counties, known = shown.filter((at) => series().values[at] !== null);
    known.sort((a, b) => series().values[a] - series().values[b]);
    const together = shown.filter((at) => series().joint.includes(at)).length;
    const text = say("summary", {
      together: together ? say("jointly", {count: number(together)}) : "",
      title: series().title, area: extents[extent].name, known: number(known.length), all: number(shown.length),
      low: counties[own][known[0]], least: marked(known[0]), high: counties[own][known.at(-1)], most: marked(known.at(-1)),
    });
    byId("status").textContent = text;
    map.setAttribute("aria-label", text);
  };

  const list = () => {
    const shown = [...extents[extent].counties];
    const size = (at) => series().values[at] ?? -Infinity;
    shown.sort((a, b) => size(b) - size(a) || (counties.code[a] < counties.code[b] ? -1 : 1));
    const heads = [say("head_county"), say("head_other"), say("head_where"), series().title, say("head_class")];
    const rows = shown.map((at) => [
      counties[own][at], counties[other][at], where(at), [valueOf(at), ...remarks(at)].join(say("comma")), classOf(at).label,
    ]);
    byId("table").lastElementChild.replaceChildren(table(heads, rows, [false, false, false, true, false]));
  };

  // One county: named beside the map, with a heavy line around it
  const show = (at) => {
    current = at !== null && shapes.has(at) ? at : null;
    byId("card").hidden = current === null;
    const path = current === null ? "" : (shapeOf(at).firstChild ?? shapeOf(at)).getAttribute("d");
    for (const id of ["halo", "cursor"]) byId(id).setAttribute("d", path);
    if (current === null) return;
    byId("place").textContent = say("both_names", {name: counties[own][at], other: counties[other][at]});
    const facts = [[say("head_where"), where(at)], [series().title, withUnit(at)], [say("head_class"), classOf(at).label]];
    if (counties.mountain[at]) facts.push([say("head_group"), say("mountain")]);
    byId("facts").replaceChildren(...facts.flatMap(([head, text]) => [element("dt", head), element("dd", text)]));
    const link = byId("report"), has = counties.page[at] && !embedded;
    link.textContent = has ? say("report", {place: counties[own][at]}) : "";
    if (has) link.setAttribute("href", shapeOf(at).getAttribute("href"));
    else link.removeAttribute("href");
  };
  const stopAt = (at) => {
    for (const node of map.querySelectorAll('[tabindex="0"]')) node.setAttribute("tabindex", "-1");
    shapeOf(at).setAttribute("tabindex", "0");
  };

  // Keyboard: arrows go to the nearest county on that side
  const SIDES = {ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0]};
  const nextTo = (at, [right, down]) => {
    const [x, y] = boxes.get(at).middle;
    let best = at, least = Infinity;
    for (const [one, {middle}] of boxes) {
      const ahead = (middle[0] - x) * right + (middle[1] - y) * down;
      const aside = Math.abs((middle[0] - x) * down) + Math.abs((middle[1] - y) * right);
      if (ahead > 0 && aside <= 1.5 * ahead && ahead + 2 * aside < least) [best, least] = [one, ahead + 2 * aside];
    }
    return best;
  };
  const focusOn = (at) => {
    stopAt(at);
    shapeOf(at).focus({preventScroll: true});
  };
  const under = (event) => event.target.closest("[data-at]");
  frame.addEventListener("keydown", (event) => {
    const node = under(event);
    if (!node || !(event.key in SIDES)) return;
    event.preventDefault();
    focusOn(nextTo(Number(node.dataset.at), SIDES[event.key]));
  });
  frame.addEventListener("focusin", (event) => {
    stopAt(Number(under(event).dataset.at));
    show(Number(under(event).dataset.at));
  });
  frame.addEventListener("pointerover", (event) => under(event) && show(Number(under(event).dataset.at)));
  let touched = null; // a finger cannot hover: its first tap names a county, the second follows the link
  frame.addEventListener("pointerdown", (event) => {
    const node = under(event);
    touched = event.pointerType === "touch" && node && current !== Number(node.dataset.at) ? node : null;
  });
  frame.addEventListener("click", (event) => {
    if (touched && under(event) === touched) event.preventDefault();
    if (under(event)) show(Number(under(event).dataset.at));
  });

  // Search by a name in either language, or by code
  const labelOf = (at) => `${counties[own][at]} ${counties[other][at]} ${counties.code[at]}`;
  const find = (text) => {
    const wanted = text.trim().toLowerCase();
    const inside = drawn();
    const exact = inside.filter((at) => labelOf(at).toLowerCase() === wanted);
    if (exact.length) return exact;
    const full = inside.filter((at) => [counties.code[at], counties.name_en[at].toLowerCase(), counties.name_zh[at]].includes(wanted));
    return full.length ? full : inside.filter((at) => counties.bare[at] === wanted);
  };
  byId("find").addEventListener("change", () => {
    const text = byId("find").value;
    if (!text.trim()) return;
    const found = find(text);
    if (found.length === 1) {
      stopAt(found[0]);
      show(found[0]);
      remember({place: counties.code[found[0]]});
      byId("status").textContent = say("found", {place: counties[own][found[0]], title: series().title, value: valueOrMissing(found[0])});
    } else {
      byId("status").textContent = found.length ? say("several", {text, places: found.map(labelOf).join(say("semicolon"))}) : say("none", {text});
    }
  });

  // Choices
  const chooseExtent = (key) => {
    extent = key;
    draw();
    byId("counties").replaceChildren(...drawn().map((at) => element("option", "", {value: labelOf(at)})));
    const there = [...new Set(drawn().map((at) => counties.province[at]))];
    zoom.disabled = there.length < 2;
    fill(zoom, [["", say("whole", {area: extents[extent].name})], ...(there.length < 2 ? [] : there.map((at) => [provinces[at].code, provinces[at].name]))], "");
  };
  const zoomTo = (code) => {
    const {width, height} = extents[extent];
    const inside = drawn().filter((at) => provinces[counties.province[at]].code === code).map((at) => boxes.get(at));
    zoom.value = inside.length ? code : "";
    if (!inside.length) return view([0, 0, width, height]);
    const left = Math.min(...inside.map(({x}) => x)), top = Math.min(...inside.map(({y}) => y));
    const right = Math.max(...inside.map(({x, wide}) => x + wide)), low = Math.max(...inside.map(({y, high}) => y + high));
    const side = Math.max(right - left, ((low - top) * width) / height) * 1.1, tall = (side * height) / width;
    return view([(left + right - side) / 2, (top + low - tall) / 2, side, tall]);
  };
  const chooseIndicator = (key) => {
    indicator = indicators.find((one) => one.key === key) ?? indicators[0];
    const years = indicator.years;
    year = (years.find((one) => one.key === wished) ?? years.find((one) => one.key === indicator.year)).key;
    fill(byId("year"), years.map((one) => [one.key, one.year]), year);
    byId("year").disabled = years.length < 2;
  };
  const restore = () => {
    wished = state.get("year") ?? undefined; // kept while an indicator is shown that lacks it
    chooseExtent(state.get("extent") in extents ? state.get("extent") : Object.keys(extents)[0]);
    chooseIndicator(state.get("indicator") ?? data.first);
    zoomTo(state.get("zoom") ?? "");
    byId("extent").value = extent;
    byId("indicator").value = indicator.key;
    current = place.get(state.get("place")) ?? null;
    paint();
    if (current !== null) stopAt(current);
    remember({});
  };
  fill(byId("extent"), Object.entries(extents).map(([key, {label}]) => [key, label]), "");
  fill(byId("indicator"), indicators.map(({key, name}) => [key, name]), "");
  byId("extent").addEventListener("change", () => {
    chooseExtent(byId("extent").value);
    paint();
    remember({extent, zoom: null});
  });
  byId("indicator").addEventListener("change", () => {
    chooseIndicator(byId("indicator").value);
    paint();
    remember({indicator: indicator.key, year});
  });
  byId("year").addEventListener("change", () => {
    year = wished = byId("year").value;
    paint();
    remember({year});
  });
  zoom.addEventListener("change", () => {
    zoomTo(zoom.value);
    remember({zoom: zoom.value});
  });
  byId("table").addEventListener("toggle", () => byId("table").open && list());
  whenAddressChanges(restore);
  restore();
})();
