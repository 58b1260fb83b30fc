// The live view: asks every two seconds, counts the time down every second.
const board = document.querySelector('[data-board]');
let ends = 0, starts = 0, ahead = 0, state = '', last = 0;

function left() {
  const now = Date.now() + ahead;
  const to = now < starts ? starts : ends;
  const s = Math.max(0, Math.floor((to - now) / 1000));
  const d = Math.floor(s / 86400), pad = (n) => String(n).padStart(2, '0');
  const text = `${pad(Math.floor(s / 3600) % 24)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
  is('left').textContent = d ? `${d} d ${text}` : text;
  is('left-text').textContent = state === 'inactive' ? 'not active' : now < starts ? 'until it begins' : s ? 'left' : 'it is over';
}

const ns = 'http://www.w3.org/2000/svg';
function spark(name, values) {
  const svg = document.querySelector(`[data-spark=${name}]`);
  const top = Math.max(1, ...values), step = 300 / Math.max(1, values.length - 1);
  const points = values.map((v, i) => `${(i * step).toFixed(1)} ${(57 - 54 * v / top).toFixed(1)}`);
  const area = document.createElementNS(ns, 'path'), line = document.createElementNS(ns, 'path');
  area.setAttribute('class', 'area');
  area.setAttribute('d', points.length ? `M0 60L${points.join('L')}L300 60Z` : '');
  line.setAttribute('class', 'line');
  line.setAttribute('d', points.length ? `M${points.join('L')}` : '');
  svg.replaceChildren(area, line);
  is(`${name}-most`).textContent = `most: ${short.format(Math.max(0, ...values))}`;
}

const amount = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const sum = (values) => values.reduce((a, b) => a + b, 0);

// now is the rate of the last whole minute; the one that runs is not over.
const rate = (values) => values.length > 1 ? values[values.length - 2] : values[0] ?? 0;

function meter(name, text, share, warn) {
  const li = element('li'), bar = element('meter');
  Object.assign(bar, { min: 0, max: 1, value: share });
  if (warn) Object.assign(bar, { low: 0.1, high: 0.25, optimum: 1 });
  li.append(element('span', name), element('span', text, 'n'), bar);
  return li;
}

function show(d) {
  const e = d.event;
  [starts, ends, ahead, state] = [Date.parse(e.start), Date.parse(e.end), Date.parse(e.now) - Date.now(), e.state];
  const requests = d.requests ?? [], tokens = d.tokens ?? [], models = d.models ?? [], room = d.room ?? [];
  is('active').textContent = number.format(d.active);
  is('typed').textContent = d.typed ? `${number.format(d.active - d.typed)} who signed up, ${number.format(d.typed)} by the shared code` : '';
  is('people').replaceChildren(...[
    ['Signed up', number.format(e.signed_up)], e.seats && ['Seats taken', `${number.format(e.seated)} of ${number.format(e.seats)}`],
    e.waiting && ['Waiting for a seat', number.format(e.waiting)], e.revoked && ['Keys taken back', number.format(e.revoked)],
  ].filter(Boolean).flatMap(([name, value]) => [element('dt', name), element('dd', value)]));
  is('refused').textContent = `${number.format(sum(requests))} in the last hour, ${number.format(d.errors)} failed; ${number.format(d.refused)} more turned down`;
  is('refused').classList.toggle('bad', d.errors > 0);
  is('spent').textContent = `${number.format(sum(tokens))} in the last hour`;
  is('join').hidden = state === 'ended' || state === 'inactive';
  is('requests').textContent = number.format(rate(requests));
  is('tokens').textContent = short.format(rate(tokens));
  spark('requests', requests);
  spark('tokens', tokens);
  is('room').replaceChildren(...room.map((r) => meter(r.name, `${amount.format(r.left)} of ${amount.format(r.amount)} ${r.unit}`, r.amount ? r.left / r.amount : 0, true)));
  if (!room.length) is('room').append(element('li', 'No limit for all together.', 'small'));
  const most = Math.max(1, ...models.map((m) => m.requests));
  is('models').replaceChildren(...models.slice(0, 6).map((m) => meter(modelName(m), `${number.format(m.requests)} requests, ${short.format(m.tokens)} tokens`, m.requests / most, false)));
  if (!models.length) is('models').append(element('li', 'Nothing was asked yet.', 'small'));
  board.hidden = false;
  left();
}

async function refresh() {
  let again = 2000;
  try {
    if (!document.hidden) {
      show(await (await ask('live.json')).json());
      last = Date.now();
      fault('');
    }
  } catch (err) {
    if (err.status === 401 || err.status === 404) {
      board.hidden = true;
      return fault(err.message);
    }
    again = 5000;
    fault(`No new figures: ${err.message} Trying again.`);
  }
  setTimeout(refresh, again);
}
setInterval(() => {
  if (!last) return;
  left();
  const age = Math.round((Date.now() - last) / 1000);
  is('fresh').textContent = age > 5 ? `Figures are ${age} s old` : '';
}, 1000);
refresh();
