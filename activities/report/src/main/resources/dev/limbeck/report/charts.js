// The options of each chart; every function gives what echarts draws, from plain results.

/** The part of the plane that matters: all networks and the reference, with room around them. */
function frontView(scenario, accuracyOf) {
  const points = [...scenario.networks, ...scenario.front, scenario.reference];
  const xs = points.map(p => p.latency.p50Millis), ys = points.map(p => 100 * accuracyOf(p));
  const spread = Math.max(Math.max(...ys) - Math.min(...ys), 1);
  const near = scenario.searched.map(s => 100 * s.predictedAccuracy);
  const low = Math.min(...ys) - .35 * spread, high = Math.max(...ys) + .3 * spread;
  return {
    left: Math.min(...xs, ...scenario.searched.map(s => s.p50Millis)) * .85,
    right: Math.max(...xs, quantile([...scenario.searched.map(s => s.p50Millis), 0], .95)) * 1.08,
    bottom: Math.max(0, Math.min(low, near.length ? Math.max(quantile(near, .2), low - .7 * spread) : low)),
    top: Math.min(100, Math.max(high, near.length ? Math.min(Math.max(...near) + .1 * spread, high + spread) : high)),
  };
}

/** Ends and steps of axes at round numbers. */
function roundOut(view) {
  const step = span => { const p = 10 ** Math.floor(Math.log10(span / 8)); return [1, 2, 5, 10].find(m => span / 8 <= m * p) * p; };
  const x = step(view.right - view.left), y = step(view.top - view.bottom);
  const clean = value => Number(value.toPrecision(10));
  return {
    left: clean(Math.max(0, Math.floor(view.left / x) * x)), right: clean(Math.ceil(view.right / x) * x), stepX: clean(x),
    bottom: clean(Math.max(0, Math.floor(view.bottom / y) * y)), top: clean(Math.min(100, Math.ceil(view.top / y) * y)), stepY: clean(y),
  };
}

