// base64 and quoting.
import { unary, type FunctionGroup } from './function.ts';
import { CelError } from './value.ts';

export const encoders: FunctionGroup = {
  'base64.encode': unary((value, budget) => {
    if (!(value instanceof Uint8Array)) return undefined;
    budget.spendText(value.length);
    return Buffer.from(value).toString('base64');
  }),
  'base64.decode': unary((value, budget) => {
    if (typeof value !== 'string') return undefined;
    budget.spendText(value.length);
    // Padding may be left out; anything else that is no base64 is an error.
    const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.replace(/=+$/, '').length % 4 !== 1;
    return isBase64 ? Uint8Array.from(Buffer.from(value, 'base64')) : new CelError('the text is no base64');
  }),
};
