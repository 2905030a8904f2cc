// The sections of an analysis, each of which answers a question.

const most = (list, of) => list.reduce((best, item) => of(item) > of(best) ? item : best, list[0]);
const least = (list, of) => most(list, item => -of(item));
/** More rows than these tell nothing new. */
const ROWS = 40;

const code = text => el('code', {}, text);

/** A question, and its answer in a sentence. */
const question = (id, title, answer, ...content) => section(id, title, answer, ...content);

/** A section that cannot be made says why. */
const absent = (id, title, why) => el('section', {id}, el('h2', {}, title), el('p', {class: 'lead'}, 'This network does not tell: ', why, '.'));

/** A list to choose from above a chart that shows the choice. */
function picked(name, height, names, chosen, option, caption) {
  const {figure, entry} = chart(name, height, () => option(entry.picked ?? chosen), caption);
  const select = el('select', {'aria-label': name}, names.map((text, i) => el('option', {value: i, selected: i === chosen}, text)));
  select.addEventListener('change', () => { entry.picked = Number(select.value); draw(entry); });
  return el('div', {class: 'picked'}, el('label', {class: 'picker'}, 'Shown: ', select), figure);
}

function outcomeCard(outcome, floats) {
  const isFloat = outcome === floats;
  const figure = known(outcome.accuracy) ? [percent(outcome.accuracy, 2) + ' %', el('span', {}, isFloat ? ' accuracy' : ` ${signed(100 * (outcome.accuracy - floats.accuracy), 2)} points`)]
    : isFloat ? ['exact', el('span', {}, ' by definition')] : [known(outcome.sqnr) ? fixed(outcome.sqnr, 1) + ' dB' : 'the same', el('span', {}, ' output SQNR')];
  const rows = [
    !isFloat && known(outcome.accuracy) && known(outcome.sqnr) && ['output against floats', decibels(outcome.sqnr)],
    ['file', significant(outcome.bytes / 1000) + ' kB' + (isFloat ? '' : `, ${percent(outcome.bytes / floats.bytes, 0)} %`)],
    known(outcome.p50Millis) && ['one query', significant(outcome.p50Millis) + ' ms' + (isFloat ? '' : `, ${fixed(floats.p50Millis / outcome.p50Millis, 2)} × as fast`)],
  ].filter(row => row);
  return el('div', {class: 'card'}, el('b', {}, outcome.name), el('div', {class: 'figure'}, figure),
    el('dl', {class: 'pairs'}, rows.map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])));
}

