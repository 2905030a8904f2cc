// Builds the page from the embedded results.

function build(results) {
  const scenarios = results.scenarios.map((scenario, index) =>
    ({...scenario, index, referenceMacs: results.reference.macs, referenceParameters: results.reference.parameters}));
  const labels = [...results.blocks.flatMap(b => b.variants.map(v => v.label)),
    ...scenarios.flatMap(s => [...s.networks, ...s.front].flatMap(n => Object.values(n.architecture)))];
  const words = shortener(labels);
  const jump = (id, text) => el('a', {href: '#' + id}, text);
  const sections = [
    ...scenarios.map(s => [s.name, scenarioSection(s, words)]),
    results.predictor && ['predictor', predictorSection(results.predictor)],
    results.blocks.length > 0 && ['blocks', blocksSection(results.blocks, words)],
    results.ledger && ['cost', costSection(results.ledger)],
    results.timeline.length > 0 && ['timeline', timelineSection(results.timeline)],
    results.machines.length > 0 && ['machines', machineSection(results.machines)],
  ].filter(entry => entry && entry[1]);
  return [
    el('header', {}, el('div', {class: 'product'}, 'Limbeck'), el('h1', {}, results.name),
      el('div', {class: 'quiet lines'}, new Date(results.createdAt).toUTCString().replace(/:\d\d GMT/, ' UTC'), results.space.text && '\n' + results.space.text),
      el('nav', {}, sections.map(([name, element]) => jump(element.id, name)))),
    el('div', {class: 'cards'}, scenarios.map(headline)),
    facts(results),
    sections.map(([, element]) => element),
    el('footer', {}, `Limbeck ${results.limbeckVersion}${results.limbeckCommit ? ` (${results.limbeckCommit})` : ''} · run ${results.runId} · spec ${results.spec} · seed ${results.seed} · accuracy is top-1 on the test images unless it says otherwise; every number is in results.json`),
  ].flat();
}

show(build, 'results.json');
