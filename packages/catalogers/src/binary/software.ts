// One entry of the table of well-known software: what its files are called, what they say of their version, and what it is called elsewhere.

/** Well-known software, recognised in its programs and libraries. A plain row: everything but its texts is worked out from it. */
export interface Software {
  /** Unique in the table, and the name of the package URL. */
  readonly id: string;
  /** Examples of file names, separated by spaces; the version in them does not matter: `python3.11` stands for `python3.12`, too. */
  readonly files: string;
  /** Templates of texts that hold the version, `template.ts`; of two that match at one place, the earlier counts. */
  readonly says: readonly string[];
  /** Where only the name of a library says the version (`libzstd.so.1.5.4`): how, and a text that it must hold besides. Weak evidence. */
  readonly named?: { readonly name: RegExp; readonly holds: string };
  /** True where the file is text and not a program. */
  readonly text?: true;
  /** Vendor and product in NVD's dictionary, `vendor:product`, the one in use now first. */
  readonly cpes: readonly string[];
  /** SPDX expression of the software as published; absent where that depends on the version. */
  readonly licence?: string;
}
