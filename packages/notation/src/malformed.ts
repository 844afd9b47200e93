// What the parsers of this package throw among themselves; each public parser catches it and answers data.

/** Input that is not what its format demands. `message` is a sentence without text of the input unless that was made inert. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** Input larger than is read; it may be sound, nobody looked. */
export class LimitReached extends Malformed {}

/** Throws `LimitReached` unless the condition holds. */
export function within(condition: boolean, message: string): asserts condition {
  if (!condition) throw new LimitReached(message);
}

/** Throws `Malformed` unless the condition holds. */
export function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Malformed(message);
}
