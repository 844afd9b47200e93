// What the formats for pipelines promise, of one result with hostile text in every place.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { ScanResult } from '@plombe/model';
import { findingOf, hostileText, packageOf, resultOf } from '../testing/results.ts';
import { openReportFormat } from './reports.ts';

const vso = '##vso[task.setvariable variable=a;issecret=true]b';
const packages = [packageOf('openssl'), packageOf('bash', { name: `${vso}${hostileText}`, version: '1]2;3,4:5%6' })];
const [first, second] = packages as [(typeof packages)[0], (typeof packages)[0]];
const findings = [
  findingOf('CVE-2024-0001', first, {
    knownExploited: { dateAdded: '2024-01-01', ransomware: true },
    aliases: ['GHSA-1'],
  }),
  findingOf('CVE-2024-0002', second, { fixedVersions: [], status: 'will_not_fix' }),
  findingOf(`CVE-2024-0003${vso}`, second, { status: 'not_affected' }),
];
const hostile = resultOf(packages, findings);
const clean = resultOf([first], [], { assessment: { state: 'assessed', causes: [] } });
const nothing = resultOf([], [], { assessment: { state: 'unassessable', causes: [{ code: 'x/y', message: 'z' }] } });
const many = resultOf(
  [first],
  Array.from({ length: 3000 }, (_, index) => findingOf(`CVE-2024-${index + 1000}`, first)),
);

async function render(id: string, result: ScanResult, language: 'en' | 'de' = 'en'): Promise<string> {
  return [...(await openReportFormat(id)).render(result, { colour: false, evidence: false, language })].join('');
}

/** The shape that Jenkins' xUnit plugin and Surefire have in common: order, names and types of elements and attributes. */
const junitShape = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">
<xs:simpleType name="seconds"><xs:restriction base="xs:string"><xs:pattern value="([0-9]+,?)*[0-9]+(\\.[0-9]+)?"/></xs:restriction></xs:simpleType>
<xs:simpleType name="when"><xs:restriction base="xs:string"><xs:pattern value="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"/></xs:restriction></xs:simpleType>
<xs:complexType name="problem" mixed="true"><xs:attribute name="type" type="xs:string" use="required"/><xs:attribute name="message" type="xs:string"/></xs:complexType>
<xs:element name="testsuites"><xs:complexType><xs:sequence><xs:element ref="testsuite" maxOccurs="unbounded"/></xs:sequence>
<xs:attribute name="name" type="xs:string"/><xs:attribute name="time" type="seconds"/><xs:attribute name="tests" type="xs:nonNegativeInteger"/><xs:attribute name="failures" type="xs:nonNegativeInteger"/><xs:attribute name="errors" type="xs:nonNegativeInteger"/></xs:complexType></xs:element>
<xs:element name="testsuite"><xs:complexType><xs:sequence>
<xs:element name="properties" minOccurs="0"><xs:complexType><xs:sequence><xs:element name="property" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:attribute name="name" type="xs:string" use="required"/><xs:attribute name="value" type="xs:string" use="required"/></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
<xs:element name="testcase" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:choice minOccurs="0"><xs:element name="skipped"><xs:complexType mixed="true"><xs:attribute name="message" type="xs:string"/></xs:complexType></xs:element><xs:element name="error" type="problem"/><xs:element name="failure" type="problem"/></xs:choice>
<xs:attribute name="name" type="xs:string" use="required"/><xs:attribute name="classname" type="xs:string" use="required"/><xs:attribute name="time" type="seconds" use="required"/></xs:complexType></xs:element>
</xs:sequence><xs:attribute name="name" type="xs:string" use="required"/><xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/><xs:attribute name="failures" type="xs:nonNegativeInteger" use="required"/><xs:attribute name="errors" type="xs:nonNegativeInteger" use="required"/><xs:attribute name="skipped" type="xs:nonNegativeInteger"/><xs:attribute name="time" type="seconds" use="required"/><xs:attribute name="timestamp" type="when"/></xs:complexType></xs:element>
</xs:schema>`;

const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;
if (!hasXmllint) console.warn('SKIPPED: there is no xmllint on this machine, JUnit XML was not validated');

describe('JUnit', () => {
  it.skipIf(!hasXmllint).each([
    ['hostile', hostile],
    ['clean', clean],
    ['unassessable', nothing],
    ['many', many],
  ])('of a %s result is of the common shape', async (_, result) => {
    const folder = mkdtempSync(join(tmpdir(), 'plombe-junit-'));
    try {
      writeFileSync(join(folder, 'shape.xsd'), junitShape);
      writeFileSync(join(folder, 'report.xml'), await render('junit', result));
      const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', '--schema', 'shape.xsd', 'report.xml'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(stderr).toContain('report.xml validates');
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('counts what is in it, and never passes what was not assessed', async () => {
    const report = await render('junit', hostile);
    expect(report).toContain('tests="4" failures="2" errors="1" skipped="1"');
    expect(report.match(/<testcase /g)).toHaveLength(4);
    expect(await render('junit', clean)).toContain('tests="1" failures="0" errors="0"');
    expect(await render('junit', nothing)).toContain('<error message="z" type="x/y">');
  });
});

describe('Markdown', () => {
  it.each(['en', 'de'] as const)('fits a comment, and says what is left out (%s)', async (language) => {
    const text = await render('markdown', many, language);
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text.length).toBeGreaterThan(64_000);
    const shown = text.match(/^\| .*CVE-/gm)?.length ?? 0;
    expect(text).toContain(language === 'en' ? `… ${3000 - shown} more are not shown` : `… ${3000 - shown} weitere`);
  });

  it('fits with hostile text in every place, however long', async () => {
    const long = hostileText.repeat(500);
    const found = packageOf('x', { name: long, version: long });
    const cause = { code: long, message: long };
    const action = {
      ...hostile.actions[0],
      packageName: long,
      packageVersion: long,
      targetVersion: long,
      createdBy: long,
    };
    const text = await render(
      'markdown',
      resultOf(
        [found],
        Array.from({ length: 50 }, () => findingOf(long, found, { fixedVersions: [long] })),
        {
          assessment: { state: 'partial', causes: Array.from({ length: 50 }, () => cause) },
          actions: Array.from({ length: 10 }, () => action as ScanResult['actions'][0]),
        },
      ),
    );
    expect(text.length).toBeLessThanOrEqual(65_536);
    // Outside of code there is no HTML, and every row of a table has its six cells.
    expect(text.replaceAll(/`[^`\n]*`/g, '')).not.toMatch(/<|\]\((?!https:)/);
    for (const row of text.split('\n').filter((line) => line.startsWith('|'))) expect(row.split('|')).toHaveLength(8);
  });

  it('says first what was not assessed, and nothing as if it were clean', async () => {
    const text = await render('markdown', hostile);
    expect(text.indexOf('**Not fully assessed: partial**')).toBeLessThan(text.indexOf('### Findings'));
    expect(await render('markdown', nothing)).toContain('Findings are not known: nothing could be compared.');
    expect(await render('markdown', clean)).toContain('✅ Assessed');
  });
});

