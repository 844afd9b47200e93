// Errors, ordering, bytes and limits: what every package needs and no standard library gives.
export { PlombeError, inert, isPlombeError, messageOf, type PlombeErrorOptions } from './error.ts';
export { errorCodes, type ErrorCode } from './error-codes.ts';
export { makeFolder } from './folder.ts';
export { readBounded } from './read-file.ts';
export { by, compareText, sortedUnique } from './order.ts';
export { concatBytes, decodePath, decodeText, encodePath, readAll, toHex } from './bytes.ts';
export { chunkBytes, defaultLayerLimits, gibibyte, kibibyte, mebibyte, type LayerLimits } from './limits.ts';
export {
  field,
  isObject,
  listField,
  objectField,
  objectsField,
  textField,
  textsField,
  type JsonObject,
} from './record.ts';
