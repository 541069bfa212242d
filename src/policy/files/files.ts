/** The policy files of a directory: which there are, and their text. */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

/** What became of reading a file. */
export type FileText =
  | { readonly state: 'text'; readonly text: string }
  | { readonly state: 'gone' }
  | { readonly state: 'unreadable'; readonly cause: Error }

/** What has the name of a policy file is a directory, a named pipe, or anything else that has no text. */
export class NotAFileError extends Error {
  override readonly name = 'NotAFileError'
  readonly code = 'not-a-file'
}

/** Whether a name is of a file that is never read, nor any below it. */
export function isIgnored(name: string): boolean {
  return name.startsWith('.') || name.endsWith('~') || name.endsWith('.swp') || name.endsWith('.tmp')
}

/** Whether a name is of a policy file. */
export function isPolicyFile(path: string): boolean {
  const name = basename(path)
  return !isIgnored(name) && /\.(ya?ml|json)$/.test(name)
}

/**
 * Paths of the policy files below a directory, in order; undefined where there is no such directory. Symbolic links to
 * files count, those to directories are not followed: they could lead in circles.
 */
export function listFiles(directory: string): string[] | undefined {
  const entries = readDirectory(directory)
  return entries?.flatMap((entry) => {
    if (isIgnored(entry.name)) return []
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return listFiles(path) ?? []
    return isPolicyFile(entry.name) ? [path] : []
  })
}

/** Whether there is a directory at the path. */
export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Entries of a directory by name; undefined where it is missing or no directory. */
export function readDirectory(directory: string): Dirent[] | undefined {
  try {
    const entries = readdirSync(directory, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/** Reads a policy file. */
export function readText(path: string): FileText {
  try {
    // Nobody may ever write to a named pipe.
    if (!statSync(path).isFile()) return { state: 'unreadable', cause: new NotAFileError('it is no file') }
    return { state: 'text', text: readFileSync(path, 'utf8') }
  } catch (cause) {
    if (isAbsent(cause)) return { state: 'gone' }
    if (cause instanceof Error) return { state: 'unreadable', cause }
    throw cause
  }
}

/** Reads policy files as they are asked for. */
export function* readAll(paths: Iterable<string>): Generator<[string, FileText]> {
  for (const path of paths) yield [path, readText(path)]
}

/** Files whose text is known; undefined stands for one that is gone. */
export function* given(files: ReadonlyMap<string, string | undefined>): Generator<[string, FileText]> {
  for (const [path, text] of files)
    yield [path, text === undefined ? { state: 'gone' } : { state: 'text', text }]
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
