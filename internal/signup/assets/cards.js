// The code cards: as many as fit the pages that are asked for.
const per = document.getElementById('per'), pages = document.getElementById('pages');
const sheets = document.querySelector('[data-cards]'), blank = document.querySelector('[data-card]');
let data;

function lay() {
  const n = Number(per.value), many = Math.min(100, Math.max(1, Math.floor(Number(pages.value)) || 1));
  sheets.replaceChildren(...Array.from({ length: many }, () => {
    const sheet = element('section', undefined, `sheet per-${n}`);
    sheet.append(...Array.from({ length: n }, card));
    return sheet;
  }));
}

function card() {
  const c = blank.content.cloneNode(true);
  is('name', c).textContent = data.event.name;
  is('when', c).textContent = data.event.when;
  is('code', c).textContent = data.code;
  is('code', c).classList.toggle('long', data.code.length > 14);
  if (!data.code) {
    is('label', c).remove();
    is('how', c).textContent = 'Scan, or open this address, and sign in.';
  }
  is('url', c).textContent = data.event.url.replace(/^https?:\/\//, '');
  is('qr', c).src = data.qr;
  return c;
}

per.addEventListener('change', lay);
pages.addEventListener('input', lay);
ask('cards.json').then((r) => r.json()).then((d) => { data = d; lay(); }, (err) => fault(err.message));
