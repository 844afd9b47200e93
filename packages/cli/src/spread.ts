// What is written in another way before it is parsed: several values behind one flag (`verify SUBJECT --key a.pub b.pub` means `--key a.pub --key b.pub`), and other scanners' names of a flag.

/** Commands whose lists may be written so. */
const commands: ReadonlySet<string> = new Set(['verify', 'verify-attestation']);
const lists: ReadonlySet<string> = new Set(['--key', '-a', '--annotation']);
/** Flags without a value; every other one takes the next word. */
const bare: ReadonlySet<string> = new Set([
  '--require-log',
  '--require-timestamp',
  '--plain-http',
  '-q',
  '--quiet',
  '-h',
  '--help',
]);

/**
 * Repeats the flag before each further value. Only once the subject was seen: before it, a second word is the subject, so that nothing
 * is ever taken for one that was meant otherwise.
 */
export function spreadLists(argv: readonly string[]): string[] {
  const words = argv.slice(0, 3);
  if (!commands.has(argv[2] ?? '')) return [...argv];
  let subjectSeen = false;
  let list: string | undefined;
  for (let at = 3; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return [...words, ...argv.slice(at)];
    if (word.startsWith('-') && word !== '-') {
      words.push(word);
      const takesNext = !bare.has(word) && !word.includes('=') && (word.startsWith('--') || word.length === 2);
      list = lists.has(word) ? word : undefined;
      if (takesNext && at + 1 < argv.length) words.push(argv[++at] ?? '');
    } else if (subjectSeen && list !== undefined) {
      words.push(list, word);
    } else {
      subjectSeen = true;
      list = undefined;
      words.push(word);
    }
  }
  return words;
}

/** Commands that read images and folders. */
const scanning: ReadonlySet<string> = new Set(['scan', 'sbom', 'explain', 'layers', 'diff']);

/** Trivy's `--skip-dirs` and `--skip-files` as `--exclude`, which takes both; their values may be several, separated by commas. */
export function renameFlags(argv: readonly string[]): string[] {
  if (!scanning.has(argv[2] ?? '')) return [...argv];
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return [...words, ...argv.slice(at)];
    const [, given] = /^--skip-(?:dirs|files)(?:=(.*))?$/s.exec(word) ?? [];
    const value = given ?? argv[at + 1];
    if (!/^--skip-(?:dirs|files)(?:=|$)/.test(word) || value === undefined) {
      words.push(word);
      continue;
    }
    if (given === undefined) at += 1;
    for (const one of value.split(',')) words.push(`--exclude=${one}`);
  }
  return words;
}
