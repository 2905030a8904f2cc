// The charts of an analysis; every function gives what echarts draws.

const BEFORE = '#d9660a', AFTER = ACCENT, PLAIN = '#8b95a7';
const ROW = 19, TOP = 58, BOTTOM = 52;

/** Room for a chart of so many rows. */
const rowsHeight = count => TOP + BOTTOM + Math.max(3, count) * ROW;

const decibels = value => known(value) ? value >= 199 ? 'the same' : fixed(value, 1) + ' dB' : MISSING;

/** Less than one step is none. */
const stepsOf = on => (on.medianSteps < 1 ? 'less than one' : significant(on.medianSteps)) + ' of ' + on.gridSteps;

/** 1.74, 54,000, 54 million times */
const times = value => known(value) ? (value >= 1e6 ? significant(value / 1e6) + ' million' : value >= 1000 ? Math.round(Number(value.toPrecision(3))).toLocaleString('en-US') : significant(value)) + ' times' : MISSING;

const micros = value => significant(value) + ' µs';

/** The end of a long name tells most. */
const shortName = name => name.length > 34 ? '…' + name.slice(-33) : name;

const legend = (extra = {}) => ({top: 4, left: 4, itemGap: 20, itemWidth: 16, itemHeight: 11, textStyle: {color: INK, fontSize: 12.5}, ...extra});

const SOLID = 'path://M0,4h16v2h-16z', DASHED = 'path://M0,4h6v2h-6zM10,4h6v2h-6z';

/** echarts measures labels in their own font, not in the chart's, before it makes room for them. */
const namesAxis = names => ({...axisStyle, type: 'category', inverse: true, data: names.map(shortName), axisTick: {show: false}, splitLine: {show: false},
  axisLabel: {color: INK, fontSize: 11.5, fontFamily: FONT, interval: 0}});

/** A row of values for every name. extra: of each axis */
const rowChart = (names, axisName, axis, series, tooltip) => ({
  ...base(), grid: {left: 8, right: 34, top: TOP, bottom: BOTTOM, containLabel: true}, legend: legend(),
  tooltip: {...tooltipStyle, trigger: 'axis', axisPointer: {type: 'shadow'}, formatter: rows => tooltip(rows[0].dataIndex)},
  xAxis: {...axisStyle, name: axisName, nameGap: 30, ...axis}, yAxis: namesAxis(names), series,
});

function spreadChart(weights) {
  const both = weights.some(w => known(w.equalizedSpread));
  const bars = (name, color, of) => ({name, type: 'bar', barMaxWidth: 7, barGap: '15%', itemStyle: {color, borderRadius: 2}, data: weights.map(of)});
  return rowChart(weights.map(w => w.layer), 'largest over smallest channel (times, logarithmic)', {type: 'log', min: 1, axisLabel: {...axisStyle.axisLabel, formatter: v => v >= 1e6 ? significant(v / 1e6).replace(/\.0+$/, '') + ' M' : v >= 1000 ? v / 1000 + ' k' : v, hideOverlap: true}}, [
    bars('as trained', BEFORE, w => w.spread),
    ...(both ? [bars('equalized', AFTER, w => w.equalizedSpread)] : []),
  ], i => lines('<b>' + escaped(weights[i].layer) + '</b>', `${weights[i].op} of ${plural(weights[i].least.length, 'channel')}`,
    `largest over smallest channel: ${times(weights[i].spread)}`, known(weights[i].equalizedSpread) && `equalized: ${times(weights[i].equalizedSpread)}`));
}

const PANEL = 235;

/** One plot above the other, each with what it shows above it. list: title, colour, axes and series of each */
function panels(list, tooltip) {
  return {
    ...base(),
    title: list.map((p, i) => ({text: p.title, left: 0, top: i * PANEL, textStyle: {fontSize: 13, fontWeight: 600, color: p.color}})),
    grid: list.map((p, i) => ({left: 64, right: 16, top: i * PANEL + 28, height: PANEL - 84})),
    tooltip: {...tooltipStyle, trigger: 'item', formatter: tooltip},
    xAxis: list.map((p, i) => ({...axisStyle, nameGap: 26, gridIndex: i, ...p.xAxis})),
    yAxis: list.map((p, i) => ({...axisStyle, nameGap: 46, gridIndex: i, ...p.yAxis})),
    series: list.flatMap((p, i) => p.series.map(s => ({...s, xAxisIndex: i, yAxisIndex: i}))),
  };
}

