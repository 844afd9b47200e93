// Databases, programs and documents of text.
import { parseCargoList } from '../../../packages/formats/src/cargo-audit/parse.ts';
import { CargoAuditReader } from '../../../packages/formats/src/cargo-audit/reader.ts';
import { parseDeb822 } from '../../../packages/formats/src/deb822/parse.ts';
import { parsePlainYaml } from '../../../packages/formats/src/documents/plain-yaml.ts';
import { parseToml } from '../../../packages/formats/src/documents/toml.ts';
import { parseXml, XmlError } from '../../../packages/formats/src/documents/xml.ts';
import { parseYaml } from '../../../packages/formats/src/documents/yaml.ts';
import { DotnetBundleReader } from '../../../packages/formats/src/dotnet-bundle/reader.ts';
import { parseElf } from '../../../packages/formats/src/executable/elf.ts';
import { parseMachO } from '../../../packages/formats/src/executable/macho.ts';
import { parsePe } from '../../../packages/formats/src/executable/pe.ts';
import { parseGoBuildInfo } from '../../../packages/formats/src/gobuildinfo/parse.ts';
import { GoBuildInfoReader } from '../../../packages/formats/src/gobuildinfo/reader.ts';
import { parseMailHeaders } from '../../../packages/formats/src/mail-headers/parse.ts';
import { AssemblyReader } from '../../../packages/formats/src/pe/reader.ts';
import { readRpmDatabase } from '../../../packages/formats/src/rpmdb/database.ts';
import { parseRpmHeader } from '../../../packages/formats/src/rpmdb/header.ts';
import { readSqliteTable } from '../../../packages/formats/src/sqlite/table.ts';
import { anyRefusal, bytesOf, type FuzzTarget, must, mustEqual, roughly, textOf } from '../target.ts';

interface Reader<T> {
  write(chunk: Uint8Array): boolean;
  finish(): T;
}

/** Whole and in pieces, which must give the same. */
function read<T>(open: () => Reader<T>, bytes: Uint8Array): T {
  const results = [bytes.length || 1, 61].map((pieceBytes) => {
    const reader = open();
    for (let at = 0; at < bytes.length; at += pieceBytes)
      if (!reader.write(Buffer.from(bytes.subarray(at, at + pieceBytes)))) break;
    return reader.finish();
  });
  mustEqual(results[1], results[0], 'pieces give another result than the whole');
  return results[0] as T;
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  return Array.isArray(value) ? `list ${roughly(value.length)}` : `object ${roughly(Object.keys(value).length)}`;
}

/** Readers of bytes and texts. */
export const formatTargets: readonly FuzzTarget[] = [
  {
    name: 'format/rpmdb',
    run(input) {
      const problems = new Set<string>();
      const onProblem = (problem: string): undefined => void problems.add(problem);
      const [database, wal] = input;
      const bytes = database?.bytes ?? new Uint8Array();
      const found = [...readRpmDatabase(bytes, { onProblem, ...(wal === undefined ? {} : { wal: wal.bytes }) })];
      return `${roughly(found.length)} ${[...problems].sort().join().slice(0, 60)}`;
    },
  },
  { name: 'format/rpm-header', run: (input) => kindOf(parseRpmHeader(bytesOf(input))) },
  {
    name: 'format/sqlite',
    run(input) {
      const problems = new Set<string>();
      const [database, wal] = input;
      const options = {
        onProblem: (problem: string): undefined => void problems.add(problem),
        ...(wal === undefined ? {} : { wal: wal.bytes }),
      };
      const rows = [...readSqliteTable(database?.bytes ?? new Uint8Array(), 'Packages', options)];
      return `${roughly(rows.length)} ${[...problems].sort().join().slice(0, 60)}`;
    },
  },
  {
    name: 'format/deb822',
    run(input) {
      const { paragraphs, problems } = parseDeb822(
        bytesOf(input),
        new Set(['package', 'version', 'status', 'description', 'Package', 'Version', 'Status']),
      );
      return `${roughly(paragraphs.length)} ${roughly(problems.length)}`;
    },
  },
  { name: 'format/mail-headers', run: (input) => roughly(parseMailHeaders(bytesOf(input)).size) },
  {
    name: 'format/go-program',
    run(input) {
      const kept = read(() => new GoBuildInfoReader(), bytesOf(input));
      const found = kept && parseGoBuildInfo(kept);
      return found === undefined ? String(kept?.length) : kindOf(found);
    },
  },
  {
    name: 'format/cargo-program',
    run: (input) => String(read(() => new CargoAuditReader(), bytesOf(input)) === undefined),
  },
  { name: 'format/cargo-list', run: (input) => kindOf(parseCargoList(textOf(input))) },
  { name: 'format/assembly', run: (input) => kindOf(read(() => new AssemblyReader(), bytesOf(input))) },
  { name: 'format/dotnet-bundle', run: (input) => kindOf(read(() => new DotnetBundleReader(), bytesOf(input))) },
  {
    name: 'format/program',
    run(input) {
      const layouts = [parseElf, parsePe, parseMachO].map((parse) => parse(bytesOf(input)));
      return layouts.map((layout) => kindOf(layout)).join();
    },
  },
  { name: 'format/toml', run: (input) => anyRefusal(() => kindOf(parseToml(textOf(input)))) },
  { name: 'format/yaml', run: (input) => anyRefusal(() => kindOf(parseYaml(textOf(input)))) },
  { name: 'format/yaml-aliases', run: (input) => anyRefusal(() => kindOf(parseYaml(textOf(input), 1000))) },
  { name: 'format/plain-yaml', run: (input) => anyRefusal(() => kindOf(parsePlainYaml(textOf(input)))) },
  {
    name: 'format/xml',
    run(input) {
      let count = 0;
      try {
        parseXml(textOf(input), {
          close: ({ name }) => {
            must(typeof name === 'string', 'an element has no name');
            count += 1;
          },
        });
      } catch (thrown) {
        if (!(thrown instanceof XmlError)) throw thrown;
        return `${thrown.message.slice(0, 24)} ${roughly(count)}`;
      }
      return roughly(count);
    },
  },
];
