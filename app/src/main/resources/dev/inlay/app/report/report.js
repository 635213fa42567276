"use strict";
/* Draws the charts whose data are in the page. When all are drawn, the root element says how many: data-charts. */
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("charts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const dashes = ["solid", "dashed", "dotted", [8, 3, 2, 3]];
  const symbols = ["circle", "triangle", "rect", "diamond"];
  const colours = 8;
  const instances = new Map();

  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };

  const grouped = (value) => Math.round(value).toLocaleString("en-US");
  const scaled = (value) => {
    const units = ["", "k", "M", "G", "T"];
    let unit = 0;
    while (Math.abs(value) >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return [Number(value.toPrecision(3)), units[unit]];
  };
  const bytes = (value) => scaled(value).join(" ") + "B";
  const formats = {
    LOSS: { axis: (v) => String(Number(v.toPrecision(4))), exact: (v) => v.toFixed(4) },
    SCIENTIFIC: { axis: (v) => (v === 0 ? "0" : v.toExponential(1)), exact: (v) => v.toExponential(3) },
    COUNT: { axis: (v) => scaled(v).join(""), exact: grouped },
    BYTES: { axis: bytes, exact: bytes },
  };

  const series = (chart) => (each, index) => {
    const shared = {
      name: each.name,
      color: colour(`series-${(index % colours) + 1}`),
      emphasis: { disabled: true },
      animation: false,
    };
    const values = each.points;
    if (each.style === "BARS") {
      return { ...shared, type: "bar", barMaxWidth: 48, data: values.map((point) => point[1]) };
    }
    const marked = each.style === "POINTS" || values.length === 1;
    return {
      ...shared,
      type: "line",
      data: values,
      showSymbol: marked,
      symbol: marked ? symbols[index % symbols.length] : "none",
      symbolSize: 7,
      lineStyle: {
        width: each.style === "LINE" ? 1.75 : 2,
        type: each.style === "LEVEL" ? "dotted" : dashes[index % dashes.length],
      },
    };
  };

  const option = (chart, width) => {
    const format = formats[chart.format];
    const ink = colour("ink");
    const soft = colour("soft");
    const rule = colour("rule");
    const bars = chart.categories.length > 0;
    const legend = chart.series.length > 1;
    const text = { color: soft, fontSize: 12 };
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: 20, top: legend ? 44 : 18, bottom: 28, containLabel: true },
      legend: { show: legend, type: "scroll", top: 4, left: 0, textStyle: { color: ink }, itemWidth: 34,
        pageTextStyle: { color: ink }, pageIconColor: ink, pageIconInactiveColor: rule },
      tooltip: {
        trigger: "axis",
        confine: true,
        backgroundColor: colour("card"),
        borderColor: rule,
        textStyle: { color: ink, fontSize: 13 },
        axisPointer: { lineStyle: { color: soft }, shadowStyle: { opacity: 0.15 } },
        valueFormatter: (value) => (typeof value === "number" ? format.exact(value) : "not finite"),
      },
      xAxis: {
        type: bars ? "category" : "value",
        data: bars ? chart.categories : undefined,
        name: bars ? "tokens" : "step",
        nameLocation: "middle",
        nameGap: 26,
        nameTextStyle: text,
        min: bars ? undefined : 0,
        max: bars ? undefined : "dataMax",
        minInterval: 1,
        splitNumber: width < 500 ? 4 : 8,
        axisLabel: { ...text, hideOverlap: true, showMaxLabel: bars, formatter: bars ? undefined : (v) => (Number.isInteger(v) ? grouped(v) : "") },
        axisLine: { lineStyle: { color: rule } },
        axisTick: { lineStyle: { color: rule } },
        splitLine: { show: false },
      },
      yAxis: {
        type: "value",
        scale: !bars && chart.format === "LOSS",
        splitNumber: 4,
        axisLabel: { ...text, formatter: format.axis },
        splitLine: { lineStyle: { color: rule } },
      },
      series: chart.series.map(series(chart)),
    };
  };

  const draw = () => {
    for (const chart of data) {
      const place = document.getElementById(chart.id);
      let drawn = instances.get(chart.id);
      if (!drawn) {
        drawn = echarts.init(place, null, { renderer: "svg" });
        instances.set(chart.id, drawn);
      }
      drawn.setOption(option(chart, place.clientWidth), true);
    }
    root.dataset.charts = String(instances.size);
  };

  const toggle = document.getElementById("theme");
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
    root.dataset.theme = isDark ? "light" : "dark";
    draw();
  });
  dark.addEventListener("change", draw);

  let chosen;
  addEventListener("beforeprint", () => {
    chosen = root.dataset.theme;
    root.dataset.theme = "light";
    draw();
  });
  addEventListener("afterprint", () => {
    if (chosen) {
      root.dataset.theme = chosen;
    } else {
      delete root.dataset.theme;
    }
    draw();
  });

  root.classList.add("drawn");
  draw();
  new ResizeObserver(() => instances.forEach((each) => each.resize())).observe(document.querySelector("main"));
})();
