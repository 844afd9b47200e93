// The findings of several images as one list: what several of them have in common is said once, with the images it holds for.
import { by, inert, sortedUnique, type JsonObject } from '@plombe/kit';
import type { Finding } from '@plombe/model';
import { annotationOf, severitiesOf } from './vulns.ts';

/** Findings of images, by the number they were given. */
export interface IndexFindings {
  add(image: number, findings: readonly Finding[]): void;
  /**
   * As `scanner.result`: each annotation with `images`, digests that it holds for. `detail` `names` leaves out the ids of packages, which are
   * others on each platform.
   */
  list(digests: readonly string[], detail: 'packages' | 'names'): readonly JsonObject[];
}

interface Entry {
  readonly id: string;
  readonly severity: readonly JsonObject[];
  readonly name: string;
  readonly version: string;
  priority: number;
  /** Text of the annotation without its packages → text of those → images. */
  readonly annotations: Map<string, Map<string, number[]>>;
}

/** Opens an empty one. */
export function openIndexFindings(): IndexFindings {
  const entries = new Map<string, Entry>();
  return {
    add: (image, findings) => {
      for (const finding of findings) {
        const severity = severitiesOf(finding);
        const { vulnerability, packageName, packageVersion, priority } = finding;
        const key = JSON.stringify([vulnerability, packageName, packageVersion, severity]);
        let entry = entries.get(key);
        if (entry === undefined) {
          const [id, name, version] = [vulnerability, packageName, packageVersion].map(inert) as [
            string,
            string,
            string,
          ];
          entry = { id, severity, name, version, priority, annotations: new Map() };
          entries.set(key, entry);
        }
        entry.priority = Math.max(entry.priority, priority);
        const { packages, ...rest } = annotationOf(finding);
        const same = valueOf(entry.annotations, JSON.stringify(rest), () => new Map<string, number[]>());
        const images = valueOf(same, JSON.stringify(packages), () => [] as number[]);
        if (images.at(-1) !== image) images.push(image);
      }
    },
    list: (digests, detail) =>
      [...entries.values()]
        .sort(
          by(
            ({ priority }) => -priority,
            ({ id }) => id,
            ({ name }) => name,
            ({ version }) => version,
          ),
        )
        .map(({ id, severity, annotations }) => ({
          id,
          severity,
          annotations: [...annotations].flatMap(([text, same]) => annotationsOf(text, same, digests, detail)),
        })),
  };
}

function annotationsOf(
  text: string,
  same: ReadonlyMap<string, readonly number[]>,
  digests: readonly string[],
  detail: 'packages' | 'names',
): readonly JsonObject[] {
  const annotation = JSON.parse(text) as JsonObject;
  const of = (images: readonly number[]): readonly string[] => images.map((image) => digests[image] ?? '');
  if (detail === 'names') return [{ ...annotation, images: sortedUnique([...same.values()].flatMap(of)) }];
  return [...same].map(([packages, images]) => ({
    ...annotation,
    packages: JSON.parse(packages) as readonly string[],
    images: of(images),
  }));
}

function valueOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
