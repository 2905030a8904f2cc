// What every page has: how charts look, tables, sections, and drawing it all.

const FONT = 'system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

const axisStyle = {
  nameLocation: 'middle', nameTextStyle: {color: MUTED, fontSize: 12.5},
  axisLine: {show: true, lineStyle: {color: '#b6bdc9'}}, axisTick: {lineStyle: {color: '#b6bdc9'}},
  axisLabel: {color: MUTED, fontSize: 12, fontFamily: FONT}, splitLine: {lineStyle: {color: GRID}},
};

const tooltipStyle = {
  backgroundColor: '#fff', borderColor: '#cfd4dd', textStyle: {color: INK, fontSize: 13}, confine: true,
  extraCssText: 'box-shadow:0 4px 16px rgba(16,24,40,.12);max-width:420px;white-space:normal',
};

const base = () => ({animation: false, textStyle: {fontFamily: FONT, color: INK}});

const lines = (...rows) => rows.filter(row => row).join('<br>');

/** echarts reserves too little room for labels of two styles. */
function textWidth(text) {
  const context = document.createElement('canvas').getContext('2d');
  context.font = '12.5px ' + FONT;
  return context.measureText(text).width;
}

const numberCell = text => el('td', {class: 'number'}, text);
const head = columns => el('thead', {}, el('tr', {}, columns.map(([name, isNumber, title]) =>
  el('th', {class: isNumber ? 'number' : null, title}, name))));

const pendingCharts = [];

/** A place for a chart, with one line that says how to read it. option: given the width, what echarts draws */
function chart(name, height, option, caption, renderer = 'svg') {
  const place = el('div', {class: 'chart', 'data-chart': name, style: `height:${height}px`, role: 'img', 'aria-label': name});
  const text = el('figcaption', {}, caption);
  const entry = {place, option, renderer};
  pendingCharts.push(entry);
  return {figure: el('figure', {}, place, text), entry, text};
}

const section = (id, title, lead, ...content) => el('section', {id}, el('h2', {}, title), el('p', {class: 'lead'}, lead), content);

function draw(entry) {
  entry.chart = entry.chart || echarts.init(entry.place, null, {renderer: entry.renderer});
  entry.chart.setOption(entry.option(), true);
  scalable(entry);
}

/** Lets print scale a chart to the paper's width. */
function scalable({place, chart}) {
  const svg = place.querySelector('svg');
  if (svg) svg.setAttribute('viewBox', `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
}

/**
 * Draws the page, and says so on it where a part cannot be drawn.
 * build: makes the page's elements of the embedded data; elsewhere: where else the numbers are
 */
function show(build, elsewhere) {
  const page = document.getElementById('page');
  const fail = error => {
    document.documentElement.dataset.problem = String(error);
    if (!document.getElementById('problem')) {
      page.prepend(el('div', {id: 'problem'}, 'A part of this page could not be drawn; the numbers are in ' + elsewhere + '. ', String(error)));
    }
  };
  try {
    page.append(...build(JSON.parse(document.getElementById('data').textContent)));
  } catch (error) {
    console.error(error);
    fail(error);
  }
  for (const entry of pendingCharts) {
    try {
      draw(entry);
    } catch (error) {
      console.error(error);
      fail(error);
    }
  }
  let last = window.innerWidth;
  window.addEventListener('resize', () => {
    if (window.innerWidth === last || window.matchMedia('print').matches) return;
    last = window.innerWidth;
    pendingCharts.filter(entry => entry.chart).forEach(entry => {
      entry.chart.resize();
      scalable(entry);
    });
  });
  document.documentElement.dataset.drawn = pendingCharts.length;
}
