// PEM blocks in and out (RFC 7468): labels must match, text between blocks is skipped, anything else is refused.
import { PlombeError, mebibyte } from '@plombe/kit';
import { malformed } from '../der/reader.ts';

export interface PemBlock {
  /** As between the dashes: `CERTIFICATE`, `PUBLIC KEY`. */
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** 4 MiB of text and 1,000 blocks: the trust bundle of a whole system has 150 blocks in 0.3 MiB. */
export const pemLimits = { bytes: 4 * mebibyte, blocks: 1000 } as const;

const boundary = /^-----(BEGIN|END) ([\x21-\x2c\x2e-\x7e]+(?:[- ][\x21-\x2c\x2e-\x7e]+)*)-----[ \t]*$/;

/**
 * Returns the blocks in order; none is an empty list. Text before, between and after blocks is skipped (RFC 7468, 2). Throws
 * `pki/malformed` for a block without its end, headers inside (RFC 1421), and what is not base64; `pki/limit`.
 */
export function parsePem(text: string): readonly PemBlock[] {
  if (text.length > pemLimits.bytes)
    throw new PlombeError('pki/limit', `PEM text is larger than ${pemLimits.bytes} bytes.`);
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const match = line.startsWith('-----') ? boundary.exec(line) : null;
    if (match === null) {
      if (open !== undefined ? line.startsWith('-') : /^-----\s*(BEGIN|END)/.test(line))
        throw malformed('a PEM boundary is broken');
      open?.lines.push(line.trim());
    } else if (match[1] === 'BEGIN') {
      if (open !== undefined) throw malformed('a PEM block begins inside another');
      open = { label: match[2] as string, lines: [] };
    } else {
      if (open === undefined || open.label !== match[2]) throw malformed('a PEM block ends that did not begin');
      if (blocks.length >= pemLimits.blocks)
        throw new PlombeError('pki/limit', `PEM text has more than ${pemLimits.blocks} blocks.`);
      blocks.push({ label: open.label, bytes: decodeBase64(open.lines.join('')) });
      open = undefined;
    }
  }
  if (open !== undefined) throw malformed('a PEM block has no end');
  return blocks;
}

function decodeBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (text === '' || bytes.toString('base64') !== text) throw malformed('a PEM block is not base64');
  return bytes;
}

/** Writes blocks with lines of 64 characters and LF. */
export function writePem(...blocks: readonly PemBlock[]): string {
  return blocks.map(writeBlock).join('');
}

function writeBlock({ label, bytes }: PemBlock): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
