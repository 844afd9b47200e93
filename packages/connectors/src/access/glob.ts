// Globs over repositories: `**` stands for any number of parts, `*` for any characters within one.

/** Names and globs are short; what is longer is no repository. */
const maxLength = 1024;

/** True where the glob covers the repository. Time is bounded by the product of both lengths, whatever the glob is (T22). */
export function coversRepository(glob: string, repository: string): boolean {
  if (glob.length > maxLength || repository.length > maxLength) return false;
  return matches(glob.split('/'), repository.split('/'), (pattern) => pattern === '**', coversPart);
}

function coversPart(pattern: string, part: string): boolean {
  return matches(
    pattern.split(''),
    part.split(''),
    (letter) => letter === '*',
    (letter, other) => letter === other,
  );
}

/** Matches two sequences where some elements of the first stand for any run of the second: one row of a table at a time. */
function matches(
  pattern: readonly string[],
  text: readonly string[],
  isWild: (element: string) => boolean,
  equal: (element: string, other: string) => boolean,
): boolean {
  // row[i]: the pattern so far covers the first i elements.
  let row = [true, ...text.map(() => false)];
  for (const element of pattern) {
    const next = [isWild(element) && row[0] === true];
    for (const [index, other] of text.entries()) {
      const whole = isWild(element)
        ? row[index + 1] === true || next[index] === true
        : row[index] === true && equal(element, other);
      next.push(whole);
    }
    row = next;
  }
  return row.at(-1) === true;
}
