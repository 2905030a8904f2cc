// The tables of the page.

const speedUp = (reference, network) => reference.latency.p50Millis / network.latency.p50Millis;

/** Numbered as in the chart: the front by latency, then the rest. */
function rankNetworks(scenario) {
  const onFront = new Set(scenario.front.map(n => n.model));
  const byLatency = (a, b) => a.latency.p50Millis - b.latency.p50Millis;
  const front = [...scenario.front].sort(byLatency);
  const rest = scenario.networks.filter(n => !onFront.has(n.model)).sort(byLatency);
  return [...front.map(n => ({n, front: true})), ...rest.map(n => ({n, front: false}))]
    .map((row, i) => ({...row, rank: String(i + 1), title: 'network ' + (i + 1)}));
}

/** By which fraction a network's test accuracy may lie below the reference's to be of use. */
const allowedDrop = scenario => scenario.goals && known(scenario.goals.accuracyDrop) ? scenario.goals.accuracyDrop : .01;

/** "1 point", "0.5 points" */
const allowedPoints = scenario => plural(Number((100 * allowedDrop(scenario)).toPrecision(3)), 'point');

/** The fastest on the front whose test accuracy is near enough to the reference's; null if none. */
function fastestNearReference(scenario) {
  const near = scenario.front.filter(n => n.accuracy >= scenario.reference.accuracy - allowedDrop(scenario) - 1e-9);
  return near.sort((a, b) => a.latency.p50Millis - b.latency.p50Millis)[0] || null;
}

const modelLink = path => el('a', {href: './' + path.split('/').map(encodeURIComponent).join('/'), title: path}, path.split('/').pop());

const steady = latency => latency.valid ? null : el('span', {class: 'warn', title: 'runs did not agree, or the machine was busy'}, ' ⚠');

const share = fraction => known(fraction) ? percent(fraction, 0) + ' %' : MISSING;

/** What the spec asked of a network and could not be reached. */
const missedLines = network => network.missed && network.missed.map(what => el('div', {class: 'missed'}, '⚠ ' + what));

function networkTable(scenario, ranked, short) {
  const reference = scenario.reference, best = fastestNearReference(scenario);
  const columns = [['#'], ['precision'], ['test accuracy (%)', true], ['points from reference', true], ['validation (%)', true],
    ['predicted (%)', true], ['p50 (ms)', true], ['p90 (ms)', true], ['speed-up', true], ['MACs', true], ['parameters', true],
    ['integer kernels', true], ['model file']];
  const millis = latency => [el('td', {class: 'number'}, significant(latency.p50Millis), steady(latency)), numberCell(significant(latency.p90Millis))];
  const row = ({n, front, rank}) => el('tbody', {class: best && n.model === best.model ? 'best' : front ? null : 'beaten'},
    el('tr', {},
      el('td', {class: 'rank'}, rank), el('td', {}, n.precision),
      numberCell(percent(n.accuracy)), numberCell(signed(100 * (n.accuracy - reference.accuracy), 2)),
      numberCell(percent(n.validationAccuracy)), numberCell(percent(n.predictedAccuracy)), millis(n.latency),
      el('td', {class: 'number strong'}, fixed(speedUp(reference, n), 2) + ' ×'), numberCell(big(n.macs)), numberCell(big(n.parameters)),
      numberCell(share(n.integerKernelShare)), el('td', {title: n.made}, modelLink(n.model))),
    el('tr', {class: 'chips'}, el('td', {}), el('td', {colspan: columns.length - 1},
      missedLines(n),
      n.compression && el('span', {class: 'chip', title: n.made}, n.compression),
      Object.entries(n.architecture).map(([block, label]) => el('span', {class: 'chip', title: block + ': ' + label}, short(label))))));
  return el('div', {class: 'scroll'}, el('table', {}, head(columns),
    el('tbody', {class: 'reference'}, el('tr', {}, el('td', {class: 'rank', style: 'color:' + STAR, title: 'reference'}, '★'), el('td', {}, scenario.precision),
      numberCell(percent(reference.accuracy)), numberCell(MISSING), numberCell(percent(reference.validationAccuracy)), numberCell(MISSING),
      millis(reference.latency), numberCell('1.00 ×'), numberCell(big(scenario.referenceMacs)), numberCell(big(scenario.referenceParameters)),
      numberCell(share(reference.integerKernelShare)), el('td', {}, modelLink(reference.model)))),
    missedLines(reference) && el('tbody', {}, el('tr', {class: 'chips'}, el('td', {}), el('td', {colspan: columns.length - 1}, missedLines(reference)))),
    ranked.map(row)));
}

function costTable(ledger) {
  const sum = (entries, of) => entries.reduce((total, entry) => total + of(entry), 0);
  const rows = entries => entries.map(e => el('tr', {}, el('td', {}, e.name), numberCell(e.trainings.toLocaleString('en-US')),
    numberCell(epochs(e.epochsEach)), numberCell(epochs(e.paperEpochs)), numberCell(epochs(e.realEpochs))));
  const total = (name, entries) => entries.length > 0 && el('tr', {class: 'total'}, el('td', {}, name), numberCell(sum(entries, e => e.trainings).toLocaleString('en-US')),
    numberCell(''), numberCell(epochs(sum(entries, e => e.paperEpochs))), numberCell(epochs(sum(entries, e => e.realEpochs))));
  return el('table', {}, head([['what was trained'], ['trainings', true], ['epochs each', true], ['epochs, paper’s unit', true], ['epochs, real compute', true]]),
    el('tbody', {}, rows(ledger.library), total('once, for all scenarios', ledger.library),
      rows(ledger.perScenario), total('in every scenario', ledger.perScenario)));
}

/** Bars are logarithmic: what is compared differs by orders of magnitude. */
function comparisonTable(rows) {
  const columns = ['oneScenario', 'fourScenarios', 'manyScenarios'];
  const logs = rows.flatMap(row => columns.map(c => Math.log10(Math.max(1, row[c].high))));
  const most = Math.max(...logs, 1);
  const cell = r => el('td', {class: 'number bar'}, range(r, epochs),
    el('i', {style: `width:calc((100% - 18px) * ${(Math.log10(Math.max(1, r.high)) / most).toFixed(3)})`}));
  return el('table', {}, head([['method'], ['1 scenario', true], ['4 scenarios', true], ['many', true]]),
    el('tbody', {}, rows.map(row => el('tr', {class: /this run/i.test(row.method) ? 'own' : null},
      el('td', {class: 'method'}, row.method), columns.map(c => cell(row[c]))))));
}