/** "input: FLOAT[-1, 1, 28, 28]" as people write it */
const described = value => value.replace(/: FLOAT/, ' ').replace(/\[-1\b/, '[N').replace(/-1/g, '?');

function summary(analysis) {
  const {network, data, outcomes, findings} = analysis;
  const operators = Object.entries(network.operators).sort((a, b) => b[1] - a[1]).slice(0, 6).map(([op, count]) => `${count} ${op}`).join(', ');
  return el('section', {id: 'summary', class: 'first'},
    el('p', {class: 'says'}, `A network of ${plural(network.nodes, 'node')} (${operators}) from ${network.inputs.map(described).join(' and ')} to ${network.outputs.map(described).join(' and ')}: `
      + `${plural(network.layers, 'layer')} with weights` + (known(network.macs) ? `, ${big(network.macs)} multiplications and ${big(network.parameters)} parameters.` : '.')),
    el('p', {class: 'says quiet'}, `Quantized to ${analysis.quantization}, which ${plural(data.calibration, 'item')} of ${data.name} told. `
      + (data.labelled ? `Accuracies are of ${plural(data.judged, 'test item')}.` : `Without labels there are no accuracies; how far the output is off is told by ${plural(data.judged, 'item')}.`)
      + ' SQNR is signal over error in decibels: 20 dB is an error of 10 %, 40 dB of 1 %; 6 dB more is half the error.'),
    el('div', {class: 'cards'}, outcomes.map(outcome => outcomeCard(outcome, outcomes[0]))),
    analysis.missing.equalization && el('p', {class: 'quiet small'}, 'Equalization changes nothing here: ', analysis.missing.equalization, '.'),
    el('h2', {class: 'matters'}, 'What matters most'),
    el('ol', {class: 'findings'}, findings.map(finding => el('li', {class: finding.good ? 'good' : 'bad'},
      el('h3', {}, finding.title), el('p', {}, finding.text, ' ', finding.section !== 'summary' && el('a', {href: '#' + finding.section}, 'See below.')), finding.command && el('pre', {}, code(finding.command))))));
}

function weightsSection(weights) {
  const widest = most(weights, w => w.spread), after = known(widest.equalizedSpread);
  const uneven = weights.filter(w => w.spread > 30).length;
  const answer = widest.spread > 30
    ? `Yes: in ${plural(uneven, 'layer')} of ${weights.length} the largest channel reaches more than 30 times as far as the smallest, in ${widest.layer} ${times(widest.spread)}. What such a channel makes differs as much, and all channels of an activation share one grid.`
      + (after ? ` Equalized, the network computes the same and that layer comes to ${times(widest.equalizedSpread)}.` : '')
    : `Not much: the largest channel of ${widest.layer} reaches ${times(widest.spread)} as far as the smallest, and that is the most.`;
  return question('weights', 'Do the channels of a layer differ in size?', answer,
    el('div', {class: 'pair'},
      chart('spread of weights', rowsHeight(weights.length), () => spreadChart(weights), 'Each layer’s largest max |w| of an output channel over its smallest. 1 is even; above some 30, one grid serves badly.').figure,
      picked('weights of channels', known(widest.equalizedSpread) ? 2 * PANEL : PANEL, weights.map(w => `${w.layer} (${times(w.spread)})`), weights.indexOf(widest), i => channelChart(weights[i]),
        'One bar an output channel, from its smallest to its largest weight. The grey band around zero is two steps of an 8-bit grid over the whole weight: channels within it would be lost with one scale for the weight. Batch norms are folded into the weights. Choose another layer above.')));
}

function activationsSection(activations) {
  const worst = least(activations.filter(a => a.plain.channels > 1).concat(activations.slice(0, 1)), a => a.plain.medianSteps);
  const answer = `An activation has one grid for all of its channels. In ${worst.tensor} half of the channels reach across ${worst.plain.medianSteps < 1 ? '' : 'no more than '}${stepsOf(worst.plain)} steps, `
    + (worst.plain.medianSteps < 15 ? 'which is as if they had less than 4 bits' : 'which leaves them enough') + (worst.equalized ? `; equalized it is ${stepsOf(worst.equalized)}.` : '.');
  const coarsest = new Set([...activations].sort((a, b) => a.plain.medianSteps - b.plain.medianSteps).slice(0, ROWS));
  const shown = activations.filter(a => coarsest.has(a));
  return question('activations', 'How well do activations fill their grids?', answer,
    el('div', {class: 'pair'},
      chart('steps used', rowsHeight(shown.length), () => stepsChart(shown), ['Of each quantized tensor, the steps from the smallest to the largest value of its median channel. Few steps mean coarse rounding for most channels; no bar means less than one.',
        shown.length < activations.length && ` The ${shown.length} coarsest of ${activations.length} tensors, in the order of the network.`]).figure,
      picked('histogram of an activation', worst.equalized ? 2 * PANEL : PANEL, activations.map(a => a.tensor), activations.indexOf(worst), i => histogramChart(activations[i]),
        'How often values occur on the calibration data, over the range of the grid. A spike at one end and a long thin tail: a few large values stretch the grid for all others. Choose another tensor above.')));
}

function alongSection(along) {
  const last = along.tensors[along.tensors.length - 1];
  const gaps = [last.simulated - last.computed, known(last.equalizedComputed) ? last.equalizedSimulated - last.equalizedComputed : 0];
  const gap = Math.abs(gaps[1]) > Math.abs(gaps[0]) ? gaps[1] : gaps[0];
  const answer = (along.firstWrong ? `At ${along.firstWrong}, which is ${along.why}: from there on the network goes wrong.` : `Nowhere badly: no tensor falls below ${along.threshold} dB, and the output is at ${decibels(last.computed)}.`)
    + (known(last.equalizedComputed) ? along.equalizedFirstWrong ? ` Equalized, ${along.equalizedFirstWrong} is the first (${along.equalizedWhy}).` : ` Equalized, no tensor goes wrong; the output is at ${decibels(last.equalizedComputed)}.` : '')
    + (Math.abs(gap) > 3 ? ` What the runtime computes is ${fixed(Math.abs(gap), 1)} dB ${gap > 0 ? 'worse' : 'better'} at the output than the file says${gap === gaps[1] ? ', once equalized' : ''}${gap > 0 ? ': this processor’s sums of 8-bit products saturate (--reduce-range mends it)' : ''}.` : ' The runtime computes what the file says.');
  return question('along', 'Where does the error come in?', answer,
    chart('SQNR along the graph', 520, () => alongChart(along), 'Each tensor that both networks have, in the order in which they are computed. Simulated: in floats, as the file says. As the runtime computes it: in integer kernels, on this machine. A line that falls at once names the culprit; one that sinks slowly is error adding up. 80 dB stands for all that is better.').figure);
}

function sensitivitySection(sensitivity) {
  const {layers, all, of} = sensitivity, worst = least(layers, l => l.alone), mends = most(layers, l => l.without);
  const gain = mends.without - all;
  const answer = `${worst.layer} most: quantized alone, it leaves the output at ${decibels(worst.alone)}. `
    + (gain > 3 ? `Leaving ${mends.layer} in floats would bring the whole network from ${decibels(all)} to ${decibels(mends.without)}.` : `But no single layer left in floats would bring the whole network (${decibels(all)}) more than ${fixed(Math.max(0, gain), 1)} dB.`);
  return question('sensitivity', 'Which layers suffer from few bits?', answer,
    chart('sensitivity to quantization', rowsHeight(layers.length), () => sensitivityChart(sensitivity),
      ['A circle far to the left: this layer’s weight and input do harm even when all else stays in floats. A diamond far to the right of the dashed line: this layer left in floats would help the whole.',
        of > layers.length && ` The ${layers.length} largest of ${of} layers.`]).figure);
}

function compressionSection(compression, ofNetwork) {
  const half = layer => layer.shares.filter(s => s.ratio <= .5).pop();
  const easy = compression.layers.filter(l => half(l) && half(l).sqnr >= 20);
  const hard = least(compression.layers.filter(half).concat(compression.layers.slice(0, 1)), l => half(l) ? half(l).sqnr : 0);
  const answer = (easy.length ? `${plural(easy.length, 'layer')} of ${compression.layers.length} could be halved and leave the output at 20 dB or better; together they have ${percent(easy.reduce((s, l) => s + l.macShare, 0), 0)} % of the operations.` : 'None by half without harm: each halved layer leaves the output below 20 dB.')
    + (half(hard) ? ` The hardest is ${hard.layer}: ${decibels(half(hard).sqnr)} at half.` : '');
  return question('compression', 'Which layers could be smaller?', answer,
    chart('sensitivity to compression', rowsHeight(compression.layers.length), () => compressionChart(compression),
      ['SQNR of the network’s output (dB) with only this layer made smaller, by ', compression.scheme, ', before any training. ',
        'Layers without a row cannot be made smaller this way, as depthwise ones, or lie within others’ channels. ', code('limbeck compress'), ' chooses a share for each layer.']).figure);
}

function speedSection(speed) {
  const ratio = speed.quantizedMillis / speed.floatMillis, slower = speed.layers.filter(l => l.why);
  const answer = `One query takes ${significant(speed.floatMillis)} ms in floats and ${significant(speed.quantizedMillis)} ms in integers (${plural(speed.threads, 'thread')}): `
    + (ratio > 1.02 ? `${fixed(ratio, 2)} times the time. ` : `${fixed(1 / ratio, 2)} times the speed. `)
    + `${percent(speed.integerShare, 0)} % of convolutions and matrix products run in integer kernels; ${slower.length} of ${speed.layers.length} layers are slower in integers.`
    + (speed.steady ? '' : ' The runs did not agree: the machine was busy, so take these times with care.');
  return question('speed', ratio > 1.02 ? 'Why are integers slower here?' : 'Where do integers save time, and where not?', answer,
    el('p', {class: 'quiet small'}, `${speed.processor}; ${speed.instructionSets.join(', ') || 'instruction sets unknown'}: `
      + (speed.fastProducts ? 'it has fast products of 8-bit integers.' : 'it has no fast products of 8-bit integers (VNNI on x86, dot product on ARM).')),
    speed.reasons.length > 0 && el('table', {class: 'reasons'}, head([['Why layers are slower'], ['costs (µs)', true], ['layers', true], ['what mends it']]),
      el('tbody', {}, speed.reasons.map(reason => el('tr', {}, el('td', {}, el('b', {}, reason.title), el('br'), reason.text), numberCell(significant(reason.lostMicros)),
        el('td', {class: 'number', title: reason.layers.join('\n')}, reason.layers.length), el('td', {}, reason.mend))))),
    chart('time of layers', rowsHeight(speed.layers.length), () => speedChart(speed),
      'Time of each layer with its activation, by ONNX Runtime’s own profile, which itself adds about a microsecond a node. Hover to see which kernels it became. Layers are matched by name.').figure);
}

/** Everything about each layer in one row. */
function layersTable(analysis) {
  const by = (list, key = 'layer') => new Map((list || []).map(item => [item[key], item]));
  const sensitivity = by(analysis.sensitivity && analysis.sensitivity.layers), spent = by(analysis.speed && analysis.speed.layers);
  const small = by(analysis.compression && analysis.compression.layers);
  const half = layer => layer && (layer.shares.filter(s => s.ratio <= .5).pop() || {}).sqnr;
  const cell = (value, text, bad) => el('td', {class: 'number' + (bad ? ' warn' : '')}, known(value) ? text : MISSING);
  const columns = [['layer'], ['operator'], ['channels', true], ['largest over smallest channel', true], ['equalized', true], ['SQNR, only it quantized (dB)', true], ['all but it (dB)', true],
    ['halved (dB)', true], ['float (µs)', true], ['quantized (µs)', true], ['kernel'], ['slower, because']];
  return question('layers', 'All of it, layer by layer', 'What the charts show, as numbers. Orange: a spread above 30, below 20 dB, or slower in integers.',
    el('div', {class: 'scroll'}, el('table', {}, head(columns), el('tbody', {}, analysis.weights.map(w => {
      const s = sensitivity.get(w.layer) || {}, t = spent.get(w.layer) || {}, h = half(small.get(w.layer));
      return el('tr', {}, el('td', {}, w.layer), el('td', {}, w.op), numberCell(w.least.length), cell(w.spread, times(w.spread).replace(' times', ''), w.spread > 30), cell(w.equalizedSpread, times(w.equalizedSpread).replace(' times', ''), w.equalizedSpread > 30),
        cell(s.alone, fixed(s.alone, 1), s.alone < 20), cell(s.without, fixed(s.without, 1), s.without < 20), cell(h, fixed(h, 1), h < 20), cell(t.floatMicros, significant(t.floatMicros)),
        cell(t.quantizedMicros, significant(t.quantizedMicros), t.why), el('td', {}, known(t.integer) ? t.integer ? 'integer' : 'float' : MISSING), el('td', {}, t.why || ''));
    })))));
}
