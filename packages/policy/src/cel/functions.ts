// Every function and method there is, by name; a method's name starts with a dot. None reaches outside the values it is given. (T53)
import { conversions } from './conversions.ts';
import { encoders } from './encoders.ts';
import type { CelFunction } from './function.ts';
import { format } from './format.ts';
import { mathFunctions } from './math.ts';
import { networkFunctions } from './network.ts';
import { optionals } from './optionals.ts';
import { stringFunctions } from './strings.ts';
import { timeFunctions } from './time.ts';

export type { CelFunction } from './function.ts';

/** Name → function. */
export const functions: ReadonlyMap<string, CelFunction> = new Map(
  [conversions, encoders, format, mathFunctions, networkFunctions, optionals, stringFunctions, timeFunctions].flatMap(
    (group) => Object.entries(group),
  ),
);
