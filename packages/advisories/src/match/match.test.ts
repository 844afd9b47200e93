import { describe, expect, it } from 'vitest';
import type { Finding, MatchResult, Package } from '@plombe/model';
import { assess } from '../assess/assess.ts';
import { databaseOf, packageOf, record } from '../testing/records.ts';

const from0 = [{ introduced: '0' }];
const below = (fixed: string): object[] => [{ introduced: '0' }, { fixed }];

async function match(
  records: Readonly<Record<string, readonly object[]>>,
  packages: readonly (string | Package)[],
): Promise<MatchResult> {
  const database = await databaseOf(records);
  try {
    return database.match({ packages: packages.map((one) => (typeof one === 'string' ? packageOf(one) : one)) });
  } finally {
    database.close();
  }
}

const ids = (result: MatchResult): string[] => result.findings.map(({ vulnerability }) => vulnerability);
const only = (result: MatchResult): Finding => {
  expect(result.findings).toHaveLength(1);
  return result.findings[0] as Finding;
};

it('a Java archive without its group is not compared, and that is said', async () => {
  const records = { Maven: [record('GHSA-1111-1111-1111', 'Maven', 'org.apache:x', below('2'))] };
  const result = await match(records, ['pkg:maven/x@1', 'pkg:maven/org.apache/x@1']);
  expect(ids(result)).toEqual(['GHSA-1111-1111-1111']);
  expect(result.unassessed).toMatchObject([
    { cause: { code: 'package/metadata-invalid', scope: 'maven', packages: 1 }, packages: ['pkg:maven/x@1'] },
  ]);
});

describe('what is compared', () => {
  const cases: readonly (readonly [string, string, object, string, boolean])[] = [
    [
      'npm with scope',
      'npm',
      record('GHSA-1111-1111-1111', 'npm', '@a/b', below('2.0.0')),
      'pkg:npm/%40a/b@1.9.9',
      true,
    ],
    [
      'npm at the fix',
      'npm',
      record('GHSA-1111-1111-1111', 'npm', '@a/b', below('2.0.0')),
      'pkg:npm/%40a/b@2.0.0',
      false,
    ],
    ['PEP 503 names', 'PyPI', record('PYSEC-2026-1', 'PyPI', 'foo-bar', below('2')), 'pkg:pypi/Foo_Bar@1.0', true],
    ['Go without v', 'Go', record('GO-2026-1', 'Go', 'a.b/c', below('1.2.0')), 'pkg:golang/a.b/c@v1.1.0', true],
    ['Go stdlib', 'Go', record('GO-2026-1', 'Go', 'stdlib', below('1.22.3')), 'pkg:golang/stdlib@1.22.2', true],
    [
      'a version that is none, where every version is affected',
      'PyPI',
      record('PYSEC-2024-21', 'PyPI', 'temporai', from0, { aliases: ['CVE-2024-1'] }),
      'pkg:pypi/temporai@0.0.3.dirty-build',
      true,
    ],
    [
      "Bitnami's build number is no pre-release",
      'Bitnami',
      record('BIT-wordpress-2021-29447', 'Bitnami', 'wordpress', below('5.7.1')),
      'pkg:bitnami/wordpress@5.7.1-3',
      false,
    ],
    [
      'Debian source by upstream',
      'Debian',
      record('CVE-2026-1111', 'Debian:12', 'openssl', below('3.0.9-1')),
      'pkg:deb/debian/libssl3@3.0.8-1?distro=debian-12&upstream=openssl',
      true,
    ],
    [
      'Debian source version',
      'Debian',
      record('CVE-2026-1111', 'Debian:12', 'src', below('2.0-1')),
      'pkg:deb/debian/bin@9.0-1?distro=debian-12&upstream=src%401.0-1',
      true,
    ],
    [
      'Debian other release',
      'Debian',
      record('CVE-2026-1111', 'Debian:11', 'openssl', below('3.0.9-1')),
      'pkg:deb/debian/openssl@1.1?distro=debian-12',
      false,
    ],
    [
      'Debian binary rebuild',
      'Debian',
      record('CVE-2026-1111', 'Debian:12', 'x', below('1.0-2')),
      'pkg:deb/debian/x@1.0-1%2Bb3?distro=debian-12',
      true,
    ],
    [
      'Debian codename',
      'Debian',
      record('CVE-2026-1111', 'Debian:12', 'x', below('1.0-2')),
      'pkg:deb/debian/x@1.0-1?distro=bookworm',
      true,
    ],
    [
      'epoch as qualifier',
      'Debian',
      record('CVE-2026-1111', 'Debian:12', 'x', below('1:1.0-2')),
      'pkg:deb/debian/x@2.0-1?distro=debian-12&epoch=1',
      false,
    ],
    [
      'Alpine origin',
      'Alpine',
      record('CVE-2026-1111', 'Alpine:v3.17', 'curl', below('8.0.0-r0')),
      'pkg:apk/alpine/libcurl@7.9.0-r1?distro=alpine-3.17.2&upstream=curl',
      true,
    ],
    [
      'rpm source file',
      'AlmaLinux',
      record('ALSA-2026:1', 'AlmaLinux:9', 'bash', below('5.1.8-6.el9')),
      'pkg:rpm/almalinux/bash@5.1.8-5.el9?distro=almalinux-9.4',
      true,
    ],
    [
      'Azure Linux by SOURCERPM, no dist tag',
      'Azure-Linux',
      record('AZL-1', 'Azure Linux:3', 'openssh', [{ introduced: '0' }, { last_affected: '9.8p1-3' }]),
      'pkg:rpm/azurelinux/openssh-clients@9.8p1-3.azl3?distro=azurelinux-3.0&upstream=openssh-9.8p1-3.azl3.src.rpm',
      true,
    ],
  ];
  it.each(cases)('%s', async (_, folder, one, purl, affected) => {
    const filler = record(
      'X-1',
      (one as { affected: { package: { ecosystem: string } }[] }).affected[0]?.package.ecosystem as string,
      'filler',
      from0,
    );
    const result = await match({ [folder]: [one, filler] }, [purl]);
    expect(result.findings).toHaveLength(affected ? 1 : 0);
  });
});

