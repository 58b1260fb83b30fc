// The report: what each used, in one table to print or to save.
function row(...cells) {
  const tr = element('tr');
  tr.append(...cells.map((c) => typeof c === 'number' ? element('td', number.format(c), 'n') : c));
  return tr;
}

// detail is what a narrow screen leaves out.
const detail = (n) => element('td', number.format(n), 'n detail');

const money = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function figure(name, value) {
  const div = element('div');
  div.append(element('dt', name), element('dd', value));
  return div;
}

function show(d) {
  const t = d.total, e = d.event;
  is('when').textContent = e.when + (e.organiser ? `, organised by ${e.organiser}` : '') + (e.state === 'ended' ? '' : ' (not over yet)');
  is('figures').replaceChildren(figure('Signed up', number.format(e.signed_up)), figure('Took part', number.format(d.active)), figure('Without signing up', number.format(d.typed)), figure('Requests', number.format(t.requests)),
    figure('Tokens', number.format(t.tokens)), figure('Cost', `${money.format(t.cost)} ${d.currency}`), figure('Failed', number.format(d.errors)), figure('Turned down', number.format(d.refused)));
  is('cost-head').textContent = d.currency ? `Cost, ${d.currency}` : 'Cost';
  is('models').replaceChildren(...d.models.map((m) => row(element('td', modelName(m)), m.requests, m.tokens)));
  const used = d.people.filter((p) => p.requests > 0), idle = d.people.length - used.length;
  is('people').replaceChildren(...used.map((p) => row(element('td', p.name || p.id), element('td', p.came), p.requests, detail(p.prompt_tokens), detail(p.completion_tokens), p.tokens, element('td', p.cost, 'n'))));
  is('idle').textContent = idle ? `${number.format(idle)} more signed up and asked nothing; the CSV names them.` : '';
  document.querySelector('[data-report]').hidden = false;
}

for (const b of document.querySelectorAll('[data-save]')) {
  b.addEventListener('click', async () => {
    try {
      const url = URL.createObjectURL(await (await ask(`report.${b.dataset.save}`)).blob());
      const a = Object.assign(document.createElement('a'), { href: url, download: `${eventID}.${b.dataset.save}` });
      a.click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    } catch (err) {
      fault(err.message);
    }
  });
}
ask('report.json').then((r) => r.json()).then(show).catch((err) => fault(err.message));
