import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import { findingOf, hostileText, packageOf, resultOf } from '../../testing/results.ts';
import { escapeFor } from './escape.ts';
import { openTemplate } from './index.ts';
import { parseTemplate } from './parse.ts';
import { renderTemplate } from './render.ts';

const found = packageOf('bash', { name: hostileText });
const result = resultOf(
  [found],
  [findingOf('CVE-2024-0001', found), findingOf('CVE-2024-0002', found, { fixedVersions: [], packageVersion: '=1|x' })],
);
const render = (template: string, name = 'x.txt.tmpl'): string =>
  [...openTemplate(template, name).render(result, { colour: false, evidence: false })].join('');

const fill = (template: string, data: unknown): string =>
  [...renderTemplate(parseTemplate(template, 't'), data, (text) => text)].join('');

describe('the language', () => {
  it.each([
    ['{{a}} {{b.c}}', { a: 1, b: { c: 'x' } }, '1 x'],
    ['{{#a}}{{.}}{{^@last}},{{/@last}}{{/a}}', { a: ['x', 'y', 'z'] }, 'x,y,z'],
    ['{{#a}}{{@number}}/{{@index}} {{#@first}}first {{/@first}}{{/a}}', { a: [1, 2] }, '1/0 first 2/1 '],
    ['{{#a}}yes{{/a}}{{^a}}no{{/a}}', { a: [] }, 'no'],
    ['{{#a}}yes{{/a}}{{^a}}no{{/a}}', { a: 0 }, 'yes'],
    ['{{#a}}{{b}}{{c}}{{/a}}', { a: { b: 1 }, c: 2 }, '12'],
    ['{{#a}}{{c}}|{{/a}}', { a: [{ c: null }], c: 2 }, '|'],
    ['{{! nothing }}x', {}, 'x'],
    ['a\n{{#a}}\n  b\n{{/a}}\nc\n', { a: true }, 'a\n  b\nc\n'],
    ['a\r\n  {{#a}}  \r\nb\r\n{{/a}}', { a: true }, 'a\r\nb\r\n'],
    ['x {{#a}}\ny{{/a}}', { a: true }, 'x \ny'],
    ['{{a}}', { a: ['x', 'y', {}] }, 'x, y'],
    ['[{{a}}{{b}}{{constructor}}{{a.constructor.name}}{{__proto__.x}}{{toString}}]', { a: {} }, '[]'],
    ['{ {a} } }}', {}, '{ {a} } }}'],
  ])('%j of %j', (template, data, text) => {
    expect(fill(template, data)).toBe(text);
  });

  it.each([
    ['x\n{{#a}}\ny', /^t, line 2: \{\{#a\}\} is not closed/],
    ['{{/a}}', /line 1: .*closes what is not open/],
    ['{{#a}}{{#b}}{{/a}}{{/b}}', /closes what is not open/],
    ['\n\n{{{a}}}', /line 3: .*every value is escaped/],
    ['{{&a}}', /every value is escaped/],
    ['{{> other}}', /nothing from other files/],
    ['{{=<% %>=}}', /keeps its braces/],
    ['{{a b}}', /is no name/],
    ['{{}}', /is no name/],
    ['{{ a', /does not end/],
    ['{{ a }', /does not end/],
    ['{{#a}}'.repeat(20), /deeper than 16/],
    ['x'.repeat(1024 * 1024 + 1), /larger than 1 MiB/],
    ['{{\u001b[31m}}', /\\u\{1b\}/],
  ])('%#: what it has not is refused with its line', (template, message) => {
    expect(() => parseTemplate(template, 't')).toThrow(message);
  });

  it('lists within lists end', () => {
    const many = { a: Array.from({ length: 3000 }, () => ({})) };
    const nodes = parseTemplate('{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}', 't');
    const length = (): number => [...renderTemplate(nodes, many, (text) => text, 100_000)].length;
    expect(length).toThrow('writes more than a report may be');
  });

  it('any text is a template or is refused, and reading it takes no time of its own', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('{{', '}}', '{', '}', '#', '/', '^', '!', 'a', '.', ' ', '\n')), (parts) => {
        try {
          fill(parts.join(''), { a: [1, { a: 2 }] });
        } catch (thrown) {
          if (!isPlombeError(thrown, 'report/template')) throw thrown;
        }
      }),
    );
    expect(() => parseTemplate('{{'.repeat(500_000), 't')).toThrow('does not end');
  });
});

describe('escaping by the file that is made', () => {
  it.each([
    ['x.html', undefined, '&lt;b&gt;&#39;&quot;'],
    ['x.html.tmpl', undefined, '&lt;b&gt;&#39;&quot;'],
    ['x.tmpl', 'out.XML', '&lt;b&gt;&#39;&quot;'],
    ['x.json.tpl', undefined, `<b>'\\"`],
    ['x.csv', undefined, '"<b>\'"""'],
    ['x.md', undefined, '&#60;b&#62;&#39;&#34;'],
    ['x.html', 'out.txt', `<b>'"`],
    ['x', undefined, `<b>'"`],
    ['constructor.constructor', undefined, `<b>'"`],
  ])('%s as %s', (template, output, text) => {
    expect(escapeFor(template, output)(`<b>'"`)).toBe(text);
  });

  it('hostile text opens nothing in HTML and stays one value in JSON and CSV (T21, T68)', () => {
    const page = render('{{#findings}}<p title="{{packageName}}">{{summary}}</p>{{/findings}}', 'x.html');
    expect(page.match(/<(?!\/?p)/g)).toBeNull();
    // oxlint-disable-next-line no-control-regex
    expect(page).not.toMatch(/[\u0000-\u001f\u202e]/);
    const list = render('[{{#findings}}"{{packageName}}"{{^@last}},{{/@last}}{{/findings}}]', 'x.json');
    expect(JSON.parse(list)).toEqual([hostileText.toWellFormed(), hostileText.toWellFormed()]);
    expect(render('{{#findings}}{{packageVersion}},{{vulnerability}}\n{{/findings}}', 'x.csv')).toBe(
      `1.0,CVE-2024-0001\n"'=1|x",CVE-2024-0002\n`,
    );
    // oxlint-disable-next-line no-control-regex
    expect(render('{{subject.name}}')).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it('sees the members of the JSON report and what a finding is', () => {
    expect(
      render(
        '{{state}}{{#is.partial}}!{{/is.partial}} {{summary.findings}} {{#findings}}{{#is.high}}H{{/is.high}}{{^fixedVersion}}-{{/fixedVersion}}{{fixedVersion}} {{layer}} {{severity.word}};{{/findings}}{{#causes}}{{code}} {{packages}}{{/causes}}',
      ),
    ).toBe('partial! 2 H1.1 0 high;H- 0 high;feed/missing 3');
  });
});
