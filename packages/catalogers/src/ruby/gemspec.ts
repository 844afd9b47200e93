// Gem specifications (Gem::Specification#to_ruby and hand-written ones): read by their lines, never run.
import { declaredLicences, decodeText } from '@plombe/kit';
import type { Distiller } from '../cataloger.ts';
import { lineDistiller } from '../lines.ts';
import { gemNamePattern, gemVersionPattern, platformPattern } from './names.ts';

/** What a specification says of its gem; each field absent where it is not said as plain text (`version = Foo::VERSION`). */
export interface Gemspec {
  readonly name?: string;
  readonly version?: string;
  readonly platform?: string;
  readonly licences: readonly string[];
}

const field = /^\s*\w{1,40}\.(name|version|platform|licen[sc]es?)\s*=/;

/** Keeps the lines that name the gem; generated specifications list each file of a gem in one line, which may have 200 KiB. */
export function gemspecDistiller(): Distiller {
  const lines = lineDistiller((line) => (line.startsWith('# stub: ') || field.test(line) ? line : undefined));
  // A specification without one such line still has a name: its file's.
  return { write: (chunk) => lines.write(chunk), finish: () => lines.finish() ?? new Uint8Array(0) };
}

const literal =
  /^\s*(?:Gem::Version\.new\(?\s*)?(?:"((?:[^"\\#]|\\.){1,300})"|'([^'\\]{1,300})'|%q\{([^}\\]{1,300})\})/;
const literals = /"([^"\\#]{1,200})"|'([^'\\]{1,200})'|%q\{([^}\\]{1,200})\}/g;

/** Reads the lines that `gemspecDistiller` keeps. Names, versions and platforms that RubyGems would not accept are left out. */
export function parseGemspec(content: Uint8Array): Gemspec {
  let name: string | undefined;
  let version: string | undefined;
  let platform: string | undefined;
  const licences: string[] = [];
  for (const line of decodeText(content).split('\n')) {
    if (line.startsWith('# stub: ')) {
      // `# stub: NAME VERSION PLATFORM REQUIRE_PATHS`, what RubyGems itself reads first.
      const [stubName, stubVersion, stubPlatform] = line.slice(8).split(' ', 3);
      name ??= valid(stubName, gemNamePattern);
      version ??= valid(stubVersion, gemVersionPattern);
      platform ??= valid(stubPlatform, platformPattern);
      continue;
    }
    const [head, key] = field.exec(line) ?? [];
    if (head === undefined || key === undefined) continue;
    const value = line.slice(head.length);
    if (key.startsWith('licen')) {
      for (const [, double, single, other] of value.matchAll(literals)) licences.push(double ?? single ?? other ?? '');
      continue;
    }
    const [, double, single, other] = literal.exec(value) ?? [];
    const text = double ?? single ?? other;
    if (key === 'name') name ??= valid(text, gemNamePattern);
    else if (key === 'version') version ??= valid(text, gemVersionPattern);
    else platform ??= valid(text, platformPattern);
  }
  return {
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
    ...(platform === undefined || platform === 'ruby' ? {} : { platform }),
    licences: declaredLicences(licences),
  };
}

function valid(text: string | undefined, pattern: RegExp): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined;
}
