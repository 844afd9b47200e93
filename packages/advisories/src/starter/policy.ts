// What goes into the starter database and under which terms; docs/adr/0004-starter-database.md gives the reasons.
import type { BodyLimits } from '../database/body.ts';

/** Terms of one or more shards, by the beginning of their id. */
export interface StarterTerms {
  readonly prefix: string;
  /** SPDX where there is an identifier. */
  readonly licence: string;
  /** Who is to be named. */
  readonly attribution: string;
  /** False where only facts are taken: ids, names, versions, dates, scores. */
  readonly prose: boolean;
}

/** The shards that go in. A feed that is not here stays out: no redistribution without terms that allow it. */
export const starterTerms: readonly StarterTerms[] = [
  {
    prefix: 'alpine-',
    licence: 'CC-BY-SA-4.0',
    attribution: 'Alpine Linux, https://secdb.alpinelinux.org/; these shards stay CC-BY-SA-4.0',
    prose: false,
  },
  {
    prefix: 'azurelinux-',
    licence: 'MIT',
    attribution: 'Copyright (c) Microsoft Corporation, Azure Linux vulnerability data',
    prose: false,
  },
  {
    prefix: 'mariner-',
    licence: 'MIT',
    attribution: 'Copyright (c) Microsoft Corporation, CBL-Mariner vulnerability data',
    prose: false,
  },
  {
    prefix: 'debian',
    licence: 'no formal licence',
    attribution:
      'Debian security team: "We don\'t have a specific license, but you have our endorsement to reuse the data by all means" (2022-05-17); facts only',
    prose: false,
  },
  { prefix: 'osv-almalinux', licence: 'MIT', attribution: 'Copyright (c) AlmaLinux OS Foundation', prose: false },
  {
    prefix: 'osv-bitnami',
    licence: 'Apache-2.0',
    attribution: 'Bitnami vulnerability database, Broadcom',
    prose: false,
  },
  {
    prefix: 'osv-crates.io',
    licence: 'CC0-1.0 (records imported from GHSA: CC-BY-4.0)',
    attribution: 'RustSec advisory database',
    prose: true,
  },
  { prefix: 'friendsofphp', licence: 'Unlicense', attribution: 'FriendsOfPHP security advisories', prose: true },
  {
    prefix: 'nodejs',
    licence: 'MIT',
    attribution: 'Copyright (c) Node.js contributors, security working group',
    prose: true,
  },
  { prefix: 'osv-ghsa-derived-maven', licence: 'CC-BY-4.0', attribution: 'GitHub Advisory Database', prose: true },
  { prefix: 'osv-ghsa-derived-npm', licence: 'CC-BY-4.0', attribution: 'GitHub Advisory Database', prose: true },
  { prefix: 'osv-ghsa-derived-nuget', licence: 'CC-BY-4.0', attribution: 'GitHub Advisory Database', prose: true },
  { prefix: 'osv-go', licence: 'CC-BY-4.0', attribution: 'Go vulnerability database, the Go authors', prose: true },
  {
    prefix: 'osv-kubernetes',
    licence: 'Apache-2.0',
    attribution: 'Kubernetes CVE feed, the Kubernetes authors',
    prose: true,
  },
  { prefix: 'osv-pypi', licence: 'CC-BY-4.0', attribution: 'Python Packaging Advisory Database, PyPA', prose: true },
  {
    prefix: 'retirejs',
    licence: 'Apache-2.0',
    attribution: 'Retire.js vulnerability repository, Erlend Oftedal and contributors',
    prose: false,
  },
  { prefix: 'endoflife', licence: 'MIT', attribution: 'Copyright (c) endoflife.date contributors', prose: true },
  {
    prefix: 'epss',
    licence: 'free with attribution',
    attribution: 'EPSS, FIRST.org, https://www.first.org/epss/',
    prose: true,
  },
  { prefix: 'ghsa', licence: 'CC-BY-4.0', attribution: 'GitHub Advisory Database', prose: true },
  { prefix: 'kev', licence: 'CC0-1.0', attribution: 'CISA Known Exploited Vulnerabilities catalog', prose: true },
  {
    prefix: 'vulnrichment',
    licence: 'CC0-1.0; CVE terms of use',
    attribution: 'CISA Vulnrichment; CVE records (c) The MITRE Corporation, https://www.cve.org/Legal/TermsOfUse',
    prose: false,
  },
];

/** Returns the terms of a shard, or undefined where it must not go in. */
export function termsOf(shard: string): StarterTerms | undefined {
  return starterTerms.find(({ prefix }) => (prefix.endsWith('-') ? shard.startsWith(prefix) : shard === prefix));
}

/** 160 characters and two references: what a row of the report shows; the rest is one link away. */
export function starterLimits(shard: string): BodyLimits {
  return { references: 2, summaryCharacters: 160, prose: termsOf(shard)?.prose ?? false };
}
