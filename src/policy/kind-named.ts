import { type KindName, kindNames } from './kinds/index.js'

/** The kind that people mean by a word: its name in any case, singular or plural. */
export function kindNamed(word: string): KindName | undefined {
  const wanted = word.toLowerCase()
  return kindNames.find((name) => [name, plural(name)].some((form) => form.toLowerCase() === wanted))
}

function plural(name: string): string {
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`
  return name.endsWith('s') ? `${name}es` : `${name}s`
}
