// Builds the page of an analysis.

function build(analysis) {
  const {missing} = analysis;
  const made = (id, name, title, data, make) => [id, name, data ? make(data) : absent(id, title, missing[id === 'along' ? 'alongGraph' : id])];
  const sections = [
    made('weights', 'channels', 'Do the channels of a layer differ in size?', analysis.weights.length && analysis.weights, weightsSection),
    made('activations', 'activations', 'How well do activations fill their grids?', analysis.activations, activationsSection),
    made('along', 'where it goes wrong', 'Where does the error come in?', analysis.alongGraph, alongSection),
    made('sensitivity', 'sensitive layers', 'Which layers suffer from few bits?', analysis.sensitivity, sensitivitySection),
    made('compression', 'smaller layers', 'Which layers could be smaller?', analysis.compression, compressionSection),
    made('speed', 'speed', 'Where do integers save time, and where not?', analysis.speed, speedSection),
    ['layers', 'all layers', layersTable(analysis)],
  ];
  return [
    el('header', {}, el('div', {class: 'product'}, 'Limbeck'), el('h1', {}, `What few bits do to ${analysis.model.split('/').pop()}`),
      el('div', {class: 'quiet'}, new Date(analysis.createdAt).toUTCString().replace(/:\d\d GMT/, ' UTC')),
      el('nav', {}, sections.map(([id, name]) => el('a', {href: '#' + id}, name)))),
    summary(analysis), sections.map(([, , element]) => element),
    el('footer', {}, `Limbeck ${analysis.limbeckVersion} · network ${analysis.network.digest.slice(0, 16)} · the same numbers: limbeck analyze --json`),
  ].flat();
}

show(build, 'what limbeck analyze --json prints');
