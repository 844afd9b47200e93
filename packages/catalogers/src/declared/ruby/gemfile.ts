// Which gems a Gemfile asks for in groups for development only. A Gemfile is a program: what is not plain is left as it is, for running.

const developmentGroups: ReadonlySet<string> = new Set([
  'development',
  'dev',
  'test',
  'tests',
  'ci',
  'lint',
  'doc',
  'docs',
  'documentation',
  'rubocop',
]);
/** Lines of a Gemfile; real ones have under 500. */
const maxLines = 20_000;

/**
 * Returns the gems that every line of a Gemfile which names them puts into groups for development and tests. None where blocks do not close as they
 * open, or lines are not plain: then nothing is certain.
 */
export function developmentGems(text: string): ReadonlySet<string> {
  const scopes = new Map<string, boolean>();
  // Blocks that are open, with the groups they are of.
  const blocks: (readonly string[] | undefined)[] = [];
  const lines = text.split('\n');
  if (lines.length > maxLines) return new Set();
  for (const written of lines) {
    const line = written.replace(/(^|\s)#.*$/, '').trim();
    if (line.length > 2000 || line.startsWith('=begin') || line.startsWith('__END__') || line.includes('<<'))
      return new Set();
    if (line === 'end') {
      if (blocks.length === 0) return new Set();
      blocks.pop();
      continue;
    }
    const [, name] = /^gem[ (]\s*["']([^"']{1,200})["']/.exec(line) ?? [];
    if (name !== undefined) {
      const groups = [...blocks.flatMap((block) => block ?? []), ...groupsIn(line)];
      const isDevelopment = groups.length > 0 && groups.every((group) => developmentGroups.has(group));
      scopes.set(name, isDevelopment && (scopes.get(name) ?? true));
    }
    if (/\bdo(?:\s*\|[^|]*\|)?$/.test(line))
      blocks.push(/^group[ (]/.test(line) ? symbolsIn(line.slice(5)) : undefined);
    else if (/^(?:if|unless|case|begin|while|until|for|def|class|module)\b/.test(line) && !/\bend$/.test(line))
      blocks.push(undefined);
    else if (/^group\b/.test(line) || (name === undefined && /\{$|=\s*(?:if|case|begin)\b/.test(line)))
      return new Set();
  }
  return blocks.length > 0 ? new Set() : new Set([...scopes].filter(([, is]) => is).map(([name]) => name));
}

/** `group: :test`, `:groups => [:development, :test]`. */
function groupsIn(line: string): readonly string[] {
  const [, list, one] =
    /(?:\bgroups?:|:groups?\s*=>)\s*((?:%i)?\[[^\]]*\])|(?:\bgroups?:|:groups?\s*=>)\s*(:\w+|["']\w+["'])/.exec(line) ??
    [];
  return symbolsIn(list ?? one ?? '');
}

function symbolsIn(text: string): readonly string[] {
  return [...text.matchAll(/(?<![\w:]):["']?(\w+)|["'](\w+)["']|%i\[([^\]]*)\]/g)].flatMap(([, symbol, quoted, list]) =>
    list === undefined ? [symbol ?? quoted ?? ''] : list.split(/\s+/).filter((one) => one !== ''),
  );
}
