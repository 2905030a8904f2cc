// The sections of the page, each an element.

function badge(goals) {
  return goals && goals.goals.length > 0 && el('span', {class: 'badge ' + (goals.met ? 'met' : 'missed'), title: goals.text}, goals.met ? 'goals met' : 'goals not met');
}

/** Each goal that the spec asks for, with what was reached of it. */
function goalLines(goals) {
  const kinds = {
    accuracyDrop: {title: 'accuracy drop', value: v => plural(Number((100 * v).toPrecision(3)), 'point')},
    speedup: {title: 'speed-up', value: v => Number(v.toPrecision(3)) + ' ×'},
    latency: {title: 'latency', value: v => significant(v) + ' ms'},
    size: {title: 'size', value: v => fixed(v / 1024, 1) + ' KiB'}};
  return goals && goals.goals.length > 0 && el('ul', {class: 'goals small', title: goals.model}, goals.goals.map(goal => {
    const kind = kinds[goal.name];
    return el('li', {class: goal.met ? 'met' : 'missed'}, `${kind.title} ${known(goal.reached) ? kind.value(goal.reached) : MISSING}, `
      + `${goal.name === 'speedup' ? 'at least' : 'at most'} ${kind.value(goal.wanted)}: ${goal.met ? 'met' : 'missed'}`);
  }));
}

/** Under which latencies were measured. */
const conditions = scenario => [scenario.precision, plural(scenario.threads, 'thread'), 'batch ' + scenario.batch,
  scenario.imageSize && 'images of ' + scenario.imageSize.join(' × '), 'on ' + (scenario.deviceNames.join(', ') || scenario.device)].filter(known).join(', ');

/** Settings of the runtime, where the spec asked for them. */
const tuningText = tuning => tuning.faster
  ? `latencies are those with tuned settings: ${tuning.text}; the reference is ${fixed(tuning.speedup, 2)} times as fast with them as with the defaults`
  : 'tuning found no settings of the runtime that are faster than the defaults';

function headline(scenario) {
  const best = fastestNearReference(scenario), reference = scenario.reference;
  return el('div', {class: 'card'},
    el('div', {class: 'top'}, el('a', {href: '#scenario-' + scenario.index}, el('b', {}, scenario.name)), badge(scenario.goals)),
    best ? [
      el('div', {class: 'figure'}, fixed(speedUp(reference, best), 2) + ' ×', el('span', {}, ' the reference’s speed')),
      el('p', {}, `${significant(reference.latency.p50Millis)} → ${significant(best.latency.p50Millis)} ms at ${percent(best.accuracy)} % (${signed(100 * (best.accuracy - reference.accuracy), 2)} points)`),
    ] : [el('div', {class: 'figure'}, MISSING), el('p', {}, `no network of the front lies within ${allowedPoints(scenario)} of the reference’s accuracy`)],
    el('p', {class: 'quiet small'}, conditions(scenario)),
    scenario.goals && scenario.goals.text && el('p', {class: 'quiet small'}, scenario.goals.text),
    goalLines(scenario.goals),
    best && missedLines(best),
    best && el('p', {class: 'small'}, modelLink(best.model)));
}

function facts(results) {
  const fact = (name, value, more) => [el('div', {}, el('dt', {}, name), el('dd', {}, value, more && el('small', {}, more)))];
  const {reference, space, predictor, ledger} = results;
  const measured = results.scenarios.reduce((sum, s) => sum + (s.search ? s.search.measuredCandidates : 0), 0);
  const trained = ledger ? [...ledger.library, ...ledger.perScenario].reduce((sum, e) => sum + e.realEpochs, 0) : null;
  const end = Math.max(0, ...results.timeline.map(step => step.endMillis));
  return el('dl', {class: 'facts'},
    fact('reference, test accuracy', percent(reference.accuracy) + ' %', `${big(reference.macs)} MACs, ${big(reference.parameters)} parameters`),
    fact('search space', shortCount(space.architectures), `architectures of ${plural(space.blocks, 'block')}, ${plural(space.variants, 'variant')}`),
    predictor && fact('accuracy predictor', 'τ ' + fixed(predictor.kendallTau, 2), `rank correlation on ${plural(predictor.heldOut, 'held-out network')}`),
    measured > 0 && fact('latencies measured', measured.toLocaleString('en-US'), 'candidates, inside the search'),
    known(trained) && fact('training', epochs(trained), 'epochs of the reference, in compute'),
    end > 0 && fact('time', duration(end), 'from start to report'));
}

