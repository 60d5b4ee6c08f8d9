// The specification curve: options are ticked, what is shown is summed up, drawn in order, and looked at one by one.
(() => {
  const {data, byId, say, sentences, number, pValue, svg, element, state, remember, whenAddressChanges, numbers} = page;
  const {choices, main} = data;
  const estimate = numbers(data.estimate, Float32Array), half = numbers(data.half, Float32Array);
  const p = numbers(data.p, Float32Array), packed = numbers(data.options, Uint32Array);
  const COLOURS = [[0, 114, 178], [154, 154, 154], [213, 94, 0]]; // negative, p of 0.05 and more, positive
  const SIGNIFICANT = 0.05, LIGHTEN = 0.62, PIXELS = 900, STRIP = 160, MOST = 3;
  const count = estimate.length;
  const below = choices.map((_, at) => choices.slice(at + 1).reduce((many, choice) => many * choice.options.length, 1));
  const option = (row, choice) => Math.floor(packed[row] / below[choice]) % choices[choice].options.length;
  const kindOf = (row) => (p[row] >= SIGNIFICANT ? 1 : estimate[row] < 0 ? 0 : 2);
  const inOrder = [...Array(count).keys()].sort((a, b) => estimate[a] - estimate[b] || a - b);
  const ticked = choices.map((choice) => choice.options.map(() => true));
  const rows = []; // of the table: choice, option, box, cells, canvas
  let shown = inOrder;

  const quantile = (values, share) => {
    const at = (values.length - 1) * share, low = Math.floor(at);
    return values[low] + (values[Math.min(low + 1, values.length - 1)] - values[low]) * (at - low);
  };
  const percent = (part, whole) => (whole ? `${number((100 * part) / whole, 1)}%` : "–");

  const summarise = () => {
    const values = shown.map((row) => estimate[row]), kinds = [0, 0, 0];
    for (const row of shown) kinds[kindOf(row)] += 1;
    let text = say("nothing");
    if (shown.length) {
      const asMain = shown.filter((row) => Math.sign(estimate[row]) === Math.sign(estimate[main])).length;
      text = say("summary", {
        shown: number(shown.length), all: number(count), median: number(quantile(values, 0.5), 3),
        low: number(quantile(values, 0.25), 3), high: number(quantile(values, 0.75), 3),
        negative: percent(kinds[0], shown.length), positive: percent(kinds[2], shown.length), same: percent(asMain, shown.length),
      });
      text = sentences([text, say(shown.includes(main) ? "main_shown" : "main_hidden", {estimate: number(estimate[main], 3)})]);
    }
    byId("status").textContent = text;
    byId("curve").setAttribute("aria-label", text);
  };

  // The curve: in each column of the picture the medians of the ends of the intervals, the colours mixed
  const paper = (canvas, wide, high) => {
    canvas.width = wide;
    canvas.height = high;
    return canvas.getContext("2d");
  };
  const columns = (most) => {
    const many = Math.min(most, shown.length);
    return Array.from({length: many}, (_, at) => shown.slice(Math.floor((at * shown.length) / many), Math.floor(((at + 1) * shown.length) / many)));
  };
  const median = (values) => quantile(values.sort((a, b) => a - b), 0.5);
  const draw = () => {
    const high = 320, context = paper(byId("curve"), PIXELS, high), axes = byId("axes");
    axes.replaceChildren();
    axes.setAttribute("viewBox", `0 0 ${byId("curve").clientWidth || PIXELS} ${high}`);
    if (!shown.length) return;
    const ends = [shown.map((row) => estimate[row] - half[row]), shown.map((row) => estimate[row] + half[row])];
    ends.forEach((end) => end.sort((a, b) => a - b));
    let low = Math.min(quantile(ends[0], 0.005), 0), top = Math.max(quantile(ends[1], 0.995), 0);
    [low, top] = [low - 0.06 * (top - low), top + 0.06 * (top - low)];
    const y = (value) => (high * (top - value)) / (top - low);
    const cells = columns(PIXELS), wide = PIXELS / cells.length;
    cells.forEach((cell, at) => {
      const kinds = [0, 0, 0];
      for (const row of cell) kinds[kindOf(row)] += 1;
      const mixed = [0, 1, 2].map((part) => COLOURS.reduce((sum, colour, kind) => sum + (colour[part] * kinds[kind]) / cell.length, 0));
      const from = y(median(cell.map((row) => estimate[row] + half[row]))), to = y(median(cell.map((row) => estimate[row] - half[row])));
      context.fillStyle = `rgb(${mixed.map((part) => Math.round(part + LIGHTEN * (255 - part))).join()})`;
      context.fillRect(at * wide, from, Math.max(wide, 1), to - from);
      context.fillStyle = `rgb(${mixed.map(Math.round).join()})`;
      context.fillRect(at * wide, y(median(cell.map((row) => estimate[row]))) - 1.5, Math.max(wide, 1), 3);
    });
    const [, , across] = axes.getAttribute("viewBox").split(" ").map(Number);
    const step = [0.02, 0.05, 0.1, 0.2, 0.5].find((one) => (top - low) / one < 9) ?? 1;
    for (let tick = Math.ceil(low / step); tick * step <= top; tick += 1) {
      const at = y(tick * step);
      axes.append(svg("line", {class: "axis", x1: 0, x2: across, y1: at, y2: at, "stroke-dasharray": tick ? "1 5" : "6 3"}));
      if (at > 16) axes.append(svg("text", {x: 3, y: at - 3}, number(tick * step, 2)));
    }
    axes.append(svg("line", {y1: 0, y2: high, stroke: "#1b1b1b", "stroke-width": 1, "stroke-dasharray": "3 3", id: "looked"}));
    if (!shown.includes(main)) return;
    const at = [x(shown.indexOf(main), across), y(estimate[main])];
    axes.append(svg("line", {x1: at[0], x2: at[0], y1: y(estimate[main] - half[main]), y2: y(estimate[main] + half[main]), stroke: "#000", "stroke-width": 2}));
    axes.append(svg("path", {d: `M${at[0]} ${at[1] - 7}l7 7-7 7-7-7z`, fill: "#000", stroke: "#fff", id: "main-mark"}));
  };

  const x = (place, across) => ((place + 0.5) * across) / shown.length;

  // The dashboard: each option with what the specifications that take it show, and where along the curve they lie
  const dashboard = () => {
    const cells = columns(STRIP);
    for (const {choice, at, cells: [many, middle, share], canvas} of rows) {
      const taking = shown.filter((row) => option(row, choice) === at);
      many.textContent = number(taking.length);
      middle.textContent = taking.length ? number(quantile(taking.map((row) => estimate[row]), 0.5), 3) : "–";
      share.textContent = percent(taking.filter((row) => kindOf(row) === 0).length, taking.length);
      const context = paper(canvas, STRIP, 1), overall = taking.length / shown.length;
      cells.forEach((cell, place) => {
        const part = cell.filter((row) => option(row, choice) === at).length / cell.length;
        const grey = taking.length ? Math.round(255 * (1 - Math.min(part / overall, MOST) / MOST)) : 255;
        context.fillStyle = `rgb(${grey},${grey},${grey})`;
        context.fillRect((place * STRIP) / cells.length, 0, STRIP / cells.length + 1, 1);
      });
    }
  };

  // One specification
  const look = () => {
    const rank = Number(byId("rank").value), row = shown[rank - 1];
    byId("one").textContent = "";
    if (row === undefined) return;
    const across = Number(byId("axes").getAttribute("viewBox").split(" ")[2]);
    for (const end of ["x1", "x2"]) byId("looked").setAttribute(end, x(rank - 1, across));
    const taken = choices.map((choice, at) => say("pair", {name: choice.name, value: choice.options[option(row, at)].name})).join(say("semicolon"));
    byId("one").textContent = say(row === main ? "one_main" : "one", {
      rank: number(rank), shown: number(shown.length), estimate: number(estimate[row], 3),
      low: number(estimate[row] - half[row], 3), high: number(estimate[row] + half[row], 3), p: pValue(p[row]), taken,
    });
    byId("rank").setAttribute("aria-valuetext", say("rank_value", {rank: number(rank), estimate: number(estimate[row], 3), p: pValue(p[row])}));
  };

  const update = () => {
    shown = inOrder.filter((row) => ticked.every((options, choice) => options[option(row, choice)]));
    const rank = byId("rank"), place = shown.indexOf(main);
    rank.max = Math.max(shown.length, 1);
    rank.disabled = !shown.length;
    rank.value = place < 0 ? Math.ceil(shown.length / 2) : place + 1;
    summarise();
    draw();
    dashboard();
    look();
  };
  const keep = () => {
    remember(Object.fromEntries(choices.map((choice, at) => {
      const left = choice.options.filter((_, place) => ticked[at][place]).map(({key}) => key);
      return [choice.key, left.length === choice.options.length ? null : left.join(".") || "none"];
    })));
  };
  const tick = (which) => {
    for (const row of rows) row.box.checked = ticked[row.choice][row.at] = which(row);
    update();
  };
  const restore = () => {
    tick(({choice, at}) => {
      const wanted = state.get(choices[choice].key);
      return wanted === null || wanted.split(".").includes(choices[choice].options[at].key);
    });
    keep();
  };

  const build = () => {
    const made = byId("choices"), head = element("tr");
    ["head_option", "head_count", "head_median", "head_share", "head_where"].forEach((key, at) => {
      head.append(element("th", say(key), at && at < 4 ? {scope: "col", class: "number"} : {scope: "col"}));
    });
    made.append(element("thead"));
    made.tHead.append(head);
    choices.forEach((choice, number) => {
      const body = element("tbody"), title = element("tr", "", {class: "group"});
      title.append(element("th", choice.name, {colspan: 5, scope: "rowgroup"}));
      body.append(title);
      choice.options.forEach((one, at) => {
        const line = element("tr"), label = element("label"), canvas = element("canvas", "", {"aria-hidden": "true"});
        const box = element("input", "", {type: "checkbox", "aria-label": say("pair", {name: choice.name, value: one.name})});
        label.append(box, one.name, option(main, number) === at ? say("star") : "");
        const name = element("th", "", {scope: "row"}), strip = element("td", "", {class: "strip"});
        name.append(label);
        strip.append(canvas);
        const cells = [0, 1, 2].map(() => element("td", "", {class: "number"}));
        line.append(name, ...cells, strip);
        body.append(line);
        rows.push({choice: number, at, box, cells, canvas});
        box.addEventListener("change", () => {
          ticked[number][at] = box.checked;
          update();
          keep();
        });
      });
      made.append(body);
    });
  };

  build();
  byId("rank").addEventListener("input", look);
  byId("all").addEventListener("click", () => {
    tick(() => true);
    keep();
  });
  byId("only-main").addEventListener("click", () => {
    tick(({choice, at}) => option(main, choice) === at);
    keep();
  });
  addEventListener("resize", () => {
    draw();
    look();
  });
  whenAddressChanges(restore);
  restore();
})();
