// CycloneDX 1.6 JSON: the image, its packages with evidence, and what is known of them.
import type { Inventory, MatchResult, Package } from '@plombe/model';
import { imageComponent, packageComponent, propertiesOf, systemComponent } from './cyclonedx-component.ts';
import { analysedVulnerability, vulnerabilityOf } from './cyclonedx-vulnerability.ts';
import { diagnosticFacts, type Fact } from './facts.ts';
import { needsOf, rootsOf } from './graph.ts';
import { inChunks, jsonArray, jsonObject, jsonOf, mapped, type JsonText } from './json-stream.ts';
import { contentUuid, type SbomOptions } from './sbom.ts';
import { instant, visible } from './text.ts';

/**
 * Renders a CycloneDX 1.6 bill of materials as chunks of JSON text. Same input, same bytes: the serial number is made of the content.
 * With `match` it carries `vulnerabilities`, with `assessment` the state in `metadata.properties` as `plombe:state` and `plombe:cause`.
 */
export function renderCycloneDx(inventory: Inventory, options: SbomOptions): Iterable<string> {
  return inChunks(
    jsonObject([
      ['bomFormat', '"CycloneDX"'],
      ['specVersion', '"1.6"'],
      ['serialNumber', jsonOf(`urn:uuid:${contentUuid('cyclonedx', inventory, options)}`)],
      ['version', '1'],
      ['metadata', jsonOf(metadataOf(inventory, options))],
      ['components', jsonArray(components(inventory, options))],
      ['dependencies', jsonArray(dependencies(inventory))],
      ['compositions', jsonOf([{ aggregate: aggregateOf(inventory), assemblies: [imageRef] }])],
      ['vulnerabilities', vulnerabilities(inventory, options)],
    ]),
  );
}

const imageRef = 'image';
const systemRef = 'distribution';

function metadataOf(inventory: Inventory, options: SbomOptions): object {
  const properties = propertiesOf([...stateFacts(options), ...diagnosticFacts(inventory)]);
  return {
    timestamp: instant(options.timestamp),
    tools: { components: [{ type: 'application', name: options.tool.name, version: options.tool.version }] },
    component: imageComponent(inventory, imageRef),
    ...(properties.length === 0 ? {} : { properties }),
  };
}

function stateFacts({ assessment, database, match }: SbomOptions): readonly Fact[] {
  const facts: Fact[] = [];
  if (assessment !== undefined) facts.push(['plombe:state', assessment.state]);
  for (const { code, message } of assessment?.causes ?? []) facts.push(['plombe:cause', `${code}: ${message}`]);
  if (database !== undefined) facts.push(['plombe:database', `${database.kind} ${database.digest}`]);
  for (const shard of match?.shards ?? []) {
    facts.push([
      'plombe:shard',
      `${shard.id}: ${shard.state}, ${shard.kind}, data of ${shard.dataDate ?? 'unknown date'}`,
    ]);
  }
  for (const { product, release, date, ended } of match?.endOfLife ?? []) {
    facts.push(['plombe:endOfLife', `${product} ${release}: ${ended ? 'ended' : 'ends'} ${date}`]);
  }
  return facts;
}

function* components({ distribution, packages }: Inventory, { match }: SbomOptions): Iterable<JsonText> {
  if (distribution !== undefined) yield jsonOf(systemComponent(distribution, systemRef));
  const unassessed = unassessedFacts(match);
  for (const item of packages) yield jsonOf(packageComponent(item, unassessed.get(item.id)));
}

/** Why a package could not be compared with any data, by its id: a package without vulnerabilities is not always one that is clean. */
function unassessedFacts(match: SbomOptions['match']): ReadonlyMap<string, readonly Fact[]> {
  const facts = new Map<string, Fact[]>();
  for (const { cause, packages } of match?.unassessed ?? []) {
    const fact: Fact = ['plombe:unassessed', `${cause.code}: ${cause.message}`];
    for (const id of packages) {
      const known = facts.get(id);
      if (known === undefined) facts.set(id, [fact]);
      else known.push(fact);
    }
  }
  return facts;
}

function* dependencies(inventory: Inventory): Iterable<JsonText> {
  yield jsonObject([
    ['ref', jsonOf(imageRef)],
    ['dependsOn', jsonArray(dependenciesOfImage(inventory))],
  ]);
  for (const { id, needs } of needsOf(inventory.packages))
    yield jsonOf({ ref: visible(id), dependsOn: needs.map(visible) });
}

function* dependenciesOfImage({ distribution, packages }: Inventory): Iterable<string> {
  if (distribution !== undefined) yield jsonOf(systemRef);
  yield* mapped(rootsOf(packages), (id) => jsonOf(visible(id)));
}

function aggregateOf(inventory: Inventory): 'complete' | 'incomplete' {
  return inventory.complete ? 'complete' : 'incomplete';
}

function vulnerabilities({ packages }: Inventory, { match, suppressed }: SbomOptions): JsonText | undefined {
  if (match === undefined) return undefined;
  const known = new Map(packages.map((found) => [found.id, found]));
  return jsonArray(allVulnerabilities(match, known, suppressed));
}

function* allVulnerabilities(
  match: MatchResult,
  known: ReadonlyMap<string, Package>,
  suppressed: boolean | undefined,
): Iterable<string> {
  for (const finding of match.findings) yield jsonOf(vulnerabilityOf(finding, known));
  if (suppressed !== true) return;
  for (const one of match.suppressed) {
    const vulnerability = analysedVulnerability(one, known);
    if (vulnerability !== undefined) yield jsonOf(vulnerability);
  }
}
