// Bytes → structs: the formats that images, packages and programs are made of, read in memory and within limits.
export type { ProblemSink } from './problem.ts';
export { readRpmDatabase, type RpmDatabaseOptions } from './rpmdb/database.ts';
export { parseRpmHeader, type RpmHeader } from './rpmdb/header.ts';
export { rpmTags, type RpmTag } from './rpmdb/tags.ts';
export { readSqliteTable, type SqliteOptions, type SqliteRow } from './sqlite/table.ts';
export type { SqliteValue } from './sqlite/record.ts';
export { parseDeb822, type Deb822, type Deb822Problem, type Paragraph } from './deb822/parse.ts';
export { DotnetBundleReader, type DotnetBundle } from './dotnet-bundle/reader.ts';
export { AssemblyReader, type AssemblyFacts } from './pe/reader.ts';
export { parseGoBuildInfo, type GoBuildInfo, type GoModule } from './gobuildinfo/parse.ts';
export { GoBuildInfoReader } from './gobuildinfo/reader.ts';
export { decodeCargoAudit, parseCargoList, type CargoCrate } from './cargo-audit/parse.ts';
export { CargoAuditReader } from './cargo-audit/reader.ts';
export { isProgram } from './executable/program.ts';
export { parseMailHeaders, type MailHeaders } from './mail-headers/parse.ts';

// Documents of text.
export { parseToml } from './documents/toml.ts';
export { parseXml, readXml, XmlError, type XmlConsumer, type XmlElement } from './documents/xml.ts';
export { parsePlainYaml } from './documents/plain-yaml.ts';
export { parseYaml } from './documents/yaml.ts';

// Layers: compression, tar and the one pass over both.
export { detectCompression, type Compression } from './compression/detect.ts';
export { decompress, type DecompressLimits, type DecompressOptions } from './compression/decompress.ts';
export { expandZstd, expandZstdPieces } from './compression/expand-zstd.ts';
export { holdsTarHeader } from './tar/header.ts';
export { parseTarMember, parseTarRecords, type TarMember } from './tar/member.ts';
export { createTarWalker, type TarWalker } from './tar/walker.ts';
export { readLayer, type LayerRead, type ReadLayerOptions } from './layer/read.ts';
export { readTar, type ReadTarOptions, type TarFile } from './tar/read-tar.ts';

// Tables of contents of layers that can be read in part.
export { readTocChunk } from './toc/chunk.ts';
export { maxTocBytes, readTocDocument, type RangeReader, type TocDocument } from './toc/document.ts';
export { tocEntries, type TocChunk, type TocEntry, type TocKind } from './toc/entries.ts';

// Zip archives of feeds.
export { openZip, type ZipArchive } from './zip/archive.ts';
export { zipLimits, type ZipEntry } from './zip/directory.ts';
export { accessBytes, accessFile, type RandomAccess } from './zip/random-access.ts';

// Zip archives inside layers, read as they stream by.
export { ZipStream } from './zip/stream/reader.ts';
export type { EntryWant, ZipContents, ZipListing, ZipProblem, ZipStreamOptions } from './zip/stream/contents.ts';
