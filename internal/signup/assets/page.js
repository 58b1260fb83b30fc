// Makes the event's page more comfortable. Everything on it works without this.

// Times in the reader's own zone.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const day = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }, clock = { hour: '2-digit', minute: '2-digit' }, where = { timeZoneName: 'short' };
const write = (t, ...parts) => { t.textContent = new Intl.DateTimeFormat(undefined, Object.assign({}, ...parts)).format(new Date(t.dateTime)); };
for (const t of document.querySelectorAll('time[datetime]')) write(t, day, clock, where);
const [from, until] = document.querySelectorAll('[data-span] time');
if (from && new Date(from.dateTime).toDateString() === new Date(until.dateTime).toDateString()) {
  write(from, day, clock);
  write(until, clock, where);
}
for (const z of document.querySelectorAll('[data-zone]')) z.textContent = `your time zone, ${zone.replaceAll('_', ' ')}`;

// How long until it begins. The page that is open then asks anew.
const waits = document.querySelector('[data-until]');
if (waits) {
  const at = Date.parse(waits.dataset.until);
  const tick = () => {
    const s = Math.max(0, Math.round((at - Date.now()) / 1000));
    if (s === 0) return location.reload();
    const d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
    waits.textContent = 'in ' + (d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : m ? `${m} min ${s % 60} s` : `${s} s`);
    setTimeout(tick, 1000);
  };
  if (at > Date.now()) tick();
}

// A logo that does not come leaves our own mark in its place.
const logo = document.querySelector('img[data-fallback]');
if (logo) {
  const failed = () => { logo.src = logo.dataset.fallback; logo.className = 'mark'; };
  logo.addEventListener('error', failed, { once: true });
  if (logo.complete && logo.naturalWidth === 0) failed();
}

// The page that is open at the end asks anew: nobody can sign up any more.
const end = Date.parse(document.body.dataset.endsAt) - Date.now();
if (end > 0 && end < 2 ** 31) setTimeout(() => location.reload(), end + 1000);

// Copying.
const toast = document.querySelector('[data-toast]');
let fading;
function say(text) {
  toast.textContent = text;
  toast.classList.add('shown');
  clearTimeout(fading);
  fading = setTimeout(() => { toast.classList.remove('shown'); toast.textContent = ''; }, 2500);
}
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement('textarea'), { value: text }); // plain http has no clipboard
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('not copied');
}
const key = document.querySelector('[data-key]')?.textContent ?? '';
for (const b of document.querySelectorAll('[data-copy]')) {
  b.hidden = false;
  b.addEventListener('click', async () => {
    let text = document.querySelector(b.dataset.copy).textContent;
    if ('fill' in b.dataset) text = text.replaceAll('YOUR_KEY', key);
    try {
      await copy(text);
      say('Copied to the clipboard.');
    } catch {
      say('Could not copy. Select the text instead.');
    }
  });
}

// The playground looks for the key in the tab's storage, and then asks for none. Who
// signs out here, or ends the key, is signed out there too.
let tab = null;
try {
  tab = window.sessionStorage;
} catch { /* it is switched off: the key is to be pasted */ }
const place = 'tallygate.key', playground = document.querySelector('[data-playground]');
if (tab && key) {
  const hint = document.querySelector('[data-hint]'); // none once the event is over
  if (hint) hint.textContent = 'You are signed in there at once.';
  playground.addEventListener('click', () => tab.setItem(place, key));
  for (const form of document.querySelectorAll('[data-ends]')) {
    form.addEventListener('submit', () => tab.getItem(place) === key && tab.removeItem(place));
  }
}

// A card's QR code brings the code along, in the fragment that no server sees.
// The playground brings along what was typed at its door.
const brought = new URLSearchParams(location.hash.slice(1));
const code = brought.get('code'), field = document.getElementById('code'), own = document.getElementById('name');
if (code && field && !field.value) {
  field.value = code;
  if (!own.value) own.value = brought.get('name') ?? '';
  own.focus();
}
if (code) history.replaceState(null, '', location.pathname);
