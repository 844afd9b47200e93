// Maven's ComparableVersion is the judge, of 4.0 and of 3.9, which differ.
import { describe, expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { mavenAnywhere, mavenPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, fetchedJudge, hasTool, scriptFile, type Answer } from '../testing/oracle.ts';
import { pairsOf, samplePairs, type Pair } from '../testing/pairs.ts';

const java = `
import java.io.*;
import org.apache.maven.artifact.versioning.ComparableVersion;

public class Judge {
  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    PrintStream out = new PrintStream(new BufferedOutputStream(System.out));
    for (String line; (line = in.readLine()) != null; ) {
      String[] pair = line.split("\\t", -1);
      out.println(Integer.signum(new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]))));
    }
    out.flush();
  }
}`;

/**
 * Where Maven's order runs in circles, so that no order can be equal to it: a zero after a hyphen and before a qualifier, a qualifier
 * after a dot with more behind it, a released qualifier with the number 0. readme.md has the examples.
 */
const circular = /-(?:0+[.-]?|[.-])(?:0*[.-])*0*[a-z_+]|\.[a-z_+]+(?:\.|-(?!\d))|(?:ga|final|release)-?0/i;

const [newer, older] = ['4.0.0-rc-5', '3.9.12'].map((version) => fetchedJudge(`maven-artifact-${version}.jar`));
if (newer === undefined || older === undefined)
  console.warn('SKIPPED: the jars of Maven were not fetched (tools/install-version-judges)');

describe.skipIf(newer === undefined || older === undefined || !hasTool('java', 'java', ['-version']))(
  'ComparableVersion',
  () => {
    const wild = samplePairs(pairsOf(mavenPieces, mavenAnywhere), 60_000);
    const pairs = wild.filter((pair) => !pair.some((text) => circular.test(text)));
    const source = scriptFile('Judge.java', java);
    const ask = (jar: string | undefined, asked: readonly Pair[]): readonly Answer[] =>
      answersOf('java', ['-cp', jar as string, source], asked);

    it('4.0 agrees on 35,000 pairs', () => {
      expectAnswers('maven', pairs, ask(newer, pairs), { valid: 35_000 });
    }, 120_000);

    it('3.9 agrees on the pairs on which it agrees with 4.0', () => {
      const theirs = ask(newer, pairs);
      const answers = ask(older, pairs).map((answer, at) => (answer === theirs[at] ? answer : undefined));
      expectAnswers('maven', pairs, answers, { lenient: true, valid: 35_000 });
    }, 120_000);

    it('agrees on nine in ten of all pairs, circles included', () => {
      const answers = ask(newer, wild);
      const wrong = wild.filter(([a, b], at) => compareVersions('maven', a, b) !== answers[at]);
      console.info(`maven: ${wrong.length} of ${wild.length} pairs differ from Maven 4.0, all in its circles`);
      expect(wrong.filter((pair) => !pair.some((text) => circular.test(text)))).toEqual([]);
      expect(wrong.length).toBeLessThan(wild.length / 10);
    }, 120_000);
  },
);
