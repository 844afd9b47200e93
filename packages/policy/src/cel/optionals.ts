// Optional values: a field that may be missing, without has() and ?: at every step.
import { unary, binary, type FunctionGroup } from './function.ts';
import { CelDuration, CelError, CelMap, CelOptional, CelTimestamp, CelUint, isList, type CelValue } from './value.ts';

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true;
  if (isList(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelMap) return value.values.size === 0;
  if (value instanceof CelUint) return value.value === 0n;
  return (value instanceof CelDuration || value instanceof CelTimestamp) && value.ns === 0n;
}

const unwrap = unary((value, budget) => {
  if (!isList(value)) return undefined;
  budget.spend(value.length);
  if (!value.every((item) => item instanceof CelOptional)) return undefined;
  return value.flatMap(({ value: item }) => (item === undefined ? [] : [item]));
});

export const optionals: FunctionGroup = {
  'optional.none': { parameters: [0, 0], call: () => new CelOptional() },
  'optional.of': unary((value) => new CelOptional(value)),
  'optional.ofNonZeroValue': unary((value) => new CelOptional(isZero(value) ? undefined : value)),
  'optional.unwrap': unwrap,
  '.unwrapOpt': unwrap,
  '.hasValue': unary((value) => (value instanceof CelOptional ? value.value !== undefined : undefined)),
  '.value': unary((value) =>
    value instanceof CelOptional
      ? value.value === undefined
        ? new CelError('the optional has no value')
        : value.value
      : undefined,
  ),
  '.or': binary((value, other) =>
    value instanceof CelOptional && other instanceof CelOptional
      ? value.value === undefined
        ? other
        : value
      : undefined,
  ),
  '.orValue': binary((value, other) =>
    value instanceof CelOptional ? (value.value === undefined ? other : value.value) : undefined,
  ),
};
