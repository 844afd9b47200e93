// Go's own packages are the judges: go/version for toolchains, the x/mod/semver inside the Go installation for modules.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { goModuleAnywhere, goModulePieces, goToolchainAnywhere, goToolchainPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, hasTool } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const program = `package main

import (
	"bufio"
	"fmt"
	"go/version"
	"os"
	"strings"

	"judge/semver"
)

func main() {
	valid, compare := semver.IsValid, semver.Compare
	if os.Args[1] == "toolchain" {
		valid, compare = version.IsValid, version.Compare
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		a, b, _ := strings.Cut(in.Text(), "\\t")
		if valid(a) && valid(b) {
			fmt.Fprintln(out, compare(a, b))
		} else {
			fmt.Fprintln(out, "error")
		}
	}
}
`;

const root = spawnSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).stdout?.trim() ?? '';
const library = join(root, 'src/cmd/vendor/golang.org/x/mod/semver/semver.go');

describe.skipIf(!hasTool('go', 'go', ['version']) || !existsSync(library))('Go', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'plombe-go-'));
    mkdirSync(join(folder, 'semver'));
    cpSync(library, join(folder, 'semver/semver.go'));
    writeFileSync(join(folder, 'go.mod'), 'module judge\n\ngo 1.22\n');
    writeFileSync(join(folder, 'main.go'), program);
    spawnSync('go', ['build', '-o', 'judge', '.'], { cwd: folder });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('golang.org/x/mod/semver agrees on 50,000 pairs of module versions', () => {
    const pairs = samplePairs(pairsOf(goModulePieces, goModuleAnywhere), 50_000);
    expectAnswers('go', pairs, answersOf(join(folder, 'judge'), ['module'], pairs));
  });

  it('go/version agrees on 50,000 pairs of toolchain versions', () => {
    const pairs = samplePairs(pairsOf(goToolchainPieces, goToolchainAnywhere), 50_000);
    expectAnswers('go', pairs, answersOf(join(folder, 'judge'), ['toolchain'], pairs));
  });
});
