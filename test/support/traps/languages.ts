// Traps of OSV's feeds for languages: PyPI, Go, crates.io, npm.
import { affected, fixedIn, type Trap } from './trap.ts';

/** Records that the traps name, by the folder of the feed. */
export const languageRecords: Readonly<Record<string, readonly string[]>> = {
  PyPI: [
    'PYSEC-2006-4',
    'PYSEC-2006-10',
    'PYSEC-2008-15',
    'PYSEC-2009-18',
    'PYSEC-2015-22',
    'PYSEC-2019-108',
    'PYSEC-2020-102',
    'PYSEC-2020-248',
    'PYSEC-2020-341',
    'PYSEC-2023-74',
    'PYSEC-2023-175',
    'PYSEC-2024-21',
    'PYSEC-2024-112',
    'PYSEC-2025-191',
  ],
  Go: [
    'GO-2020-0040',
    'GO-2020-0050',
    'GO-2021-0067',
    'GO-2021-0068',
    'GO-2021-0238',
    'GO-2021-0265',
    'GO-2022-0411',
    'GO-2023-1627',
    'GO-2024-2428',
    'GO-2024-2442',
    'GO-2024-3321',
  ],
  'crates.io': ['RUSTSEC-2016-0004', 'RUSTSEC-2019-0031', 'RUSTSEC-2020-0041', 'RUSTSEC-2020-0053'],
  'GHSA-samples': [
    'GHSA-266m-wp2v-x7mq',
    'GHSA-2c28-m2m7-mf55',
    'GHSA-2c6m-6gqh-6qg3',
    'GHSA-2c8c-84w2-j38j',
    'GHSA-4rjr-3gj2-5crq',
    'GHSA-75v8-2h7p-7m2m',
    'GHSA-7fj7-39wj-c64f',
    'GHSA-8v6j-gc74-fmpp',
    'GHSA-gxhx-g4fq-49hj',
    'GHSA-mp6f-p9gp-vpj9',
    'GHSA-r285-q736-9v95',
    'GHSA-v778-237x-gjrc',
    'GHSA-wjx8-cgrm-hh8p',
  ],
  'GHSA-derived-npm': ['CVE-2019-10744', 'CVE-2021-41720'],
  'GHSA-derived-Maven': ['CVE-2011-2730', 'CVE-2018-11040', 'CVE-2021-44228', 'CVE-2023-2976'],
  'GHSA-derived-NuGet': ['CVE-2016-0186', 'CVE-2020-0602'],
  'malicious-sample': ['MAL-2025-191025'],
  Bitnami: ['BIT-wordpress-2021-29447'],
};

const crypto = 'pkg:golang/golang.org/x/crypto';

