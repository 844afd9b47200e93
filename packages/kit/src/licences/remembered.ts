// What was made of a text, remembered: thousands of packages of one image declare the same few licences.

/** Texts remembered; one more starts anew. Some hundred differ in a large image. */
const maxTexts = 2000;
/** A name or a usual expression; what is longer is not remembered. */
const maxCharacters = 200;

/** Returns the function, which must be pure, with its answers for short texts remembered. */
export function remembered<Value>(make: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, { readonly value: Value }>();
  return (text) => {
    if (text.length > maxCharacters) return make(text);
    const before = known.get(text);
    if (before !== undefined) return before.value;
    if (known.size >= maxTexts) known.clear();
    const value = make(text);
    known.set(text, { value });
    return value;
  };
}

/** The same for a function that goes by something else besides, such as the names of one ecosystem. */
export function rememberedBy<Other extends object, Value>(
  make: (text: string, other: Other) => Value,
): (text: string, other: Other) => Value {
  const byOther = new WeakMap<Other, (text: string) => Value>();
  return (text, other) => {
    let known = byOther.get(other);
    if (known === undefined) byOther.set(other, (known = remembered((one) => make(one, other))));
    return known(text);
  };
}