describe('one vulnerability is one finding', () => {
  it('joins the alias closure and prefers the CVE', async () => {
    const result = await match(
      {
        Go: [
          record('GO-2026-1', 'Go', 'a.b/c', below('1.2.0'), { aliases: ['GHSA-1111-1111-1111'] }),
          record('GHSA-1111-1111-1111', 'Go', 'a.b/c', below('1.2.1'), { aliases: ['CVE-2026-1111'] }),
        ],
      },
      ['pkg:golang/a.b/c@v1.0.0'],
    );
    const finding = only(result);
    expect(finding.vulnerability).toBe('CVE-2026-1111');
    expect(finding.aliases).toEqual(['GHSA-1111-1111-1111', 'GO-2026-1']);
    expect(finding.fixedVersions).toEqual(['1.2.0', '1.2.1']);
    expect(finding.advisories.map(({ id }) => id)).toEqual(['GHSA-1111-1111-1111', 'GO-2026-1']);
  });

  it('finds the CVE through an advisory that does not match itself', async () => {
    const result = await match(
      {
        npm: [
          record('OSV-2026-1', 'npm', 'a', below('2.0.0'), { aliases: ['GHSA-1111-1111-1111'] }),
          record('GHSA-1111-1111-1111', 'npm', 'other', below('2.0.0'), { aliases: ['CVE-2026-1111'] }),
        ],
      },
      ['pkg:npm/a@1.0.0'],
    );
    expect(only(result).vulnerability).toBe('CVE-2026-1111');
  });

  it('keeps related apart', async () => {
    const result = await match(
      {
        npm: [
          record('GHSA-1111-1111-1111', 'npm', 'a', below('2.0.0'), { related: ['CVE-2026-2222'] }),
          record('GHSA-2222-2222-2222', 'npm', 'a', below('2.0.0'), { aliases: ['CVE-2026-2222'] }),
        ],
      },
      ['pkg:npm/a@1.0.0'],
    );
    expect(ids(result)).toEqual(['CVE-2026-2222', 'GHSA-1111-1111-1111']);
    expect(result.findings.every(({ aliases }) => !aliases.includes('GHSA-1111-1111-1111'))).toBe(true);
  });

  it('shares a finding between the binaries of a source package', async () => {
    const result = await match({ Debian: [record('CVE-2026-1111', 'Debian:12', 'openssl', below('3.0.9-1'))] }, [
      'pkg:deb/debian/libssl3@3.0.8-1?distro=debian-12&upstream=openssl',
      'pkg:deb/debian/openssl@3.0.8-1?distro=debian-12',
    ]);
    expect(only(result).packages).toHaveLength(2);
    expect(only(result).packageName).toBe('openssl');
  });

  it('splits an rpm erratum into the flaws it fixes', async () => {
    const result = await match(
      {
        AlmaLinux: [
          record('ALSA-2026:1', 'AlmaLinux:9', 'bash', below('5.1.8-6.el9'), {
            related: ['CVE-2026-1111', 'CVE-2026-2222'],
          }),
        ],
      },
      ['pkg:rpm/almalinux/bash@5.1.8-5.el9?distro=almalinux-9'],
    );
    expect(ids(result)).toEqual(['CVE-2026-1111', 'CVE-2026-2222']);
    expect(result.findings[0]?.advisories[0]?.id).toBe('ALSA-2026:1');
  });
});