/** Latency against accuracy. ranked: networks with the numbers they have in the table. */
function frontChart(scenario, ranked, accuracyName, describe) {
  const accuracyOf = point => point[accuracyName];
  const view = roundOut(frontView(scenario, accuracyOf));
  const reference = scenario.reference, limit = 100 * (accuracyOf(reference) - allowedDrop(scenario));
  const at = point => [point.latency.p50Millis, 100 * accuracyOf(point)];
  const generations = Math.max(1, ...scenario.searched.map(s => s.generation));
  const inside = s => s.p50Millis >= view.left && s.p50Millis <= view.right
    && 100 * s.predictedAccuracy >= view.bottom && 100 * s.predictedAccuracy <= view.top;
  const shown = scenario.searched.filter(inside);
  const hover = point => lines('<b>' + escaped(point.title) + '</b>',
    `test ${percent(point.n.accuracy)} %, validation ${percent(point.n.validationAccuracy)} %`,
    known(point.n.predictedAccuracy) && `predicted ${percent(point.n.predictedAccuracy)} %`,
    `p50 ${significant(point.n.latency.p50Millis)} ms, p90 ${significant(point.n.latency.p90Millis)} ms`
      + (point.n.latency.valid ? '' : ', not steady'),
    point.n.macs && `${big(point.n.macs)} MACs, ${big(point.n.parameters)} parameters`,
    point.n.architecture && escaped(describe(point.n)));
  const own = rows => rows.map(row => ({value: at(row.n), n: row.n, rank: row.rank, title: row.title}));
  const front = ranked.filter(row => row.front), rest = ranked.filter(row => !row.front);
  return {hidden: scenario.searched.length - shown.length, option: {
    ...base(),
    grid: {left: 62, right: 24, top: 44, bottom: 52},
    legend: {type: 'scroll', top: 4, left: 54, right: 20, itemGap: 18, itemWidth: 18, textStyle: {color: INK, fontSize: 12.5}},
    tooltip: {...tooltipStyle, trigger: 'item', formatter: p => p.data && p.data.n ? hover(p.data) : p.data && p.data.s ? lines(
      'candidate of generation ' + p.data.s.generation, `predicted ${percent(p.data.s.predictedAccuracy)} %`,
      `measured ${significant(p.data.s.p50Millis)} ms`) : ''},
    xAxis: {...axisStyle, type: 'value', name: 'measured latency, median (ms)', nameGap: 30, min: view.left, max: view.right, interval: view.stepX},
    yAxis: {...axisStyle, type: 'value', name: (accuracyName === 'accuracy' ? 'test' : 'validation') + ' accuracy (%)', nameGap: 44,
      min: view.bottom, max: view.top, interval: view.stepY},
    series: [
      {name: 'searched (predicted accuracy)', type: 'scatter', symbolSize: 6, z: 1, itemStyle: {color: '#8b95a7'},
        data: shown.map(s => ({value: [s.p50Millis, 100 * s.predictedAccuracy], s,
          itemStyle: {opacity: .14 + .36 * s.generation / generations}}))},
      {name: 'finetuned, not on the front', type: 'scatter', symbolSize: 10, z: 3,
        itemStyle: {color: '#fff', borderColor: ACCENT, borderWidth: 1.8}, data: own(rest)},
      {name: 'front', type: 'line', step: false, symbol: 'circle', symbolSize: 12, z: 4,
        lineStyle: {color: ACCENT, width: 2}, itemStyle: {color: ACCENT},
        label: {show: true, position: 'top', distance: 6, formatter: p => p.data.rank, color: ACCENT, fontWeight: 600, fontSize: 12},
        data: own(front)},
      {name: 'reference', type: 'scatter', symbol: 'path://M0,-10L2.9,-3.1L10,-3.1L4.3,1.3L6.4,8.1L0,4L-6.4,8.1L-4.3,1.3L-10,-3.1L-2.9,-3.1Z',
        symbolSize: 20, z: 5, itemStyle: {color: STAR},
        data: [{value: at(reference), n: reference, title: 'reference'}],
        markArea: {silent: true, itemStyle: {color: 'rgba(31,138,76,.07)'},
          label: {show: true, position: 'insideTopLeft', color: GOOD, fontSize: 12, formatter: `faster, and at most ${allowedPoints(scenario)} less accurate`},
          data: [[{xAxis: view.left, yAxis: view.top}, {xAxis: reference.latency.p50Millis, yAxis: Math.max(limit, view.bottom)}]]}},
    ].filter(series => series.data.length),
  }};
}

/** Predicted against finetuned accuracy of networks that the fit did not see. */
function predictionChart(predictor) {
  const points = predictor.heldOutPredictions;
  const all = points.flatMap(p => [100 * p.predicted, 100 * p.actual]);
  const pad = .12 * (Math.max(...all) - Math.min(...all) || 1);
  const view = roundOut({left: Math.min(...all) - pad, right: Math.max(...all) + pad, bottom: Math.min(...all) - pad, top: Math.max(...all) + pad});
  return {
    ...base(), grid: {left: 58, right: 20, top: 16, bottom: 48},
    tooltip: {...tooltipStyle, formatter: p => p.data.p ? lines(`finetuned ${percent(p.data.p.actual)} %`,
      `predicted ${percent(p.data.p.predicted)} %`, escaped(p.data.p.architecture)) : ''},
    xAxis: {...axisStyle, type: 'value', name: 'predicted accuracy (%)', nameGap: 28, min: view.left, max: view.right, interval: view.stepX},
    yAxis: {...axisStyle, type: 'value', name: 'finetuned accuracy (%)', nameGap: 42, min: view.left, max: view.right, interval: view.stepX},
    series: [{type: 'scatter', symbolSize: 10, itemStyle: {color: ACCENT, opacity: .85},
      data: points.map(p => ({value: [100 * p.predicted, 100 * p.actual], p})),
      markLine: {silent: true, symbol: 'none', lineStyle: {color: MUTED, type: 'dashed'}, label: {show: false},
        data: [[{coord: [view.left, view.left]}, {coord: [view.right, view.right]}]]}}],
  };
}

