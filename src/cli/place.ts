import type { PolicyErrorView, Source } from '../api/contract.js'

/** `file:line` of a source, as far as it has them; `-` without a file. */
export function placeOf(source: Pick<Source, 'file' | 'line'> | undefined): string {
  if (source?.file === undefined) return '-'
  return source.line === undefined ? source.file : `${source.file}:${source.line}`
}

/** An error as compilers write it, so that editors find the place. */
export function errorText(error: PolicyErrorView): string {
  return `${error.file}:${error.line}:${error.column}: error: ${error.message} [${error.code}]`
}
