// What was made of a text, remembered: thousands of packages of one image declare the same few licences.
import type { OwnNames } from './declared.ts';

/** Texts remembered for one ecosystem's names; one more starts anew. Some hundred differ in a large image. */
const maxTexts = 2000;

/** Returns the function, pure, with its answers remembered. Only for texts of bounded length. */
export function remembered<Value>(
  make: (text: string, own: OwnNames) => Value,
): (text: string, own: OwnNames) => Value {
  const byOwn = new WeakMap<OwnNames, Map<string, { readonly value: Value }>>();
  return (text, own) => {
    let known = byOwn.get(own);
    if (known === undefined) byOwn.set(own, (known = new Map()));
    const before = known.get(text);
    if (before !== undefined) return before.value;
    if (known.size >= maxTexts) known.clear();
    const value = make(text, own);
    known.set(text, { value });
    return value;
  };
}
