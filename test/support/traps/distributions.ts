// Traps of distributions' feeds: Debian, Ubuntu, Alpine, Azure Linux, AlmaLinux.
import { affected, fixedIn, systemPurl, type Trap } from './trap.ts';

const debian = (release: string, name: string, version: string, upstream?: string): string =>
  systemPurl('deb', `debian-${release}`, name, version, upstream);
const ubuntu = (release: string, name: string, version: string, upstream?: string): string =>
  systemPurl('deb', `ubuntu-${release}`, name, version, upstream);
const alpine = (release: string, name: string, version: string, upstream?: string): string =>
  systemPurl('apk', `alpine-${release}`, name, version, upstream);
const rpm = (distro: string, name: string, version: string, upstream?: string): string =>
  systemPurl('rpm', distro, name, version, upstream);

/** Records that the traps name. */
export const almaRecords: readonly string[] = ['ALSA-2022:9073', 'ALSA-2023:1583', 'ALSA-2024:2302', 'ALSA-2025:16441'];
export const ubuntuFiles: readonly string[] = [
  'active/CVE-2020-23109',
  'active/CVE-2020-23909',
  'active/CVE-2021-33631',
  'retired/CVE-2021-45951',
  'active/CVE-2023-0030',
  'active/CVE-2023-0045',
  'retired/CVE-2023-0049',
];

export const debianTraps: readonly Trap[] = [
  {
    title: 'Debian: source package and source version, without the number of a binary rebuild',
    says: [
      [debian('12', 'libperl5.36', '5.36.0-7+b1', 'perl'), 'CVE-2023-31484', fixedIn('5.36.0-7+deb12u3')],
      [debian('12', 'libperl5.36', '5.36.0-7+deb12u3+b2', 'perl'), 'CVE-2023-31484', undefined],
    ],
  },
  {
    title: 'Debian: [release] overrides the line about unstable, experimental counts for none',
    says: [
      [debian('sid', 'perl', '5.38.2-1'), 'CVE-2023-31484', fixedIn('5.38.2-2')],
      [debian('12', 'perl', '5.36.0-7'), 'CVE-2023-31484', fixedIn('5.36.0-7+deb12u3')],
    ],
  },
  {
    title: 'Debian: without a line for the release the fix in unstable decides, and is no fix for the release',
    says: [
      [debian('12', 'zlib1g', '1:1.2.13.dfsg-1', 'zlib'), 'CVE-2023-45853', { fixedVersions: [], status: 'affected' }],
      [debian('12', 'zlib1g', '1:1.3.dfsg-2', 'zlib'), 'CVE-2023-45853', undefined],
    ],
  },
  {
    title: 'Debian: <not-affected> is a veto for the release',
    says: [
      [debian('12', 'liblzma5', '5.4.1-0.2', 'xz-utils'), 'CVE-2024-3094', undefined],
      [debian('sid', 'liblzma5', '5.6.0-0.2', 'xz-utils'), 'CVE-2024-3094', affected],
      [debian('11', 'openssh-server', '1:8.4p1-5', 'openssh'), 'CVE-2024-6387', undefined],
    ],
  },
  {
    title: 'Debian: <unfixed> is affected without a fix, unimportant is negligible',
    says: [
      [
        debian('12', 'tar', '1.34+dfsg-1.2'),
        'CVE-2005-2541',
        { status: 'affected', fixedVersions: [], severity: { author: 'debian', word: 'negligible' } },
      ],
    ],
  },
  {
    title: 'Debian: <removed> leaves what is installed affected',
    says: [[debian('12', 'minizip', '1.1-8+b1'), 'CVE-2023-45853', { status: 'affected', statusNote: 'removed' }]],
  },
  {
    title: 'Debian: <no-dsa> and <postponed> are affected, with Debian’s word',
    says: [
      [
        debian('12', 'libtinfo6', '6.4-4', 'ncurses'),
        'CVE-2023-50495',
        { status: 'affected', statusNote: 'no-dsa: Minor issue' },
      ],
      [
        debian('10', 'libssl1.1', '1.1.1n-0+deb10u6', 'openssl'),
        'CVE-2024-0727',
        { status: 'affected', statusNote: 'postponed: Minor issue, DoS, Low severity' },
      ],
    ],
  },
  {
    title: 'Debian: <ignored> will not be fixed; low is Debian’s urgency',
    says: [
      [
        debian('12', 'coreutils', '9.1-1'),
        'CVE-2016-2781',
        { status: 'will_not_fix', severity: { author: 'debian', word: 'low' } },
      ],
    ],
  },
  {
    title: 'Debian: <end-of-life> will not be fixed',
    says: [
      [
        debian('6.0.10', 'virtualbox-ose', '3.2.10-dfsg-1+squeeze4'),
        'DLA-372-1',
        { status: 'will_not_fix', statusNote: 'end-of-life' },
      ],
    ],
  },
  {
    title: 'Debian: no urgency yet, the CVE’s severity is taken',
    says: [[debian('12', 'perl', '5.36.0-7'), 'CVE-2023-31484', { severity: { word: 'high', score: 8.1 } }]],
  },
  {
    title: 'Debian: a DSA outranks rows that were derived',
    says: [
      [debian('11', 'libtiff5', '4.2.0-1+deb11u2', 'tiff'), 'CVE-2022-1354', fixedIn('4.2.0-1+deb11u3')],
      [debian('11', 'libtiff5', '4.2.0-1+deb11u3', 'tiff'), 'CVE-2022-1354', undefined],
    ],
  },
  {
    title: 'Debian: of a DSA and a DLA about one flaw the highest fix counts',
    says: [
      [debian('10', 'linux-image-amd64', '4.19.249-2', 'linux'), 'CVE-2022-2153', fixedIn('4.19.260-1')],
      [debian('10', 'linux-image-amd64', '4.19.260-1', 'linux'), 'CVE-2022-2153', undefined],
    ],
  },
  {
    title: 'Debian: a regression update without a CVE is no vulnerability',
    says: [[debian('11', 'sox', '14.4.2+git20190427-2+deb11u1'), 'DSA-5356-2', undefined]],
  },
];

