"use strict";
/* Draws a simulation: panels of tokens that move with the slider, attention, curves with events, diagrams of sweeps. When
   all is drawn, the root element says how many pictures: data-pictures. */
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("simulation").textContent);
  const place = document.getElementById("simulation-place");
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const NS = "http://www.w3.org/2000/svg";
  const svg = (name, attributes, parent, text) => {
    const element = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) {
      element.setAttribute(key, value);
    }
    if (text !== undefined) {
      element.textContent = text;
    }
    if (parent) {
      parent.append(element);
    }
    return element;
  };
  const make = (name, attributes, parent, text) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      element.setAttribute(key, value);
    }
    if (text !== undefined) {
      element.textContent = text;
    }
    parent.append(element);
    return element;
  };
  const figure = (parent, title, note) => {
    const box = make("figure", {}, parent);
    make("figcaption", {}, box, title);
    if (note) {
      make("p", { class: "summary" }, box, note);
    }
    return box;
  };
  const section = (title, grid) => {
    const part = make("section", {}, place);
    make("h2", {}, part, title);
    return grid ? make("div", { class: "charts even" }, part) : part;
  };
  const short = (v) => (v === 0 ? "0" : Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3 ? v.toExponential(1) : String(Number(v.toPrecision(4))));
  const redraws = [];
  let frame = 0;
  let pictures = 0;

  /* An axis from low to high, or of logarithms, on pixels from..to. */
  const axis = (low, high, log, from, to) => {
    const f = log ? (v) => Math.log10(v) : (v) => v;
    const a = f(low);
    const b = f(high) === a ? a + 1 : f(high);
    const at = (v) => from + ((f(v) - a) / (b - a)) * (to - from);
    const ticks = [];
    if (log && b - a >= 1) {
      const stride = Math.max(1, Math.ceil((b - a) / 6));
      for (let k = Math.ceil(a - 1e-9); k <= b + 1e-9; k += stride) {
        ticks.push(10 ** k);
      }
    } else {
      const span = 10 ** Math.floor(Math.log10((b - a) / 4));
      const stride = [1, 2, 5, 10].map((m) => m * span).find((m) => (b - a) / m <= 6);
      for (let k = Math.ceil(a / stride - 1e-9); k * stride <= b + stride * 1e-9; k++) {
        ticks.push(log ? 10 ** (k * stride) : Number((k * stride).toPrecision(12)));
      }
    }
    return { at, ticks };
  };
  const long = data.times && data.times.length > 1 && data.times[data.times.length - 1] > 50;
  const axes = (picture, x, y, width, height, left, bottom) => {
    const soft = "var(--soft)";
    for (const t of x.ticks) {
      svg("line", { x1: x.at(t), x2: x.at(t), y1: height - bottom, y2: height - bottom + 4, stroke: soft }, picture);
      svg("text", { x: x.at(t), y: height - bottom + 17, fill: soft, "font-size": 11, "text-anchor": "middle" }, picture, short(t));
    }
    for (const t of y.ticks) {
      svg("line", { x1: left, x2: width - 10, y1: y.at(t), y2: y.at(t), stroke: "var(--rule)" }, picture);
      svg("text", { x: left - 6, y: y.at(t) + 4, fill: soft, "font-size": 11, "text-anchor": "end" }, picture, short(t));
    }
  };
  const picture = (parent, width, height, label) => {
    pictures++;
    return svg("svg", { viewBox: `0 0 ${width} ${height}`, width: "100%", role: "img", "aria-label": label }, parent);
  };
  const legend = (parent, names) => {
    const line = make("p", { class: "legend key" }, parent);
    names.forEach((name, index) => {
      const entry = make("span", {}, line);
      const mark = make("i", { class: "swatch" }, entry);
      mark.style.background = `var(--series-${(index % 8) + 1})`;
      entry.append(name);
    });
  };
  const LEFT = 58;
  const BOTTOM = 26;
  const path = (points) => {
    let text = "";
    let open = false;
    for (const [x, y] of points) {
      if (Number.isFinite(x) && Number.isFinite(y)) {
        text += `${open ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
        open = true;
      } else {
        open = false;
      }
    }
    return text;
  };

  /* ---- tokens that move ---- */
  const trajectories = () => {
    const part = section("Trajectories", false);
    const d = Math.min(3, data.dimension);
    const low = Array(d).fill(Infinity);
    const high = Array(d).fill(-Infinity);
    for (const run of data.runs) {
      for (const positions of run.frames) {
        positions.forEach((v, k) => {
          if (v !== null) {
            low[k % d] = Math.min(low[k % d], v);
            high[k % d] = Math.max(high[k % d], v);
          }
        });
      }
    }
    const centre = low.map((v, k) => (v + high[k]) / 2);
    const radius = Math.max(...low.map((v, k) => (high[k] - v) / 2), 1e-9);
    let turn = 0.6;
    let tilt = 0.35;
    const project = (positions, i) => {
      const p = centre.map((c, k) => (positions[i * d + k] - c) / radius);
      if (d === 1) {
        return [p[0], (2 * i) / Math.max(1, positions.length - 1) - 1];
      }
      if (d === 2) {
        return p;
      }
      const x = p[0] * Math.cos(turn) - p[1] * Math.sin(turn);
      const y = p[0] * Math.sin(turn) + p[1] * Math.cos(turn);
      return [x / 1.45, (p[2] * Math.cos(tilt) + y * Math.sin(tilt)) / 1.45];
    };
    const controls = make("div", { class: "controls" }, part);
    const play = make("button", { type: "button" }, controls, "Play");
    const slider = make("input", { type: "range", min: 0, max: data.times.length - 1, value: 0, "aria-label": "time" }, controls);
    const label = make("output", {}, controls);
    const grid = make("div", { class: "charts even" }, part);
    const draws = data.runs.map((run) => {
      const note = data.dimension > 3 ? `first three of ${data.dimension} coordinates; drag to turn` : d === 3 ? "drag to turn" : "rings: leaders; lines: whom a token attends to most";
      const box = figure(grid, run.name, note);
      const canvas = make("canvas", { class: "panel", role: "img", "aria-label": `tokens of the ${run.name} run` }, box);
      pictures++;
      canvas.addEventListener("pointermove", (event) => {
        if (event.buttons === 1 && d === 3) {
          turn += event.movementX / 120;
          tilt = Math.max(-1.5, Math.min(1.5, tilt + event.movementY / 120));
          draws.forEach((each) => each());
        }
      });
      return () => {
        const size = canvas.clientWidth;
        const ratio = devicePixelRatio || 1;
        canvas.width = size * ratio;
        canvas.height = size * ratio;
        const pen = canvas.getContext("2d");
        pen.scale(ratio, ratio);
        const at = ([x, y]) => [size / 2 + x * size * 0.46, size / 2 - y * size * 0.46];
        const n = run.strongest[0].length;
        const soft = colour("soft");
        pen.strokeStyle = colour("rule");
        pen.lineWidth = 1;
        pen.strokeRect(0.5, 0.5, size - 1, size - 1);
        const now = run.frames[frame];
        const strongest = run.strongest[frame];
        const root = (i) => {
          let leader = i;
          for (let k = 0; k < n && strongest[leader] !== leader; k++) {
            leader = strongest[leader];
          }
          return leader;
        };
        for (let i = 0; i < n; i++) {
          const tint = colour(`series-${(root(i) % 8) + 1}`);
          pen.strokeStyle = tint;
          pen.globalAlpha = 0.35;
          pen.beginPath();
          for (let k = 0; k <= frame; k++) {
            const [x, y] = at(project(run.frames[k], i));
            k === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y);
          }
          pen.stroke();
          const [sx, sy] = at(project(run.frames[0], i));
          pen.fillStyle = soft;
          pen.fillRect(sx - 1.5, sy - 1.5, 3, 3);
          pen.globalAlpha = 0.25;
          if (strongest[i] !== i) {
            pen.beginPath();
            pen.moveTo(...at(project(now, i)));
            pen.lineTo(...at(project(now, strongest[i])));
            pen.stroke();
          }
          pen.globalAlpha = 1;
        }
        for (let i = 0; i < n; i++) {
          const [x, y] = at(project(now, i));
          pen.fillStyle = colour(`series-${(root(i) % 8) + 1}`);
          pen.beginPath();
          pen.arc(x, y, 4.5, 0, 7);
          pen.fill();
          if (strongest[i] === i) {
            pen.strokeStyle = colour("ink");
            pen.lineWidth = 1.5;
            pen.beginPath();
            pen.arc(x, y, 8, 0, 7);
            pen.stroke();
          }
        }
      };
    });
    redraws.push(() => {
      slider.value = frame;
      label.textContent = `t = ${short(data.times[frame])}`;
      draws.forEach((each) => each());
    });
    let timer;
    const stop = () => {
      clearInterval(timer);
      timer = undefined;
      play.textContent = "Play";
    };
    play.addEventListener("click", () => {
      if (timer) {
        stop();
        return;
      }
      if (frame === data.times.length - 1) {
        frame = 0;
      }
      play.textContent = "Pause";
      timer = setInterval(() => {
        frame++;
        redraw();
        if (frame === data.times.length - 1) {
          stop();
        }
      }, 70);
    });
    slider.addEventListener("input", () => {
      stop();
      frame = Number(slider.value);
      redraw();
    });
    timeline(part);
  };

  const timeAxis = (from, to) => {
    const end = data.times[data.times.length - 1];
    const first = long ? data.times.find((t) => t > 0) : 0;
    const scale = axis(first, end, long, from, to);
    return { at: (t) => scale.at(long ? Math.max(t, first) : t), ticks: scale.ticks };
  };
  const cursors = [];

  const timeline = (parent) => {
    const kinds = [...new Set(data.events.map((event) => event.kind))];
    const height = 30 + 22 * Math.max(1, kinds.length) + BOTTOM;
    const box = figure(parent, "Events on the time axis", data.events.length ? "" : "nothing of what is looked for happened");
    const width = place.clientWidth < 600 ? 420 : 900;
    const image = picture(box, width, height, `${data.events.length} events; the table below has them`);
    const x = timeAxis(140, width - 20);
    axes(image, x, { ticks: [] }, width, height, 140, BOTTOM);
    kinds.forEach((kind, k) => {
      const y = 20 + 22 * k;
      svg("text", { x: 130, y: y + 4, "text-anchor": "end", fill: "var(--ink)", "font-size": 12 }, image, kind);
      svg("line", { x1: 140, x2: width - 20, y1: y, y2: y, stroke: "var(--rule)" }, image);
      data.events.filter((event) => event.kind === kind).slice(0, 400).forEach((event) => {
        const index = data.runs.findIndex((run) => run.name === event.run);
        const mark = svg("circle", { cx: x.at(event.time), cy: y, r: 5, fill: `var(--series-${index + 1})`, stroke: "var(--card)" }, image);
        svg("title", {}, mark, `${event.run}: ${event.kind} at ${short(event.time)} ${event.detail}`);
      });
    });
    cursors.push([svg("line", { y1: 8, y2: height - BOTTOM, stroke: "var(--accent)", "stroke-width": 1.5 }, image), x]);
    legend(box, data.runs.map((run) => run.name));
  };

  const attention = () => {
    const shown = data.runs.filter((run) => run.attention.length > 0);
    if (shown.length === 0) {
      return;
    }
    const grid = section("Attention", true);
    for (const run of shown) {
      const box = figure(grid, `${run.name}: who attends to whom`, "row: token, column: attended token; dark is 1 in light, bright is 1 in dark");
      const canvas = make("canvas", { class: "matrix", role: "img", "aria-label": `attention matrix of the ${run.name} run` }, box);
      pictures++;
      redraws.push(() => {
        const n = run.strongest[0].length;
        const size = canvas.clientWidth;
        const ratio = devicePixelRatio || 1;
        canvas.width = size * ratio;
        canvas.height = size * ratio;
        const pen = canvas.getContext("2d");
        pen.scale(ratio, ratio);
        pen.fillStyle = colour("accent");
        const cell = size / n;
        run.attention[frame].forEach((p, k) => {
          pen.globalAlpha = p;
          pen.fillRect((k % n) * cell, Math.floor(k / n) * cell, cell, cell);
        });
        pen.globalAlpha = 1;
        pen.strokeStyle = colour("rule");
        pen.strokeRect(0.5, 0.5, size - 1, size - 1);
      });
    }
  };

  const curves = () => {
    const grid = section("Curves", true);
    for (const curve of data.curves) {
      const values = curve.series.flatMap((each) => each.values).filter((v) => v !== null && (!curve.log || v > 0));
      if (values.length === 0) {
        continue;
      }
      const box = figure(grid, curve.title, `from ${short(Math.min(...values))} to ${short(Math.max(...values))}${curve.log ? "; logarithmic" : ""}`);
      const image = picture(box, 460, 240, curve.title);
      const x = timeAxis(LEFT, 450);
      const y = axis(Math.min(...values), Math.max(...values), curve.log, 240 - BOTTOM, 12);
      axes(image, x, y, 460, 240, LEFT, BOTTOM);
      curve.series.forEach((each, index) => {
        const points = each.values.map((v, k) => [x.at(data.times[k]), v === null || (curve.log && v <= 0) ? NaN : y.at(v)]);
        svg("path", { d: path(points), fill: "none", stroke: `var(--series-${index + 1})`, "stroke-width": 1.8, "stroke-dasharray": index ? "6 3" : "none" }, image);
      });
      cursors.push([svg("line", { y1: 8, y2: 240 - BOTTOM, stroke: "var(--accent)" }, image), x]);
      if (curve.series.length > 1) {
        legend(box, curve.series.map((each) => each.name));
      }
    }
  };

  /* ---- sweeps ---- */
  const edges = (values, log) => {
    const f = log ? Math.log : (v) => v;
    const g = log ? Math.exp : (v) => v;
    const points = values.map(f);
    const step = points.length > 1 ? points[1] - points[0] : 1;
    const list = [g(points[0] - step / 2)];
    for (let k = 1; k < points.length; k++) {
      list.push(g((points[k - 1] + points[k]) / 2));
    }
    list.push(g(points[points.length - 1] + (points.length > 1 ? points[points.length - 1] - points[points.length - 2] : 1) / 2));
    return list;
  };
  const diagrams = () => {
    const grid = section("Phase diagrams", true);
    for (const diagram of data.diagrams) {
      const box = figure(grid, diagram.title, `across: ${diagram.x.name}; up: ${diagram.y.name}`);
      const image = picture(box, 460, 340, diagram.title);
      const xs = edges(diagram.x.values, diagram.x.log);
      const ys = edges(diagram.y.values, diagram.y.log);
      const x = axis(xs[0], xs[xs.length - 1], diagram.x.log, LEFT, 450);
      const y = axis(ys[0], ys[ys.length - 1], diagram.y.log, 340 - BOTTOM, 12);
      const known = diagram.cells.filter((v) => v !== null);
      const low = Math.min(...known);
      const high = Math.max(...known);
      diagram.cells.forEach((v, k) => {
        const i = k % diagram.x.values.length;
        const j = Math.floor(k / diagram.x.values.length);
        const share = high > low ? (v - low) / (high - low) : 1;
        const fill = v === null ? "none" : diagram.classes.length ? `var(--phase-${v})` : `color-mix(in srgb, var(--accent) ${(8 + 92 * share).toFixed(1)}%, var(--card))`;
        const cell = svg("rect", { x: x.at(xs[i]), width: Math.max(0, x.at(xs[i + 1]) - x.at(xs[i])) + 0.3, y: y.at(ys[j + 1]), height: y.at(ys[j]) - y.at(ys[j + 1]) + 0.3, fill }, image);
        svg("title", {}, cell, `${diagram.x.name} ${short(diagram.x.values[i])}, ${diagram.y.name} ${short(diagram.y.values[j])}: ${v === null ? "none" : diagram.classes[v] ?? short(v)}`);
      });
      axes(image, x, { ticks: y.ticks, at: y.at }, LEFT + 4, 340, LEFT, BOTTOM);
      for (const t of x.ticks) {
        svg("line", { x1: x.at(t), x2: x.at(t), y1: 340 - BOTTOM, y2: 340 - BOTTOM + 4, stroke: "var(--soft)" }, image);
      }
      if (diagram.classes.length) {
        const line = make("p", { class: "legend key" }, box);
        diagram.classes.forEach((name, k) => {
          const entry = make("span", {}, line);
          make("i", { class: "swatch" }, entry).style.background = `var(--phase-${k})`;
          entry.append(name);
        });
      } else if (known.length) {
        make("p", { class: "summary" }, box, `from ${short(low)} (pale) to ${short(high)} (full)`);
      }
    }
  };
  const plots = () => {
    const grids = new Map();
    for (const plot of data.plots) {
      const all = plot.series.flatMap((each) => each.points).filter(([a, b]) => b !== null && (!plot.logX || a > 0) && (!plot.logY || b > 0));
      if (all.length === 0) {
        continue;
      }
      if (!grids.has(plot.section)) {
        grids.set(plot.section, section(plot.section, true));
      }
      const box = figure(grids.get(plot.section), plot.title, `across: ${plot.x}${plot.logX ? " (logarithmic)" : ""}; up: ${plot.y}${plot.logY ? " (logarithmic)" : ""}`);
      const image = picture(box, 460, 260, plot.title);
      const x = axis(Math.min(...all.map((p) => p[0])), Math.max(...all.map((p) => p[0])), plot.logX, LEFT, 445);
      const y = axis(Math.min(...all.map((p) => p[1])), Math.max(...all.map((p) => p[1])), plot.logY, 260 - BOTTOM, 14);
      axes(image, x, y, 460, 260, LEFT, BOTTOM);
      plot.series.forEach((each, index) => {
        const points = each.points.filter(([a, b]) => b !== null && (!plot.logX || a > 0) && (!plot.logY || b > 0)).map(([a, b]) => [x.at(a), y.at(b)]);
        if (each.style !== "points") {
          svg("path", { d: path(points), fill: "none", stroke: `var(--series-${index + 1})`, "stroke-width": 1.8, "stroke-dasharray": each.style === "dashed" ? "6 3" : "none" }, image);
          return;
        }
        points.forEach(([a, b]) => svg("circle", { cx: a, cy: b, r: 3.5, fill: `var(--series-${index + 1})` }, image));
      });
      if (plot.series.length > 1) {
        legend(box, plot.series.map((each) => each.name));
      }
    }
  };

  const redraw = () => {
    redraws.forEach((each) => each());
    for (const [line, x] of cursors) {
      const at = x.at(data.times[frame]);
      line.setAttribute("x1", at);
      line.setAttribute("x2", at);
    }
  };
  if (data.runs) {
    frame = data.times.length - 1;
    trajectories();
    attention();
    curves();
  }
  if (data.diagrams && data.diagrams.length) {
    diagrams();
  }
  if (data.plots && data.plots.length) {
    plots();
  }
  redraw();
  root.dataset.pictures = String(pictures);
  new ResizeObserver(redraw).observe(place);
  document.getElementById("theme").addEventListener("click", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
})();
