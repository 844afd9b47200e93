// Repositories as images of Red Hat and Amazon list them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { viewOf, type FileSpecs } from '../testing/view.ts';
import { amazonExtras, productOfContentSet, redHatRepositories } from './content-sets.ts';
import { detectDistribution } from './index.ts';
import { distributionInterest } from './interest.ts';

const repositories = (files: FileSpecs) =>
  detectDistribution(viewOf(files, distributionInterest)).distribution?.repositories;

test.each([
  ['rhel-9-for-x86_64-baseos-rpms', 'enterprise_linux:9'],
  ['rhel-9-for-aarch64-appstream-rpms', 'enterprise_linux:9'],
  ['rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2', 'rhel_eus:9.2'],
  ['rhel-8-for-x86_64-appstream-aus-rpms__8_DOT_6', 'rhel_aus:8.6'],
  ['rhel-9-for-x86_64-appstream-e4s-rpms__9_DOT_0', 'rhel_e4s:9.0'],
  ['rhel-10-for-x86_64-baseos-eus-rpms__10_DOT_0', 'enterprise_linux_eus:10.0'],
  ['rhel-7-server-rpms', 'enterprise_linux:7'],
  ['rhel-7-server-extras-rpms', 'enterprise_linux:7'],
  ['rhel-7-server-els-rpms', 'rhel_els:7'],
  ['rhocp-4.16-for-rhel-9-x86_64-rpms', 'openshift:4.16'],
  ['rhel-9-for-x86_64-baseos-source-rpms', undefined],
  ['satellite-client-6-for-rhel-9-x86_64-rpms', undefined],
])('the content set %s is of %s', (name, product) => {
  expect(productOfContentSet(name)).toBe(product);
});

test('the content sets of every layer count, in either place', () => {
  const sets = (...names: string[]) => JSON.stringify({ metadata: { icm_version: 1 }, content_sets: names });
  const os = { 'etc/os-release': 'ID="rhel"\nVERSION_ID="9.2"\nPRETTY_NAME="Red Hat Enterprise Linux 9.2 (Plow)"\n' };
  expect(
    repositories({
      ...os,
      'root/buildinfo/content_manifests/ubi9-container-9.2-1.json': sets('rhel-9-for-x86_64-baseos-rpms'),
      'root/buildinfo/content_manifests/x-1.json': sets('rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2'),
    }),
  ).toEqual(['enterprise_linux:9', 'rhel_eus:9.2']);
  expect(
    repositories({ ...os, 'usr/share/buildinfo/content-sets.json': sets('rhel-9-for-s390x-appstream-rpms') }),
  ).toEqual(['enterprise_linux:9']);
  expect(repositories({ ...os, 'usr/share/buildinfo/content-sets.json': sets() })).toBeUndefined();
  expect(repositories(os)).toBeUndefined();
});

test("Amazon Linux 2's extras that are enabled", () => {
  const extras = [
    '[amzn2extra-docker]\nenabled = 1\nname = Amazon Extras repo for docker\n',
    '[amzn2extra-docker-source]\nenabled = 1\n',
    '[amzn2extra-nginx1]\nenabled = 0\n',
  ].join('\n');
  const os = { 'etc/os-release': 'ID="amzn"\nVERSION_ID="2"\n', 'etc/yum.repos.d/amzn2-extras.repo': extras };
  expect(repositories(os)).toEqual(['extras:docker']);
});

test('T19 T73 any text gives repositories or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      redHatRepositories([text, `{"content_sets": [${text}]}`]);
      amazonExtras(text);
    }),
  );
});
