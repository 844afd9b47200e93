// PEM: several blocks, line ends and text between them, and what is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePem, pemLimits, writePem } from './pem.ts';

const one = writePem({ label: 'CERTIFICATE', bytes: Buffer.from('one') });
const two = writePem({ label: 'EC PRIVATE KEY', bytes: Buffer.from('two') });

describe('parsePem', () => {
  it('reads blocks in order, with text around them and any line end', () => {
    const text = `junk before\n${one}between: x\n\n${two}after`;
    const wanted = [
      { label: 'CERTIFICATE', bytes: Buffer.from('one') },
      { label: 'EC PRIVATE KEY', bytes: Buffer.from('two') },
    ];
    for (const end of ['\n', '\r\n', '\r']) expect(parsePem(text.replaceAll('\n', end))).toEqual(wanted);
    expect(parsePem('')).toEqual([]);
    expect(parsePem('no blocks')).toEqual([]);
    expect(parsePem(`-------\nRoots\n-----\n${one}`)).toHaveLength(1);
  });

  it('allows white space at the ends of lines and long lines', () => {
    const long = Buffer.alloc(300, 1);
    const text = `-----BEGIN X----- \n ${long.toString('base64')} \n-----END X-----`;
    expect(parsePem(text)).toEqual([{ label: 'X', bytes: long }]);
  });

  it.each([
    ['a block without its end', one.replace(/-----END.*/s, '')],
    ['an end without its begin', one.replace(/-----BEGIN.*-----\n/, '')],
    ['another label at the end', one.replace('END CERTIFICATE', 'END KEY')],
    ['a block inside another', one.replace('b25l', `b25l\n${two}`)],
    ['headers', one.replace('b25l', 'Proc-Type: 4,ENCRYPTED\n\nb25l')],
    ['characters that are no base64', one.replace('b25l', 'b25l!')],
    ['URL-safe base64', one.replace('b25l', 'b2_l')],
    ['base64 without padding', one.replace('b25l', 'b25lbg')],
    ['base64 whose last bits are set', one.replace('b25l', 'b25lbh==')],
    ['an empty block', one.replace('b25l\n', '')],
    ['a broken boundary', `${one}----- BEGIN X-----`],
    ['a boundary with too few dashes', `-----BEGIN X----\nb25l\n-----END X-----`],
    ['an end with too few dashes', one.replace('-----END', '----END')],
  ])('refuses %s', (_name, text) => {
    expect(() => parsePem(text)).toThrow('Malformed');
  });

  it('refuses too much text and too many blocks', () => {
    expect(() => parsePem('x'.repeat(pemLimits.bytes + 1))).toThrow('larger');
    expect(() => parsePem(one.repeat(pemLimits.blocks + 1))).toThrow('blocks');
  });

  it('round-trips', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 4 }), (all) => {
        const blocks = all.map((bytes) => ({ label: 'PUBLIC KEY', bytes: Buffer.from(bytes) }));
        expect(parsePem(writePem(...blocks))).toEqual(blocks);
      }),
    );
  });
});
