// What the page does: it shows the findings that the filters choose. It makes no element and reads no address, and the page is whole without it.

/** The one script; the page's policy allows it by its digest. */
export const pageScript = `
'use strict';
(() => {
  const form = document.getElementById('filters');
  if (!form) return;
  const rows = [...document.querySelectorAll('#findings tbody tr')];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const shown = document.getElementById('shown');
  const none = document.getElementById('none');
  const field = (name) => form.elements[name];
  const places = form.querySelector('select');
  const apply = () => {
    const severities = new Set([...form.querySelectorAll('[name=severity]:checked')].map((box) => box.value));
    const words = field('search').value.toLowerCase().trim();
    const exact = field('search').dataset.exact;
    const place = places.value;
    let count = 0;
    rows.forEach((row, index) => {
      const { s, l, p, f, k } = row.dataset;
      const fits = severities.has(s) && (place === '*' || l.split('|').includes(place)) && (!field('fixable').checked || f === '1') &&
        (!field('exploited').checked || k === '1') && (exact !== undefined ? p === exact : texts[index].includes(words));
      row.hidden = !fits;
      if (fits) count += 1;
    });
    shown.textContent = count + ' ' + shown.dataset.of + ' ' + rows.length + ' ' + shown.dataset.shown;
    none.hidden = count > 0 || rows.length === 0;
  };
  const choose = (area) => {
    form.reset();
    const { p, l } = area.dataset;
    delete field('search').dataset.exact;
    if (p !== undefined) { field('search').value = p; field('search').dataset.exact = p; }
    if (l !== undefined) places.value = l;
    apply();
    document.getElementById('findings').scrollIntoView();
  };
  field('search').addEventListener('input', () => { delete field('search').dataset.exact; apply(); });
  form.addEventListener('change', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => { delete field('search').dataset.exact; setTimeout(apply); });
  for (const area of document.querySelectorAll('.area[data-p]')) {
    area.classList.add('chooses');
    area.setAttribute('tabindex', '0');
    area.setAttribute('role', 'button');
    area.addEventListener('click', () => choose(area));
    area.addEventListener('keydown', (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(area); } });
  }
  // A link may say what is looked for: report.html#severity=critical&package=openssl&layer=2&fixable=1
  const asked = new URLSearchParams(location.hash.slice(1));
  if (asked.has('severity')) for (const box of form.querySelectorAll('[name=severity]')) box.checked = asked.get('severity').split(',').includes(box.value);
  if (asked.has('package')) field('search').value = asked.get('package');
  // A file that has no entry of its own is in the entry of its folder, if there is one.
  const options = [...places.options].map((option) => option.value);
  const wanted = (asked.get(places.name) || '').replace(/^[/]/, '');
  const chosen = options.filter((value) => value === wanted || (value.endsWith('/') && wanted.startsWith(value))).sort((a, b) => b.length - a.length)[0];
  if (asked.has(places.name) && chosen !== undefined) places.value = chosen;
  if (asked.get('fixable') === '1') field('fixable').checked = true;
  if (asked.get('exploited') === '1') field('exploited').checked = true;
  form.hidden = false;
  apply();
})();
`;
