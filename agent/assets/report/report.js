// The table, the charts and the histogram of a report. Whatever comes from a run gets into the page as text, never as markup.
(function () {
  "use strict";

  const data = JSON.parse(document.getElementById("data").textContent);
  const chart = data.chart;
  const ROWS = 100;
  // Control characters and those that turn the direction of what follows.
  const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
  const by = (id) => document.getElementById(id);
  const clean = (text) => text.replace(UNSEEN, "\ufffd");
  const make = (name, text, kind) => {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (kind) node.className = kind;
    return node;
  };

  // Numbers ------------------------------------------------------------------------------------------------------------
  const whole = (n) => Math.round(n).toLocaleString("en-US");
  const ms = (n) => (n === null ? "–" : Math.abs(n) < 9.95 ? n.toFixed(1) : whole(n));
  const rate = (n) => (n === 0 ? "0" : n < 0.995 ? n.toFixed(2) : n < 999.95 ? n.toFixed(1) : whole(n));
  const share = (part, all) => {
    if (part === 0 || all === 0) return "0";
    if (part >= all) return "100";
    const percent = (100 * part) / all;
    return percent < 0.1 ? "<0.1" : percent > 99.9 ? ">99.9" : percent.toFixed(1);
  };

  // Labels -------------------------------------------------------------------------------------------------------------
  const [LABEL, KIND, COUNT, FAILED, MEAN, P50, P95, P99, MAX, RATE, SERIES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const title = (row) => (row[KIND] === 1 ? "[T] " : "") + clean(row[LABEL]);
  const failedShare = (row) => (row[COUNT] === 0 ? 0 : row[FAILED] / row[COUNT]);
  const columns = [
    { name: "label", of: title, show: title, isText: true },
    { name: "count", of: (row) => row[COUNT], show: (row) => whole(row[COUNT]) },
    { name: "failed", of: (row) => row[FAILED], show: (row) => whole(row[FAILED]), isFailure: true },
    { name: "%", of: failedShare, show: (row) => share(row[FAILED], row[COUNT]), isFailure: true },
    { name: "mean", of: (row) => row[MEAN], show: (row) => ms(row[MEAN]), isOptional: true },
    { name: "p50", of: (row) => row[P50], show: (row) => ms(row[P50]), isOptional: true },
    { name: "p95", of: (row) => row[P95], show: (row) => ms(row[P95]) },
    { name: "p99", of: (row) => row[P99], show: (row) => ms(row[P99]), isOptional: true },
    { name: "max", of: (row) => row[MAX], show: (row) => ms(row[MAX]), isOptional: true },
    { name: "rate/s", of: (row) => row[RATE], show: (row) => rate(row[RATE]) },
  ];
  const state = { column: null, isAscending: false, filter: "", rows: ROWS, series: -1 };

  function compare(one, other) {
    const of = state.column.of;
    const [a, b] = [of(one), of(other)];
    // What was not measured is last, in either direction.
    if (a === null || b === null) return (a === null) - (b === null);
    const order = state.column.isText ? (a < b ? -1 : a > b ? 1 : 0) : a - b;
    return state.isAscending ? order : -order;
  }

  function found() {
    const wanted = state.filter.toLowerCase();
    const rows = wanted === "" ? data.labels.slice() : data.labels.filter((row) => title(row).toLowerCase().includes(wanted));
    return state.column ? rows.sort(compare) : rows;
  }

  function line(row) {
    const tr = make("tr");
    for (const column of columns) {
      const td = make("td", column.show(row), column.isText ? "label" : "number");
      if (column.isOptional) td.classList.add("optional");
      if (column.isFailure && row[FAILED] > 0) td.classList.add("bad");
      if (!column.isText) td.dataset.value = String(column.of(row));
      tr.append(td);
    }
    return tr;
  }

  function heading() {
    const tr = make("tr");
    for (const column of columns) {
      const th = make("th", undefined, column.isText ? "" : "number");
      if (column.isOptional) th.classList.add("optional");
      const button = make("button", column.name);
      button.type = "button";
      button.addEventListener("click", () => {
        state.isAscending = state.column === column ? !state.isAscending : Boolean(column.isText);
        state.column = column;
        tr.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
        th.setAttribute("aria-sort", state.isAscending ? "ascending" : "descending");
        showRows();
      });
      th.append(button);
      tr.append(th);
    }
    by("table").tHead.append(tr);
  }

  function showRows() {
    const rows = found();
    const shown = rows.slice(0, state.rows).map((row) => {
      const tr = line(row);
      if (row[SERIES] >= 0) {
        tr.classList.add("has-series");
        tr.addEventListener("click", () => pick(row[SERIES]));
      }
      if (row[SERIES] >= 0 && row[SERIES] === state.series) tr.classList.add("picked");
      return tr;
    });
    by("table").tBodies[0].replaceChildren(...shown);
    by("shown").textContent = `${whole(shown.length)} of ${whole(data.labels.length)} labels`;
    by("more").hidden = shown.length === rows.length;
  }

  // Charts -------------------------------------------------------------------------------------------------------------
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const drawn = [];

  function series() {
    return state.series < 0 ? chart.total : chart.labels[state.series];
  }

  /// A threshold of all requests is no line of a label's, and the other way round.
  function lines(of) {
    const label = state.series < 0 ? null : data.names[state.series];
    return chart.lines.filter((one) => one.of === of && one.label === label);
  }

  function shading(of) {
    const shade = (u) => {
      u.ctx.save();
      u.ctx.fillStyle = colour("shade");
      for (const one of chart.shades) {
        const from = Math.max(u.valToPos(one.from_s, "x", true), u.bbox.left);
        const to = Math.min(u.valToPos(one.to_s, "x", true), u.bbox.left + u.bbox.width);
        if (to > from) u.ctx.fillRect(from, u.bbox.top, to - from, u.bbox.height);
      }
      u.ctx.restore();
    };
    const rule = (u) => {
      u.ctx.save();
      u.ctx.setLineDash([6, 4]);
      u.ctx.textAlign = "right";
      u.ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
      for (const one of lines(of)) {
        const y = u.valToPos(one.bound, "y", true);
        const right = u.bbox.left + u.bbox.width;
        u.ctx.strokeStyle = u.ctx.fillStyle = colour(one.holds ? "good" : "bad");
        u.ctx.beginPath();
        u.ctx.moveTo(u.bbox.left, y);
        u.ctx.lineTo(right, y);
        u.ctx.stroke();
        u.ctx.fillText(clean(one.text), right - 4, y - 4);
      }
      u.ctx.restore();
    };
    return { hooks: { drawClear: [shade], draw: [rule] } };
  }

  function draw(name, of, unit, xs, sorts, values, top) {
    const box = make("div", undefined, "chart");
    box.append(make("h3", name));
    by("charts").append(box);
    const axis = { stroke: colour("text"), grid: { stroke: colour("edge"), width: 1 }, ticks: { stroke: colour("edge"), width: 1 } };
    const highest = (u, low, high) => [0, top || Math.max(high || 0, ...lines(of).map((one) => one.bound), 0.001) * 1.08];
    const options = {
      width: Math.max(box.clientWidth, 200),
      height: 220,
      tzDate: (s) => uPlot.tzDate(new Date(s * 1000), "Etc/UTC"),
      cursor: { sync: { key: "time" } },
      scales: { y: { range: highest } },
      axes: [axis, Object.assign({ size: 62 }, axis)],
      series: [{ value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}" }].concat(
        sorts.map((sort) => ({
          label: sort.name,
          stroke: colour(sort.colour),
          width: 1.5,
          points: { show: xs.length <= 60 },
          value: (u, value) => (value === null || value === undefined ? "–" : sort.show(value) + unit),
        })),
      ),
      plugins: [shading(of)],
    };
    const plot = new uPlot(options, [xs].concat(values()), box);
    drawn.push({ plot, box, update: () => plot.setData([xs].concat(values())) });
  }

  function drawAll() {
    drawn.splice(0).forEach((one) => one.plot.destroy());
    by("charts").replaceChildren();
    const xs = chart.start_s;
    if (xs.length === 0) {
      by("charts").append(make("p", "There are no windows with samples."));
      return;
    }
    const sort = (name, colour, show) => ({ name, colour, show });
    const times = [sort("p50", "p50", ms), sort("p95", "p95", ms), sort("p99", "p99", ms)];
    draw("Response time, ms", "time", " ms", xs, times, () => [series().p50, series().p95, series().p99]);
    draw("Samples a second", "rate", "/s", xs, [sort("rate", "one", rate)], () => [series().rate]);
    const failedShares = () => series().failed.map((n, at) => (series().count[at] === 0 ? null : (100 * n) / series().count[at]));
    draw("Failed, %", "failed_share", " %", xs, [sort("failed", "bad", rate)], () => [failedShares()]);
    if (chart.users.some((users) => users !== null)) {
      draw("Users, all nodes together", "users", "", xs, [sort("users", "one", whole)], () => [chart.users]);
    }
    if (chart.health_s.length > 0) {
      const health = [sort("CPU", "one", rate), sort("memory", "two", rate)];
      draw("Nodes: the busiest CPU and the fullest memory, %", "health", " %", chart.health_s, health, () => [chart.cpu, chart.memory], 100);
    }
  }

  function fit() {
    for (const { plot, box } of drawn) {
      const width = Math.max(box.clientWidth, 200);
      if (width !== plot.width) plot.setSize({ width, height: 220 });
    }
  }

  // Histogram ----------------------------------------------------------------------------------------------------------
  function drawBars() {
    const bars = series().histogram;
    if (bars.length === 0) {
      by("bars").replaceChildren(make("p", "No response time was measured."));
      return;
    }
    const [width, height, below] = [900, 200, 22];
    const svg = (name, attributes) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", name);
      Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, String(value)));
      return node;
    };
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height + below}`, role: "img" });
    const most = Math.max(...bars.map((bar) => bar[2]));
    const step = width / bars.length;
    const every = Math.ceil(bars.length / 8);
    bars.forEach(([from, to, count], at) => {
      const tall = count === 0 ? 0 : Math.max((count / most) * height, 1);
      const bar = svg("rect", { x: at * step + 0.5, y: height - tall, width: Math.max(step - 1, 1), height: tall });
      const said = svg("title", {});
      said.textContent = `${from} to ${to} ms: ${whole(count)}`;
      bar.append(said);
      picture.append(bar);
      if (at % every === 0) {
        const text = svg("text", { x: at * step, y: height + 15 });
        text.textContent = ms(from) + (at === 0 ? " ms" : "");
        picture.append(text);
      }
    });
    by("bars").replaceChildren(picture);
  }

  function pick(at) {
    state.series = at;
    by("series").value = String(at);
    drawn.forEach((one) => one.update());
    drawBars();
    showRows();
  }

  function start() {
    const option = (at, text) => {
      const node = make("option", text.length > 80 ? text.slice(0, 79) + "…" : text);
      node.value = String(at);
      by("series").append(node);
    };
    option(-1, "all requests");
    data.labels.filter((row) => row[SERIES] >= 0).sort((a, b) => a[SERIES] - b[SERIES]).forEach((row) => option(row[SERIES], title(row)));
    by("series").addEventListener("change", () => pick(Number(by("series").value)));
    by("filter").addEventListener("input", () => {
      state.filter = by("filter").value;
      state.rows = ROWS;
      showRows();
    });
    by("more").addEventListener("click", () => {
      state.rows += 5 * ROWS;
      showRows();
    });
    const when = (s) => new Date(s * 1000).toISOString().slice(11, 19);
    chart.shades.slice(0, 20).forEach((one) => {
      by("shades").append(make("li", `${when(one.from_s)} to ${when(one.to_s)} UTC cannot be trusted: ${clean(one.why)}`));
    });
    heading();
    by("table").tFoot.append(line(data.total));
    showRows();
    drawAll();
    drawBars();
    new ResizeObserver(fit).observe(by("charts"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
    // Colours of paper, and those of the screen again.
    matchMedia("print").addEventListener("change", drawAll);
  }

  start();
})();
