// T58: text of an advisory, of a package or of an image that asks a reader's program to fetch or run something, in the formats that are rendered.
import { describe, expect, it } from 'vitest';
import type { ScanResult } from '@plombe/model';
import { findingOf, packageOf, resultOf } from '../testing/results.ts';
import { openReportFormat } from './reports.ts';

const evil = 'evil.example';
const beacons = [
  `![b](https://${evil}/b.png)`,
  `![b][r]\n\n[r]: https://${evil}/b.png`,
  `<img src="https://${evil}/i.png" onerror="alert(1)">`,
  `[c](javascript:alert(1))`,
  `<script src=https://${evil}/x.js></script>`,
  `<svg/onload=alert(1)>`,
  `"><iframe src=https://${evil}>`,
  `| a | b |\n|---|---|\n`,
  `@everyone #1 <!-- -->`,
  `\`\`\`\n![b](https://${evil}/b.png)\n\`\`\``,
];

function resultWith(text: string): ScanResult {
  const item = packageOf('openssl', { name: text, version: text });
  const finding = findingOf('CVE-2024-0001', item, {
    summary: text,
    statusNote: text,
    packageName: text,
    fixedVersions: [text],
  });
  return resultOf([item], [finding], {
    assessment: { state: 'partial', causes: [{ code: 'feed/missing', message: text, scope: text }] },
  });
}

async function render(id: string, result: ScanResult): Promise<string> {
  return [...(await openReportFormat(id)).render(result, { colour: false, evidence: true, language: 'en' })].join('');
}

/** Markup of an element, image or link that would be one to a reader of Markdown: what a code span holds or a backslash precedes is text. */
function active(markdown: string): string {
  const text = markdown.replaceAll(/(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, '').replaceAll(/\\[!-/:-@[-`{-~]/g, '');
  return text
    .split('\n')
    .filter((line) => /!\[|\]\(|\]:|<(?:img|script|svg|iframe|!--)|^\s*```/i.test(line) && line.includes('evil'))
    .join('\n');
}

describe('T58 beacons', () => {
  it.each(beacons)('Markdown: %j is text', async (beacon) => {
    expect(active(await render('markdown', resultWith(beacon)))).toBe('');
  });

  it.each(beacons)('HTML: %j is text, and the page asks nobody', async (beacon) => {
    const page = (await render('html', resultWith(beacon))).replaceAll(
      /<script type="application\/json"[^>]*>[^<]*<\/script>/g,
      '',
    );
    // Tags without the values of their attributes, in which a quotation mark is always escaped.
    const tags = page.replaceAll(/="[^"]*"/g, '=""').match(/<[a-z!/][^>]*>/gi) ?? [];
    expect(
      tags.filter((tag) =>
        /^<(?:img|iframe|object|embed|base|link|form[^>]*\saction)|\s(?:on\w+|src|srcset|data|poster|formaction)=/i.test(
          tag,
        ),
      ),
    ).toEqual([]);
    expect(page).not.toMatch(/url\(\s*["']?https?:|@import/i);
    expect(
      [...page.matchAll(/\shref="([^"]*)"/g)].map(([, to]) => to).filter((to) => !/^(?:#|https:\/\/)/.test(to ?? '')),
    ).toEqual([]);
  });

  it.each(beacons)('SARIF and GitLab: what is rendered as Markdown or HTML holds none of %j', async (beacon) => {
    const markdown: string[] = [];
    JSON.parse(await render('sarif', resultWith(beacon)), (key, value: unknown) => {
      if (key === 'markdown' && typeof value === 'string') markdown.push(value);
      return value;
    });
    for (const text of markdown) expect(active(text)).toBe('');
    expect(JSON.parse(await render('gitlab', resultWith(beacon)))).toMatchObject({ vulnerabilities: [{}] });
  });
});
