// The version scheme of Maven.
import { bracketed } from '../interval.ts';
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseMaven } from './parse.ts';

/** The order of Maven's `ComparableVersion`, made total where that one runs in circles. */
export const maven: VersionScheme<VersionKey> = {
  id: 'maven',
  title: 'Maven artifact versions',
  urls: ['https://maven.apache.org/pom.html#version-order-specification'],
  parse: parseMaven,
  compare: compareKeys,
  requirement: (text) => bracketed(text, (version) => parseMaven(version) !== undefined),
};
