// What the document is about: digests and platform that it states, none of them verified.
import { parseDigest, type Digest, type InventorySubject, type Platform } from '@plombe/model';
import { factOf, type SbomDocument } from './document.ts';

/** The subject of the inventory; `digest`: of the statement that the document came in. */
export function subjectOf({ subject }: SbomDocument, name: string, digest: Digest | undefined): InventorySubject {
  if (subject === undefined) return { name, source: 'sbom', ...(digest === undefined ? {} : { digest }) };
  const fact = (key: string): string | undefined => factOf(subject, key);
  const digestFact = (key: string): Digest | undefined => parseDigest(fact(key) ?? '');
  const repoDigest = fact('aquasecurity:trivy:RepoDigest');
  // Syft and others put the digest of the manifest where a version goes.
  const version = subject.kind === 'image' && fact('plombe:image:source') === undefined ? subject.version : undefined;
  const own =
    digestFact('plombe:image:digest') ??
    parseDigest(repoDigest?.split('@').at(-1) ?? '') ??
    parseDigest(version ?? '') ??
    digest;
  const reference = fact('plombe:image:reference') ?? fact('aquasecurity:trivy:RepoTag') ?? repoDigest;
  const index = digestFact('plombe:image:indexDigest');
  const config = digestFact('plombe:image:configDigest') ?? digestFact('aquasecurity:trivy:ImageID');
  const platform = platformOf(fact('plombe:image:platform'));
  return {
    name,
    source: 'sbom',
    ...(reference === undefined ? {} : { reference }),
    ...(own === undefined ? {} : { digest: own }),
    ...(index === undefined ? {} : { indexDigest: index }),
    ...(config === undefined ? {} : { configDigest: config }),
    ...(platform === undefined ? {} : { platform }),
  };
}

function platformOf(text: string | undefined): Platform | undefined {
  const [, os, architecture, variant] = /^([a-z0-9]+)\/([a-z0-9]+)(?:\/([a-z0-9]+))?$/.exec(text ?? '') ?? [];
  if (os === undefined || architecture === undefined) return undefined;
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}