export const ubuntuTraps: readonly Trap[] = [
  {
    title: 'Ubuntu: needed and pending are affected, pending’s version is no fix yet',
    says: [
      [
        ubuntu('22.04', 'linux-image', '5.15.0-60.66', 'linux'),
        'CVE-2023-0030',
        { status: 'affected', fixedVersions: [] },
      ],
      [
        ubuntu('22.04', 'linux-image', '5.15.0-60.66', 'linux'),
        'CVE-2021-33631',
        { status: 'affected', fixedVersions: [] },
      ],
      [ubuntu('22.04', 'linux-image', '5.15.0-69.76', 'linux'), 'CVE-2021-33631', undefined],
    ],
  },
  {
    title: 'Ubuntu: needs-triage is under investigation, deferred is affected, ignored will not be fixed',
    says: [
      [ubuntu('22.04', 'libheif1', '1.12.0-2', 'libheif'), 'CVE-2020-23109', { status: 'under_investigation' }],
      [ubuntu('22.04', 'advancecomp', '2.1-2.1'), 'CVE-2020-23909', { status: 'affected', statusNote: 'deferred' }],
      [ubuntu('16.04', 'libheif1', '1.1.0-2', 'libheif'), 'CVE-2020-23109', { status: 'will_not_fix' }],
    ],
  },
  {
    title: 'Ubuntu: released is fixed from its version on',
    says: [
      [ubuntu('22.04', 'vim-tiny', '2:8.2.3995-1ubuntu2.3', 'vim'), 'CVE-2023-0049', fixedIn('2:8.2.3995-1ubuntu2.4')],
      [ubuntu('22.04', 'vim-tiny', '2:8.2.3995-1ubuntu2.4', 'vim'), 'CVE-2023-0049', undefined],
    ],
  },
  {
    title: 'Ubuntu: DNE says nothing',
    says: [[ubuntu('22.04', 'linux-hwe', '4.15.0-1', 'linux-hwe'), 'CVE-2023-0030', undefined]],
  },
  {
    title: 'Ubuntu: the fix of an ESM pocket is none for images without it, and ends it for those that have it',
    says: [
      [
        ubuntu('16.04', 'vim', '2:7.4.1689-3ubuntu1.5'),
        'CVE-2023-0049',
        { fixedVersions: [], statusNote: 'the fix is only in esm-infra' },
      ],
      [ubuntu('16.04', 'vim', '2:7.4.1689-3ubuntu1.5+esm14'), 'CVE-2023-0049', fixedIn('2:7.4.1689-3ubuntu1.5+esm15')],
      [ubuntu('16.04', 'vim', '2:7.4.1689-3ubuntu1.5+esm15'), 'CVE-2023-0049', undefined],
    ],
  },
  {
    title: 'Ubuntu: ESM’s not-affected counts for its own builds',
    says: [
      [ubuntu('16.04', 'dnsmasq', '2.79-1ubuntu0.16.04.1'), 'CVE-2021-45951', { status: 'will_not_fix' }],
      [ubuntu('16.04', 'dnsmasq', '2.79-1ubuntu0.16.04.1+esm1'), 'CVE-2021-45951', undefined],
    ],
  },
  {
    title: 'Ubuntu: the kernel per flavour',
    says: [
      [
        ubuntu('22.04', 'linux-image-azure', '5.15.0-1034.41', 'linux-azure'),
        'CVE-2023-0045',
        fixedIn('5.15.0-1035.42'),
      ],
      [ubuntu('22.04', 'linux-image-azure', '5.15.0-1035.42', 'linux-azure'), 'CVE-2023-0045', undefined],
    ],
  },
];

