// The registry of PEAR and PECL: a serialised array for each installed package, `.registry/NAME.reg` or below its channel.
import { declaredLicences } from '@plombe/kit';
import type { FoundPackage } from '@plombe/model';
import { arrayAt, type PhpArray, parseSerialized, textAt } from './literal.ts';

const namePattern = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/;
const versionPattern = /^\d[0-9A-Za-z.+-]{0,60}$/;
const channelPattern = /^[A-Za-z0-9_.-]{1,100}(?:\/[A-Za-z0-9_.-]{1,50})?$/;
const pear = 'pear.php.net';

/**
 * Reads one registry file. PEAR's own packages are on Packagist as `pear/NAME`, and advisories name them so; those of PECL and other channels are
 * of the type `pear`. Undefined where it names no package.
 */
export function parseRegistryFile(content: Uint8Array, path: string): FoundPackage | undefined {
  const value = parseSerialized(Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1'));
  if (value === undefined) return undefined;
  // package.xml 2 has `name` and a version of its release and interface; package.xml 1 `package` and text.
  const name = textAt(value, 'name') ?? textAt(value, 'package') ?? '';
  const version = textAt(arrayAt(value, 'version'), 'release') ?? textAt(value, 'version') ?? '';
  const channel = (textAt(value, 'channel') ?? pear).toLowerCase();
  if (!namePattern.test(name) || !versionPattern.test(version) || !channelPattern.test(channel)) return undefined;
  const common = { version, licences: declaredLicences(licencesIn(value)), paths: [path] };
  if (channel !== pear) return { type: 'pear', namespace: channel, name, ...common };
  return { type: 'composer', namespace: 'pear', name: name.toLowerCase(), ...common, facts: { channel } };
}

function licencesIn(value: PhpArray): readonly string[] {
  const one = textAt(value, 'license') ?? textAt(arrayAt(value, 'license'), '_content');
  return one === undefined ? [] : [one];
}
