// Identifier octets of the universal types that certificates use (X.680, 8.4), and of context tags.

export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8: 0x0c,
  numeric: 0x12,
  printable: 0x13,
  teletex: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visible: 0x1a,
  universal: 0x1c,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[n]` with a primitive content (implicit tagging of a simple type). */
export function contextTag(n: number): number {
  return 0x80 | n;
}

/** `[n]` with values inside (explicit tagging, or implicit tagging of a SEQUENCE or SET). */
export function constructedTag(n: number): number {
  return 0xa0 | n;
}