/** Rank correlations with their intervals, the predictor's on top. */
function rankChart(predictor) {
  const rows = [{name: 'this predictor', ...predictor}, ...predictor.baselines].filter(row => known(row.kendallTau)).reverse();
  const lowest = Math.min(0, ...rows.map(row => row.kendallTauInterval ? row.kendallTauInterval.low : row.kendallTau));
  const colour = row => row.name === 'this predictor' ? ACCENT : '#8b95a7';
  return {
    ...base(), grid: {left: 12, right: 24, top: known(predictor.noiseCeiling) ? 30 : 16, bottom: 48, containLabel: true},
    tooltip: {...tooltipStyle, formatter: p => p.data.row ? lines('<b>' + escaped(p.data.row.name) + '</b>', 'τ ' + fixed(p.data.row.kendallTau, 2),
      known(p.data.row.kendallTauInterval) && '95 % interval ' + range(p.data.row.kendallTauInterval, v => fixed(v, 2))) : ''},
    xAxis: {...axisStyle, type: 'value', name: 'Kendall rank correlation τ', nameGap: 28, min: Math.floor(lowest * 5) / 5, max: 1},
    yAxis: {...axisStyle, type: 'category', data: rows.map(row => row.name), axisLabel: {color: INK, fontSize: 13}, axisTick: {show: false}},
    series: [
      {type: 'custom', z: 2, data: rows.map((row, i) => ({value: [row.kendallTau, i], row})), renderItem: (params, api) => {
        const row = rows[api.value(1)], interval = row.kendallTauInterval;
        if (!known(interval)) return null;
        const [from, y] = api.coord([interval.low, api.value(1)]), [to] = api.coord([interval.high, api.value(1)]);
        const style = {stroke: colour(row), lineWidth: 2};
        return {type: 'group', children: [[from, y, to, y], [from, y - 5, from, y + 5], [to, y - 5, to, y + 5]]
          .map(([x1, y1, x2, y2]) => ({type: 'line', shape: {x1, y1, x2, y2}, style}))};
      }},
      {type: 'scatter', z: 3, symbolSize: 11, data: rows.map((row, i) => ({value: [row.kendallTau, i], row, itemStyle: {color: colour(row)}})),
        label: {show: true, position: 'top', formatter: p => fixed(p.data.row.kendallTau, 2), color: INK, fontSize: 12},
        markLine: known(predictor.noiseCeiling) ? {silent: true, symbol: 'none', lineStyle: {color: GOOD, type: 'dashed'},
          label: {formatter: 'noise ceiling ' + fixed(predictor.noiseCeiling, 2), color: GOOD, position: 'end', fontSize: 12},
          data: [{xAxis: predictor.noiseCeiling}]} : undefined},
    ],
  };
}

