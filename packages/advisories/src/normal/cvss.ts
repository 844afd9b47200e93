// Severities: CVSS vectors to scores and words, and vendors' words to ours.
import type { Severity, SeverityWord } from '@plombe/model';
import cvss from 'ae-cvss-calculator';

const words: ReadonlyMap<string, SeverityWord> = new Map<string, SeverityWord>([
  ['critical', 'critical'],
  ['high', 'high'],
  ['important', 'high'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['low', 'low'],
  ['minor', 'low'],
  ['negligible', 'negligible'],
  ['unimportant', 'negligible'],
]);

/** Returns our word for a vendor's (`Important`, `MODERATE`, `unimportant` …), or undefined where it says nothing. */
export function severityWord(text: string | undefined): SeverityWord | undefined {
  return text === undefined ? undefined : words.get(text.trim().toLowerCase());
}

/** Returns the word of a CVSS score, 0–10: CVSS 3.1 section 5, the same in 4.0. Zero, "none" there, is `negligible` here. */
export function wordOfScore(score: number): SeverityWord {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'negligible';
}

/** Few distinct vectors make up most of a feed; 20,000 of them take about 4 MB. */
const rememberedVectors = 20_000;
const remembered = new Map<string, number | undefined>();

/** Returns the base score of a CVSS vector of version 2, 3.0, 3.1 or 4.0; undefined where it is incomplete or none. */
export function scoreVector(vector: string): number | undefined {
  if (vector.length > 500) return undefined;
  if (remembered.has(vector)) return remembered.get(vector);
  if (remembered.size >= rememberedVectors) remembered.clear();
  const score = computeScore(vector);
  remembered.set(vector, score);
  return score;
}

function computeScore(vector: string): number | undefined {
  try {
    const parsed = cvss.fromVector(vector);
    return parsed?.isBaseFullyDefined() ? parsed.calculateScores().base : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the severity that a vector states, or undefined where it cannot be scored. */
export function severityOfVector(author: string, vector: string): Severity | undefined {
  const score = scoreVector(vector);
  return score === undefined ? undefined : { author, word: wordOfScore(score), score, vector };
}

function vectorVersion(severity: Severity): number {
  const vector = severity.vector ?? '';
  return vector.startsWith('CVSS:') ? Number(vector.slice(5, 8)) : vector === '' ? 0 : 2;
}

/** Sorts severities of one author, the one of the newest CVSS version first. */
export function newestFirst(severities: readonly Severity[]): Severity[] {
  return [...severities].sort((a, b) => vectorVersion(b) - vectorVersion(a));
}