describe('what takes a match away', () => {
  it('drops withdrawn advisories and flags disputed ones', async () => {
    const result = await match(
      {
        npm: [
          record('GHSA-1111-1111-1111', 'npm', 'a', from0, { withdrawn: '2026-01-01T00:00:00Z' }),
          record('GHSA-2222-2222-2222', 'npm', 'a', from0, { details: '** DISPUTED ** says the maintainer.' }),
        ],
      },
      ['pkg:npm/a@1.0.0'],
    );
    expect(only(result)).toMatchObject({ vulnerability: 'GHSA-2222-2222-2222', disputed: true });
  });

  it('mutes kernel headers with the reason, not the kernel', async () => {
    const kernel = { Debian: [record('CVE-2026-1111', 'Debian:12', 'linux', below('6.1.90-1'))] };
    const headers = 'pkg:deb/debian/linux-libc-dev@6.1.76-1?distro=debian-12&upstream=linux';
    const image = 'pkg:deb/debian/linux-image-6.1.0-18-amd64@6.1.76-1?distro=debian-12&upstream=linux';
    const muted = await match(kernel, [headers]);
    expect(muted.findings).toEqual([]);
    expect(muted.suppressed).toMatchObject([{ vulnerability: 'CVE-2026-1111', packages: [headers] }]);
    expect(only(await match(kernel, [headers, image])).packages).toEqual([image]);
  });

  it('reports kernel headers that the advisory names itself', async () => {
    const kernel = {
      AlmaLinux: [
        record('ALSA-2026:1', 'AlmaLinux:8', 'kernel-devel', below('4.18.0-553.135.1.el8_10')),
        record('ALSA-2026:2', 'AlmaLinux:8', 'kernel', below('4.18.0-553.135.1.el8_10')),
      ],
    };
    const from = 'distro=almalinux-8&upstream=kernel-4.18.0-553.134.1.el8_10.src.rpm';
    const devel = packageOf(`pkg:rpm/almalinux/kernel-devel@4.18.0-553.134.1.el8_10?${from}`);
    const result = await match(kernel, [devel]);
    expect(only(result)).toMatchObject({ vulnerability: 'ALSA-2026:1', packages: [devel.id] });
    expect(result.suppressed).toEqual([]);
    const bare = await match(kernel, ['pkg:rpm/almalinux/kernel-devel@4.18.0-553.134.1.el8_10?distro=almalinux-8']);
    expect(ids(bare)).toEqual(['ALSA-2026:1']);
  });

  it('does not believe that an advisory means a private npm package, unless it lies in node_modules', async () => {
    const records = { npm: [record('GHSA-1111-1111-1111', 'npm', 'app', below('2.0.0'))] };
    const purl = 'pkg:npm/app@1.0.0';
    const own = await match(records, [packageOf(purl, { facts: { embedded: 'true', private: 'true' } })]);
    expect(own.findings).toEqual([]);
    expect(own.suppressed).toMatchObject([{ vulnerability: 'GHSA-1111-1111-1111', packages: [purl] }]);
    expect((await match(records, [packageOf(purl, { facts: { private: 'true' } })])).findings).toHaveLength(1);
  });

  it('leaves packages to their owner', async () => {
    const owned = packageOf('pkg:pypi/a@1.0', { ownedBy: 'pkg:deb/debian/python3-a@1.0-1' });
    const result = await match({ PyPI: [record('PYSEC-2026-1', 'PyPI', 'a', from0)] }, [owned]);
    expect(result.findings).toEqual([]);
    expect(result.unassessed).toEqual([]);
  });

  it('compares every stream with an rpm erratum that names several modules', async () => {
    const fixed = '8.0.0-19.module_el8.8.0+3553+bd08596b';
    const summary = 'Moderate: virt:rhel and virt-devel:rhel security, bug fix, and enhancement update';
    const records = {
      AlmaLinux: [record('ALSA-2023:2757', 'AlmaLinux:8', 'libvirt', below(fixed), { summary })],
    };
    const installed = 'pkg:rpm/almalinux/libvirt@8.0.0-18.module_el8.8.0%2B3553%2Bbd08596b?distro=almalinux-8';
    for (const stream of ['virt:rhel', 'virt-devel:rhel']) {
      const item = packageOf(installed, { modularity: `${stream}:8080020230601:abcd` });
      expect(ids(await match(records, [item])), stream).toEqual(['ALSA-2023:2757']);
    }
  });

  it('compares module streams only with their own', async () => {
    const modular = record('ALSA-2026:1', 'AlmaLinux:8', 'nodejs', below('1:14.21.3-1.module_el8.7.0+3551+31b37dda'));
    const purl = (version: string): string => `pkg:rpm/almalinux/nodejs@${version}?distro=almalinux-8&epoch=1`;
    expect((await match({ AlmaLinux: [modular] }, [purl('14.1.0-1.el8')])).findings).toHaveLength(0);
    expect((await match({ AlmaLinux: [modular] }, [purl('14.1.0-1.module_el8.3.0%2B1%2Babc')])).findings).toHaveLength(
      1,
    );
  });
});