export const alpineTraps: readonly Trap[] = [
  {
    title: 'Alpine: joined on the origin package',
    says: [
      [alpine('3.17.1', 'apache2-utils', '2.4.54-r0', 'apache2'), 'CVE-2006-20001', fixedIn('2.4.55-r0')],
      [alpine('3.17.1', 'apache2-utils', '2.4.55-r0', 'apache2'), 'CVE-2006-20001', undefined],
    ],
  },
  {
    title: 'Alpine: version 0 is a veto',
    says: [
      [alpine('3.17.1', 'avahi', '0.8-r6'), 'CVE-2021-26720', undefined],
      [alpine('3.17.1', 'git-lfs', '2.1.0-r0'), 'CVE-2020-27955', undefined],
    ],
  },
  {
    title: 'Alpine: free text, every CVE and GHSA in it counts',
    says: [
      [alpine('3.17.1', 'gnutls', '3.7.6-r0'), 'CVE-2022-2509', fixedIn('3.7.7-r0')],
      [alpine('3.17.1', 'py3-treq', '22.0.0-r0'), 'GHSA-fhpf-pp6p-55qc', fixedIn('22.1.0-r0')],
      [
        alpine('edge', 'apptainer', '1.5.0-r0'),
        'CVE-2026-48785',
        { aliases: ['GHSA-cr2j-534f-mf3g'], fixedVersions: ['1.5.1-r0'] },
      ],
    ],
  },
  {
    title: 'Alpine: edge’s data is not for a stable release',
    says: [
      [alpine('edge', 'gnutls', '3.7.7-r0'), 'CVE-2026-3832', affected],
      [alpine('3.17.1', 'gnutls', '3.7.7-r0'), 'CVE-2026-3832', undefined],
    ],
  },
  {
    title: 'Alpine: slips of the pen in a version',
    says: [
      [alpine('3.17.1', 'phpmyadmin', '4.8.0-r0'), 'CVE-2018-10188', fixedIn('4.8.0-r1')],
      [alpine('3.17.1', 'phpmyadmin', '5.2.0-r0'), 'CVE-2018-10188', undefined],
    ],
  },
];

const wolfi = (name: string, version: string, upstream?: string): string =>
  systemPurl('apk', 'wolfi-20230201', name, version, upstream);

export const wolfiTraps: readonly Trap[] = [
  {
    title: 'Wolfi: rolling, whatever release os-release says; version 0 is a false positive',
    says: [
      [wolfi('aactl', '0.4.12-r9'), 'CVE-2024-29903', fixedIn('0.4.12-r10')],
      [wolfi('aactl', '0.4.12-r10'), 'CVE-2024-29903', undefined],
      [wolfi('aactl-doc', '0.4.12-r9', 'aactl'), 'CVE-2024-29903', affected],
      [wolfi('aactl', '0.4.12-r0'), 'CVE-2023-45283', undefined],
      [wolfi('aactl', '0.4.12-r0'), 'GHSA-vvjp-q62m-2vph', undefined],
    ],
  },
  {
    title: 'Wolfi: its own number beside a CVE is no finding of its own',
    says: [[wolfi('aactl', '0.4.12-r9'), 'CGA-8v6j-cwpf-h9c3', undefined]],
  },
];

const azl = 'azurelinux-3.0';

