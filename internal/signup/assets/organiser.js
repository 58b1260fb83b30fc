// What the organiser's pages share. The secret stands in the link's fragment and goes
// nowhere but into the header of our own requests.
const secret = location.hash.slice(1);
const eventID = document.body.dataset.event;
const is = (name, root = document) => root.querySelector(`[data-is="${name}"]`);
const number = new Intl.NumberFormat();
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumSignificantDigits: 3 });
const faultLine = document.querySelector('[data-fault]');

function fault(text) {
  faultLine.textContent = text;
  faultLine.hidden = !text;
}

// ask fetches what is below the event's address.
async function ask(what) {
  const res = await fetch(`/event/${eventID}/${what}`, { headers: { Authorization: `Bearer ${secret}` }, cache: 'no-store', redirect: 'error' });
  if (!res.ok) {
    const body = await res.json().catch(() => ({}));
    throw Object.assign(new Error(body.error?.message ?? `The server answered ${res.status}.`), { status: res.status });
  }
  return res;
}

// What named no model, or one that the event does not offer, stands together.
const modelName = (m) => m.name === 'other' ? 'No model, or an unknown one' : m.name;

// Links between the organiser's pages carry the secret on.
for (const a of document.querySelectorAll('a[data-page]')) a.href += '#' + secret;
document.querySelector('[data-print]')?.addEventListener('click', () => print());

function element(name, text, cls) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  if (cls) e.className = cls;
  return e;
}