/** Each channel's weights from the smallest to the largest, the widest channel first. */
function channelChart(layer) {
  const reach = layer.least.map((least, c) => Math.max(-least, layer.most[c]));
  const order = reach.map((r, c) => c).sort((a, b) => reach[b] - reach[a]);
  const panel = (title, color, least, most) => {
    const bound = Math.max(...most, ...least.map(v => -v)) * 1.06 || 1;
    return {title, color,
      xAxis: {type: 'value', name: 'output channels, the widest first', min: 0, max: order.length, splitLine: {show: false}, minInterval: 1, axisLabel: {...axisStyle.axisLabel, showMaxLabel: false}},
      yAxis: {type: 'value', name: 'weights', min: -bound, max: bound, axisLabel: {...axisStyle.axisLabel, formatter: v => significant(v), showMinLabel: false, showMaxLabel: false}},
      series: [{type: 'custom', data: order.map((c, x) => ({value: [x, least[c], most[c]], c})), clip: true, itemStyle: {color},
        renderItem: (params, api) => {
          const [x, top] = api.coord([api.value(0), api.value(2)]), [to, bottom] = api.coord([api.value(0) + 1, api.value(1)]);
          const gap = to - x > 4 ? 1 : 0;
          return {type: 'rect', shape: {x: x + gap / 2, y: top, width: Math.max(.6, to - x - gap), height: Math.max(1, bottom - top)}, style: {fill: api.visual('color')}};
        },
        markArea: {silent: true, itemStyle: {color: 'rgba(29,36,51,.16)'}, label: {show: false}, data: [[{yAxis: -bound / 255}, {yAxis: bound / 255}]]}}]};
  };
  return panels([
    panel(`as trained: ${times(layer.spread)}`, BEFORE, layer.least, layer.most),
    ...(layer.equalizedLeast ? [panel(`equalized: ${times(layer.equalizedSpread)}`, AFTER, layer.equalizedLeast, layer.equalizedMost)] : []),
  ], p => p.data && known(p.data.c) ? lines('channel ' + p.data.c, `weights from ${significant(p.data.value[1])} to ${significant(p.data.value[2])}`) : '');
}

function stepsChart(activations) {
  const bars = (name, color, of) => ({name, type: 'bar', barMaxWidth: 7, barGap: '15%', itemStyle: {color, borderRadius: 2}, data: activations.map(of)});
  const both = activations.some(a => a.equalized);
  const steps = activations[0].plain.gridSteps, atLeast = value => Math.max(1, value);
  const say = (name, on) => on && `${name}: ${stepsOf(on)} steps`;
  return rowChart(activations.map(a => a.tensor), `of ${steps} steps, so many for the median channel (log)`, {type: 'log', min: 1, max: steps}, [
    {...bars('as trained', BEFORE, a => atLeast(a.plain.medianSteps)), markLine: {silent: true, symbol: 'none', lineStyle: {color: MUTED, type: 'dashed'},
      label: {formatter: 'as good as 4 bits', position: 'start', color: MUTED, fontSize: 11.5, distance: 4}, data: [{xAxis: 15}]}},
    ...(both ? [bars('equalized', AFTER, a => a.equalized && atLeast(a.equalized.medianSteps))] : []),
  ], i => lines('<b>' + escaped(activations[i].tensor) + '</b>', say('as trained', activations[i].plain), say('equalized', activations[i].equalized),
    `from ${significant(activations[i].plain.least)} to ${significant(activations[i].plain.most)}`));
}

function histogramChart(activation) {
  const panel = (title, color, on) => {
    const width = (on.most - on.least) / on.counts.length, total = on.counts.reduce((a, b) => a + b, 0);
    const share = count => Math.max(count / total * 100, 1e-5);
    return {title: `${title}: median channel ${stepsOf(on)} steps`, color,
      xAxis: {type: 'value', name: 'value', min: Math.min(on.least, on.gridLeast), max: Math.max(on.most, on.gridMost), splitLine: {show: false},
        axisLabel: {...axisStyle.axisLabel, formatter: v => significant(v), hideOverlap: true}},
      yAxis: {type: 'log', name: '% of values (log)', min: 1e-4, max: 100, axisLabel: {...axisStyle.axisLabel, formatter: v => String(v), showMinLabel: false}},
      series: [{type: 'custom', itemStyle: {color}, clip: true, data: on.counts.map((count, b) => ({value: [on.least + b * width, share(count), on.least + (b + 1) * width], count, total})).filter(d => d.count > 0),
        renderItem: (params, api) => {
          const [x, top] = api.coord([api.value(0), api.value(1)]), [to, bottom] = api.coord([api.value(2), 1e-4]);
          return {type: 'rect', shape: {x, y: top, width: Math.max(1, to - x - 1), height: Math.max(0, bottom - top)}, style: {fill: api.visual('color')}};
        }}]};
  };
  return panels([panel('as trained', BEFORE, activation.plain), ...(activation.equalized ? [panel('equalized', AFTER, activation.equalized)] : [])],
    p => p.data && known(p.data.count) ? lines(`from ${significant(p.data.value[0])} to ${significant(p.data.value[2])}`, `${significant(100 * p.data.count / p.data.total)} % of the values`) : '');
}