export const rpmTraps: readonly Trap[] = [
  {
    title: 'Azure Linux: joined on the source rpm, with its word for the severity first',
    says: [
      [
        rpm(azl, 'openssh-clients', '9.8p1-2.azl3', 'openssh-9.8p1-2.azl3.src.rpm'),
        'CVE-2025-26466',
        { fixedVersions: ['9.8p1-3.azl3'], severity: { author: 'azurelinux', word: 'high' } },
      ],
      [rpm(azl, 'openssh-clients', '9.8p1-3.azl3', 'openssh-9.8p1-3.azl3.src.rpm'), 'CVE-2025-26466', undefined],
    ],
  },
  {
    title: 'Azure Linux: a second criterion under AND does not lose the first',
    says: [
      [rpm(azl, 'golang', '1.20.6-1.azl3'), 'CVE-2023-29409', fixedIn('1.20.7-1.azl3')],
      [rpm(azl, 'golang', '1.20.7-1.azl3'), 'CVE-2023-29409', undefined],
    ],
  },
  {
    title: 'Azure Linux: the epoch of a package does not hide it, the feed has none',
    says: [[`${rpm(azl, 'golang', '1.20.6-1.azl3')}&epoch=1`, 'CVE-2023-29409', affected]],
  },
  {
    title: 'Mariner: less than or equal has no fix',
    says: [
      [rpm('mariner-2.0', 'syslinux', '6.04-10.cm2'), 'CVE-2022-3857', { fixedVersions: [], status: 'affected' }],
      [rpm('mariner-2.0', 'syslinux', '6.04-11.cm2'), 'CVE-2022-3857', undefined],
    ],
  },
  {
    title: 'Azure Linux: a package listed without the tag of the distribution',
    says: [
      [rpm(azl, 'openssh', '9.8p1-2'), 'CVE-2025-26466', affected],
      [rpm(azl, 'openssh', '9.8p1-3'), 'CVE-2025-26466', undefined],
    ],
  },
  {
    title: 'Mariner: a fix without a release, and one that is null',
    says: [
      [rpm('mariner-2.0', 'libdwarf', '0.8.0-1.cm2'), 'CVE-2019-14249', affected],
      [rpm('mariner-2.0', 'libdwarf', '0.9.0-1.cm2'), 'CVE-2019-14249', undefined],
      [
        rpm('mariner-2.0', 'moby-engine', '20.10.25-1.cm2'),
        'CVE-2023-48795',
        { status: 'under_investigation', fixedVersions: [] },
      ],
    ],
  },
  {
    title: 'Mariner: Not Applicable says nothing',
    says: [[rpm('mariner-2.0', 'nghttp2', '1.46.0-1.cm2'), 'CVE-2023-44487', undefined]],
  },
  {
    title: 'AlmaLinux: the severity is the word its summary begins with',
    says: [
      [
        rpm('almalinux-9.4', 'gstreamer1-plugins-base', '1.22.1-1.el9'),
        'CVE-2023-37328',
        { severity: { author: 'almalinux', word: 'medium' }, fixedVersions: ['1.22.1-2.el9'] },
      ],
    ],
  },
  {
    title: 'rpm: epochs',
    says: [
      [rpm('almalinux-8.7', 'nodejs', '1:16.17.0-1.module_el8.6.0+3261+490666b3'), 'CVE-2022-43548', affected],
      [rpm('almalinux-8.7', 'nodejs', '2:1.0.0-1.module_el8.6.0+3261+490666b3'), 'CVE-2022-43548', undefined],
      [
        `${rpm('almalinux-8.7', 'nodejs', '16.17.0-1.module_el8.6.0+3261+490666b3')}&epoch=1`,
        'CVE-2022-43548',
        affected,
      ],
    ],
  },
  {
    title: 'rpm: ~ sorts before',
    says: [
      [rpm('almalinux-10.0', 'avahi', '0.9~rc1-1.el10_0'), 'CVE-2024-52615', fixedIn('0.9~rc2-1.el10_0.1')],
      [rpm('almalinux-10.0', 'avahi', '0.9-1.el10_0'), 'CVE-2024-52615', undefined],
    ],
  },
  {
    title: 'rpm: module builds are compared with module builds only',
    says: [
      [rpm('almalinux-8.7', 'nodejs', '1:10.24.0-1.el8'), 'CVE-2022-43548', undefined],
      [rpm('almalinux-8.7', 'nodejs', '1:16.18.1-3.module_el8.7.0+3371+ed8c43db'), 'CVE-2022-43548', undefined],
    ],
  },
  {
    title: 'rpm: an erratum about several flaws is a finding for each',
    says: [
      [
        rpm('almalinux-8.7', 'nodejs', '1:16.17.0-1.module_el8.6.0+3261+490666b3'),
        'CVE-2021-44906',
        { vulnerability: 'CVE-2021-44906', aliases: [] },
      ],
    ],
  },
];
