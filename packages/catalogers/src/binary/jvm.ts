// Java runtimes, from the file `release` beside their programs: who built them, and which version it is.
import { decodeText } from '@plombe/kit';
import type { FoundPackage } from '@plombe/model';
import { cpeOf } from './cpe.ts';

interface Build {
  /** A word of the file's `IMPLEMENTOR` or another field that names the build. */
  readonly word: RegExp;
  readonly namespace: string;
  readonly name: string;
  readonly cpes: readonly string[];
}

/** OpenJDK as it is, and the builds of others that NVD knows by their own names. */
const builds: readonly Build[] = [
  { word: /graalvm/i, namespace: 'oracle', name: 'graalvm', cpes: ['oracle:graalvm', 'oracle:openjdk'] },
  { word: /azul/i, namespace: 'azul', name: 'zulu', cpes: ['azul:zulu', 'oracle:openjdk'] },
  { word: /amazon/i, namespace: 'amazon', name: 'corretto', cpes: ['amazon:corretto', 'oracle:openjdk'] },
  {
    word: /adoptium|eclipse|adoptopenjdk/i,
    namespace: 'eclipse',
    name: 'temurin',
    cpes: ['eclipse:temurin', 'oracle:openjdk'],
  },
  {
    word: /ibm|semeru/i,
    namespace: 'ibm',
    name: 'semeru',
    cpes: ['ibm:semeru_runtime', 'eclipse:openj9', 'oracle:openjdk'],
  },
  {
    word: /microsoft/i,
    namespace: 'microsoft',
    name: 'openjdk',
    cpes: ['microsoft:build_of_openjdk', 'oracle:openjdk'],
  },
  { word: /oracle corporation/i, namespace: 'oracle', name: 'jdk', cpes: ['oracle:jdk', 'oracle:jre'] },
];

const openJdk: Omit<Build, 'word'> = { namespace: 'oracle', name: 'openjdk', cpes: ['oracle:openjdk'] };

const linePattern = /^([A-Z][A-Z0-9_]{0,63})="([^"\n]{0,4096})"\r?$/gm;
const versionPattern = /^(?:1\.)?\d{1,4}(?:\.\d{1,6}){0,4}(?:_\d{1,6})?(?:[-+][\w.+-]{1,64})?$/;

/** Returns the runtime that a `release` file is of; undefined for files of that name that are of something else. */
export function runtimeOf(content: Uint8Array, path: string): FoundPackage | undefined {
  const fields = new Map(
    Array.from(decodeText(content).matchAll(linePattern), ([, key = '', value = '']) => [key, value]),
  );
  const version = fields.get('JAVA_VERSION');
  if (version === undefined || !versionPattern.test(version)) return undefined;
  const implementor = fields.get('IMPLEMENTOR') ?? '';
  const whole = fields.get('JAVA_RUNTIME_VERSION') ?? fields.get('IMPLEMENTOR_VERSION');
  const said = `${implementor} ${fields.has('GRAALVM_VERSION') ? 'graalvm' : ''} ${fields.get('IMPLEMENTOR_VERSION') ?? ''}`;
  const { namespace, name, cpes } = builds.find(({ word }) => word.test(said)) ?? openJdk;
  return {
    type: 'generic',
    namespace,
    name,
    version,
    licences: ['GPL-2.0-only WITH Classpath-exception-2.0'],
    ...(implementor === '' ? {} : { vendor: implementor }),
    cpes: cpes.map((product) => javaCpe(product, version)),
    paths: [path],
    ...(whole === undefined ? {} : { facts: { runtimeVersion: whole } }),
  };
}

/** NVD calls Java 8 `8:update392` with OpenJDK and `1.8.0:update_392` with Oracle's own; the file says `1.8.0_392`. */
function javaCpe(product: string, version: string): string {
  const [, release, update] = /^1\.(\d+)\.0_(\d+)$/.exec(version) ?? [];
  if (release === undefined || update === undefined) return cpeOf(product, version);
  const old = product === 'oracle:jdk' || product === 'oracle:jre';
  return `cpe:2.3:a:${product}:${old ? `1.${release}.0:update_` : `${release}:update`}${update}:*:*:*:*:*:*`;
}