/** A count that may have any number of digits. */
function shortCount(text) {
  const digits = text.replace(/[,_ ]/g, '');
  if (!/^\d+$/.test(digits)) return text;
  return digits.length <= 6 ? Number(digits).toLocaleString('en-US') : (Number(digits.slice(0, 3)) / 100).toFixed(1) + ' · 10' + superscript(digits.length - 1);
}

const superscript = number => String(number).replace(/\d/g, d => '⁰¹²³⁴⁵⁶⁷⁸⁹'[d]);

function scenarioSection(scenario, words) {
  const ranked = rankNetworks(scenario);
  const describe = n => Object.values(n.architecture).map(words.short).join(' | ');
  const drawn = name => frontChart(scenario, ranked, name, describe);
  const hidden = drawn('validationAccuracy').hidden;
  const {figure, entry} = chart('front of ' + scenario.name, 440, () => drawn(entry.accuracy || 'validationAccuracy').option, [
    'Up and to the left is better. The front is chosen by validation accuracy and median latency; numbers are those of the table. ',
    'Faint points are candidates of the search, darker in later generations.',
    hidden > 0 && ` ${plural(hidden, 'candidate')} ${hidden === 1 ? 'lies' : 'lie'} outside the frame.`], scenario.searched.length > 3000 ? 'canvas' : 'svg');
  const option = (name, text) => el('button', {type: 'button', 'aria-pressed': String(name === 'validationAccuracy'), 'data-accuracy': name}, text);
  const choice = el('div', {class: 'switch', role: 'group', 'aria-label': 'accuracy shown'}, option('validationAccuracy', 'validation'), option('accuracy', 'test'));
  choice.addEventListener('click', event => {
    entry.accuracy = event.target.dataset.accuracy || entry.accuracy;
    choice.querySelectorAll('button').forEach(b => b.setAttribute('aria-pressed', String(b.dataset.accuracy === entry.accuracy)));
    draw(entry);
  });
  const {search, reference} = scenario;
  const quality = search && [
    `${plural(search.candidates, 'candidate')}, ${search.measuredCandidates.toLocaleString('en-US')} of them measured`,
    known(search.hypervolume) && known(search.exactHypervolume) && search.exactHypervolume > 0
      ? `; the front found spans ${percent(search.hypervolume / search.exactHypervolume, 1)} % of the exact front’s hypervolume` : ''].filter(known).join('');
  return el('section', {id: 'scenario-' + scenario.index},
    el('div', {class: 'title'}, el('div', {}, el('h2', {}, scenario.name, ' ', badge(scenario.goals)),
      el('div', {class: 'quiet'}, conditions(scenario), search && ' · ' + quality),
      scenario.tuning && el('div', {class: 'quiet'}, tuningText(scenario.tuning))), choice),
    figure, networkTable(scenario, ranked, words.short),
    el('figcaption', {}, 'Speed-up: the reference’s median latency over the network’s, both in this scenario. One chip a block, input to output: k kernel, e expansion, d depth, w width, se squeeze-and-excitation, h heads, ref the reference’s own block',
      words.shared.length > 0 && `; all others: ${words.shared.join(', ')}`,
      ranked.some(row => row.n.compression) && '; before them, by which scheme a finetuned network was made smaller', '. What was done to a network is said where the pointer rests on its file', `. Green: the fastest of the front whose test accuracy is within ${allowedPoints(scenario)} of the reference’s; the test images took no part in training, search or the front. Grey: beaten by the front.`,
      [reference, ...ranked.map(row => row.n)].some(n => !n.latency.valid) && ' ⚠ The runs of this measurement did not agree, or the machine was busy.'));
}

