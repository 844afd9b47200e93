// Later passes over a layer for hard links whose target nobody wanted under its own name, as in pnpm's store.
import type { ContentSink, EntryConsumer, FileHeader } from '@plombe/model';
import type { LayerCollector, PendingLink } from './collector.ts';
import type { KeptFile } from './record.ts';

/** A link still looked for: what is at `target` just before the entry `ordinal`. */
interface Search {
  readonly link: PendingLink;
  /** The link as kept for now. */
  readonly file: KeptFile;
  readonly target: string;
  readonly ordinal: number;
  /** `nothing`: a distiller got the target and kept nothing of it. */
  found: KeptFile | 'nothing' | undefined;
  /** Set where a hard link is at the target: its own target is to be looked for. */
  next: { readonly target: string; readonly ordinal: number } | undefined;
}

/** tar writers name the first of a file's names; a chain of two is unheard of, and each costs a pass. */
const maxPasses = 3;

/**
 * Gives each wanted hard link of the collector the content of its target. `walk` reads the layer again, in the same order. Links whose
 * target is not in this layer stay as they are. Answers false where a chain of links is longer than three.
 */
export async function resolveLinks(
  collector: LayerCollector,
  walk: (consumer: EntryConsumer) => Promise<void>,
): Promise<boolean> {
  let searches = collector.pending
    .filter(({ file }) => collector.kept.has(file))
    .map((link): Search => ({
      link,
      file: link.file,
      target: link.header.linkTarget ?? '',
      ordinal: link.ordinal,
      found: undefined,
      next: undefined,
    }));
  for (let pass = 0; searches.length > 0; pass++) {
    if (pass === maxPasses) return false;
    await walk(new TargetReader(collector, searches));
    searches = searches.flatMap((search) => settle(collector, search));
  }
  return true;
}

/** Puts what was found in the link's place. Answers the search for what a link at the target leads to, in this layer or one below. */
function settle({ kept }: LayerCollector, { link, file, found, next }: Search): Search[] {
  if (found === 'nothing') kept.drop(file);
  else if (found !== undefined) kept.exchange(file, found);
  if (next === undefined) return [];
  const further = { ...file, linkTarget: next.target };
  kept.exchange(file, further);
  return [{ link, file: further, ...next, found: undefined, next: undefined }];
}

/** Reads the files at the targets; a later entry of the same path replaces what an earlier one gave. */
class TargetReader implements EntryConsumer {
  readonly #collector: LayerCollector;
  readonly #byTarget = new Map<string, Search[]>();
  #ordinal = 0;

  constructor(collector: LayerCollector, searches: readonly Search[]) {
    this.#collector = collector;
    for (const search of searches) {
      const others = this.#byTarget.get(search.target);
      if (others === undefined) this.#byTarget.set(search.target, [search]);
      else others.push(search);
    }
  }

  entry(header: FileHeader): ContentSink | undefined {
    this.#ordinal += 1;
    const at = this.#byTarget.get(header.path);
    if (at === undefined || header.type === 'whiteout' || header.type === 'opaque') return undefined;
    const searches = at.filter(({ ordinal }) => ordinal > this.#ordinal);
    for (const search of searches) {
      search.found = header.type === 'symlink' ? kept(search, header, 'symlink', new Uint8Array(0), false) : undefined;
      search.next =
        header.type === 'hardlink' ? { target: header.linkTarget ?? '', ordinal: this.#ordinal } : undefined;
    }
    return header.type === 'file' ? this.#read(header, searches) : undefined;
  }

  #read(header: FileHeader, searches: readonly Search[]): ContentSink | undefined {
    const sinks = searches.flatMap((search) => {
      const done = (content: Uint8Array, truncated: boolean): void => {
        search.found = kept(search, header, 'file', content, truncated);
      };
      const sink = this.#collector.sink(search.link.want, { ...header, path: search.link.header.path }, done);
      if (sink !== undefined && search.link.want.kind === 'distill') search.found = 'nothing';
      return sink ?? [];
    });
    if (sinks.length === 0) return undefined;
    return {
      write: (chunk) => sinks.map((sink) => sink.write(chunk)).includes(true),
      end: () => sinks.forEach((sink) => sink.end()),
    };
  }
}

function kept(
  { link }: Search,
  { sizeBytes, mode, linkTarget }: FileHeader,
  type: 'file' | 'symlink',
  content: Uint8Array,
  truncated: boolean,
): KeptFile {
  const { interest, path } = link.file;
  const target = type === 'file' ? {} : { linkTarget: linkTarget ?? '' };
  return { interest, path, type, sizeBytes, mode, content, truncated, ...target };
}
