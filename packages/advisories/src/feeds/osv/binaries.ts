// SUSE's records name source packages and list beside them the binaries built of each: installed are the binaries.
import { type JsonObject, field, isObject, objectField, objectsField, textField } from '@plombe/kit';

/** Returns one `affected` for each binary with its fixed version; the one given where it lists none. */
export function byBinary(affected: JsonObject): readonly JsonObject[] {
  const pkg = objectField(affected, 'package');
  const ecosystem = pkg === undefined ? undefined : textField(pkg, 'ecosystem');
  if (ecosystem === undefined || !/^(?:openSUSE|SUSE)\b/i.test(ecosystem)) return [affected];
  const specific = objectField(affected, 'ecosystem_specific');
  const binaries =
    specific === undefined ? [] : objectsField(specific, 'binaries').flatMap((list) => Object.entries(list));
  const named = new Map(binaries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  if (named.size === 0) return [affected];
  const severity = field(affected, 'severity');
  return [...named].map(([name, fixed]) => ({
    ...(Array.isArray(severity) && severity.every(isObject) ? { severity } : {}),
    package: { ecosystem, name },
    ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
  }));
}
