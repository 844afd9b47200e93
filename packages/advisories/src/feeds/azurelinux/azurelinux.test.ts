import { expect, test } from 'vitest';
import { collect, memoryDocument, sharedDocument, signal } from '../../testing/documents.ts';
import { azurelinux } from './index.ts';

const files = ['azurelinux-3.0', 'cbl-mariner-2.0', 'cbl-mariner-1.0'].map((name) => `${name}-oval.xml`);
const documents = files.map((file) => sharedDocument(`azurelinux/${file}`));
const [azl3, mariner2, mariner1] = documents;

const definition = (id: string, { patchable = 'true', criteria = '' } = {}) => `
  <definition id="def:${id}"><metadata><title>t</title><reference ref_id="CVE-2024-${id}"/><patchable>${patchable}</patchable>
  <severity>Critical</severity><future>kept out</future></metadata>
  <criteria operator="AND"><criterion test_ref="tst:${id}"/>${criteria}</criteria></definition>`;
const rest = (id: string, operation = 'less than', evr = '0:1-2.azl3') => ({
  tests: `<l:rpminfo_test id="tst:${id}"><l:object object_ref="obj:${id}"/><l:state state_ref="ste:${id}"/></l:rpminfo_test>`,
  objects: `<l:rpminfo_object id="obj:${id}"><l:name>p</l:name></l:rpminfo_object>`,
  states: `<l:rpminfo_state id="ste:${id}"><l:evr operation="${operation}">${evr}</l:evr></l:rpminfo_state>`,
});
function oval(definitions: string, parts: readonly ReturnType<typeof rest>[], head = '') {
  const join = (key: 'tests' | 'objects' | 'states') => parts.map((part) => part[key]).join('');
  const text = `${head}<oval xmlns:l="urn:x"><definitions>${definitions}</definitions><tests>${join('tests')}</tests>
    <objects>${join('objects')}</objects><states>${join('states')}</states></oval>`;
  return memoryDocument('azurelinux-3.0-oval.xml', text, 100);
}

test.skipIf(azl3 === undefined)('Azure Linux 3, real: source names, fixes, and `greater than` under AND', async () => {
  if (azl3 === undefined) return;
  const { advisories, problems } = await collect(azurelinux.parse(azl3, { signal }));
  expect(problems).toEqual([]);
  expect(advisories).toHaveLength(2266);
  const find = (id: string, name: string) =>
    advisories.find((advisory) => advisory.id === id && advisory.affected[0]?.name === name);
  expect(find('CVE-2025-26466', 'openssh')).toMatchObject({
    publishedAt: '2025-02-18T00:00:00Z',
    severities: [{ author: 'azurelinux', word: 'high' }],
    affected: [
      {
        ecosystem: 'Azure Linux:3',
        status: 'affected',
        ranges: [{ scheme: 'rpm', events: [{ introduced: '0' }, { fixed: '9.8p1-3.azl3' }] }],
      },
    ],
  });
  // Definition 52845 writes a space after the epoch.
  expect(find('CVE-2023-39323', 'golang')?.affected[0]?.ranges[0]?.events).toContainEqual({ fixed: '1.20.10-1.azl3' });
  // A fix for each branch: `1.17.13-2,1.18.8-2,1.21.6-1.azl3`.
  expect(find('CVE-2022-41717', 'golang')?.affected[0]?.ranges[0]?.events).toContainEqual({ fixed: '1.21.6-1.azl3' });
  // Definition 52881 has two criteria: less than 1.20.7-1 and greater than 0.0.0.
  expect(find('CVE-2023-29409', 'golang')?.affected[0]?.ranges[0]?.events).toEqual([
    { fixed: '1.20.7-1.azl3' },
    { introduced: '0' },
  ]);
});

