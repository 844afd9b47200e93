// The one wording of what to do, which every format fills with its own escaped parts.
import { remedyOf, type Action } from '@plombe/model';
import type { Language } from '../report.ts';
import { reportTexts } from './texts.ts';

/** How a format escapes and marks the parts. */
export interface RemedyMarks {
  readonly name: (text: string) => string;
  readonly version: (text: string) => string;
}

type Subject = Pick<Action, 'packageType' | 'packageName' | 'packageVersion' | 'targetVersion'>;

/** `upgrade openssl 3.0.15 to 3.0.18`; `rebuild with Go 1.25.13 instead of 1.23.3`. */
export function remedyText(subject: Subject, marks: RemedyMarks, language: Language = 'en'): string {
  const { packageType, packageName, packageVersion, targetVersion } = subject;
  const { kind, name, from, to } = remedyOf(packageType, packageName, packageVersion, targetVersion);
  return reportTexts[language].remedy({
    kind,
    // The toolchain's name is ours, not the image's.
    name: kind === 'rebuild' ? name : marks.name(name),
    from: marks.version(from),
    ...(to === undefined ? {} : { to: marks.version(to) }),
  });
}