function predictorSection(predictor) {
  const tau = `τ ${fixed(predictor.kendallTau, 2)}` + (known(predictor.kendallTauInterval) ? ` (95 % interval ${range(predictor.kendallTauInterval, v => fixed(v, 2))})` : '');
  const rmse = known(predictor.rmse) ? `, RMSE ${fixed(100 * predictor.rmse, 2)} points` + (known(predictor.rmseInterval) ? ` (${range(predictor.rmseInterval, v => fixed(100 * v, 2))})` : '') : '';
  return section('predictor', 'Accuracy predictor', `On ${plural(predictor.heldOut, 'network')} that the fit did not see: ${tau}${rmse}.`,
    el('div', {class: 'pair'},
      predictor.heldOutPredictions.length > 0 && chart('predicted against finetuned accuracy', 340, () => predictionChart(predictor),
        'A point is a held-out network; on the dashed line, prediction and finetuned accuracy agree.').figure,
      known(predictor.kendallTau) && chart('rank correlation', 340, () => rankChart(predictor),
        'How well each predictor ranks the same networks (1 is perfect), with 95 % intervals.'
        + (known(predictor.noiseCeiling) ? ' The noise ceiling is the most that the noise of the accuracies themselves allows.' : '')).figure));
}

function blocksSection(blocks, words) {
  const measured = blocks.filter(block => block.variants.some(v => v.noiseToSignal > 0));
  const sums = new Map();
  measured.forEach(block => block.variants.forEach(v => {
    if (!(v.noiseToSignal > 0)) return;
    const row = sums.get(v.label) || {sum: 0, count: 0};
    sums.set(v.label, {sum: row.sum + Math.log10(Math.max(v.noiseToSignal, 1e-9)), count: row.count + 1});
  }));
  const rows = [...sums].sort(([, a], [, b]) => a.sum / a.count - b.sum / b.count).map(([label]) => label);
  if (rows.length === 0) return null;
  const wide = measured.length <= 10;
  const height = 60 + rows.length * (rows.length > 40 ? 16 : 24);
  return section('blocks', 'Block quality', 'How faithfully each variant, distilled on its own, copies the block of the reference that it replaces.',
    chart('block quality', height, () => qualityChart(measured, rows, words.short, wide),
      ['Noise-to-signal ratio on held-out images, coloured on a logarithmic scale: lower is better, 0 would be exact, as the reference’s own block is. Variants from the best to the worst mean.',
        words.shared.length > 0 && ` All are ${words.shared.join(', ')}.`]).figure);
}

function costSection(ledger) {
  return section('cost', 'Cost', 'An epoch in the paper’s unit counts 1 whatever it trains; in real compute it counts as its share of an epoch of the whole reference on all training images.',
    el('div', {class: 'pair'},
      el('figure', {}, el('h3', {}, 'This run'), costTable(ledger), el('figcaption', {}, 'What was trained, and how often.')),
      ledger.rows.length > 0 && el('figure', {}, el('h3', {}, 'Epochs per scenario, beside published methods'), comparisonTable(ledger.rows),
        el('figcaption', {}, 'What one scenario costs where 1, 4 or many share what is paid once; bars are logarithmic. Published figures are for ImageNet.'))));
}

function timelineSection(timeline) {
  const {rows} = timelineChart(timeline);
  return section('timeline', 'Timeline', 'Where the time of the run went.',
    chart('timeline', 96 + Math.max(3, rows) * 22, () => timelineChart(timeline).option,
      'One bar a step, coloured by worker; beside each stage the time from its first start to its last end.').figure);
}

function machineSection(machines) {
  const row = (name, value) => known(value) && value !== '' ? [el('dt', {}, name), el('dd', {}, value)] : [];
  return section('machines', 'Machines', 'What measured the latencies, and the state it was in.',
    el('div', {class: 'cards'}, machines.map(m => el('div', {class: 'card machine'}, el('b', {}, m.name), el('dl', {},
      row('CPU', `${m.cpu}, ${plural(m.cores, 'core')}`), row('instructions', m.flags.join(', ')),
      row('frequency', known(m.frequencyMHz) ? Math.round(m.frequencyMHz) + ' MHz' + (m.governor ? `, governor ${m.governor}` : '') : m.governor ? `governor ${m.governor}` : 'unknown'),
      row('temperature', known(m.temperatureCelsius) ? Math.round(m.temperatureCelsius) + ' °C' : 'unknown'),
      row('load', known(m.load) ? fixed(m.load, 2) + ' runnable processes' : null),
      row('memory', known(m.memoryMib) ? fixed(m.memoryMib / 1024, 1) + ' GiB' : null),
      row('system', m.os), row('Java', m.java), row('runtime', m.runtime))))));
}