describe('no silent zero', () => {
  it('names an ecosystem without data', async () => {
    const purl = 'pkg:deb/debian/x@1.0-1?distro=debian-12';
    const result = await match({ npm: [record('GHSA-1111-1111-1111', 'npm', 'a', from0)] }, [purl, 'pkg:npm/b@1.0.0']);
    expect(result.unassessed).toMatchObject([
      { cause: { code: 'feed/missing', scope: 'Debian:12', packages: 1 }, packages: [purl] },
    ]);
    expect(result.shards.map(({ id, state }) => [id, state])).toEqual([
      ['debian-12', 'missing'],
      ['osv-npm', 'ok'],
    ]);
  });

  it('names an unknown distribution', async () => {
    const result = await match({ npm: [record('GHSA-1111-1111-1111', 'npm', 'a', from0)] }, [
      'pkg:deb/x@1.0-1',
      'pkg:apk/postmarketos/y@1.0-r1?distro=postmarketos-23.06',
    ]);
    expect(result.unassessed.map(({ cause: { code, scope } }) => [code, scope])).toEqual([
      ['distribution/unknown', 'deb'],
      ['distribution/unknown', 'postmarketos 23.06'],
    ]);
  });

  it('names a version that cannot be compared', async () => {
    const result = await match({ PyPI: [record('PYSEC-2026-1', 'PyPI', 'a', below('2'))] }, [
      'pkg:pypi/a@not-a-version',
      'pkg:pypi/b@nonsense',
    ]);
    expect(result.findings).toEqual([]);
    expect(result.unassessed).toMatchObject([
      { cause: { code: 'version/invalid' }, packages: ['pkg:pypi/a@not-a-version'] },
    ]);
  });

  it('names versions that cannot be compared in one cause for each ecosystem', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const records = names.map((name, at) => record(`PYSEC-2026-${at}`, 'PyPI', name, below('2')));
    const result = await match(
      { PyPI: records },
      names.map((name) => `pkg:pypi/${name}@none-at-all`),
    );
    expect(result.unassessed).toHaveLength(1);
    expect(result.unassessed[0]?.cause).toMatchObject({ scope: 'PyPI', packages: 5 });
    expect(result.unassessed[0]?.cause.message).toMatch(/a none-at-all \(PYSEC-2026-0\), .* and 2 more\.$/);
  });

  it('falls back to the versions listed where a range of the advisory is not valid', async () => {
    const broken = (versions: readonly string[]): object => ({
      id: 'PYSEC-2026-1',
      affected: [
        {
          package: { ecosystem: 'PyPI', name: 'a' },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: 'next' }] }],
          versions,
        },
      ],
    });
    const listed = await match({ PyPI: [broken(['1.0'])] }, ['pkg:pypi/a@1.0.0', 'pkg:pypi/a@2.0']);
    expect(listed.findings.map(({ packageVersion }) => packageVersion)).toEqual(['1.0.0']);
    expect(listed.unassessed).toEqual([]);
    const bare = await match({ PyPI: [broken([])] }, ['pkg:pypi/a@1.0.0']);
    expect(bare.unassessed).toMatchObject([{ cause: { code: 'version/invalid' } }]);
  });

  it('does not let a few sample records make an ecosystem look assessed', async () => {
    const sample = record('GHSA-1111-1111-1111', 'npm', 'a', below('2.0.0'));
    const result = await match({ 'GHSA-samples': [sample] }, ['pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0']);
    expect(ids(result)).toEqual(['GHSA-1111-1111-1111']);
    expect(result.unassessed).toMatchObject([{ cause: { code: 'feed/missing', packages: 2 } }]);
  });

  it.each(['debian-sid', 'sid', 'debian-unstable'])(
    'names %s where the data has only a fragment of it',
    async (distro) => {
      const many = Array.from({ length: 40 }, (_, at) =>
        record(`CVE-2026-${1000 + at}`, 'Debian:12', `p${at}`, below('2')),
      );
      const sid = record('CVE-2026-2000', 'Debian:sid', 'p1', below('2'));
      const known = `pkg:deb/debian/p1@1?distro=${distro}`;
      const other = `pkg:deb/debian/p2@1?distro=${distro}`;
      const fragment = await match({ Debian: [...many, sid] }, [known, other]);
      expect(only(fragment)).toMatchObject({ vulnerability: 'CVE-2026-2000', packages: [known] });
      expect(fragment.unassessed).toMatchObject([
        { cause: { code: 'feed/missing', scope: 'Debian:sid', packages: 2 }, packages: [known, other] },
      ]);
      expect(fragment.unassessed[0]?.cause.message).toContain('1 package of Debian:sid, but 40 of another release');
      expect(fragment.shards).toMatchObject([{ id: 'debian-sid', state: 'missing', packages: 2 }, { packages: 0 }]);
      const whole = await match({ Debian: [...many.slice(0, 20), sid] }, [other]);
      expect(whole.unassessed).toEqual([]);
    },
  );

  it('says stale, partial and unassessable', async () => {
    const records = { npm: [record('GHSA-1111-1111-1111', 'npm', 'a', from0)] };
    const packages = [packageOf('pkg:npm/b@1.0.0')];
    const inventory = { packages, diagnostics: [], complete: true };
    const stateWith = async (statement: object): Promise<string> => {
      const database = await databaseOf(records, statement);
      const { state, causes } = assess(database.match({ packages }), inventory);
      return [state, ...causes.map(({ code }) => code)].join(' ');
    };
    expect(await stateWith({})).toBe('assessed');
    expect(await stateWith({ date: '2025-03-01' })).toBe('stale feed/stale');
    expect(await stateWith({ date: '2027-03-01' })).toBe('stale feed/stale');
    expect(await stateWith({ kind: 'DERIVED (from a list)' })).toBe('partial feed/derived');
    expect(await stateWith({ kind: 'APPROXIMATION: release day' })).toBe('partial feed/approximate');
    const database = await databaseOf(records);
    expect(assess(database.match({ packages: [] }), { packages: [], diagnostics: [], complete: true })).toMatchObject({
      state: 'unassessable',
      causes: [{ code: 'distribution/unknown' }],
    });
    expect(assess(database.match({ packages }), { ...inventory, complete: false }).state).toBe('partial');
    const folder = { subject: { name: 'x', source: 'dir' }, packages: [], diagnostics: [], complete: true } as const;
    expect(assess(database.match({ packages: [] }), folder).causes).toMatchObject([{ code: 'inventory/empty' }]);
  });
});