test.skipIf(mariner2 === undefined || mariner1 === undefined)(
  'Mariner, real: `less than or equal` is no fix, Not Applicable is skipped',
  async () => {
    if (mariner2 === undefined || mariner1 === undefined) return;
    const two = await collect(azurelinux.parse(mariner2, { signal }));
    expect(two.problems).toEqual([]);
    expect(two.advisories).toHaveLength(2436 - 132);
    const events = (id: string, name: string): unknown =>
      two.advisories.find((one) => one.id === id && one.affected[0]?.name === name)?.affected[0]?.ranges[0]?.events;
    // No release, and so no tag of one: 0.9.0-1.cm2 has the fix.
    expect(events('CVE-2019-14249', 'libdwarf')).toEqual([{ introduced: '0' }, { fixed: '0.9.0' }]);
    // Less than null: every version compares above that.
    expect(events('CVE-2023-48795', 'moby-engine')).toEqual([{ introduced: '0' }]);
    // Definition 13832, not patchable.
    expect(two.advisories.find(({ id }) => id === 'CVE-2022-3857')?.affected[0]).toMatchObject({
      ecosystem: 'Mariner:2.0',
      name: 'syslinux',
      statusNote: 'not patchable yet',
      ranges: [{ events: [{ introduced: '0' }, { lastAffected: '6.04-10.cm2' }] }],
    });
    const one = await collect(azurelinux.parse(mariner1, { signal }));
    expect(one.advisories).toHaveLength(2252 - 78);
  },
);

test('greater than a version is exclusive', async () => {
  const two = { ...rest('2', 'greater than', '0:1-1.azl3') };
  const { advisories } = await collect(
    azurelinux.parse(oval(definition('1', { criteria: '<criterion test_ref="tst:2"/>' }), [rest('1'), two]), {
      signal,
    }),
  );
  expect(advisories[0]?.affected[0]?.ranges[0]?.events).toEqual([{ fixed: '1-2.azl3' }, { introduced: '1-1.azl3^' }]);
});

test('one bad definition leaves the rest', async () => {
  const bad = [
    definition('1'),
    definition('2', { criteria: '<criterion test_ref="tst:none"/>' }),
    definition('3').replace('"AND"', '"OR"'),
    definition('4'),
    definition('5').replace('CVE-2024-5', 'no id'),
  ];
  const { advisories, problems } = await collect(
    azurelinux.parse(oval(bad.join(''), [rest('1'), rest('2'), rest('3'), rest('4', 'pattern match'), rest('5')]), {
      signal,
    }),
  );
  expect(advisories.map(({ id }) => id)).toEqual(['CVE-2024-1']);
  expect(problems.map(({ record }) => record)).toEqual(['def:2', 'def:3', 'def:4', 'def:5']);
});

test('T54 a document type, its entities and deep nesting are refused', async () => {
  const doctype = '<!DOCTYPE o [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>';
  const hostile = [
    oval(definition('1'), [rest('1')], doctype),
    oval(definition('1').replace('>t<', '>&a;<'), [rest('1')]),
    memoryDocument('azurelinux-3.0-oval.xml', '<a>'.repeat(100_000)),
  ];
  for (const document of hostile) {
    await expect(collect(azurelinux.parse(document, { signal }))).rejects.toMatchObject({ code: 'feed/malformed' });
  }
});

test('T55 a file cut off, empty, without definitions or of an unknown release is refused', async () => {
  const whole = '<oval><definitions></definitions></oval>';
  for (const text of ['', whole, '<oval><definitions>', 'not xml', '<html><body>Sorry</body>']) {
    const read = collect(azurelinux.parse(memoryDocument('azurelinux-3.0-oval.xml', text), { signal }));
    await expect(read).rejects.toMatchObject({ code: 'feed/malformed' });
  }
  await expect(collect(azurelinux.parse(memoryDocument('other.xml', whole), { signal }))).rejects.toMatchObject({
    code: 'feed/malformed',
  });
});

test('files and requests', () => {
  expect(azurelinux.matches('feeds/azurelinux/cbl-mariner-2.0-oval.xml')).toBe('mariner-2.0');
  expect(azurelinux.matches('azurelinux-4.0-oval.xml')).toBeUndefined();
  expect(azurelinux.requests(['Mariner']).map(({ shard }) => shard)).toEqual(['mariner-2.0', 'mariner-1.0']);
  expect(azurelinux.requests(undefined)).toHaveLength(3);
});