export const languageTraps: readonly Trap[] = [
  {
    title: 'OSV: affected by the list of versions alone',
    says: [
      ['pkg:pypi/extractor@0.5', 'PYSEC-2006-4', affected],
      ['pkg:pypi/extractor@0.6', 'PYSEC-2006-4', undefined],
    ],
  },
  {
    title: 'OSV: affected by the range though the list does not name the version',
    says: [['pkg:pypi/chuanhuchatgpt@20240310', 'PYSEC-2024-112', affected]],
  },
  {
    title: 'OSV: last_affected is inclusive, above it is not affected, and it is no fix',
    says: [
      ['pkg:pypi/pygresql@3.8', 'PYSEC-2009-18', undefined],
      ['pkg:pypi/pygresql@3.9', 'PYSEC-2009-18', affected],
      ['pkg:pypi/pygresql@4.0', 'PYSEC-2009-18', { fixedVersions: [] }],
      ['pkg:pypi/pygresql@4.0.1', 'PYSEC-2009-18', undefined],
    ],
  },
  {
    title: 'OSV: GIT ranges beside the ecosystem’s own are ignored',
    says: [
      ['pkg:pypi/requests@2.2.1', 'PYSEC-2023-74', undefined],
      ['pkg:pypi/requests@2.30.0', 'CVE-2023-32681', fixedIn('2.31.0')],
      ['pkg:pypi/requests@2.31.0', 'PYSEC-2023-74', undefined],
    ],
  },
  {
    title: 'OSV: withdrawn records yield nothing',
    says: [
      ['pkg:pypi/plone@2.5', 'PYSEC-2006-10', undefined],
      ['pkg:pypi/plone@3.0.6', 'PYSEC-2008-15', undefined],
      ['pkg:golang/github.com/gravitational/teleport@v0.1.0', 'GO-2024-2442', undefined],
      ['pkg:cargo/dirs@2.0.0', 'RUSTSEC-2020-0053', undefined],
    ],
  },
  {
    title: 'OSV: no fixed event, every version is affected and there is no fix',
    says: [['pkg:golang/github.com/shiyanhui/dht@v1.0.0', 'CVE-2020-36562', { fixedVersions: [], status: 'affected' }]],
  },
  {
    title: 'OSV: no fixed event, also for a version that is none',
    says: [['pkg:pypi/temporai@0.0.3-dirty-tree', 'PYSEC-2024-21', affected]],
  },
  {
    title: 'OSV: events unsorted and several per range',
    says: [
      ['pkg:pypi/django@1.4.21', 'PYSEC-2015-22', fixedIn('1.4.22')],
      ['pkg:pypi/django@1.5', 'PYSEC-2015-22', undefined],
      ['pkg:pypi/django@1.7.9', 'PYSEC-2015-22', affected],
      ['pkg:pypi/django@1.7.10', 'PYSEC-2015-22', undefined],
      ['pkg:pypi/django@1.8.3', 'PYSEC-2015-22', affected],
      ['pkg:pypi/django@1.8.4', 'PYSEC-2015-22', undefined],
    ],
  },
  {
    title: 'OSV: disputed is said',
    says: [['pkg:pypi/numpy@1.16.0', 'PYSEC-2019-108', { disputed: true }]],
  },
  {
    title: 'severity: a Go record has none, the CVE’s is taken with its author',
    says: [
      [
        'pkg:golang/github.com/opencontainers/runc@v1.1.4',
        'GO-2023-1627',
        { severity: { word: 'high', score: 7 }, vulnerability: 'CVE-2023-27561' },
      ],
    ],
  },
  {
    title: 'aliases: GO, GHSA and CVE are one finding',
    says: [
      [
        `${crypto}@v0.30.0`,
        'GO-2024-3321',
        {
          vulnerability: 'CVE-2024-45337',
          aliases: ['GHSA-v778-237x-gjrc', 'GO-2024-3321'],
          fixedVersions: ['0.31.0'],
        },
      ],
    ],
  },
  {
    title: 'aliases: PYSEC, GHSA and CVE are one finding',
    says: [['pkg:pypi/plone@5.2.2', 'GHSA-2c8c-84w2-j38j', { vulnerability: 'CVE-2020-28736' }]],
  },
  {
    title: 'aliases: RUSTSEC, GHSA and CVE are one finding',
    says: [['pkg:cargo/sized-chunks@0.6.2', 'RUSTSEC-2020-0041', { fixedVersions: ['0.6.3'] }]],
  },
  {
    title: 'aliases: related ids stay apart',
    says: [
      ['pkg:golang/github.com/russellhaering/goxmldsig@v1.0.0', 'GO-2020-0050', { vulnerability: 'CVE-2020-15216' }],
      ['pkg:golang/github.com/russellhaering/goxmldsig@v1.0.0', 'CVE-2020-26290', undefined],
      ['pkg:pypi/pillow@10.0.0', 'PYSEC-2023-175', { vulnerability: 'PYSEC-2023-175' }],
      ['pkg:pypi/pillow@10.0.0', 'CVE-2023-4863', undefined],
    ],
  },
  {
    title: 'Go: versions with and without v and go',
    says: [
      ['pkg:golang/stdlib@1.16.0', 'GO-2021-0067', affected],
      ['pkg:golang/stdlib@v1.16', 'GO-2021-0067', affected],
      ['pkg:golang/stdlib@go1.16', 'GO-2021-0067', affected],
      ['pkg:golang/stdlib@go1.16.1', 'GO-2021-0067', undefined],
    ],
  },
  {
    title: 'Go: a module is the same in lower case, as package URLs write it',
    says: [
      ['pkg:golang/github.com/Masterminds/goutils@v1.1.0', 'GO-2022-0411', fixedIn('1.1.1')],
      ['pkg:golang/github.com/masterminds/goutils@v1.1.0', 'GO-2022-0411', fixedIn('1.1.1')],
    ],
  },
  {
    title: 'Go: toolchain is a package beside stdlib',
    says: [
      ['pkg:golang/toolchain@1.15.6', 'GO-2021-0068', fixedIn('1.15.7')],
      ['pkg:golang/stdlib@1.15.6', 'GO-2021-0068', undefined],
    ],
  },
  {
    title: 'Go: 1.16.0-0 opens a range at the first pre-release',
    says: [
      ['pkg:golang/stdlib@1.15.9', 'GO-2021-0067', undefined],
      ['pkg:golang/stdlib@go1.16beta1', 'GO-2021-0067', affected],
      ['pkg:golang/stdlib@1.16rc1', 'GO-2021-0067', affected],
    ],
  },
  {
    title: 'Go: pseudo-versions sort as pre-releases',
    says: [
      ['pkg:golang/golang.org/x/net@v0.0.0-20210510120150-4163338589ed', 'GO-2021-0238', affected],
      ['pkg:golang/golang.org/x/net@v0.0.0-20210520170846-37e1c6afe023', 'GO-2021-0238', undefined],
      ['pkg:golang/golang.org/x/net@v0.1.0', 'GO-2021-0238', undefined],
    ],
  },
  {
    title: 'Go: a record names symbols, so that the module is what matched',
    says: [
      ['pkg:golang/golang.org/x/net@v0.0.0-20210510120150-4163338589ed', 'GO-2021-0238', { confidence: 'module' }],
    ],
  },
  {
    title: 'Go: a module with numbering of its own is affected in every version, and its numbering is told',
    says: [['pkg:golang/k8s.io/ingress-nginx@v1.8.0', 'GO-2024-2428', { statusNote: 'in its own numbering < 1.9.0' }]],
  },
  {
    title: 'npm: malware is critical and of the exact version',
    says: [
      ['pkg:npm/02-echo@0.0.7', 'MAL-2025-191025', { severity: { author: 'openssf', word: 'critical' } }],
      ['pkg:npm/02-echo@0.0.6', 'MAL-2025-191025', undefined],
    ],
  },
  {
    title: 'npm: what a title calls withdrawn yields nothing',
    says: [
      ['pkg:npm/lodash@4.17.11', 'CVE-2021-41720', undefined],
      ['pkg:npm/lodash@4.17.11', 'CVE-2019-10744', affected],
      ['pkg:npm/lodash@4.17.21', 'CVE-2019-10744', undefined],
    ],
  },
  {
    title: 'GHSA: last_known_affected_version_range bounds a range without an end',
    says: [
      ['pkg:npm/formidable@2.1.2', 'GHSA-75v8-2h7p-7m2m', affected],
      ['pkg:npm/formidable@2.1.3', 'GHSA-75v8-2h7p-7m2m', undefined],
    ],
  },
  {
    title: 'GHSA: ecosystems have spellings of their own, and package URLs others',
    says: [
      ['pkg:githubactions/actions/runner@2.296.1', 'CVE-2022-39321', fixedIn('2.296.2')],
      ['pkg:githubactions/Actions/Runner@2.296.2', 'CVE-2022-39321', undefined],
      ['pkg:swift/github.com/apple/swift-nio@2.41.1', 'GHSA-7fj7-39wj-c64f', fixedIn('2.42.0')],
      ['pkg:swift/github.com/apple/swift-nio@2.39.1', 'GHSA-7fj7-39wj-c64f', undefined],
      ['pkg:composer/Contao/Core-Bundle@v4.8.5', 'GHSA-wjx8-cgrm-hh8p', fixedIn('4.8.6')],
      ['pkg:composer/contao/core-bundle@4.4.46', 'GHSA-wjx8-cgrm-hh8p', undefined],
      ['pkg:hex/pleroma@2.5.2', 'CVE-2023-5588', fixedIn('2.5.3')],
      ['pkg:pub/archive@3.3.7', 'CVE-2023-39137', fixedIn('3.3.8')],
      ['pkg:gem/carrierwave@3.0.4', 'CVE-2023-49090', fixedIn('3.0.5')],
      ['pkg:gem/carrierwave@2.2.5', 'CVE-2023-49090', undefined],
      ['pkg:cargo/mongodb@2.0.0-alpha1', 'CVE-2021-20332', fixedIn('2.0.0-beta')],
    ],
  },
  {
    title: 'Maven: qualifiers are not pre-releases all, and some mean the release itself',
    says: [
      ['pkg:maven/com.google.guava/guava@31.1-jre', 'CVE-2023-2976', fixedIn('32.0.0-android')],
      ['pkg:maven/com.google.guava/guava@32.0.0-android', 'CVE-2023-2976', undefined],
      ['pkg:maven/com.google.guava/guava@32.0.0-jre', 'CVE-2023-2976', undefined],
      ['pkg:maven/org.springframework/spring-core@4.3.17', 'CVE-2018-11040', fixedIn('4.3.18.RELEASE')],
      ['pkg:maven/org.springframework/spring-core@4.3.18', 'CVE-2018-11040', undefined],
      ['pkg:maven/org.springframework/spring-core@5.0.7.RELEASE', 'CVE-2018-11040', undefined],
      ['pkg:maven/org.springframework/spring-core@2.5.6', 'CVE-2011-2730', fixedIn('2.5.6.SEC03')],
      ['pkg:maven/org.springframework/spring-core@2.5.6.SEC02', 'CVE-2011-2730', affected],
      ['pkg:maven/org.springframework/spring-core@2.5.6.SEC03', 'CVE-2011-2730', undefined],
      ['pkg:maven/org.apache.logging.log4j/log4j-core@2.0-beta8', 'CVE-2021-44228', undefined],
      ['pkg:maven/org.apache.logging.log4j/log4j-core@2.0-beta9', 'CVE-2021-44228', fixedIn('2.3.1')],
      ['pkg:maven/org.apache.logging.log4j/log4j-core@2.0-rc1', 'CVE-2021-44228', affected],
    ],
  },
  {
    title: 'Maven: a range for each branch, with the fix of that branch',
    says: [
      ['pkg:maven/org.apache.logging.log4j/log4j-core@2.12.1', 'CVE-2021-44228', fixedIn('2.12.2')],
      ['pkg:maven/org.apache.logging.log4j/log4j-core@2.12.2', 'CVE-2021-44228', undefined],
      ['pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1', 'CVE-2021-44228', fixedIn('2.15.0')],
      ['pkg:maven/org.apache.logging.log4j/log4j-core@2.3.1', 'CVE-2021-44228', undefined],
    ],
  },
  {
    title: 'NuGet: names without regard to case, versions of four parts',
    says: [
      ['pkg:nuget/AJAXNETPROFESSIONAL@21.12.22', 'CVE-2023-49289', fixedIn('21.12.22.1')],
      ['pkg:nuget/ajaxnetprofessional@21.12.22.0', 'CVE-2023-49289', affected],
      ['pkg:nuget/AjaxNetProfessional@21.12.22.1', 'CVE-2023-49289', undefined],
      ['pkg:nuget/Microsoft.ChakraCore@1.1.0.0', 'CVE-2016-0186', affected],
      ['pkg:nuget/Microsoft.ChakraCore@1.2.0', 'CVE-2016-0186', undefined],
    ],
  },
  {
    title: 'NuGet: an advisory lists many runtime packages, each with its own platform',
    says: [
      ['pkg:nuget/Microsoft.AspNetCore.App.Runtime.linux-x64@3.1.0', 'CVE-2020-0602', fixedIn('3.1.1')],
      ['pkg:nuget/Microsoft.AspNetCore.App.Runtime.linux-arm@3.1.1', 'CVE-2020-0602', undefined],
      ['pkg:nuget/Microsoft.NetCore.App.Runtime.linux-arm@9.0.5', 'CVE-2025-30399', fixedIn('9.0.6')],
      ['pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@9.0.5', 'CVE-2025-30399', undefined],
    ],
  },
  {
    title: 'PyPI: names are normalised (PEP 503)',
    says: [
      ['pkg:pypi/Jw_Util@2.2', 'PYSEC-2020-341', fixedIn('2.3')],
      ['pkg:pypi/jw.util@2.2', 'PYSEC-2020-341', affected],
      ['pkg:pypi/jw-util@2.3', 'PYSEC-2020-341', undefined],
    ],
  },
  {
    title: 'PyPI: local versions and epochs (PEP 440)',
    says: [
      ['pkg:pypi/torch@2.6.0', 'PYSEC-2025-191', affected],
      ['pkg:pypi/torch@2.6.0%2Bcu124', 'PYSEC-2025-191', affected],
      ['pkg:pypi/torch@2.6.0.post1', 'PYSEC-2025-191', undefined],
      ['pkg:pypi/requests@1!2.3.0', 'PYSEC-2023-74', undefined],
    ],
  },
  {
    title: 'crates.io: unmaintained is a notice, not a flaw',
    says: [['pkg:cargo/libusb@0.3.0', 'RUSTSEC-2016-0004', { severity: { word: 'negligible' } }]],
  },
  {
    title: "Bitnami: a build's number is no pre-release",
    says: [
      ['pkg:bitnami/wordpress@5.7.0-3', 'BIT-wordpress-2021-29447', affected],
      ['pkg:bitnami/wordpress@5.7.1-3', 'BIT-wordpress-2021-29447', undefined],
    ],
  },
];
