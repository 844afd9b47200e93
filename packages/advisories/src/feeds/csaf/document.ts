// A CSAF 2.0 document (https://docs.oasis-open.org/csaf/csaf/v2.0/) to advisories: one for each vulnerability in it.
import type { Advisory, RangeEvent } from '@plombe/model';
import { type JsonObject, field, isObject, objectField, objectsField, textField } from '@plombe/kit';
import { clipText, parseDate, parseId, parseIds, parseLinks } from '../../normal/ids.ts';
import { componentOf, type CsafComponent } from './component.ts';
import { type CsafPlace, ProductTree } from './product-tree.ts';
import { type CsafScope, StatementSet } from './ranges.ts';
import { type CsafStatus, Remarks, statusesOf } from './statements.ts';

/** What sets one vendor's CSAF apart. */
export interface CsafVendor {
  /** Feed and author of severities. */
  readonly id: string;
  /** Where packages of a product are compared; undefined where images do not hold them. */
  scope(place: CsafPlace, component: CsafComponent): CsafScope | undefined;
  /** Ids of the vendor's advisories in the links to fixes, such as `RHSA-2024:1`. */
  readonly erratum: RegExp;
}

/** Returns the advisories of a document, or why it is none. A document that says nothing of packages gives none. */
export function parseCsaf(value: unknown, vendor: CsafVendor): readonly Advisory[] | { readonly cause: string } {
  const document = isObject(value) ? objectField(value, 'document') : undefined;
  if (!isObject(value) || document === undefined) return { cause: 'is no CSAF document' };
  if (textField(document, 'csaf_version') !== '2.0') return { cause: 'is not of CSAF 2.0' };
  const tracking = objectField(document, 'tracking');
  const id = parseId(tracking === undefined ? undefined : field(tracking, 'id'));
  if (id === undefined || tracking === undefined) return { cause: 'has no id' };
  const tree = new ProductTree(objectField(value, 'product_tree'));
  return objectsField(value, 'vulnerabilities').flatMap((vulnerability) => {
    const advisory = advisoryOf({ document, tracking, id, tree, vulnerability, vendor });
    return advisory === undefined ? [] : [advisory];
  });
}

interface Source {
  readonly document: JsonObject;
  readonly tracking: JsonObject;
  readonly id: string;
  readonly tree: ProductTree;
  readonly vulnerability: JsonObject;
  readonly vendor: CsafVendor;
}

function advisoryOf({ document, tracking, id, tree, vulnerability, vendor }: Source): Advisory | undefined {
  const own = parseId(field(vulnerability, 'cve'));
  const remarks = new Remarks(vulnerability, vendor.id);
  const statements = new StatementSet();
  for (const status of statusesOf(vulnerability)) place(status, { tree, vendor, remarks, statements });
  const affected = statements.list();
  if (affected.length === 0) return undefined;
  const name = own ?? id;
  const links = [...remarks.fixes];
  const errata = links.map((link) => vendor.erratum.exec(link)?.[0]);
  const aggregate = objectField(document, 'aggregate_severity');
  const summary = clipText(
    textField(vulnerability, 'title') ?? summaryOf(vulnerability) ?? textField(document, 'title'),
  );
  const publishedAt =
    parseDate(field(vulnerability, 'release_date')) ?? parseDate(field(tracking, 'initial_release_date'));
  const modifiedAt = parseDate(field(tracking, 'current_release_date'));
  return {
    id: name,
    feed: vendor.id,
    aliases: [],
    related: parseIds([...errata, id], [name]),
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    severities: remarks.severities(vulnerability, aggregate === undefined ? undefined : textField(aggregate, 'text')),
    references: parseLinks([...selfOf(document, vulnerability), ...links]),
    affected,
  };
}

function summaryOf(vulnerability: JsonObject): string | undefined {
  const notes = objectsField(vulnerability, 'notes');
  const note =
    notes.find((entry) => textField(entry, 'category') === 'summary') ??
    notes.find((entry) => textField(entry, 'category') === 'description');
  return note === undefined ? undefined : textField(note, 'text');
}

/** The pages about the vulnerability itself. */
function selfOf(document: JsonObject, vulnerability: JsonObject): unknown[] {
  return [...objectsField(vulnerability, 'references'), ...objectsField(document, 'references')]
    .filter((reference) => textField(reference, 'category') === 'self')
    .map((reference) => field(reference, 'url'))
    .filter((url) => typeof url === 'string' && !url.endsWith('.json'));
}

interface Gathering {
  readonly tree: ProductTree;
  readonly vendor: CsafVendor;
  readonly remarks: Remarks;
  readonly statements: StatementSet;
}

function place({ product, kind }: CsafStatus, { tree, vendor, remarks, statements }: Gathering): void {
  const found = tree.place(product);
  if (found === undefined) return;
  const component = componentOf(found);
  const scope = component === undefined ? undefined : vendor.scope(found, component);
  if (component === undefined || scope === undefined) return;
  const events = eventsOf(kind, component.version);
  if (events === undefined) return;
  const note = kind === 'fixed' ? undefined : remarks.note(product);
  const severity = remarks.impact(product);
  const status = statusOf(kind, remarks, product);
  statements.add({
    scope,
    component,
    status,
    events,
    ...(note === undefined ? {} : { note }),
    ...(severity === undefined || status === 'not_affected' ? {} : { severity }),
  });
}

function statusOf(kind: CsafStatus['kind'], remarks: Remarks, product: string) {
  if (kind === 'notAffected') return 'not_affected' as const;
  if (kind === 'underInvestigation') return 'under_investigation' as const;
  return kind === 'fixed' ? ('affected' as const) : remarks.unfixedStatus(product);
}

/**
 * Returns the versions a status is about; undefined where it says nothing that a version can be compared with: a fix without version, and
 * what is not affected in one build, of which no other statement speaks.
 */
function eventsOf(kind: CsafStatus['kind'], version: string | undefined): readonly RangeEvent[] | undefined {
  switch (kind) {
    case 'fixed':
      return version === undefined ? undefined : [{ introduced: '0' }, { fixed: version }];
    case 'notAffected':
      return version === undefined ? [] : undefined;
    case 'lastAffected':
      return version === undefined ? undefined : [{ introduced: '0' }, { lastAffected: version }];
    case 'firstAffected':
      return [{ introduced: version ?? '0' }];
    default:
      // A build that is named is affected, and so are those before it: nobody has said when it began.
      return version === undefined ? [{ introduced: '0' }] : [{ introduced: '0' }, { lastAffected: version }];
  }
}
