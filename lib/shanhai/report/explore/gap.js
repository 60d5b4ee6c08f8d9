// The gap between two places: both are typed, everything else is subtraction of logarithms of figures that are given.
(() => {
  const {data, byId, say, sentences, number, svg, element, table, state, remember, whenAddressChanges} = page;
  const {places, figures, traits, joints, year} = data;
  const own = data.language === "en" ? "name_en" : "name_zh";
  const another = data.language === "en" ? "name_zh" : "name_en";
  const numberOf = new Map(places.code.map((code, at) => [code, at]));

  const labelOf = (at) => {
    const above = places.within[at] ? say("within", {above: places.within[at]}) : "";
    return `${places[own][at]} ${places[another][at]}${above} ${places.code[at]}`;
  };
  const find = (text) => {
    const wanted = text.trim().toLowerCase(), all = [...places.code.keys()];
    if (!wanted) return [];
    const label = all.filter((at) => labelOf(at).toLowerCase() === wanted || places.code[at] === wanted);
    if (label.length) return label;
    const names = (at) => [places.name_en[at], places.name_zh[at], places.short_en[at], places.short_zh[at]].map((name) => name.toLowerCase());
    const full = all.filter((at) => names(at).includes(wanted));
    return full.length ? full : all.filter((at) => places.bare[at] === wanted);
  };
  const asked = (id) => {
    const text = byId(id).value, found = find(text), field = byId(id);
    field.toggleAttribute("aria-invalid", found.length !== 1);
    if (found.length === 1) return {at: found[0]};
    if (!text.trim()) return {problem: say("empty")};
    return {problem: found.length ? say("several", {text, places: found.slice(0, 8).map(labelOf).join(say("semicolon"))}) : say("none", {text})};
  };

  const log = (value) => (value === null || value <= 0 ? null : Math.log(value));
  const less = (one, other) => (one === null || other === null ? null : one - other);
  const percent = (gap) => (gap === null ? "–" : `${number(100 * Math.expm1(gap), 1, true)}%`);
  const name = (at) => places[own][at];
  const joined = (at) => joints.find(({members}) => members.includes(at)); // of whom GDP is known together only

  const show = () => {
    const [one, other] = ["place", "reference"].map(asked);
    const same = one.at !== undefined && one.at === other.at ? say("same", {place: name(one.at)}) : null;
    const problem = one.problem ?? other.problem ?? same;
    byId("found").hidden = Boolean(problem);
    if (problem) {
      byId("status").textContent = problem;
      return;
    }
    const at = (key, of) => figures[key][of];
    const gap = (key) => less(log(at(key, one.at)), log(at(key, other.at)));
    const names = {place: name(one.at), reference: name(other.at), year};
    const size = gap("head");
    if (size === null) {
      const lacking = [one.at, other.at].filter((of) => at("head", of) === null);
      const alone = lacking.filter((of) => !joined(of)), together = lacking.filter(joined);
      byId("status").textContent = sentences([
        alone.length ? say("no_gdp", {places: alone.map(name).join(say("semicolon")), year}) : "",
        ...together.map((of) => say("joint_gdp", {
          place: name(of), year, head: number(joined(of).head),
          others: joined(of).members.filter((each) => each !== of).map(name).join(say("comma")),
        })),
        ...lacking.filter((of) => at("light", of) === null).map((of) => say("no_light", {place: name(of), lights: data.lights})),
      ]);
    } else {
      const side = say(size < 0 ? "below" : "above", {percent: number(Math.abs(100 * Math.expm1(size)), 1)});
      byId("status").textContent = say("answer", {...names, side, logs: number(size, 3, true)});
    }
    const head = [say("head_measure"), names.place, names.reference, say("head_logs"), say("head_percent")];
    const numeric = [false, true, true, true, true];
    const row = (label, values, difference) => [label, ...values, number(difference, 3, true), percent(difference)];
    const both = (key, digits) => [one.at, other.at].map((of) => number(at(key, of), digits));
    const means = less(at("mean_log", one.at), at("mean_log", other.at));
    const measures = [
      row(say("by_totals", {year}), both("head", 0), size),
      row(say("by_means", {year}), [one.at, other.at].map((of) => number(at("mean_log", of) === null ? null : Math.exp(at("mean_log", of)), 0)), means),
      row(say("by_light", {lights: data.lights}), both("light", 4), gap("light")),
    ];
    byId("measures").replaceChildren(table(head, measures, numeric));
    const people = gap("residents"), output = gap("gdp");
    const line = (label, values, difference) => [label, ...values, number(difference, 3, true)];
    byId("parts").replaceChildren(table([say("head_part"), ...head.slice(1, 4)], [
      line(say("part_gdp", {year}), both("gdp", 2), output),
      line(say("part_people", {census: data.census}), both("residents", 0), people),
      line(say("part_sum"), both("head", 0), less(output, people)),
    ], numeric));
    bars(output, people, names);
    const rows = traits.map((trait) => {
      const values = [one.at, other.at].map((of) => trait.values[of]);
      return [trait.name, ...values.map((value) => number(value, trait.digits)), number(less(...values), trait.digits, true)];
    });
    byId("traits").replaceChildren(table([say("head_trait"), names.place, names.reference, say("head_difference")], rows, numeric));
    const remarks = [one.at, other.at].flatMap((of) => [
      ...(at("head", of) !== null && at("covered", of) < 99.95 ? [say("covered", {place: name(of), share: number(at("covered", of), 1)})] : []),
      ...(at("doubtful", of) ? [places.level[of] === "county" ? say("doubtful", {place: name(of)}) : say("doubtful_counties", {place: name(of), count: number(at("doubtful", of))})] : []),
    ]);
    byId("remarks").textContent = sentences(remarks);
    byId("remarks").hidden = !remarks.length;
    remember({place: places.code[one.at], reference: places.code[other.at]});
  };

  const bars = (output, people, names) => {
    const chart = byId("bars"), width = Math.min(Math.max(chart.parentElement.clientWidth, 280), 640), row = 46, room = 70;
    chart.setAttribute("viewBox", `0 0 ${width} ${3 * row + 8}`);
    chart.style.maxWidth = `${width}px`;
    chart.replaceChildren();
    const size = less(output, people);
    if (size === null) {
      chart.setAttribute("aria-label", say("no_chart"));
      return;
    }
    const lines = [[say("bar_gdp"), output, "#0072b2"], [say("bar_people"), -people, "#d55e00"], [say("part_sum"), size, "#1b1b1b"]];
    const [low, top] = [Math.min(0, ...lines.map((line) => line[1])), Math.max(0, ...lines.map((line) => line[1]))];
    const x = (value) => room + ((width - 2 * room) * (value - low)) / (top - low || 1);
    lines.forEach(([label, value, colour], at) => {
      const y = at * row, text = number(value, 3, true);
      chart.append(svg("text", {x: 0, y: y + 16}, label));
      chart.append(svg("rect", {x: Math.min(x(0), x(value)), y: y + 22, width: Math.max(Math.abs(x(value) - x(0)), 1), height: 18, fill: colour}));
      chart.append(svg("text", {x: value < 0 ? x(value) - 5 : x(value) + 5, y: y + 36, "text-anchor": value < 0 ? "end" : "start"}, text));
    });
    chart.append(svg("line", {class: "axis", x1: x(0), x2: x(0), y1: 20, y2: 3 * row + 4}));
    chart.setAttribute("aria-label", say("chart", {...names, gdp: number(output, 3, true), people: number(-people, 3, true), sum: number(size, 3, true)}));
  };

  const restore = () => {
    for (const id of ["place", "reference"]) {
      byId(id).value = labelOf(numberOf.get(state.get(id)) ?? numberOf.get(data.first[id]));
    }
    show();
  };
  byId("places").append(...places.code.map((_, at) => element("option", "", {value: labelOf(at)})));
  for (const id of ["place", "reference"]) {
    byId(id).addEventListener("change", show);
    byId(id).addEventListener("focus", () => byId(id).select());
  }
  addEventListener("resize", show);
  byId("swap").addEventListener("click", () => {
    [byId("place").value, byId("reference").value] = [byId("reference").value, byId("place").value];
    show();
  });
  whenAddressChanges(restore);
  restore();
})();
