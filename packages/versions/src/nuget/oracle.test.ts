// The NuGet client is the judge: NuGet.Versioning inside nuget.exe, run by Mono.
import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';
import { nugetAnywhere, nugetPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, fetchedJudge, hasTool, scriptFile } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const csharp = `
using System;
using System.Reflection;

class Judge {
  static void Main(string[] arguments) {
    var type = Assembly.LoadFrom(arguments[0]).GetType("NuGet.Versioning.NuGetVersion");
    var parse = type.GetMethod("Parse", new [] { typeof(string) });
    for (string line; (line = Console.In.ReadLine()) != null;) {
      var pair = line.Split('\\t');
      try {
        var a = (IComparable) parse.Invoke(null, new object[] { pair[0] });
        Console.WriteLine(Math.Sign(a.CompareTo(parse.Invoke(null, new object[] { pair[1] }))));
      } catch (TargetInvocationException) {
        Console.WriteLine("error");
      }
    }
  }
}`;

const compiler = 'mcs';
const client = fetchedJudge('nuget.exe');
if (client === undefined) console.warn('SKIPPED: nuget.exe was not fetched (tools/install-version-judges)');

describe.skipIf(client === undefined || !hasTool('mono', compiler, ['--version']))('NuGet.Versioning', () => {
  it('agrees on 40,000 pairs', () => {
    const source = scriptFile('judge.cs', csharp);
    const binary = source.replace(/cs$/, 'exe');
    spawnSync(compiler, [source, `-out:${binary}`]);
    const pairs = samplePairs(pairsOf(nugetPieces, nugetAnywhere), 40_000);
    const answers = answersOf('mono', [binary, client as string], pairs);
    // A number with leading zeros as a label is text that the client refuses.
    expectAnswers('nuget', pairs, answers, { lenient: true, valid: 25_000 });
  }, 120_000);
});
