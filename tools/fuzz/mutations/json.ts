// Mutations of JSON: a value of another type in a place, members twice, gone, or renamed.
import type { Chance } from '../random.ts';
import type { Mutation } from './bytes.ts';

type Holder = Record<string | number, unknown>;

const values = (chance: Chance): unknown =>
  chance.pick<unknown>([
    null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, '', '0', ' ', '\u0000', '\u001b[2J\u202e', 'x'.repeat(5000), '../../x', '__proto__', [], {}, [[]], [null], [{}],
    { __proto__: null, constructor: { prototype: 1 }, toString: 1, length: -1 }, Array.from({ length: 300 }, () => ({})), '\ud800', 'https://a/b?c#d', '1.0.0', '99999999999',
  ]); // prettier-ignore

const changeValue: Mutation = (bytes, chance) => {
  const document = parse(bytes);
  if (document === undefined) return bytes;
  for (let left = 1 + chance.below(3); left > 0; left--) {
    const { holder, key } = chance.pick(places(document));
    const value = holder[key];
    const change = chance.below(8);
    if (change < 3) holder[key] = values(chance);
    else if (change === 3) holder[key] = [value];
    else if (change === 4) holder[key] = { a: value, ...(typeof value === 'object' ? value : {}) };
    else if (change === 5) holder[key] = chance.pick(places(document).map((place) => place.holder[place.key])) ?? null;
    else if (change === 6) addMember(holder, `${key}${chance.pick(['', 's', '_'])}`, value);
    else removeMember(holder, key);
  }
  return write(document);
};

function addMember(holder: Holder, key: string, value: unknown): void {
  if (Array.isArray(holder)) holder.push(value);
  else holder[key] = value;
}

function removeMember(holder: Holder, key: string | number): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

/** The same member twice with two values: parsers differ in which they believe. */
const twice: Mutation = (bytes, chance) => {
  const text = new TextDecoder().decode(bytes);
  const members = [...text.slice(0, 40_000).matchAll(/"(?:[^"\\\n]|\\.)*"\s*:/g)];
  if (members.length === 0) return bytes;
  const { index, 0: member } = chance.pick(members);
  return new TextEncoder().encode(
    `${text.slice(0, index)}${member}${JSON.stringify(values(chance))},${text.slice(index)}`,
  );
};

/** An array of a document grown by its own elements, up to a share of the most bytes. */
const grow: Mutation = (bytes, chance, _other, maxBytes) => {
  const document = parse(bytes);
  if (document === undefined) return bytes;
  const all = places(document).filter(({ holder, key }) => typeof holder[key] === 'object' && holder[key] !== null);
  if (all.length === 0) return bytes;
  const { holder, key } = chance.pick(all);
  const value = holder[key] as Holder;
  const size = write({ document: value }).length;
  const count = Math.min(20_000, Math.floor(chance.pick([100, 4000, maxBytes - bytes.length]) / Math.max(8, size)));
  if (Array.isArray(value)) holder[key] = Array.from({ length: Math.max(1, count) }, () => value as unknown).flat();
  else {
    const [[name, member] = ['a', null]] = Object.entries(value);
    for (let i = 0; i < count; i++) value[`${name}${i}`] = member;
  }
  return write(document);
};

/** For what begins like JSON. */
export const jsonMutations: readonly Mutation[] = [changeValue, changeValue, changeValue, twice, grow];

function parse(bytes: Uint8Array): Holder | undefined {
  if (bytes.length > 400_000) return undefined;
  try {
    return { document: JSON.parse(new TextDecoder().decode(bytes)) as unknown };
  } catch {
    return undefined;
  }
}

function write(document: Holder): Uint8Array {
  try {
    return new TextEncoder().encode(JSON.stringify(document['document']) ?? '');
  } catch {
    // A value that was put into itself, or is nested too deep.
    return new Uint8Array();
  }
}

/** Some thousand places of a document. */
function places(root: Holder): readonly { readonly holder: Holder; readonly key: string | number }[] {
  const found: { holder: Holder; key: string | number }[] = [];
  const pending: Holder[] = [root];
  const seen = new Set<Holder>();
  for (let holder = pending.pop(); holder !== undefined && found.length < 3000; holder = pending.pop()) {
    if (seen.has(holder)) continue;
    seen.add(holder);
    for (const key of Object.keys(holder)) {
      found.push({ holder, key });
      const value = holder[key];
      if (typeof value === 'object' && value !== null) pending.push(value as Holder);
    }
  }
  return found.length > 0 ? found : [{ holder: root, key: 'document' }];
}