describe('CSV', () => {
  it('has a row for the subject, each cause and each finding, all of as many cells, ended by CR LF', async () => {
    const rows = (await render('csv', hostile)).split('\r\n');
    expect(rows.pop()).toBe('');
    expect(rows).toHaveLength(1 + 1 + 1 + 3);
    expect(rows.map((row) => row.split(',')[0])).toEqual([
      'record',
      'subject',
      'cause',
      ...Array<string>(3).fill('finding'),
    ]);
    for (const row of rows) expect(row.replaceAll(/"(?:[^"]|"")*"/g, 'x').split(',')).toHaveLength(19);
    for (const row of rows) expect(row).not.toMatch(/[\r\n]/);
  });
});

describe('commands of pipelines (T68)', () => {
  it('GitHub: only the commands meant are there, each whole', async () => {
    const lines = (await render('github', hostile)).trimEnd().split('\n');
    const commands = lines.filter((line) => /^\s*::/.test(line));
    expect(commands.map((line) => /^::(\w+)/.exec(line)?.[1])).toEqual([
      'warning',
      'error',
      'error',
      'group',
      'endgroup',
      'notice',
    ]);
    for (const line of lines) expect(line).not.toMatch(/##\[|##vso\[|[\r\u001b]/);
    for (const line of commands) {
      expect(line.replaceAll(/%(?:25|0A|3A|2C)/g, '')).not.toContain('%');
      const title = /title=([^:]*)::/.exec(line)?.[1];
      if (title !== undefined) expect(title).not.toMatch(/[,:]/);
    }
    expect(commands[2]).toContain('1]2;3,4:5%256');
  });

  it('GitHub: keeps within what a step may have, and says how many there are', async () => {
    const lines = (await render('github', many)).trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10);
    expect(lines.at(-1)).toMatch(/3000 findings, partial; 2990 are in the log only$/);
    expect(lines.filter((line) => line.startsWith('- openssl'))).toHaveLength(3000);
  });

  it('Azure DevOps: only the commands meant are there, their properties end where they must', async () => {
    const lines = (await render('azure-devops', hostile)).trimEnd().split('\n');
    for (const line of lines) expect(line.slice(1)).not.toMatch(/##\[|##vso\[|[\r\u001b]/i);
    const commands = lines.filter((line) => line.startsWith('##'));
    expect(commands).toHaveLength(5);
    for (const line of commands.slice(0, 3)) {
      expect(line).toMatch(/^##vso\[task\.logissue type=(?:error|warning);code=[^;\]]*;\]/);
      expect(line.replaceAll('%AZP25', '').replaceAll(/%(?:3B|5D)/g, '')).not.toContain('%');
    }
    expect(commands[2]).toContain('1]2;3,4:5%AZP256');
    expect((await render('azure-devops', many)).match(/logissue/g)).toHaveLength(11);
  });

  it.each([
    ['dir:.', 'srv/we%25%3Aird/package-lock.json'],
    ['dir:./services/web/', 'services/web/srv/we%25%3Aird/package-lock.json'],
    ['dir:/srv/checkout', undefined],
    ['dir:../other', undefined],
  ])('ties findings of %s to the file of the tree', async (name, file) => {
    const lodash = packageOf('lodash', {
      type: 'npm',
      evidence: [{ path: 'srv/we%:ird/package-lock.json', layerIndex: 0 }],
    });
    const made = resultOf([lodash], [findingOf('CVE-2024-0001', lodash)]);
    const { distribution: _, ...tree } = { ...made.inventory, subject: { name, source: 'dir' as const } };
    const text = await render('github', { ...made, inventory: tree });
    expect(/^::error (?:file=([^,]*),)?title=CVE/m.exec(text)?.[1]).toBe(file);
    const azure = await render('azure-devops', { ...made, inventory: tree });
    expect(/^##vso\[task.logissue type=error;(?:sourcepath=([^;]*);)?code=CVE/m.exec(azure)?.[1]).toBe(
      file?.replace('%25%3A', '%AZP25:'),
    );
  });

  it('the table, too, holds nothing that an agent takes for a command', async () => {
    expect(await render('table', hostile)).not.toMatch(/##\[|##vso\[/);
  });
});

const identified = {
  type: 'object',
  required: ['id', 'name', 'version', 'vendor'],
  properties: { id: { minLength: 1 }, version: { minLength: 1 }, vendor: { required: ['name'] } },
};
const time = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$' };
const address = { type: 'string', pattern: '^(https?|ftp)://.+' };
const filled = { type: 'string', minLength: 1 };
/** What version 15.0.6 of GitLab's security report schemas demands of a container scanning report. */
const dependency = {
  type: 'object',
  required: ['package', 'version'],
  properties: {
    package: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
    version: { type: 'string' },
    direct: { type: 'boolean' },
  },
};

function gitlabShape(type: string, location: object): object {
  return {
    type: 'object',
    required: ['scan', 'version', 'vulnerabilities', ...(type === 'dependency_scanning' ? ['dependency_files'] : [])],
    properties: {
      dependency_files: {
        type: 'array',
        items: {
          required: ['path', 'package_manager', 'dependencies'],
          properties: { path: filled, package_manager: filled, dependencies: { type: 'array', items: dependency } },
        },
      },
      version: { const: '15.0.6' },
      scan: {
        type: 'object',
        required: ['analyzer', 'end_time', 'scanner', 'start_time', 'status', 'type'],
        properties: {
          analyzer: identified,
          scanner: identified,
          start_time: time,
          end_time: time,
          status: { enum: ['success', 'failure'] },
          type: { const: type },
          messages: {
            type: 'array',
            items: {
              required: ['level', 'value'],
              properties: { level: { enum: ['info', 'warn', 'fatal'] }, value: filled },
            },
          },
        },
      },
      vulnerabilities: {
        type: 'array',
        items: {
          type: 'object',
          required: ['id', 'identifiers', 'location'],
          properties: {
            id: { type: 'string', pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' },
            name: { type: 'string', maxLength: 255 },
            description: { type: 'string', maxLength: 1_048_576 },
            severity: { enum: ['Info', 'Unknown', 'Low', 'Medium', 'High', 'Critical'] },
            solution: { type: 'string', maxLength: 7000 },
            identifiers: {
              type: 'array',
              minItems: 1,
              maxItems: 20,
              items: {
                required: ['type', 'name', 'value'],
                properties: { type: filled, name: filled, value: filled, url: address },
              },
            },
            links: { type: 'array', items: { required: ['url'], properties: { url: address } } },
            location,
          },
        },
      },
    },
  };
}

const imageShape = {
  type: 'object',
  required: ['dependency', 'operating_system', 'image'],
  properties: { dependency, operating_system: filled, image: filled },
};
const fileShape = { type: 'object', required: ['file', 'dependency'], properties: { file: filled, dependency } };

/** A checkout with the line of its lock file, and what the formats for pipelines make of it. */
const locked = packageOf('a', {
  type: 'cargo',
  evidence: [{ path: 'x/Cargo.lock', layerIndex: 0, line: 7 }],
});
const { distribution: _, ...undistributed } = hostile.inventory;
const checkout = resultOf([locked], [findingOf('CVE-2024-0001', locked)], {
  inventory: {
    ...undistributed,
    subject: { name: 'dir:src', source: 'dir' },
    layers: [{ index: 0, mediaType: 'inode/directory', complete: true }],
    packages: [locked],
  },
});

describe('a checkout', () => {
  it.each([
    ['github', '::error file=src/x/Cargo.lock,line=7,title='],
    ['azure-devops', 'type=error;sourcepath=src/x/Cargo.lock;linenumber=7;code='],
    ['sarif', '"region":{"startLine":7}'],
    ['markdown', '| `/x/Cargo.lock:7` |'],
    ['junit', ', at /x/Cargo.lock:7'],
    ['html', '/x/Cargo.lock:7'],
    ['gitlab', '"location":{"file":"src/x/Cargo.lock","dependency":{"package":{"name":"a"},"version":"1.0"}}'],
  ])('in %s names the file and the line', async (id, expected) => {
    const report = await render(id, checkout);
    expect(report).toContain(expected);
    expect(report).not.toMatch(/in layer 0|, layer 0/);
  });

  it('is none where a package database of a distribution lies in it: a root file system whose name is missing', async () => {
    const { inventory } = checkout;
    const rootFs = { ...checkout, inventory: { ...inventory, packages: [...inventory.packages, packageOf('bash')] } };
    expect(await render('gitlab', rootFs)).toContain('"type":"container_scanning"');
    expect(await render('github', rootFs)).not.toContain('file=');
  });

  it('is dependency scanning for GitLab, as its schema demands', async () => {
    const validate = new Ajv({ allErrors: true, strict: false }).compile(gitlabShape('dependency_scanning', fileShape));
    const report: unknown = JSON.parse(await render('gitlab', checkout));
    expect(validate(report) ? [] : validate.errors).toEqual([]);
    expect(report).toMatchObject({
      scan: { type: 'dependency_scanning' },
      dependency_files: [],
    });
  });
});

describe("what to do about Go's standard library", () => {
  const stdlib = packageOf('stdlib', { type: 'golang', version: 'v1.26.0' });
  const { actions: _none, ...rest } = resultOf(
    [stdlib],
    [findingOf('GO-2026-1', stdlib, { fixedVersions: ['1.26.6'] })],
  );
  const actions = [
    { ...(hostile.actions[0] as ScanResult['actions'][0]), packageName: 'stdlib', packageType: 'golang' },
  ].map((action) => ({ ...action, packageVersion: 'v1.26.0', targetVersion: '1.26.6' }));
  const result: ScanResult = { ...rest, actions };

  it.each([
    ['table', 'rebuild with Go 1.26.6 instead of 1.26.0'],
    ['markdown', 'rebuild with Go `1.26.6` instead of `1.26.0`'],
    ['html', 'rebuild with Go <code>1.26.6</code> instead of <code>1.26.0</code>'],
    ['gitlab', 'Rebuild with Go 1.26.6 instead of 1.26.0'],
    ['cyclonedx', 'Rebuild with Go 1.26.6.'],
  ])('is the same in %s: no manager upgrades it', async (id, expected) => {
    const report = await render(id, result);
    expect(report).toContain(expected);
    expect(report).not.toMatch(/upgrade \W*stdlib/i);
  });
});

describe('GitLab', () => {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(gitlabShape('container_scanning', imageShape));

  it.each([
    ['hostile', hostile, 2],
    ['clean', clean, 0],
    ['unassessable', nothing, 0],
    ['many', many, 3000],
    [
      'without names',
      resultOf([first], [findingOf('', first, { packageName: '', packageVersion: '' })], {
        inventory: {
          ...hostile.inventory,
          subject: { name: '', source: 'dir' },
          distribution: { id: '', evidencePath: '' },
        },
      }),
      1,
    ],
  ])('of a %s result has what its schema demands', async (_, result, count) => {
    const report = JSON.parse(await render('gitlab', result)) as { vulnerabilities: { id: string }[] };
    expect(validate(report) ? [] : validate.errors).toEqual([]);
    expect(report.vulnerabilities).toHaveLength(count);
    expect(new Set(report.vulnerabilities.map(({ id }) => id)).size).toBe(count);
  });

  it('says what was not assessed', async () => {
    expect(JSON.parse(await render('gitlab', nothing))).toMatchObject({
      scan: { status: 'failure', messages: [{ level: 'fatal', value: 'unassessable: z [x/y]' }] },
    });
  });
});
