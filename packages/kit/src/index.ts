// Errors, ordering, bytes, limits and licence expressions: what every package needs and no standard library gives.
export { PlombeError, inert, isPlombeError, messageOf, type PlombeErrorOptions } from './error.ts';
export { errorCodes, type ErrorCode } from './error-codes.ts';
export { joinExpressions, validExpression } from './licences/expression.ts';
export {
  declaredLicences,
  licenceChoice,
  licenceExpression,
  spacedLicences,
  type OwnNames,
} from './licences/declared.ts';
export { licenceIds } from './licences/ids.ts';
export { otherSpellings } from './licences/replaced-ids.ts';
export { jsonText } from './json-text.ts';
export { maskCredentials, maskValue, maskVariable, withoutCredentials } from './mask.ts';
export { makeFolder } from './folder.ts';
export { readBounded } from './read-file.ts';
export { by, compareText, sortedUnique } from './order.ts';
export { concatBytes, decodePath, decodeText, encodePath, readAll, toHex } from './bytes.ts';
export { chunkBytes, defaultLayerLimits, gibibyte, kibibyte, mebibyte, type LayerLimits } from './limits.ts';
export {
  field,
  isObject,
  listField,
  numberField,
  objectField,
  objectsField,
  textField,
  textsField,
  type JsonObject,
} from './record.ts';
