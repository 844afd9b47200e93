// Projects whose archive was unpacked: pom.properties as files of the image.
import { decodeText } from '@plombe/kit';
import type { Diagnostic, FoundPackage, RawFile } from '@plombe/model';
import { diagnose } from '../diagnose.ts';
import { isArtifact, isGroup, isVersion } from './file-name.ts';
import { parsePomProperties } from './properties.ts';

/** Returns the package that a pom.properties in the image names, or what is wrong with it. */
export function looseProject(file: RawFile): FoundPackage | Diagnostic {
  const { group, artifact, version } = parsePomProperties(decodeText(file.content));
  if (!isGroup(group) || !isArtifact(artifact) || !isVersion(version)) {
    return diagnose(
      'package/metadata-invalid',
      'warning',
      file,
      'names no package; what it belongs to is not in the inventory',
    );
  }
  const facts = { identifiedBy: 'pom.properties' };
  return { type: 'maven', namespace: group, name: artifact, version, licences: [], paths: [file.path], facts };
}