function sensitivityChart(sensitivity) {
  const {layers, all} = sensitivity, cap = value => Math.min(value, 80);
  const dots = (name, color, symbol, of) => ({name, type: 'scatter', symbol, symbolSize: 10, itemStyle: {color}, z: 3, data: layers.map((l, i) => [cap(of(l)), i])});
  const lowest = Math.min(0, ...layers.flatMap(l => [l.alone, l.without]), all);
  const option = rowChart(layers.map(l => l.layer), 'SQNR of the network’s output (dB): to the right is better, 6 dB is half the error', {type: 'value', min: Math.floor(lowest / 5) * 5}, [
    {...dots('only this layer quantized', AFTER, 'circle', l => l.alone), markLine: {silent: true, symbol: 'none', lineStyle: {color: BEFORE, type: 'dashed', width: 1.5},
      label: {formatter: `all layers quantized: ${decibels(all)}`, position: 'start', color: BEFORE, fontSize: 11.5, distance: 4}, data: [{xAxis: cap(all)}]}},
    dots('all but this layer quantized', BEFORE, 'diamond', l => l.without),
  ], i => lines('<b>' + escaped(layers[i].layer) + '</b>', layers[i].op, `only this layer quantized: ${decibels(layers[i].alone)}`,
    `all but this layer: ${decibels(layers[i].without)}, all: ${decibels(all)}`));
  return {...option, tooltip: {...option.tooltip, formatter: rows => rows.length ? option.tooltip.formatter([{dataIndex: rows[0].value[1]}]) : ''}};
}

function alongChart(along) {
  const {tensors, threshold} = along, cap = value => known(value) ? Math.max(-5, Math.min(value, 80)) : null;
  const line = (name, color, type, of, mark) => ({name, type: 'line', symbol: type === 'solid' ? 'circle' : 'none', symbolSize: 5, connectNulls: true,
    lineStyle: {color, type, width: type === 'solid' ? 2 : 1.4}, itemStyle: {color}, data: tensors.map(t => cap(of(t))), ...mark});
  const wrong = tensors.findIndex(t => t.tensor === along.firstWrong);
  const both = tensors.some(t => known(t.equalizedComputed));
  const names = ['as trained, simulated', 'as trained, as the runtime computes it', ...(both ? ['equalized, simulated', 'equalized, as the runtime computes it'] : [])];
  return {
    ...base(), grid: {left: 56, right: 24, top: 40, bottom: 196},
    legend: legend({itemWidth: 20, itemHeight: 3, data: names.map((name, i) => ({name, icon: i % 2 ? SOLID : DASHED}))}),
    tooltip: {...tooltipStyle, trigger: 'axis', formatter: rows => {
      const t = tensors[rows[0].dataIndex];
      return lines('<b>' + escaped(t.tensor) + '</b>', `${escaped(t.operator)}${t.quantized ? '' : ', in floats'}, of layer ${escaped(t.layer)}`,
        `as trained: simulated ${decibels(t.simulated)}, computed ${decibels(t.computed)}`,
        known(t.equalizedComputed) && `equalized: simulated ${decibels(t.equalizedSimulated)}, computed ${decibels(t.equalizedComputed)}`);
    }},
    xAxis: {...axisStyle, type: 'category', data: tensors.map(t => shortName(t.tensor)), name: 'tensors, from the input to the output', nameGap: 176, boundaryGap: false,
      axisLabel: {...axisStyle.axisLabel, rotate: 60, fontSize: 10.5, interval: Math.max(0, Math.ceil(tensors.length / 50) - 1)}},
    yAxis: {...axisStyle, type: 'value', name: 'SQNR against the float network (dB)', nameGap: 40},
    series: [
      line(names[0], BEFORE, 'dashed', t => t.simulated),
      line(names[1], BEFORE, 'solid', t => t.computed, {
        markLine: {silent: true, symbol: 'none', lineStyle: {color: MUTED, type: 'dashed'}, label: {formatter: `below ${threshold} dB: wrong`, position: 'insideEndTop', color: MUTED, fontSize: 11.5}, data: [{yAxis: threshold}]},
        markPoint: wrong < 0 ? undefined : {symbol: 'circle', symbolSize: 15, itemStyle: {color: 'rgba(0,0,0,0)', borderColor: STAR, borderWidth: 2.5},
          label: {show: true, formatter: 'goes wrong here', position: 'bottom', align: wrong > tensors.length * .75 ? 'right' : 'left', color: STAR, fontWeight: 600, fontSize: 12.5, distance: 8, backgroundColor: 'rgba(255,255,255,.85)', padding: 2},
          data: [{coord: [wrong, cap(tensors[wrong].computed)]}]}}),
      ...(both ? [line(names[2], AFTER, 'dashed', t => t.equalizedSimulated), line(names[3], AFTER, 'solid', t => t.equalizedComputed)] : []),
    ],
  };
}

