// The HTML report in a real browser: whole, filtered, inert, and without a request.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { withPage } from './support/browser.ts';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, hostileText, writeImages } from './support/images.ts';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const page = (name: string, hash = ''): string => `${pathToFileURL(join(home, name)).href}${hash}`;
const attack = `</script></style></title><img src=x onerror="document.title='owned'"><svg onload="document.title='owned'">"'${hostileText}`;

interface Saved {
  findings: { packageName: string; summary: string; references: string[] }[];
  layers: { createdBy: string }[];
  subject: { name: string; reference?: string };
  causes: object[];
  state: string;
}

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  await writeImages(join(home, 'layout'), alpineImage('app:1'));
  expect((await plombe(['db', 'build', '--from', 'feeds', '--db', 'db'])).code).toBe(0);
  const outputs = ['-o', 'json=report.json', '-o', 'html=report.html'];
  expect((await plombe(['scan', 'oci:layout', '--db', 'db', ...outputs])).code).toBe(0);
  const report = JSON.parse(readFileSync(join(home, 'report.json'), 'utf8')) as Saved;
  for (const finding of report.findings) {
    finding.summary = attack;
    finding.packageName = attack;
    finding.references = [`javascript:document.title='owned'`, 'https://example.org/"onmouseover="x'];
  }
  for (const layer of report.layers) layer.createdBy = attack;
  report.subject = { ...report.subject, name: attack, reference: attack };
  report.state = 'partial';
  report.causes = [{ code: 'feed/missing', message: attack, remedy: attack }];
  writeFileSync(join(home, 'hostile.json'), JSON.stringify(report));
  expect(await plombe(['convert', 'hostile.json', '-o', 'html=hostile.html'])).toMatchObject({ code: 0, stderr: '' });
  expect((await plombe(['convert', 'report.json', '-o', 'html=de.html', '--language', 'de'])).code).toBe(0);
  for (const [folder, version] of [
    ['tree/web', '4.17.4'],
    ['tree/admin', '4.17.5'],
  ] as const) {
    mkdirSync(join(home, folder), { recursive: true });
    const packages = { 'node_modules/lodash': { version } };
    writeFileSync(join(home, folder, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
  }
  await plombe(['scan', 'dir:tree', '--db', 'db', '-o', 'html=tree.html']);
});

const visible = `[...document.querySelectorAll('#findings tbody tr')].filter((row) => row.checkVisibility()).length`;

