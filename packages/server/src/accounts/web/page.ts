// The page of accounts as HTML: no script, one style, every text from outside escaped.
import { createHash } from 'node:crypto';
import { inert } from '@plombe/kit';
import type { Credential } from '../robots.ts';
import type { Session } from './session.ts';
import type { PageText } from './text.ts';

const style = `
:root{color-scheme:light dark;--line:#8886;--accent:#0a5ea8}
@media(prefers-color-scheme:dark){:root{--accent:#7cc0ff}}
body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1.5rem 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
code,output{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
button,select,.button{font:inherit;padding:.4rem .9rem;border:1px solid var(--accent);border-radius:.3rem;background:none;color:inherit}
button:not(.quiet),.button{background:var(--accent);color:Canvas;text-decoration:none;display:inline-block}
.quiet{border-color:var(--line)}form{display:inline-block;margin:0 1rem .5rem 0}dt{font-weight:600}dd{margin:0 0 .5rem}
`;
const styleHash = createHash('sha256').update(style).digest('base64');

/** Headers of every page: nothing from elsewhere, in no frame, in no cache, and no address handed on. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  Vary: 'Accept-Language, Cookie',
};

/** Choices of a credential's life, in hours. */
const lives = [1, 4, 12];

/** The page for somebody who is not logged in, with what went wrong. */
export function loginPage(text: PageText, message?: string): string {
  return page(
    text,
    `${message === undefined ? '' : `<p role="alert">${escape(message)}</p>`}
<p>${escape(text.logInAbout)}</p>
<p><a class="button" href="/auth/login">${escape(text.logIn)}</a></p>`,
  );
}

/** Who is logged in, his roles, and the form for a credential. */
export function accountPage(text: PageText, { account, csrf, groupsLeftOut }: Session, message?: string): string {
  const token = `<input type="hidden" name="csrf" value="${escape(csrf)}">`;
  const rows = account.grants.map(({ role, project, rights, expiresAtMs }) => {
    const end = expiresAtMs === undefined ? '–' : timeText(expiresAtMs);
    return `<tr><td>${escape(role ?? '')}</td><td><code>${escape(project)}</code></td><td>${escape([...rights].join(', '))}</td><td>${end}</td></tr>`;
  });
  const headings = [text.role, text.project, text.rights, text.until].map(
    (word) => `<th scope="col">${escape(word)}</th>`,
  );
  const options = lives.map((hours) => `<option value="${hours}">${escape(text.hours(hours))}</option>`);
  return page(
    text,
    `${message === undefined ? '' : `<p role="alert">${escape(message)}</p>`}
<p>${escape(text.loggedInAs)} <strong>${escape(account.name)}</strong><br><code>${escape(account.id)}</code></p>
<form method="post" action="/auth/logout">${token}<button class="quiet">${escape(text.logOut)}</button></form>
<h2>${escape(text.roles)}</h2>
${groupsLeftOut ? `<p>${escape(text.manyGroups)}</p>` : ''}
${rows.length === 0 ? `<p>${escape(text.noRoles)}</p>` : `<table><thead><tr>${headings.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`}
<h2>${escape(text.credential)}</h2>
<p>${escape(text.credentialAbout)}</p>
<form method="post" action="/auth/credential">${token}
<label>${escape(text.life)} <select name="hours">${options.join('')}</select></label>
<button>${escape(text.make)}</button></form>`,
  );
}

/** Shows a credential, once. */
export function credentialPage(text: PageText, host: string, { username, password, expiresAtMs }: Credential): string {
  return page(
    text,
    `<p role="status">${escape(text.made)}</p>
<dl><dt>${escape(text.userName)}</dt><dd><output>${escape(username)}</output></dd>
<dt>${escape(text.password)}</dt><dd><output>${escape(password)}</output></dd>
<dt>${escape(text.ends)}</dt><dd>${timeText(expiresAtMs)}</dd></dl>
<p>${escape(text.onTerminal)}<br><code>docker login -u ${escape(username)} ${escape(host)}</code></p>
<p><a href="/auth/">${escape(text.back)}</a></p>`,
  );
}

function page({ lang, title }: PageText, body: string): string {
  return `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)} – Plombe</title><style>${style}</style></head>
<body><main><h1>${escape(title)}</h1>
${body}
</main></body></html>
`;
}

function timeText(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What an issuer says of a person is somebody else's text. */
function escape(text: string): string {
  return inert(text).replace(/[&<>"']/g, (char) => entities[char] ?? '');
}
