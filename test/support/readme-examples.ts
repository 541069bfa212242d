/** Examples of README pages, run as a stranger would: each in a process of its own, importing the package by its name. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface Example {
  readonly code: string
  /** What it prints, from the comments after its `console.log`. */
  readonly expected: readonly string[]
}

/** Blocks of a page that begin with an import. */
export function examplesOf(page: string): Example[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/```ts\n(import [\s\S]*?)```/g)].map(([, code = '']) => ({
    code,
    expected: [...code.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)].map(([, line = '']) => line),
  }))
}

/** The lines that it prints. */
export function runExample(code: string): string[] {
  // Within the package, so that its own name leads to it.
  const directory = mkdtempSync(join(root, 'dist', 'example-'))
  try {
    const file = join(directory, 'example.mjs')
    writeFileSync(file, code)
    return execFileSync(process.execPath, [file], { encoding: 'utf8' }).trimEnd().split('\n')
  } finally {
    rmSync(directory, { recursive: true })
  }
}
