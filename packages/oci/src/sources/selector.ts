// Splits `PATH:NAME` and `PATH@DIGEST`, where paths may hold colons themselves.
import { existsSync } from 'node:fs';
import { parseDigest } from '@plombe/model';
import type { Selector } from './oci/select.ts';

/**
 * Splits a text into the path that exists and what follows it, without the colon: `NAME`, `@DIGEST` or `@N`. A text that is a path as
 * a whole has no selector; the longest existing path wins; where none exists all of it is the path.
 */
export function splitSelector(text: string): { readonly path: string; readonly selector?: string } {
  if (existsSync(text)) return { path: text };
  for (let at = text.length - 1; at > 0; at--) {
    const mark = text[at];
    if ((mark !== ':' && mark !== '@') || !existsSync(text.slice(0, at))) continue;
    return { path: text.slice(0, at), selector: text.slice(mark === ':' ? at + 1 : at) };
  }
  return { path: text };
}

/** Reads a selector of a layout: `@sha256:…` names a digest, anything else a name. */
export function layoutSelector(selector: string | undefined): Selector {
  if (selector === undefined) return {};
  const digest = selector.startsWith('@') ? parseDigest(selector.slice(1)) : undefined;
  return digest === undefined ? { name: selector } : { digest };
}
