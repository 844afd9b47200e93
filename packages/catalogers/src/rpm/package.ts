// From the fields of one installed rpm to a package, and the epoch of the source it was built from.
import { declaredLicences } from '@plombe/kit';
import type { Distribution, FoundPackage } from '@plombe/model';
import { parseSourceRpm } from './source.ts';

/** The fields that a database and a manifest have in common. */
export interface RpmFields {
  readonly name: string;
  /** `version-release`, without epoch. */
  readonly versionRelease: string;
  /** 0 where none is given: rpm holds the two for equal. */
  readonly epoch: number;
  readonly architecture?: string;
  readonly sourceRpm?: string;
  readonly vendor?: string;
  readonly licence?: string;
  readonly modularity?: string;
  /** The database or manifest it is listed in. */
  readonly path: string;
  readonly weak?: boolean;
}

/** Makes packages of the fields, in their order. */
export function packagesOf(fields: readonly RpmFields[], distribution: Distribution | undefined): FoundPackage[] {
  const namespace = distribution && namespaceOf(distribution.id);
  const epochs = sourceEpochs(fields);
  return fields.map((rpm) => packageOf(rpm, namespace, epochs));
}

function packageOf(rpm: RpmFields, namespace: string | undefined, epochs: ReadonlyMap<string, number>): FoundPackage {
  const source = rpm.sourceRpm === undefined ? undefined : parseSourceRpm(rpm.sourceRpm);
  const sourceEpoch = epochs.get(rpm.sourceRpm ?? '') ?? rpm.epoch;
  return {
    type: 'rpm',
    ...(namespace === undefined ? {} : { namespace }),
    name: rpm.name,
    version: withEpoch(rpm.epoch, rpm.versionRelease),
    ...(rpm.architecture === undefined ? {} : { architecture: rpm.architecture }),
    qualifiers: {
      ...(rpm.epoch === 0 ? {} : { epoch: String(rpm.epoch) }),
      ...(source === undefined ? {} : { upstream: rpm.sourceRpm as string }),
      ...(rpm.modularity === undefined ? {} : { rpmmod: rpm.modularity }),
    },
    ...(source === undefined ? {} : { source: { name: source.name, version: withEpoch(sourceEpoch, source.version) } }),
    licences: rpm.licence === undefined ? [] : declaredLicences([rpm.licence]),
    ...(rpm.vendor === undefined ? {} : { vendor: rpm.vendor }),
    ...(rpm.modularity === undefined ? {} : { modularity: rpm.modularity }),
    paths: [rpm.path],
    ...(rpm.weak === true ? { weak: true } : {}),
  };
}

function withEpoch(epoch: number, version: string): string {
  return epoch === 0 ? version : `${epoch}:${version}`;
}

/**
 * The epoch of a source is that of a package which has the source's own version: a subpackage with another version (perl's modules)
 * may have another epoch too. The package named like the source decides before its siblings.
 */
function sourceEpochs(fields: readonly RpmFields[]): ReadonlyMap<string, number> {
  const epochs = new Map<string, number>();
  for (const { name, versionRelease, epoch, sourceRpm } of fields) {
    if (sourceRpm === undefined) continue;
    const source = parseSourceRpm(sourceRpm);
    if (source?.version !== versionRelease) continue;
    if (source.name === name || !epochs.has(sourceRpm)) epochs.set(sourceRpm, epoch);
  }
  return epochs;
}

/** purl namespace: the vendor, which is os-release's `ID` except where the purl registry of rpm names another. */
function namespaceOf(distributionId: string): string {
  if (distributionId === 'rhel') return 'redhat';
  return distributionId.startsWith('opensuse') ? 'opensuse' : distributionId;
}