function compressionChart(compression) {
  const ratios = [...new Set(compression.layers.flatMap(l => l.shares.map(s => s.ratio)))].sort((a, b) => b - a);
  const cells = compression.layers.flatMap((layer, y) => layer.shares.map(share => ({value: [ratios.indexOf(share.ratio), y, Math.max(0, Math.min(40, share.sqnr))], layer, share,
    label: {color: share.sqnr < 20 ? '#fff' : INK}})));
  return {
    ...base(), grid: {left: 8, right: 96, top: 30, bottom: 12, containLabel: true},
    tooltip: {...tooltipStyle, formatter: p => lines('<b>' + escaped(p.data.layer.layer) + '</b>', `${percent(p.data.share.ratio, 0)} % of it kept: ${p.data.share.kept} left`,
      `output at ${decibels(p.data.share.sqnr)}`, `${percent(p.data.share.macs, 1)} % of the network’s operations are left`,
      `the layer has ${percent(p.data.layer.macShare, 1)} % of them`)},
    xAxis: {...axisStyle, type: 'category', position: 'top', data: ratios.map(r => percent(r, 0) + ' % kept'), axisTick: {show: false}, axisLine: {show: false}, axisLabel: {color: INK, fontSize: 12}, splitLine: {show: false}},
    yAxis: {...namesAxis(compression.layers.map(l => l.layer)), axisLine: {show: false}},
    visualMap: {type: 'continuous', min: 0, max: 40, calculable: true, right: 0, top: 'middle', itemHeight: 140, dimension: 2, formatter: v => Math.round(v) + ' dB',
      text: ['harmless', 'ruined'], textStyle: {color: MUTED, fontSize: 12}, inRange: {color: ['#a63a0a', '#d9660a', '#f3b67f', '#f2f2f2', '#c3d4f7', '#8fabeb']}},
    series: [{type: 'heatmap', data: cells, itemStyle: {borderColor: '#fff', borderWidth: 1.5}, label: {show: true, fontSize: 11, textBorderWidth: 0, formatter: p => fixed(Math.round(p.data.share.sqnr) || 0, 0)}}],
  };
}

function speedChart(speed) {
  const layers = speed.layers;
  const nodes = list => list.length ? list.map(n => `${escaped(n.op)} ${micros(n.micros)}`).join(', ') : 'nothing';
  return rowChart(layers.map(l => l.layer), 'time in one query (µs)', {type: 'value', min: 0}, [
    {name: 'float', type: 'bar', barMaxWidth: 7, barGap: '15%', itemStyle: {color: PLAIN, borderRadius: 2}, data: layers.map(l => l.floatMicros)},
    {name: 'quantized: no slower', type: 'bar', stack: 'q', barMaxWidth: 7, itemStyle: {color: GOOD, borderRadius: 2}, data: layers.map(l => l.why ? null : l.quantizedMicros)},
    {name: 'quantized: slower', type: 'bar', stack: 'q', barMaxWidth: 7, itemStyle: {color: BEFORE, borderRadius: 2}, data: layers.map(l => l.why ? l.quantizedMicros : null)},
  ], i => lines('<b>' + escaped(layers[i].layer) + '</b>', `float ${micros(layers[i].floatMicros)}: ${nodes(layers[i].floatNodes)}`,
    `quantized ${micros(layers[i].quantizedMicros)}: ${nodes(layers[i].quantizedNodes)}`,
    layers[i].integer === false && 'runs in floats in the quantized network too', layers[i].why && '<b>' + escaped(layers[i].why) + '</b>'));
}
