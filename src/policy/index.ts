/** The policy language: files to rows of the model. */
export { checkDirectory } from './check.js'
export { codes, type PolicyErrorCode } from './codes.js'
export { PolicyDirectory, type PolicyDirectoryOptions, type PolicyUpdate } from './directory.js'
export { formatError, formatPlace, type Place, PolicyError } from './errors.js'
export { kindNamed } from './kind-named.js'
export { type KindName, kindNames } from './kinds/index.js'
export type { ListedObject } from './listing.js'
export { jsonSchema } from './schema.js'
