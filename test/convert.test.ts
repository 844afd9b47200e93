// `plombe convert` through the program itself: a saved report in other formats, templates, and what is refused.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, hostileText, npmPackage, writeImages } from './support/images.ts';
import { installed, temporaryFolder } from './support/plombe.ts';
import { writeTar } from '@plombe/formats/testing';

const home = temporaryFolder();
const plombe = installed(home);
const report = join(home, 'report.json');
const read = (name: string): string => readFileSync(join(home, name), 'utf8');

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  const image = alpineImage('app:1');
  const hostile = { tar: [writeTar([npmPackage('srv/app', hostileText, '1.0.0')])], createdBy: hostileText };
  await writeImages(join(home, 'layout'), { ...image, layers: [...image.layers, hostile] });
  expect((await plombe(['db', 'build', '--from', 'feeds', '--db', 'db'])).code).toBe(0);
  const outputs = ['json=report.json', 'cyclonedx=scan.cdx.json', 'sarif=scan.sarif', 'spdx=scan.spdx.json'];
  const scan = ['scan', 'oci:layout', '--db', 'db', ...outputs.flatMap((output) => ['-o', output])];
  expect(await plombe([...scan, '-o', 'table=scan.txt'])).toMatchObject({ code: 0, stderr: '' });
});

describe('a saved report', () => {
  it('gives the same bytes in each format as the scan did', async () => {
    const outputs = ['json=again.json', 'cyclonedx=again.cdx.json', 'sarif=again.sarif', 'spdx=again.spdx.json'];
    const { code, stdout, stderr } = await plombe(['convert', report, ...outputs.flatMap((output) => ['-o', output])]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(read('again.json')).toBe(read('report.json'));
    expect(read('again.cdx.json')).toBe(read('scan.cdx.json'));
    expect(read('again.sarif')).toBe(read('scan.sarif'));
    expect(read('again.spdx.json')).toBe(read('scan.spdx.json'));
    expect((await plombe(['convert', report])).stdout).toBe(read('scan.txt'));
  });

  it('may come from standard input', async () => {
    const outcome = await plombe(['convert', '-', '-o', 'json'], { stdin: read('report.json') });
    expect(outcome).toEqual({ code: 0, stdout: read('report.json'), stderr: '' });
  });

  it('goes through a template, to a file or standard output, escaped by what is made', async () => {
    writeFileSync(
      join(home, 'list.html.tmpl'),
      '<ul>\n{{#findings}}\n<li class="{{severity.word}}">{{vulnerability}} {{packageName}}</li>\n{{/findings}}\n</ul>{{subject.name}}{{#layers}}<p>{{createdBy}}</p>{{/layers}}\n',
    );
    const { code, stdout } = await plombe(['convert', report, '-o', 'template=list.html.tmpl', '-o', 'json=x.json']);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('<li class='))).toHaveLength(4);
    expect(stdout).not.toContain('<script');
    expect(stdout).toContain('&lt;script&gt;');
    expect((await plombe(['convert', report, '-o', 'template=list.html.tmpl=list.html'])).code).toBe(0);
    expect(read('list.html')).toBe(stdout);
    const scanned = await plombe(['scan', 'oci:layout', '--db', 'db', '-o', 'template=list.html.tmpl']);
    expect(scanned).toEqual({ code: 0, stdout, stderr: '' });
  });

  it.each([
    ['no file', ['convert', 'none.json'], 4, '[source/unreadable]'],
    [
      'a file that is none',
      ['convert', 'list.html.tmpl'],
      4,
      'list.html.tmpl is no report that can be read: it is no JSON',
    ],
    ['an SBOM', ['convert', 'scan.cdx.json'], 4, 'it looks like a CycloneDX document'],
    ['an unknown format', ['convert', 'report.json', '-o', 'pdf'], 2, 'There is no output format pdf'],
    ['no template', ['convert', 'report.json', '-o', 'template'], 2, '-o template names no template'],
    [
      'a template that is not there',
      ['convert', 'report.json', '-o', 'template=t'],
      2,
      'The template t cannot be read',
    ],
    ['a template that is none', ['convert', 'report.json', '-o', 'template=bad.tmpl'], 2, 'bad.tmpl, line 2: '],
    [
      'two in one place',
      ['convert', 'report.json', '-o', 'json=x', '-o', 'template=bad.tmpl=x'],
      2,
      'the same file, x',
    ],
  ])('%s is refused', async (_, args, code, message) => {
    writeFileSync(join(home, 'bad.tmpl'), 'x\n{{#findings}}\n');
    const outcome = await plombe(args);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(message);
  });
});
