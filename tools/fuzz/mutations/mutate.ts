// A new input out of one of the seeds: some mutations that fit what the bytes are.
import type { FuzzInput, FuzzPart } from '../input.ts';
import type { Chance } from '../random.ts';
import { byteMutations, type Mutation } from './bytes.ts';
import { changeTarField, insideGzip, isGzip, isTar } from './containers.ts';
import { jsonMutations } from './json.ts';
import { isText, textMutations } from './text.ts';

/** Most inputs are small, since small ones are fast; one in twenty may be large, since time that is not linear shows there only. */
const sizes = [16_384, 65_536, 262_144, 1_048_576];

/** Returns an input made of `seeds`, of which there must be one. */
export function mutate(seeds: readonly FuzzInput[], chance: Chance): FuzzInput {
  const parts = [...chance.pick(seeds)];
  const maxBytes = sizes[chance.below(20) === 0 ? 3 : chance.below(3)] ?? 0;
  for (let left = 1 + chance.below(4); left > 0 && parts.length > 0; left--) {
    const at = chance.below(parts.length);
    const part = parts[at] as FuzzPart;
    const other = chance.pick(chance.pick(seeds)) ?? part;
    parts[at] = changePart(part, other, chance, maxBytes);
    if (parts.length > 1 && chance.below(30) === 0) parts.splice(chance.below(parts.length), 1);
    if (part.path !== '' && parts.length < 40 && chance.below(30) === 0) parts.push({ ...other });
  }
  return parts;
}

function changePart(part: FuzzPart, other: FuzzPart, chance: Chance, maxBytes: number): FuzzPart {
  if (part.link !== undefined)
    return {
      ...part,
      link: chance.pick(['', '/', '..', '../..', part.path, other.path, `/${other.path}`, part.link.repeat(50)]),
    };
  if (part.path !== '' && chance.below(40) === 0) return { ...part, path: otherPath(part.path, chance) };
  const changed = mutationFor(part.bytes, chance)(part.bytes, chance, other.bytes, maxBytes);
  return { ...part, bytes: changed.length > maxBytes + 100_000 ? changed.subarray(0, maxBytes) : changed };
}

function mutationFor(bytes: Uint8Array, chance: Chance): Mutation {
  if (isGzip(bytes) && chance.below(4) > 0) return insideGzip(mutationFor);
  if (isTar(bytes) && chance.below(2) > 0) return changeTarField;
  if (!isText(bytes)) return chance.pick(byteMutations);
  const isJson = /^\ufeff?\s*[[{]/.test(Buffer.from(bytes.subarray(0, 40)).toString());
  return chance.pick(
    isJson && chance.below(2) > 0 ? jsonMutations : chance.below(2) > 0 ? textMutations : byteMutations,
  );
}

/** Folders and names changed, so that what is told of them meets other text; rarely, so that the file is mostly still wanted. */
function otherPath(path: string, chance: Chance): string {
  const names = path.split('/');
  const at = chance.below(names.length);
  names[at] = chance.pick([
    '',
    '.',
    '..',
    'a\u001b[2J\n',
    'ß\u202e',
    `${names[at]}-1`,
    '__proto__',
    'a'.repeat(3000),
    (names[at] ?? '').toUpperCase(),
    '1.2.3',
    'a@b@c',
    '\udc80',
  ]);
  return names.filter((name) => name !== '').join('/') || 'a';
}