/** Noise-to-signal ratio of every variant, the best on top. rows: labels */
function qualityChart(blocks, rows, short, wide) {
  const cells = [];
  blocks.forEach((block, x) => block.variants.forEach(v => {
    const y = rows.indexOf(v.label);
    if (v.noiseToSignal > 0) cells.push({value: [x, y, Math.log10(v.noiseToSignal)], v, block});
  }));
  const logs = cells.map(cell => cell.value[2]);
  const middle = (Math.min(...logs) + Math.max(...logs)) / 2;
  cells.forEach(cell => { cell.label = {color: cell.value[2] > middle ? '#fff' : INK}; });
  return {
    ...base(), grid: {left: 12, right: 96, top: 28, bottom: 12, containLabel: true},
    tooltip: {...tooltipStyle, formatter: p => lines('<b>' + escaped(p.data.block.name) + '</b>', escaped(p.data.v.label),
      'noise-to-signal ' + significant(p.data.v.noiseToSignal), `${big(p.data.v.macs)} MACs, ${big(p.data.v.parameters)} parameters`)},
    xAxis: {...axisStyle, type: 'category', position: 'top', data: blocks.map(b => b.name), axisTick: {show: false}, axisLine: {show: false},
      axisLabel: {color: INK, fontSize: 12.5, interval: 0, rotate: wide ? 0 : 30}, splitLine: {show: false}},
    yAxis: {...axisStyle, type: 'category', inverse: true, data: rows.map(short), axisTick: {show: false}, axisLine: {show: false},
      axisLabel: {color: INK, fontSize: 12, interval: 0, fontFamily: 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace'}, splitLine: {show: false}},
    visualMap: {type: 'continuous', min: Math.min(...logs), max: Math.max(...logs), calculable: true, right: 0, top: 'middle', itemHeight: 150,
      precision: 2, formatter: v => significant(10 ** v), text: ['noisy', 'faithful'], textStyle: {color: MUTED, fontSize: 12}, dimension: 2,
      inRange: {color: ['#f2f6fd', '#c3d4f7', '#8fabeb', '#5b7bd5', '#3a4fa8', '#1f2a66']}},
    series: [{type: 'heatmap', data: cells, itemStyle: {borderColor: '#fff', borderWidth: 2},
      label: {show: wide, fontSize: 11.5, textBorderWidth: 0, formatter: p => significant(p.data.v.noiseToSignal)}}],
  };
}

/** Stages from top to bottom in the order of their start; what ran side by side lies side by side. */
function timelineLanes(timeline) {
  const stages = new Map();
  [...timeline].sort((a, b) => a.startMillis - b.startMillis).forEach(step => {
    if (!stages.has(step.stage)) stages.set(step.stage, []);
    const lanes = stages.get(step.stage);
    let lane = lanes.find(l => l[l.length - 1].endMillis <= step.startMillis);
    if (!lane && lanes.length < 6) lanes.push(lane = []);
    (lane || lanes[lanes.length - 1]).push(step);
  });
  return stages;
}

function timelineChart(timeline) {
  const stages = timelineLanes(timeline), rows = [], bars = [];
  const workers = [...new Set(timeline.map(step => step.worker || 'workflow'))];
  for (const [stage, lanes] of stages) {
    const steps = lanes.flat(), first = Math.min(...steps.map(s => s.startMillis)), last = Math.max(...steps.map(s => s.endMillis));
    lanes.forEach((lane, i) => {
      rows.push(i === 0 ? `${stage}  {t|${duration(last - first)}}` : '');
      lane.forEach(step => bars.push({value: [rows.length - 1, step.startMillis / 1000, step.endMillis / 1000], step}));
    });
  }
  const room = Math.ceil(Math.max(...rows.map(row => textWidth(row.replace(/[{}|]/g, '')))));
  const end = Math.max(...timeline.map(step => step.endMillis)) / 1000;
  const [unit, size] = end > 7200 ? ['h', 3600] : end > 180 ? ['min', 60] : ['s', 1];
  const series = workers.map((worker, i) => ({
    name: worker, type: 'custom', itemStyle: {color: WORKERS[i % WORKERS.length]}, encode: {x: [1, 2], y: 0},
    data: bars.filter(bar => (bar.step.worker || 'workflow') === worker).map(bar => ({...bar, value: [bar.value[0], bar.value[1] / size, bar.value[2] / size]})),
    renderItem: (params, api) => {
      const [x, y] = api.coord([api.value(1), api.value(0)]), [to] = api.coord([api.value(2), api.value(0)]);
      const height = Math.min(14, api.size([0, 1])[1] * .72);
      return {type: 'rect', shape: {x, y: y - height / 2, width: Math.max(1.5, to - x - .8), height, r: 2}, style: {fill: api.visual('color')}};
    },
  }));
  return {rows: rows.length, option: {
    ...base(), grid: {left: room + 20, right: 24, top: 40, bottom: 44},
    legend: {top: 4, left: 4, icon: 'roundRect', itemWidth: 14, itemHeight: 10, textStyle: {color: INK, fontSize: 12.5}},
    tooltip: {...tooltipStyle, formatter: p => lines('<b>' + escaped(p.data.step.name) + '</b>', escaped(p.data.step.stage) + ' on ' + escaped(p.data.step.worker || 'workflow'),
      `${duration(p.data.step.endMillis - p.data.step.startMillis)}, from ${duration(p.data.step.startMillis)} on`)},
    xAxis: {...axisStyle, type: 'value', name: `time since the run began (${unit})`, nameGap: 28, min: 0, max: end / size,
      axisLabel: {...axisStyle.axisLabel, showMaxLabel: false}},
    yAxis: {...axisStyle, type: 'category', inverse: true, data: rows, axisTick: {show: false},
      axisLabel: {color: INK, fontSize: 12.5, interval: 0, rich: {t: {color: MUTED, fontSize: 12}}}, splitLine: {show: false}},
    series,
  }};
}