describe('hostile input', () => {
  it('T58 keeps prose short and T73 survives names of prototypes', async () => {
    const summary = `${'<script>alert(1)</script>'.repeat(5000)}`;
    const result = await match(
      {
        npm: [
          record('GHSA-1111-1111-1111', 'npm', '__proto__', from0, { summary }),
          record('GHSA-2222-2222-2222', 'npm', 'constructor', from0),
        ],
      },
      ['pkg:npm/__proto__@1.0.0', 'pkg:npm/constructor@1.0.0', 'pkg:npm/toString@1.0.0'],
    );
    expect(ids(result)).toEqual(['GHSA-1111-1111-1111', 'GHSA-2222-2222-2222']);
    expect(result.findings.every(({ summary: text = '' }) => text.length <= 300)).toBe(true);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

describe('explain', () => {
  it('tells why and why not, by any id', async () => {
    const database = await databaseOf({
      npm: [record('GHSA-1111-1111-1111', 'npm', 'a', below('2.0.0'), { aliases: ['CVE-2026-1111'] })],
    });
    const packages = ['pkg:npm/a@1.0.0', 'pkg:npm/a@2.1.0', 'pkg:npm/b@1.0.0'].map((purl) => packageOf(purl));
    const explanation = database.explain('CVE-2026-1111', { packages });
    expect(explanation).toMatchObject({
      vulnerability: 'CVE-2026-1111',
      known: true,
      explained: [
        { packages: ['pkg:npm/a@1.0.0'], outcome: 'affected', fixedVersion: '2.0.0' },
        { packages: ['pkg:npm/a@2.1.0'], outcome: 'not_in_range' },
      ],
    });
    expect(database.explain('CVE-1999-0001', { packages })).toMatchObject({ known: false, explained: [] });
  });
});
