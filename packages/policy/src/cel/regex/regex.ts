// Matches RE2 patterns by following all ways at once (Thompson): the time is text × pattern, whatever they are, and it is paid for. (T18)
import type { Budget } from '../budget.ts';
import { parseRegex, type Assertion, type CharacterTest, type RegexNode } from './syntax.ts';
import { RegexError } from './syntax.ts';

export { RegexError } from './syntax.ts';

type State =
  | { readonly kind: 'character'; readonly test: CharacterTest; next: number }
  | { readonly kind: 'assert'; readonly test: Assertion; next: number }
  | { readonly kind: 'split'; readonly next: number[] }
  | { readonly kind: 'match' };

/** `x{1000}` twice nested would be a million states; 20,000 take about a megabyte. */
const maxStates = 20_000;

/** Compiles a pattern to a test for a match anywhere in a text. Throws `RegexError`. */
export function compileRegex(pattern: string): (text: string, budget: Budget) => boolean {
  const states: State[] = [];
  const add = (state: State): number => {
    if (states.length >= maxStates) throw new RegexError('it is too large');
    return states.push(state) - 1;
  };
  /** Builds the states of a node that go on to `next`, from the end to the start; returns the first. */
  const build = (node: RegexNode, next: number): number => {
    switch (node.kind) {
      case 'character':
        return add({ kind: 'character', test: node.test, next });
      case 'assert':
        return add({ kind: 'assert', test: node.test, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => build(part, after), next);
      case 'choice':
        return add({ kind: 'split', next: node.options.map((option) => build(option, next)) });
      case 'repeat': {
        let after = next;
        if (node.most === Infinity) {
          const loop: State = { kind: 'split', next: [next] };
          after = add(loop);
          loop.next.push(build(node.body, after));
        } else {
          for (let i = node.fewest; i < node.most; i++) {
            after = add({ kind: 'split', next: [next, build(node.body, after)] });
          }
        }
        for (let i = 0; i < node.fewest; i++) after = build(node.body, after);
        return after;
      }
    }
  };
  const start = build(parseRegex(pattern), add({ kind: 'match' }));
  return (text, budget) => run(states, start, text, budget);
}

function run(states: readonly State[], start: number, text: string, budget: Budget): boolean {
  // `seen[state]` is the step at which the state was last entered, so that each is entered once per step.
  const seen = new Int32Array(states.length).fill(-1);
  budget.spend(1 + (states.length >>> 4));
  let current: number[] = [];
  let before = -1;
  for (let at = 0, step = 0; ; step++) {
    const after = at < text.length ? (text.codePointAt(at) as number) : -1;
    const waiting: number[] = [];
    current.push(start);
    for (let i = 0; i < current.length; i++) {
      const index = current[i] as number;
      if (seen[index] === step) continue;
      seen[index] = step;
      const state = states[index] as State;
      if (state.kind === 'match') return true;
      if (state.kind === 'split') current.push(...state.next);
      else if (state.kind === 'assert') {
        if (state.test(before, after)) current.push(state.next);
      } else if (after >= 0 && state.test(after)) waiting.push(state.next);
    }
    budget.spend(1 + (current.length >>> 1));
    if (after < 0) return false;
    before = after;
    at += after > 0xffff ? 2 : 1;
    current = waiting;
  }
}