describe('the HTML report', () => {
  it('is one file that names nothing to load, in the language asked for', () => {
    for (const name of ['report.html', 'de.html', 'hostile.html']) {
      const text = readFileSync(join(home, name), 'utf8');
      expect(text).toMatch(
        /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-/,
      );
      expect(text).not.toMatch(/<(?:link|img|iframe|object|base)\b|@import|url\(/);
      expect(text).not.toMatch(/ (?:src|style|on\w+)="/);
    }
    expect(readFileSync(join(home, 'de.html'), 'utf8')).toMatch(/<html lang="de">[\s\S]*Wo das Risiko sitzt/);
  });

  const browser = hasProgram('chromium');

  it.skipIf(!browser)('filters by severity, text, layer and fix, and by a tile of the picture', async () => {
    await withPage(page('report.html'), async ({ evaluate, complaints, requests }) => {
      expect(await evaluate(visible)).toBe(4);
      expect(await evaluate(`document.getElementById('shown').textContent`)).toBe('4 of 4 shown');
      expect(await evaluate(`document.querySelector('[name=severity][value=critical]').click(), ${visible}`)).toBe(3);
      expect(await evaluate(`document.querySelector('[type=reset]').click()`)).toBeUndefined();
      const settled = `new Promise((resolve) => setTimeout(() => setTimeout(() => resolve(${visible}))))`;
      expect(await evaluate(settled)).toBe(4);
      const search = (text: string): string =>
        `(() => { const field = document.querySelector('[name=search]'); field.value = '${text}'; field.dispatchEvent(new Event('input')); return ${visible}; })()`;
      const ofLodash = await evaluate(search('LODASH'));
      expect(ofLodash).toBeGreaterThan(0);
      expect(ofLodash).toBeLessThan(4);
      expect(await evaluate(search('no such thing'))).toBe(0);
      expect(await evaluate(`document.getElementById('none').checkVisibility()`)).toBe(true);
      expect(
        await evaluate(
          `document.querySelector('.area[data-p=lodash]').dispatchEvent(new MouseEvent('click')), ${settled}`,
        ),
      ).toBe(ofLodash);
      expect(await evaluate(`document.querySelector('[name=layer]').value`)).toBe('2');
      expect(complaints).toEqual([]);
      expect(requests).toEqual([]);
    });
  });

  it.skipIf(!browser)('takes filters from its address', async () => {
    await withPage(page('report.html', '#layer=2&fixable=1'), async ({ evaluate }) => {
      const layers = `[...new Set([...document.querySelectorAll('#findings tbody tr:not([hidden])')].map((row) => row.dataset.l))].join()`;
      expect(await evaluate(layers)).toBe('2');
    });
  });

  it.skipIf(!browser)('of a source tree tells files apart, where images have layers', async () => {
    expect(readFileSync(join(home, 'tree.html'), 'utf8')).not.toMatch(/Layer/);
    await withPage(page('tree.html'), async ({ evaluate }) => {
      const all = (await evaluate(visible)) as number;
      const options = `[...document.querySelectorAll('[name=file] option')].map((option) => option.textContent).join()`;
      expect(await evaluate(options)).toBe('all files,/admin/package-lock.json,/web/package-lock.json');
      const bars = `[...document.querySelectorAll('.bar span:first-child')].map((bar) => bar.textContent).sort().join()`;
      expect(await evaluate(bars)).toBe('/admin/package-lock.json,/web/package-lock.json');
      const choose = `(() => { const field = document.querySelector('[name=file]'); field.value = 'web/package-lock.json'; field.dispatchEvent(new Event('change', { bubbles: true })); return ${visible}; })()`;
      const ofOne = (await evaluate(choose)) as number;
      expect(ofOne).toBeGreaterThan(0);
      expect(ofOne).toBeLessThan(all);
    });
    await withPage(page('tree.html', '#file=/web/package-lock.json'), async ({ evaluate }) => {
      const named = `[...new Set([...document.querySelectorAll('#findings tbody tr:not([hidden])')].map((row) => row.dataset.l))].join()`;
      expect(await evaluate(named)).toBe('web/package-lock.json');
    });
  });

  it.skipIf(!browser).each(['report.html', 'de.html', 'tree.html', 'hostile.html'])(
    'as %s fits screens of any width without scrolling sideways',
    async (name) => {
      await withPage(page(name), async ({ evaluate, resize }) => {
        const rows = await evaluate(`document.querySelectorAll('#findings tbody tr').length`);
        const wide = `[...document.querySelectorAll('html, .wide')].filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.className || box.tagName).join()`;
        for (const width of [320, 390, 768, 1280]) {
          await resize(width);
          expect([width, await evaluate(wide), await evaluate(visible)]).toEqual([width, '', rows]);
        }
      });
    },
  );

  it.skipIf(!browser)('runs and opens nothing of what an image or feed says (T21)', async () => {
    await withPage(
      page('hostile.html', '#package=</script><script>document.title=1</script>'),
      async ({ evaluate, complaints, requests }) => {
        await evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))');
        expect(await evaluate('document.title')).toMatch(/^<\/script><\/style><\/title><img/);
        expect(await evaluate(`document.querySelectorAll('script').length`)).toBe(1);
        expect(
          await evaluate(`document.querySelectorAll('img, iframe, [onload], [onerror], [onmouseover]').length`),
        ).toBe(0);
        expect(await evaluate(`[...document.links].every((link) => link.protocol === 'https:')`)).toBe(true);
        expect(await evaluate(`document.querySelector('.state li').textContent`)).toContain(
          '<script>alert(1)</script>',
        );
        expect(await evaluate(`document.querySelector('.area[data-p]').dataset.p.startsWith('</script>')`)).toBe(true);
        expect(
          await evaluate(`document.querySelector('.area[data-p]').dispatchEvent(new MouseEvent('click')), ${visible}`),
        ).toBeGreaterThan(0);
        expect(complaints).toEqual([]);
        expect(requests).toEqual([]);
      },
    );
  });
});
