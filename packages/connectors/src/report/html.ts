// A page that stands alone: one file, no script, nothing loaded from anywhere, every text of the registry escaped.
import { inert } from '@plombe/kit';

/** Text as HTML, also within quotes; control characters and marks of direction become visible (T21, T68). */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return inert(text).replace(/[&<>"']/g, (letter) => entities[letter] ?? '');
}

/** A link to an https address; anything else is shown as text. */
export function linkTo(address: string): string {
  const shown = escapeHtml(address);
  return /^https:\/\/[^\s"'<>]+$/.test(address) ? `<a href="${shown}" rel="noreferrer">${shown}</a>` : shown;
}

export interface Page {
  readonly language: 'en' | 'de';
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

const style = `
:root{color-scheme:light dark;--line:#8884;--bad:#b3261e;--warn:#8a6100;--good:#1b6e3c;--dim:#777}
@media (prefers-color-scheme:dark){:root{--bad:#ff8a80;--warn:#ffd180;--good:#86e0a6;--dim:#999}}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line)}
code,.id{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}
.fail{color:var(--bad);font-weight:600}.unknown{color:var(--warn);font-weight:600}.pass{color:var(--good)}.dim{color:var(--dim)}
details{border-bottom:1px solid var(--line);padding:.5rem 0}summary{cursor:pointer}dl{margin:.5rem 0 .5rem 1.2rem}
dt{font-weight:600;margin-top:.4rem}dd{margin:0}ul{margin:0;padding-left:1.2rem}
@media print{details>*{display:block!important}}
`;

/** Returns the document. The policy in it lets a browser load and run nothing at all. */
export function htmlPage({ language, title, body }: Page): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
