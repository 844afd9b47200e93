// Names and addresses that poms and bundles give their licences, as SPDX identifiers where they are unmistakable.

const known: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:the )?apache(?: software)?(?: license)?,?[ -]*(?:license,? )?(?:version )?v?2(?:\.0)?$|apache\.org\/licenses\/license-2\.0|^(?:apache-2\.0|asl 2(?:\.0)?)$/i,
    'Apache-2.0',
  ],
  [/^(?:the )?mit(?: license)?$|opensource\.org\/licenses\/mit/i, 'MIT'],
  [
    /^(?:eclipse public license|epl)[ ,-]*(?:v(?:ersion)? ?)?2(?:\.0)?$|eclipse\.org\/legal\/epl-(?:v20|2\.0)/i,
    'EPL-2.0',
  ],
  [/^(?:eclipse public license|epl)[ ,-]*(?:v(?:ersion)? ?)?1(?:\.0)?$|eclipse\.org\/legal\/epl-v10/i, 'EPL-1.0'],
  [
    /^(?:eclipse distribution license|edl)[ ,-]*(?:v(?:ersion)? ?)?1(?:\.0)?$|eclipse\.org\/org\/documents\/edl-v10/i,
    'BSD-3-Clause',
  ],
  [
    /^(?:new |revised |modified |3-clause )bsd(?: license)?$|^bsd[- ]3[- ]clause(?: license)?$|opensource\.org\/licenses\/bsd-3-clause/i,
    'BSD-3-Clause',
  ],
  [
    /^(?:simplified |2-clause )bsd(?: license)?$|^bsd[- ]2[- ]clause(?: license)?$|opensource\.org\/licenses\/bsd-2-clause/i,
    'BSD-2-Clause',
  ],
  [/^(?:public domain, per )?(?:creative commons )?cc0(?:-1\.0| 1\.0.*)?$/i, 'CC0-1.0'],
  [/^(?:mozilla public license|mpl)[ ,-]*(?:v(?:ersion)? ?)?2(?:\.0)?$|mozilla\.org\/mpl\/2\.0/i, 'MPL-2.0'],
  [/^(?:cddl)[ -]*1\.0$/i, 'CDDL-1.0'],
  [/^(?:gnu )?(?:lesser general public license|lgpl)[ ,-]*(?:v(?:ersion)? ?)?2\.1$/i, 'LGPL-2.1-only'],
];
const maxNames = 8;

/** Returns the licences, known names as SPDX identifiers, each once and sorted. */
export function licenceNames(declared: readonly string[]): readonly string[] {
  const names = declared.slice(0, maxNames).flatMap((text) => {
    const name = text.split(';', 1)[0]?.replaceAll('"', '').trim() ?? '';
    if (name === '' || name.length > 200) return [];
    return [known.find(([pattern]) => pattern.test(name))?.[1] ?? name];
  });
  return [...new Set(names)].sort();
}
